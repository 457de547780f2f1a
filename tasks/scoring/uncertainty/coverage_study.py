"""Whether confidence sets for ranks hold what they promise: made-up rounds of provinces whose true ranks are known.

`python -m tasks.scoring.uncertainty.coverage_study [--rounds 500]` prints, for worlds of different shape, how often
true ranks are covered and how wide the sets are. Beside them stands the naive simulation interval, the middle of the
ranks of redrawn scores, which promises no coverage: errors are added to estimates that have theirs already, so units
that are alike are thrown to both ends, and hardly any of them is redrawn as first.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.table import Table
from scipy.stats import binom

from tasks.scoring.arrays import BoolArray, FloatArray, IntArray
from tasks.scoring.rank import competition_ranks
from tasks.scoring.uncertainty.normal import normal_errors
from tasks.scoring.uncertainty.rank_sets import rank_sets

UNITS = 63
LEVEL = 0.9
DRAWS = 499
ALL_AT_ONCE = "simultaneous"  # the method that promises all ranks together
Random = np.random.Generator
Intervals = Mapping[str, tuple[IntArray, IntArray]]  # by the name of the method


@dataclass(frozen=True)
class World:
    """One kind of world.

    Attributes:
        name: What is special about it.
        truth: Makes true scores, shape (UNITS,).
        known: How many of the units are measured without an error.
        answers: Answers behind each standard error; 0: the standard errors are known.
        student: Whether own errors are drawn from Student's distribution, as fits standard errors from few answers.
    """

    name: str
    truth: Callable[[Random], FloatArray]
    known: int = 0
    answers: int = 0
    student: bool = False


def _spread(random: Random) -> FloatArray:
    return random.uniform(0.18, 0.50, UNITS)


def _clusters(random: Random) -> FloatArray:
    return np.array([0.22, 0.29, 0.36, 0.45])[random.integers(4, size=UNITS)] + 0.003 * random.standard_normal(UNITS)


def _near(random: Random) -> FloatArray:
    return random.permutation(np.linspace(0.3000, 0.3124, UNITS))


def _ties(random: Random) -> FloatArray:
    return random.permutation(np.repeat(np.linspace(0.20, 0.44, 9), 7))


def _alike(_: Random) -> FloatArray:
    return np.full(UNITS, 0.3)


WORLDS = (
    World("spread", _spread),
    World("four clusters", _clusters),
    World("near ties", _near),
    World("exact ties, 9 x 7", _ties),
    World("all alike", _alike),
    World("exact ties, 20 known", _ties, known=20),
    World("spread, errors from 20 answers", _spread, answers=20),
    World("all alike, errors from 20 answers", _alike, answers=20),
    World("all alike, 20 answers, Student", _alike, answers=20, student=True),
)


@dataclass(frozen=True)
class Method:
    """What one kind of interval did in all rounds.

    Attributes:
        covered: Rounds in which the true rank of each unit was covered, shape (UNITS,).
        all_covered: Rounds in which all were covered.
        width: Mean number of places in an interval.
    """

    covered: IntArray
    all_covered: int
    width: float


def study(world: World, rounds: int, seed: int, draws: int = DRAWS) -> dict[str, Method]:
    """Return what became of `marginal`, `simultaneous` and `naive` intervals.

    Args:
        world: The world.
        rounds: How often it is made up anew.
        seed: Seed.
        draws: Draws of the errors in each round.
    """
    random = np.random.default_rng(seed)
    return counted(_round(world, random, draws) for _ in range(rounds))


def counted(rounds: Iterable[tuple[IntArray, Intervals]]) -> dict[str, Method]:
    """Count how often intervals covered the true ranks.

    Args:
        rounds: The true ranks of each round, shape (UNITS,), and the best and worst places that intervals give.
    """
    held: dict[str, list[BoolArray]] = {}
    widths: dict[str, list[float]] = {}
    for true_ranks, intervals in rounds:
        for name, (low, high) in intervals.items():
            held.setdefault(name, []).append((low <= true_ranks) & (true_ranks <= high))
            widths.setdefault(name, []).append(float((high - low + 1).mean()))
    return {
        name: Method(np.sum(those, axis=0), int(np.all(those, axis=1).sum()), float(np.mean(widths[name])))
        for name, those in held.items()
    }


def _round(world: World, random: Random, draws: int) -> tuple[IntArray, Intervals]:
    """The true ranks and the intervals of one round."""
    truth = world.truth(random)
    own, loadings = _errors(world, random)
    estimates = truth + own * random.standard_normal(UNITS) + loadings @ random.standard_normal(loadings.shape[1])
    freedom = world.answers - 1
    if world.answers:
        own = own * np.sqrt(random.chisquare(freedom, UNITS) / freedom)
    shared = loadings @ loadings.T
    seed = int(random.integers(2**32))
    if world.student:
        errors = normal_errors(shared, draws, seed) + own[:, None] * random.standard_t(freedom, (UNITS, draws))
    else:
        errors = normal_errors(shared + np.diag(own**2), draws, seed)
    sets = rank_sets(estimates, errors, LEVEL)
    redrawn = _ranks(estimates[:, None] + errors)
    ends = np.quantile(redrawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=1, method="inverted_cdf")
    return _ranks(truth), {
        "marginal": (sets.low, sets.high),
        ALL_AT_ONCE: (sets.all_low, sets.all_high),
        "naive": (ends[0], ends[1]),
    }


def _errors(world: World, random: Random) -> tuple[FloatArray, FloatArray]:
    """Own standard errors of unequal size, and loadings on what is shared: four survey teams and one classifier."""
    own = np.exp(random.uniform(np.log(0.004), np.log(0.020), UNITS))
    loadings = np.zeros((UNITS, 5))
    loadings[np.arange(UNITS), np.arange(UNITS) % 4] = 0.008
    loadings[:, 4] = random.uniform(0.002, 0.010, UNITS)
    own[: world.known] = 0
    loadings[: world.known] = 0
    return own, loadings


def _ranks(scores: FloatArray) -> IntArray:
    ranks: IntArray = competition_ranks(scores[None], np.zeros(UNITS, dtype=np.intp))[0]
    return ranks


def main(arguments: Sequence[str]) -> None:
    """Study every world and print one row for each."""
    rounds = rounds_asked("tasks.scoring.uncertainty.coverage_study", __doc__, arguments)
    console = Console(width=140)
    table = empty_table(("world",), ("marginal", ALL_AT_ONCE, "naive"), f"{UNITS} units", f"{rounds} rounds", rounds)
    for at, world in enumerate(WORLDS):
        with console.status(world.name):
            found = study(world, rounds, seed=2020 + at)
        table.add_row(world.name, *cells(found, rounds))
    console.print(table)


def rounds_asked(module: str, about: str | None, arguments: Sequence[str]) -> int:
    """How many rounds the command line of a study asks for."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=about)
    parser.add_argument("--rounds", type=int, default=500, help="how often each world is made up anew")
    return int(parser.parse_args(arguments).rounds)


def empty_table(leading: Sequence[str], methods: Sequence[str], units: str, of: str, rounds: int) -> Table:
    """A table of a study without rows.

    Args:
        leading: Headings of the columns that say what was studied.
        methods: The methods that were counted, in the order of `cells`.
        units: Who is ranked, in words.
        of: The rounds, in words.
        rounds: How many there are.
    """
    table = Table(
        *leading,
        title=f"True ranks covered by {LEVEL:.0%} sets, {units}, {of}",
        caption=f"A true {LEVEL:.0%} shows {floor(rounds):.1%} or more in 999 of 1,000 studies of {of}.",
        title_justify="left",
        box=None,
    )
    for name in methods:
        for heading in (name, "places") if name == ALL_AT_ONCE else (f"{name}, mean", "lowest", "places"):
            table.add_column(heading, justify="right")
    return table


def floor(rounds: int, studies: int = 1) -> float:
    """Share of covered rounds that a true `LEVEL` falls short of once in a thousand times, in any of the studies."""
    return float(binom.ppf(0.001 / studies, rounds, LEVEL)) / rounds


def cells(found: Mapping[str, Method], rounds: int) -> list[str]:
    """What became of each method, as `empty_table` has columns for it."""
    shown = []
    for name, method in found.items():
        each = method.covered / rounds
        held = [method.all_covered / rounds] if name == ALL_AT_ONCE else [each.mean(), each.min()]
        shown += [*(f"{share:.1%}" for share in held), f"{method.width:.1f}"]
    return shown


if __name__ == "__main__":
    main(sys.argv[1:])
