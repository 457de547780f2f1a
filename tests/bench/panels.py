"""Whether ranks hold what they promise where a few experts judge everybody: from ratings to confidence sets.

`python -m tests.bench.panels [--rounds 500]` draws panels that judge 63 agencies which are alike in truth, by two
criteria and on whole marks of 1 to 10. Experts are severe everywhere (a third of the variance) and think well or ill of
an agency (a fifth). The sets rest on their judgment alone: no world is harder for the promise.
"""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console

from tasks.evidence.experts.estimates import estimate_jointly
from tasks.evidence.experts.joint import shared_errors
from tasks.evidence.experts.values import to_measurements
from tasks.evidence.surveys.values import Round
from tasks.scoring.uncertainty.coverage_study import (
    ALL_AT_ONCE,
    DRAWS,
    LEVEL,
    UNITS,
    Method,
    cells,
    counted,
    empty_table,
    rounds_asked,
)
from tasks.scoring.uncertainty.rank_sets import RankSets, rank_sets
from tasks.scoring.uncertainty.sampler import Sampler
from warehouse.frameworks.experts import ExpertDeclaration
from warehouse.frameworks.loader import load_framework
from warehouse.frameworks.model import Framework
from warehouse.frameworks.uncertainty import Uncertainty

PANELS = ((7, 7), (12, 12), (30, 30), (40, 8))  # experts, and how many of them judge an agency
CRITERIA = ("X.1", "X.2")
AGENCIES = [f"U{at:02}" for at in range(UNITS)]
_YAML = "framework: panel\nlevels:\n  - {level: index}\n  - {level: criterion}\n"
_NODES = """\
code,parent,level,name_en,max_points,evidence,rule,parameters,unit
X,,index,Index,10,,,,
X.1,X,criterion,Commitment,5,expert,likert,low=1; high=10,1-10
X.2,X,criterion,Order,5,expert,likert,low=1; high=10,1-10
"""
DECLARATION = ExpertDeclaration.model_validate(
    {
        "framework": "panel",
        "scale": {"low": 1, "high": 10},
        "bootstrap": {"replicates": 400, "seed": 1},
        "consensus": {"iqr": 2},
    }
)


def framework(folder: Path) -> Framework:
    """Two criteria that experts judge."""
    (folder / "framework.yaml").write_text(_YAML, encoding="utf-8")
    (folder / "nodes.csv").write_text(_NODES, encoding="utf-8")
    return load_framework(folder)


def ratings(random: np.random.Generator, experts: int, judges: int) -> pd.DataFrame:
    """Coded ratings of a panel of whom some judge each agency, by all criteria."""
    draw = random.standard_normal
    shape = (experts, UNITS, len(CRITERIA))
    marks = np.sqrt(0.3) * draw((experts, 1, 1)) + np.sqrt(0.2) * draw((experts, UNITS, 1)) + np.sqrt(0.5) * draw(shape)
    marks = np.clip(np.round(5.5 + 1.5 * marks), 1, 10)
    expert, agency, criterion = (one.ravel() for one in np.indices(shape))
    chosen = random.random((experts, UNITS)).argsort(axis=0).argsort(axis=0) < judges
    rows = pd.DataFrame(
        {
            "expert": [f"e{at}" for at in expert],
            "agency": np.array(AGENCIES)[agency],
            "criterion": np.array(CRITERIA)[criterion],
            "round": 1,
            "rating": marks.ravel(),
            "first": marks.ravel(),
            "confidence": 1.0,
            "last_round": True,
        }
    )
    return rows[chosen[expert, agency]].reset_index(drop=True)


def sets(of: Framework, rows: pd.DataFrame, seed: int) -> RankSets:
    """Confidence sets for the ranks by ratings, as a round makes them."""
    found, panel = estimate_jointly(rows, DECLARATION)
    measured = to_measurements(found, of, DECLARATION, Round("r", "2020", "expert"), pd.Series(dtype=int))
    factors = shared_errors(measured, panel, found["degrees_of_freedom"].to_numpy(dtype=float))
    sampler = Sampler.of(of, measured, factors, Uncertainty(perturb=("expert",), nodes=("X",)), seed)
    node = [sampler.tree.codes.index("X")]
    blocks = [sampler.draw(block, node, sampler.drawn, mirrored=False)[0] for block in range(-(-DRAWS // sampler.size))]
    errors = np.concatenate(blocks, axis=1)[:, :DRAWS]
    return rank_sets(sampler.shares[node[0]], errors - errors.mean(axis=1, keepdims=True), LEVEL)


def study(experts: int, judges: int, rounds: int, seed: int) -> dict[str, Method]:
    """Return what became of `marginal` and `simultaneous` sets.

    Args:
        experts: Size of the panel.
        judges: How many of them judge an agency.
        rounds: How often it is drawn.
        seed: Seed.
    """
    random, true_ranks = np.random.default_rng(seed), np.ones(UNITS, dtype=np.intp)  # all are first in truth
    with tempfile.TemporaryDirectory() as folder:
        of = framework(Path(folder))
        found = (sets(of, ratings(random, experts, judges), number) for number in range(rounds))
        return counted(
            (true_ranks, {"marginal": (one.low, one.high), ALL_AT_ONCE: (one.all_low, one.all_high)}) for one in found
        )


def main(arguments: Sequence[str]) -> None:
    """Study panels of several sizes and print one row for each."""
    rounds = rounds_asked("tests.bench.panels", __doc__, arguments)
    console = Console(width=140)
    leading, units = ("experts", "of whom judge an agency"), f"{UNITS} agencies that are alike"
    table = empty_table(leading, ("marginal", ALL_AT_ONCE), units, f"{rounds} panels", rounds)
    for experts, judges in PANELS:
        with console.status(f"{experts} experts"):
            found = study(experts, judges, rounds, seed=2020 + experts)
        table.add_row(str(experts), str(judges), *cells(found, rounds))
    console.print(table)


if __name__ == "__main__":
    main(sys.argv[1:])
