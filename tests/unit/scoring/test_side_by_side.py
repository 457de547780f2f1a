"""A dashboard: counts without shares, shares ranked each for itself, inner nodes that make no total."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.scoring.engine import score
from warehouse.errors import InputError
from warehouse.frameworks.model import Framework

HEADER = "code,parent,aggregation,evidence,rule,parameters,unit,max_points"
ROWS = (
    "T,,none,,,,,",
    "A,T,none,,,,,",
    "C.a,A,,report,count,,,",
    "C.b,A,,report,count,,,",
    "S,A,,derived,ratio,numerator=C.a; denominator=C.b,%,100",
)


@pytest.fixture(scope="module")
def tree(build) -> Framework:
    return build(HEADER, *ROWS, missing="exclude_and_reweight")


def cells(scores, node, *columns):
    return [tuple(row) for row in scores.loc[scores["node"] == node, list(columns)].astype(object).to_numpy()]


def test_inner_node__children_side_by_side__no_value_points_or_rank(tree, measured):
    scores = score(tree, measured({"x": {"C.a": 3, "S": 30}}))
    inner = scores[scores["node"].isin(["T", "A"])]
    assert set(inner["status"]) == {"side_by_side"}
    assert inner[["value", "points", "share"]].isna().all(axis=None)
    assert inner[["rank", "group_rank"]].isna().all(axis=None)


def test_count__stays_as_it_is__without_share_and_rank(tree, measured):
    scores = score(tree, measured({"x": {"C.a": 621}}))
    row = scores[scores["node"] == "C.a"].iloc[0]
    assert (row["value"], row["status"]) == (621, "measured")
    assert pd.isna(row["share"])
    assert pd.isna(row["rank"])


def test_count__that_did_not_come__is_left_out_and_not_zero(tree, measured):
    scores = score(tree, measured({"x": {"C.a": 1}}))
    assert cells(scores, "C.b", "status") == [("excluded",)]
    assert scores.loc[scores["node"] == "C.b", "value"].isna().all()


def test_share__that_did_not_come__is_not_ranked_last(tree, measured):
    scores = score(tree, measured({"x": {"S": 0.5}, "y": {"C.a": 1}}))
    assert [str(rank) for rank in scores.loc[scores["node"] == "S", "rank"]] == ["1", "<NA>"]


@pytest.mark.parametrize("value", [-1, 0.5])
def test_count__not_a_whole_number__is_refused_by_row(tree, measured, value):
    with pytest.raises(InputError, match=r"row 2: C\.a is a count, but its value is"):
        score(tree, measured({"x": {"C.a": value}}))


@pytest.mark.parametrize("node", ["T", "A"])
def test_inner_node__takes_no_value(tree, measured, node):
    with pytest.raises(InputError, match=f"row 2: {node} has no value of its own"):
        score(tree, measured({"x": {node: 0.5}}))


def test_other_trees__go_on_below_a_root_without_a_total(build, measured):
    tree = build("code,parent,aggregation,rule", "T,,none,", "P,T,sum,", "a,P,,binary", "b,P,,binary", "C,T,,count")
    scores = score(tree, measured({"x": {"a": 1, "b": 0, "C": 7}})).set_index("node")
    assert (scores.at["P", "share"], scores.at["P", "rank"], scores.at["T", "status"]) == (0.5, 1, "side_by_side")


SHARES = st.dictionaries(st.sampled_from("uvwxyz"), st.integers(0, 1000).map(lambda v: v / 10), min_size=1)


@given(SHARES, st.dictionaries(st.sampled_from("uvwxyz"), st.integers(0, 10**9)))
@settings(max_examples=40)
def test_ranks__of_a_share__are_those_of_its_values_whatever_is_counted_beside_it(tree, shares, counts):
    rows = [(agency, "S", value) for agency, value in shares.items()]
    rows += [(agency, "C.a", value) for agency, value in counts.items()]
    scores = score(tree, pd.DataFrame(rows, columns=["agency", "node", "value"]))
    ranks = scores[scores["node"] == "S"].set_index("agency")["rank"].dropna()
    expected = pd.Series(shares).rank(method="min", ascending=False)
    assert ranks.astype(float).to_dict() == expected.to_dict()


@given(SHARES, st.lists(st.sampled_from(["north", "south", ""]), min_size=6, max_size=6))
@settings(max_examples=40)
def test_group_ranks__are_ranks_among_the_members(tree, shares, membership):
    groups = {agency: group for agency, group in zip("uvwxyz", membership, strict=True) if group}
    rows = [(agency, "S", value) for agency, value in shares.items()]
    scores = score(tree, pd.DataFrame(rows, columns=["agency", "node", "value"]), groups=groups)
    found = scores[scores["node"] == "S"].set_index("agency")["group_rank"]
    for agency, value in shares.items():
        if agency not in groups:
            assert pd.isna(found[agency])
        else:
            better = [other for other, v in shares.items() if groups.get(other) == groups[agency] and v > value]
            assert found[agency] == len(better) + 1
