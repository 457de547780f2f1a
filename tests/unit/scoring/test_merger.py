"""A merged unit takes the mean of its predecessors at one level; the others stay as they are."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.scoring.engine import score
from tasks.scoring.evaluate import compute
from tasks.scoring.inputs import cells_of
from tasks.scoring.merger import MergerPlan
from tasks.scoring.plan import Plan
from tasks.scoring.tree import Tree
from warehouse.errors import FrameworkError, InputError

HEADER = "code,parent,max_points,rule,missing"
ROWS = ("D,,100,,", "A,D,60,,", "A1,A,40,ratio,", "A2,A,20,ratio,", "B,D,40,,", "B1,B,40,ratio,")
MERGER = {"as_of": "2025-07-01", "level": "l1"}


@pytest.fixture(scope="module")
def framework(build):
    return build(HEADER, *ROWS, mergers=MERGER, population=["province"])


def of(scores, agency):
    return scores[scores["agency"] == agency].set_index("node")


def test_merged__main_nodes_are_means_and_the_total_is_aggregated(framework, measured):
    cells = {"p": {"A1": 1.0, "A2": 0.5, "B1": 0.0}, "q": {"A1": 0.0, "A2": 0.5, "B1": 1.0}, "r": {"A1": 0.1}}
    scores = score(framework, measured(cells), families={"new": ["p", "q"]})
    new = of(scores, "new")
    assert new["share"].to_dict() == pytest.approx({"A": 0.5, "B": 0.5, "D": 0.5})
    assert new["points"].to_dict() == pytest.approx({"A": 30, "B": 20, "D": 50})
    assert new["status"].to_dict() == {"D": "aggregated", "A": "merged", "B": "merged"}


def test_merged__predecessors_keep_their_scores_and_have_no_rank(framework, measured):
    cells = {"p": {"A1": 1.0, "B1": 1.0}, "q": {"A1": 0.5, "B1": 0.0}, "r": {"A1": 0.7, "B1": 0.6}}
    before = score(framework, measured(cells))
    scores = score(framework, measured(cells), families={"new": ["p", "q"]})
    for agency in ("p", "q"):
        pd.testing.assert_series_equal(of(scores, agency)["share"], of(before, agency)["share"])
        assert of(scores, agency)["rank"].isna().all()
    assert of(scores, "r").at["D", "rank"] == 1
    assert of(scores, "new").at["D", "rank"] == 2


def test_merged__a_predecessor_without_scores__mean_over_the_others_and_it_is_named(framework, measured):
    frame = measured({"p": {"A1": 0.4, "B1": 0.8}})
    new = of(score(framework, frame, families={"new": ["p", "gone"]}), "new")
    assert new["share"].to_dict() == pytest.approx(
        of(score(framework, frame), "p")["share"].loc[["A", "B", "D"]].to_dict()
    )
    tree = Tree.of(framework)
    cells = cells_of(frame, tree, "test")
    assert MergerPlan.of(tree, cells, Plan.of(tree, cells).status, {"new": ["p", "gone"]}).absent == {"new": ("gone",)}


def test_merged__no_predecessor_has_scores__there_is_no_unit(framework, measured):
    scores = score(framework, measured({"r": {"A1": 0.4}}), families={"new": ["p", "q"]})
    assert set(scores["agency"]) == {"r"}


def test_merged__excluded_everywhere__the_policy_of_the_node_holds(build, measured):
    rows = [row + "exclude_and_reweight" if row.startswith("B") else row for row in ROWS]
    framework = build(HEADER, *rows, mergers=MERGER, population=["province"])
    frame = measured({"p": {"A1": 1.0, "A2": 1.0}, "q": {"A1": 0.0, "A2": 0.0}})
    new = of(score(framework, frame, families={"new": ["p", "q"]}), "new")
    assert new.at["B", "status"] == "excluded"
    assert new.at["D", "share"] == pytest.approx(0.5)


@pytest.mark.filterwarnings("error")
def test_merged__leaves_that_are_compared_with_other_units__only_predecessors_are_in_the_comparison(build, measured):
    rows = ("D,,,", "A,D,,", "A1,A,minmax,", "A2,A,zscore,clip=yes")
    framework = build("code,parent,rule,parameters", *rows, mergers=MERGER, population=["province"])
    frame = measured({name: {"A1": value, "A2": value} for name, value in {"p": 1.0, "q": 2.0, "r": 5.0}.items()})
    before = score(framework, frame).set_index(["agency", "node"])["share"]
    after = score(framework, frame, families={"new": ["p", "q"]}).set_index(["agency", "node"])["share"]
    pd.testing.assert_series_equal(after.drop("new"), before)
    assert after["new", "A"] == pytest.approx((before["p", "A"] + before["q", "A"]) / 2)


def test_merged__published_totals__mean_of_the_totals(framework, measured):
    frame = measured({"p": {"D": 0.4}, "q": {"D": 0.6}, "r": {"D": 0.1}})
    new = of(score(framework, frame, families={"new": ["p", "q"]}), "new")
    assert new["share"].to_dict() == pytest.approx({"D": 0.5})
    assert new.at["D", "status"] == "merged"


def test_merged__each_period_by_itself(framework, measured):
    frame = pd.concat([measured({"p": {"A1": 1.0}}, "2020"), measured({"p": {"A1": 0.0}, "q": {"A1": 0.0}}, "2021")])
    new = score(framework, frame, families={"new": ["p", "q"]}).query("agency == 'new' and node == 'D'")
    assert dict(zip(new["period"], new["share"], strict=True)) == pytest.approx({"2020": 0.4, "2021": 0.0})


def test_merged__measured_itself__is_refused(framework, measured):
    with pytest.raises(InputError, match="new in 2020 was measured itself"):
        score(framework, measured({"p": {"A1": 1.0}, "new": {"A1": 1.0}}), families={"new": ["p"]})


def test_merged__framework_without_the_rule__is_refused(build, measured):
    with pytest.raises(FrameworkError, match="does not say what a merged unit gets"):
        score(build(HEADER, *ROWS), measured({"p": {"A1": 1.0}}), families={"new": ["p"]})


def test_merger__draws_go_through_at_once__and_each_is_scored_alone(framework, measured):
    tree = Tree.of(framework)
    cells = cells_of(
        measured({"p": {"A1": 0.2, "B1": 0.3}, "q": {"A1": 0.9, "B1": 0.1}, "r": {"A1": 0.5}}), tree, "test"
    )
    noise = np.random.default_rng(1).uniform(0.0, 0.1, (*cells.values.shape, 5))
    drawn = cells.values[..., None] + noise
    plan = Plan.of(tree, replace(cells, values=drawn))
    values = drawn.copy()
    shares = compute(plan, values)
    merger = MergerPlan.of(tree, cells, plan.status, {"new": ["p", "q"]})
    together = merger.carry_out(values, shares)[1]
    assert together.shape == (6, 4, 5)
    np.testing.assert_allclose(merger.shares_after(shares, None), together, rtol=0, atol=1e-14)
    for draw in range(5):
        alone = merger.carry_out(values[..., draw], shares[..., draw])[1]
        np.testing.assert_array_equal(together[..., draw], alone)


SHARES = st.floats(0, 1)
UNITS = st.lists(st.tuples(SHARES, SHARES, SHARES), min_size=2, max_size=5)


@given(UNITS, st.randoms(use_true_random=False))
def test_merger__mean_lies_between_and_neither_order_nor_the_others_matter(framework, measured, rows, random):
    names = [f"p{number}" for number in range(len(rows))]
    cells = {name: dict(zip(("A1", "A2", "B1"), row, strict=True)) for name, row in zip(names, rows, strict=True)}
    shuffled = random.sample(names[1:], len(names) - 1)
    before = score(framework, measured(cells)).set_index(["agency", "node"])["share"]
    after = score(framework, measured(cells), families={"new": names[1:]}).set_index(["agency", "node"])["share"]
    again = score(framework, measured(cells), families={"new": shuffled}).set_index(["agency", "node"])["share"]
    pd.testing.assert_series_equal(after, again)
    pd.testing.assert_series_equal(after.drop("new"), before)
    for node in ("A", "B"):
        of_node = [before[name, node] for name in names[1:]]
        assert min(of_node) <= after["new", node] <= max(of_node)
