"""Whether confidence sets for ranks hold what they promise: made-up rounds of provinces whose true ranks are known.

`python -m tasks.scoring.uncertainty.coverage_study [--rounds 500]` prints, for worlds of different shape, how often
true ranks are covered and how wide the sets are. Beside them stands the naive simulation interval, the middle of the
ranks of redrawn scores, which promises no coverage: errors are added to estimates that have theirs already, so units
that are alike are thrown to both ends, and hardly any of them is redrawn as first.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
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
Random = np.random.Generator


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
    held: dict[str, list[BoolArray]] = {}
    widths: dict[str, list[float]] = {}
    for _ in range(rounds):
        true_ranks, intervals = _round(world, random, draws)
        for name, (low, high) in intervals.items():
            held.setdefault(name, []).append((low <= true_ranks) & (true_ranks <= high))
            widths.setdefault(name, []).append(float((high - low + 1).mean()))
    return {
        name: Method(np.sum(those, axis=0), int(np.all(those, axis=1).sum()), float(np.mean(widths[name])))
        for name, those in held.items()
    }


def _round(world: World, random: Random, draws: int) -> tuple[IntArray, dict[str, tuple[IntArray, IntArray]]]:
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
        "simultaneous": (sets.all_low, sets.all_high),
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
    parser = argparse.ArgumentParser(prog="python -m tasks.scoring.uncertainty.coverage_study", description=__doc__)
    parser.add_argument("--rounds", type=int, default=500, help="how often each world is made up anew")
    rounds = parser.parse_args(arguments).rounds
    names = ("marginal, mean", "lowest", "places", "simultaneous", "places", "naive, mean", "lowest", "places")
    console = Console(width=140)
    table = Table(
        "world",
        title=f"True ranks covered by {LEVEL:.0%} sets, {UNITS} units, {rounds} rounds",
        caption=f"A true {LEVEL:.0%} shows {floor(rounds):.1%} or more in 999 of 1,000 studies of {rounds} rounds.",
        title_justify="left",
        box=None,
    )
    for name in names:
        table.add_column(name, justify="right")
    for at, world in enumerate(WORLDS):
        with console.status(world.name):
            found = study(world, rounds, seed=2020 + at)
        table.add_row(world.name, *_cells(found, rounds))
    console.print(table)


def floor(rounds: int, studies: int = 1) -> float:
    """Share of covered rounds that a true `LEVEL` falls short of once in a thousand times, in any of the studies."""
    return float(binom.ppf(0.001 / studies, rounds, LEVEL)) / rounds


def _cells(found: dict[str, Method], rounds: int) -> list[str]:
    marginal, simultaneous, naive = found["marginal"], found["simultaneous"], found["naive"]
    return [
        f"{marginal.covered.mean() / rounds:.1%}",
        f"{marginal.covered.min() / rounds:.1%}",
        f"{marginal.width:.1f}",
        f"{simultaneous.all_covered / rounds:.1%}",
        f"{simultaneous.width:.1f}",
        f"{naive.covered.mean() / rounds:.1%}",
        f"{naive.covered.min() / rounds:.1%}",
        f"{naive.width:.1f}",
    ]


if __name__ == "__main__":
    main(sys.argv[1:])
