"""From measured values to confidence sets: the true ranks of a small world are covered as often as promised.

Twenty units are measured by six criteria, three of which a survey and its teams bend together. What the engine makes of
the true values are the true ranks. As in tests/golden/test_rank_coverage.py a test fails where so few covered rounds
would be seen less than once in a thousand times if the promise held.
"""

import numpy as np
import pandas as pd
import pytest

from tasks.scoring.engine import score
from tasks.scoring.uncertainty.coverage_study import LEVEL, floor
from tasks.scoring.uncertainty.intervals import rank_uncertainty
from warehouse.frameworks.uncertainty import Uncertainty

UNITS, ROUNDS, DRAWS = 20, 200, 299
SHARED = ("A.1", "A.2", "B.1")
OWN = ("A.3", "B.2", "C.1")
ROWS = (
    "T,,sum,,,",
    "A,T,,,,50",
    "A.1,A,,published,survey,20",
    "A.2,A,,published,survey,20",
    "A.3,A,,published,tone,10",
    "B,T,,,,30",
    "B.1,B,,published,survey,20",
    "B.2,B,,published,expert,10",
    "C,T,,,,20",
    "C.1,C,,published,expert,20",
)
AGENCIES = [f"U{at:02}" for at in range(UNITS)]
WORLDS = {
    "spread": lambda random: random.uniform(0.40, 0.60, (UNITS, 6)),
    "pairs of ties": lambda random: np.repeat(random.uniform(0.45, 0.55, (UNITS // 2, 6)), 2, axis=0),
    "all alike": lambda _: np.full((UNITS, 6), 0.5),
}


def causes():
    """Loadings of the shared criteria: one of all units, one of each of four teams, one of each unit."""
    rows = []
    for at, agency in enumerate(AGENCIES):
        for place, node in enumerate(SHARED):
            rows.append((agency, node, "questionnaire", 0.004 + 0.0008 * at))
            rows.append((agency, node, f"team {at % 4}", 0.012))
            rows.append((agency, node, f"answers {agency}", 0.010 + 0.006 * place))
    named = pd.DataFrame(rows, columns=["agency", "node", "factor", "loading"])
    return named.assign(period="2020", source="survey")


def once(framework, truth, factors, random, seed):
    """The true ranks, and the sets that a round of measurements gives."""
    places = [(agency, node) for agency in AGENCIES for node in (*SHARED, *OWN)]
    rows = pd.DataFrame(places, columns=["agency", "node"]).assign(value=truth.ravel(), period="2020")
    cause = {name: random.standard_normal() for name in factors["factor"].unique()}
    moved = (factors["loading"] * factors["factor"].map(cause)).groupby([factors["agency"], factors["node"]]).sum()
    size = np.sqrt((factors["loading"] ** 2).groupby([factors["agency"], factors["node"]]).sum())
    own = pd.Series(0.03 * random.standard_normal(len(rows)), index=rows.index)
    keys = pd.MultiIndex.from_frame(rows[["agency", "node"]])
    measured = rows.assign(
        value=rows["value"] + np.where(rows["node"].isin(SHARED), moved.reindex(keys), own),
        standard_error=np.where(rows["node"].isin(SHARED), size.reindex(keys), 0.03),
    )
    true = score(framework, rows).query("node == 'T'").set_index("agency")["rank"].astype(int)
    found = rank_uncertainty(
        framework,
        measured,
        factors,
        score(framework, measured),
        Uncertainty(level=LEVEL, perturb=("survey",), nodes=("T",)),
        draws=DRAWS,
        seed=seed,
    ).intervals.set_index("agency")
    return true, found


def covered(true, found, kind):
    return ((found[f"{kind}_low"] <= true) & (true <= found[f"{kind}_high"])).reindex(AGENCIES).to_numpy()


@pytest.mark.slow
@pytest.mark.parametrize("world", WORLDS)
def test_sets__cover_the_true_ranks_of_200_rounds(build, world):
    framework = build("code,parent,aggregation,rule,evidence,max_points", *ROWS, levels=levels())
    factors, random = causes(), np.random.default_rng(2020)
    one, all_at_once = np.zeros(UNITS), 0
    for seed in range(ROUNDS):
        true, found = once(framework, WORLDS[world](random), factors, random, seed)
        one += covered(true, found, "marginal")
        all_at_once += covered(true, found, "simultaneous").all()
    assert one.min() / ROUNDS >= floor(ROUNDS, studies=UNITS)
    assert all_at_once / ROUNDS >= floor(ROUNDS)
    if world == "all alike":  # where the promise is met with equality, all rounds covered would be too wide
        assert all_at_once / ROUNDS < 0.97


def levels():
    return [{"level": "l0"}, {"level": "l1", "aggregation": "sum"}, {"level": "l2"}]
