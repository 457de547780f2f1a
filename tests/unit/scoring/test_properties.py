"""What holds for every framework and every set of values."""

import random
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.scoring.engine import score
from warehouse.frameworks.model import Framework

AGENCIES = ("A", "B", "C", "D")
RULES = {
    "ratio": "target=3",
    "tier": "tiers=-2:0.1|0:0.4|1:1",
    "linear": "floor=-1; target=4",
    "minmax": "",
    "likert": "low=-2; high=2",
    "points": "",
    "published": "clip=yes",
}
POLICIES = ("zero", "exclude_and_reweight", "impute", "carry_forward")
VALUES = st.floats(-10, 10, allow_nan=False).map(lambda value: round(value, 3))


@pytest.fixture(scope="module")
def tree(build) -> Framework:
    """Every rule below every policy, summed to pillars and to a root."""
    leaves = [
        f"{policy}.{rule},{policy},{rule},{parameters},{policy},{points}"
        for policy in POLICIES
        for points, (rule, parameters) in enumerate(RULES.items(), start=1)
    ]
    return build("code,parent,rule,parameters,missing,max_points", "T,,,,,", *(f"{p},T,,,," for p in POLICIES), *leaves)


@st.composite
def measurements(draw, leaves: int = len(RULES) * len(POLICIES)) -> dict[str, dict[int, float]]:
    """Some values of some leaves, at least one for every agency."""
    places = st.integers(0, leaves - 1)
    return {agency: draw(st.dictionaries(places, VALUES, min_size=1, max_size=12)) for agency in AGENCIES}


def frame(tree: Framework, cells: dict[str, dict[int, float]]) -> pd.DataFrame:
    rows = [
        (agency, tree.leaves[place].code, value) for agency, values in cells.items() for place, value in values.items()
    ]
    return pd.DataFrame(rows, columns=["agency", "node", "value"])


def shares(scores: pd.DataFrame) -> pd.DataFrame:
    return scores.pivot(index="agency", columns="node", values="share")


@given(measurements())
@settings(max_examples=40, deadline=None)
def test_points__are_bounded_by_the_maximum(tree, cells):
    scores = score(tree, frame(tree, cells)).dropna(subset="points")
    assert (scores["points"] >= 0).all()
    assert (scores["points"] <= scores["max_points"] * (1 + 1e-12)).all()


@given(measurements())
@settings(max_examples=40, deadline=None)
def test_points__of_the_children_make_the_parent_where_none_is_left_out(tree, cells):
    scores = score(tree, frame(tree, cells))
    for parent in ("zero", "impute", "carry_forward"):
        children = [node.code for node in tree.children[parent]]
        below = scores[scores["node"].isin(children)].groupby("agency")["points"].sum()
        own = scores[scores["node"] == parent].set_index("agency")["points"]
        np.testing.assert_allclose(below, own, rtol=1e-12, atol=1e-12)


@given(measurements(), st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_scores__do_not_depend_on_the_order_of_rows(tree, cells, chance: random.Random):
    ordered = frame(tree, cells)
    shuffled = ordered.iloc[chance.sample(range(len(ordered)), len(ordered))]
    pd.testing.assert_frame_equal(score(tree, shuffled), score(tree, ordered), check_exact=True)


@given(measurements(), st.permutations(AGENCIES))
@settings(max_examples=25, deadline=None)
def test_scores__follow_the_agency_and_not_its_name(tree, cells, names):
    renamed = dict(zip(AGENCIES, names, strict=True))
    before = shares(score(tree, frame(tree, cells)))
    after = shares(score(tree, frame(tree, {renamed[agency]: values for agency, values in cells.items()})))
    np.testing.assert_allclose(
        after.loc[[renamed[agency] for agency in AGENCIES]], before.loc[list(AGENCIES)], rtol=1e-12, atol=1e-12
    )


@given(measurements(), st.integers(0, len(RULES) - 1), st.floats(0, 5))
@settings(max_examples=40, deadline=None)
def test_total__does_not_fall_when_a_positive_criterion_rises(tree, cells, place, more):
    cells["A"].setdefault(place, 0.0)
    before = shares(score(tree, frame(tree, cells))).loc["A", "T"]
    cells["A"][place] += more
    after = shares(score(tree, frame(tree, cells))).loc["A", "T"]
    assert after >= before - 1e-12


@given(st.lists(VALUES, min_size=2, max_size=8, unique=True), st.floats(0.01, 100), st.floats(-50, 50))
@settings(max_examples=40, deadline=None)
def test_minmax_and_zscore__do_not_depend_on_the_unit_of_measurement(build, values, factor, shift):
    framework = build("code,parent,rule", "T,,", "a,T,minmax", "b,T,zscore")
    rows = [(f"U{place}", node, value) for place, value in enumerate(values) for node in "ab"]
    plain = pd.DataFrame(rows, columns=["agency", "node", "value"])
    scaled = plain.assign(value=plain["value"] * factor + shift)
    np.testing.assert_allclose(shares(score(framework, scaled)), shares(score(framework, plain)), rtol=1e-6, atol=1e-6)


@given(st.lists(VALUES, min_size=2, max_size=8, unique=True))
@settings(max_examples=40, deadline=None)
def test_zscore__has_mean_zero_and_deviation_one(build, values):
    framework = build("code,parent,rule", "T,,", "a,T,zscore")
    rows = [(f"U{place}", "a", value) for place, value in enumerate(values)]
    found = shares(score(framework, pd.DataFrame(rows, columns=["agency", "node", "value"])))["a"]
    assert found.mean() == pytest.approx(0, abs=1e-9)
    assert found.std(ddof=0) == pytest.approx(1)


@given(st.floats(0, 1), st.sets(st.integers(0, 3), min_size=1))
@settings(max_examples=30, deadline=None)
@pytest.mark.parametrize("aggregation", ["sum", "mean", "weighted_mean", "geometric_mean"])
def test_exclude__is_neutral_where_all_shares_are_equal(build, aggregation, share, present):
    weights = ["1", "2", "3", "4"] if aggregation in ("weighted_mean", "geometric_mean") else [""] * 4
    leaves = [f"n{place},T,published,,{weight},{place + 1}" for place, weight in enumerate(weights)]
    framework = build(
        *("code,parent,rule,aggregation,weight,max_points", f"T,,,{aggregation},,10", *leaves),
        missing="exclude_and_reweight",
    )
    rows = [("X", f"n{place}", share) for place in present]
    found = shares(score(framework, pd.DataFrame(rows, columns=["agency", "node", "value"])))
    assert found.loc["X", "T"] == pytest.approx(share, rel=1e-12, abs=1e-300)


@given(st.lists(st.tuples(st.integers(1, 60), st.floats(0, 1)), min_size=1, max_size=9))
@settings(max_examples=60, deadline=None)
@pytest.mark.parametrize("aggregation", ["sum", "weighted_mean"])
def test_total__is_that_of_exact_arithmetic(build, aggregation, children):
    weight = "max_points" if aggregation == "sum" else "weight"
    leaves = [f"n{place},T,published,,{points / 2}" for place, (points, _) in enumerate(children)]
    framework = build(f"code,parent,rule,aggregation,{weight}", f"T,,,{aggregation},", *leaves)
    rows = [("X", f"n{place}", share) for place, (_, share) in enumerate(children)]
    found = shares(score(framework, pd.DataFrame(rows, columns=["agency", "node", "value"]))).loc["X", "T"]
    whole = sum(points for points, _ in children)
    exact = sum(Fraction(points, whole) * Fraction(share) for points, share in children)
    one_rounding = Fraction(np.spacing(float(exact))) / 2
    assert abs(Fraction(float(found)) - exact) <= one_rounding + Fraction(1, 2**78)


@given(measurements())
@settings(max_examples=25, deadline=None)
def test_ranks__agree_with_pandas(tree, cells):
    scores = score(tree, frame(tree, cells))
    ranked = scores.dropna(subset="share")
    expected = (
        ranked.assign(share=ranked["share"].round(11)).groupby("node")["share"].rank(method="min", ascending=False)
    )
    assert ranked["rank"].astype(float).tolist() == expected.tolist()
    assert scores["rank"].isna().equals(scores["share"].isna())
