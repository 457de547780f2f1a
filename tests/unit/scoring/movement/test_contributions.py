"""The change of a node is the sum of what the nodes below it made, whatever the framework and the figures."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.scoring.engine import score
from tasks.scoring.movement.contributions import contributions
from tasks.scoring.movement.side import Side
from tasks.scoring.movement.succession import successions
from tasks.scoring.tree import Tree

AGENCIES = ("A", "B", "C", "D")
RULES = ("binary", "linear", "minmax", "zscore", "published", "rank", "percentile", "borda", "distance", "fraction")
AGGREGATIONS = ("mean", "weighted_mean", "geometric_mean", "harmonic_mean", "median", "copeland", "penalised_mean")
VALUES = st.floats(0, 1).map(lambda value: round(value, 3))
POLICIES = ("zero", "exclude_and_reweight", "impute")


def apart(frameworks, rows, node="T"):
    """Both sides scored and the change taken apart."""
    sides = [Side.of(Tree.of(one), score(one, side)) for one, side in zip(frameworks, rows, strict=True)]
    return contributions(*sides, successions(sides[0].agencies, sides[1].agencies, {}), node)


def made(found):
    return (found.own + found.others + found.framework).sum(axis=0)


def made_at(found, code, name, agency="A"):
    """What a node made of the change, rounded."""
    unit = found.after.agencies.index(agency)
    return round(float(getattr(found, name)[found.after.place[code], unit]), 12)


@pytest.fixture(scope="module")
def additive(build):
    return build(
        "code,parent,rule,max_points", "T,,,10", "P,T,,6", "Q,T,published,4", "a,P,published,2", "b,P,published,4"
    )


def test_contributions__additive__each_leaf_its_points(additive, measured):
    rows = [measured({"A": {"Q": 0.5, "a": 0.5, "b": 0.25}}), measured({"A": {"Q": 0.25, "a": 1.0, "b": 0.25}})]
    found = apart([additive, additive], rows)
    own = {code: made_at(found, code, "own") for code in "TPQab"}
    assert own == {"T": 0.0, "P": 0.0, "Q": -0.1, "a": 0.1, "b": 0.0}
    assert made_at(found, "P", "through") == pytest.approx(0.1)
    assert not found.framework.any()


def test_contributions__value_entered_above_on_one_side__the_way_ends_there(additive, measured):
    rows = [measured({"A": {"Q": 0.5, "P": 0.5}}), measured({"A": {"Q": 0.5, "a": 1.0, "b": 1.0}})]
    found = apart([additive, additive], rows)
    assert made_at(found, "P", "own") == pytest.approx(0.3)
    assert [bool(found.reached[found.after.place[code], 0]) for code in "TPQab"] == [True, True, True, False, False]


def test_contributions__child_left_out_on_one_side__counts_against_what_stood_in_for_it(build, measured):
    framework = build(
        "code,parent,rule,missing", "T,,,zero", "a,T,published,exclude_and_reweight", "b,T,published,zero"
    )
    rows = [measured({"A": {"b": 0.4}}), measured({"A": {"a": 0.8, "b": 0.4}})]
    found = apart([framework, framework], rows)
    assert made_at(found, "a", "own") == pytest.approx(0.2)
    assert made_at(found, "b", "own") == 0
    assert found.change[found.after.place["a"], 0] == pytest.approx(0.4)


def test_contributions__other_weights__are_the_frameworks_doing(build, measured):
    before = build("code,parent,rule,max_points", "T,,,10", "a,T,published,5", "b,T,published,5")
    after = build("code,parent,rule,max_points", "T,,,10", "a,T,published,8", "b,T,published,2")
    rows = [measured({"A": {"a": 0.5, "b": 0.0}})] * 2
    found = apart([before, after], rows)
    assert made_at(found, "T", "framework") == pytest.approx(0.15)
    assert made_at(found, "a", "own") == 0


def test_contributions__new_node__is_the_frameworks_doing(build, measured):
    before = build("code,parent,rule,max_points", "T,,,5", "a,T,published,5")
    after = build("code,parent,rule,max_points", "T,,,10", "a,T,published,5", "b,T,published,5")
    rows = [measured({"A": {"a": 0.5}}), measured({"A": {"a": 0.7, "b": 1.0}})]
    found = apart([before, after], rows)
    assert made_at(found, "a", "own") == pytest.approx(0.2 * 0.75)
    assert made_at(found, "T", "framework") == pytest.approx(0.35 - 0.15)
    assert made(found) == pytest.approx(0.35)


def test_contributions__rule_of_a_leaf_changed__value_and_rule_apart(build, measured):
    sides = [build("code,parent,rule,parameters", "T,,,", f"a,T,linear,target={target}") for target in (2, 4)]
    found = apart(sides, [measured({"A": {"a": 1.0}}), measured({"A": {"a": 2.0}})])
    # On the old scale the value rose by 1/2, on the new one by 1/4; the share did not move.
    assert (made_at(found, "a", "own"), made_at(found, "a", "framework")) == (0.375, -0.375)


def test_contributions__goalposts_moved_by_others__are_their_doing(build, measured):
    framework = build("code,parent,rule", "T,,", "a,T,minmax")
    rows = [measured({"A": {"a": 1.0}, "B": {"a": 2.0}, "C": {"a": 0.0}})]
    rows.append(measured({"A": {"a": 1.0}, "B": {"a": 4.0}, "C": {"a": 0.0}}))
    found = apart([framework, framework], rows)
    assert (made_at(found, "a", "own"), made_at(found, "a", "others")) == (0.0, -0.25)


def test_contributions__imputed_on_both_sides__the_others_made_it(build, measured):
    framework = build("code,parent,rule", "T,,", "a,T,published", "b,T,published", missing="impute")
    rows = [measured({"A": {"b": 0.5}, "B": {"a": value, "b": 0.5}}) for value in (0.2, 0.6)]
    found = apart([framework, framework], rows)
    assert (made_at(found, "a", "own"), made_at(found, "a", "others")) == (0.0, 0.2)


def test_contributions__geometric__shares_out_logarithms(build, measured):
    framework = build("code,parent,rule,aggregation", "T,,,geometric_mean", "a,T,published,", "b,T,published,")
    found = apart([framework] * 2, [measured({"A": {"a": 0.2, "b": 0.4}}), measured({"A": {"a": 0.4, "b": 0.8}})])
    assert made_at(found, "a", "own") == made_at(found, "b", "own")  # both doubled
    assert made(found) == pytest.approx(0.08**0.5)


def test_contributions__geometric_with_a_zero__the_zero_made_it(build, measured):
    framework = build("code,parent,rule,aggregation", "T,,,geometric_mean", "a,T,published,", "b,T,published,")
    found = apart([framework] * 2, [measured({"A": {"a": 0.0, "b": 0.4}}), measured({"A": {"a": 0.4, "b": 0.9}})])
    assert made_at(found, "a", "own") == pytest.approx(0.6)
    assert made_at(found, "b", "own") == 0


def test_contributions__another_aggregation__mean_of_both_ways(build, measured):
    kinds = ("mean", "geometric_mean")
    sides = [build("code,parent,rule,aggregation", f"T,,,{kind}", "a,T,published,", "b,T,published,") for kind in kinds]
    found = apart(sides, [measured({"A": {"a": 0.2, "b": 0.8}}), measured({"A": {"a": 0.2, "b": 0.8}})])
    assert made_at(found, "T", "framework") == pytest.approx(-0.1)
    assert not found.own.any()


def test_contributions__aggregation_that_the_figures_of_then_do_not_allow__is_the_frameworks_doing(build, measured):
    geometric = build("code,parent,rule,aggregation", "T,,,geometric_mean", "a,T,published,", "b,T,published,")
    with_negative = build("code,parent,rule,aggregation", "T,,,median", "a,T,zscore,", "b,T,published,")
    before = measured({"A": {"a": 1.0, "b": 0.5}, "B": {"a": 2.0, "b": 0.5}})
    after = measured({"A": {"a": 0.5, "b": 0.5}, "B": {"a": 0.5, "b": 0.5}})
    found = apart([with_negative, geometric], [before, after])
    assert made_at(found, "T", "framework") == pytest.approx(found.change[0, 0])
    assert not found.own.any()


@st.composite
def frameworks(draw, build):
    """A tree of three levels with any aggregation, any rule and any policy."""
    header = "code,parent,rule,parameters,aggregation,missing,weight"
    aggregations = st.sampled_from(AGGREGATIONS)
    rows = [f"T,,,,{draw(aggregations)},zero,"]
    for pillar in "PQ":
        kind = draw(aggregations)
        if kind == "penalised_mean" and rows[0].split(",")[4] in ("geometric_mean", "harmonic_mean"):
            kind = "mean"  # a penalised mean of zeros may lie below 0 by rounding, which these refuse
        rows.append(f"{pillar},T,,,{kind},{draw(st.sampled_from(POLICIES))},")
        for number in range(draw(st.integers(1, 4))):
            rule = draw(st.sampled_from(RULES))
            target = "target=1; " if rule in ("linear", "distance") else ""
            clip = f"{target}clip=yes" if rule != "binary" else ""
            weight = "" if kind == "mean" else str(draw(st.integers(1, 5)))
            policy = draw(st.sampled_from(POLICIES))
            rows.append(f"{pillar}{number},{pillar},{rule},{clip},,{policy},{weight}")
    return build(header, *rows)


@st.composite
def figures(draw, framework):
    rows = []
    for agency in AGENCIES:
        for leaf in framework.leaves:
            if draw(st.booleans()) or (agency == "A" and leaf is framework.leaves[0]):
                value = draw(VALUES)
                rows.append((agency, leaf.code, float(round(value)) if leaf.rule == "binary" else value))
        if draw(st.integers(0, 5)) == 0:
            rows.append((agency, "P", draw(VALUES)))
    return pd.DataFrame(rows, columns=["agency", "node", "value"])


def test_contributions__contest__own_and_the_others_figures_apart(build, measured):
    framework = build("code,parent,rule,aggregation", "T,,,copeland", "a,T,published,", "b,T,published,")
    before = {"A": {"a": 0.5, "b": 0.5}, "B": {"a": 0.6, "b": 0.6}, "C": {"a": 0.7, "b": 0.7}}
    after = {"A": {"a": 0.65, "b": 0.65}, "B": {"a": 0.6, "b": 0.6}, "C": {"a": 0.1, "b": 0.1}}
    found = apart([framework] * 2, [measured(before), measured(after)])
    # A passes B by its own figures, and C falls behind A.
    assert (made_at(found, "T", "own"), made_at(found, "T", "others")) == (0.5, 0.5)
    assert (made_at(found, "T", "own", "B"), made_at(found, "T", "others", "B")) == (0.0, 0.0)
    assert not found.opened.any()


def test_contributions__median__by_shapley(build, measured):
    framework = build("code,parent,rule,aggregation", "T,,,median", *(f"{leaf},T,published," for leaf in "abc"))
    rows = [measured({"A": {"a": 0.1, "b": 0.2, "c": 0.3}}), measured({"A": {"a": 0.4, "b": 0.2, "c": 0.3}})]
    found = apart([framework] * 2, rows)
    assert (made_at(found, "a", "own"), made_at(found, "b", "own")) == (0.1, 0.0)


@given(data=st.data())
@settings(max_examples=120)
def test_contributions__any_tree__sum_to_the_change(build, data):
    framework = data.draw(frameworks(build))
    found = apart([framework] * 2, [data.draw(figures(framework)) for _ in range(2)])
    there = found.reached[0]
    np.testing.assert_allclose(made(found)[there], found.change[0, there], rtol=1e-9, atol=1e-12)
    assert not found.framework.any()


@given(data=st.data())
@settings(max_examples=120)
def test_contributions__any_two_editions__sum_to_the_change(build, data):
    sides = [data.draw(frameworks(build)) for _ in range(2)]
    found = apart(sides, [data.draw(figures(framework)) for framework in sides])
    there = found.reached[0]
    np.testing.assert_allclose(made(found)[there], found.change[0, there], rtol=1e-9, atol=1e-12)


@given(data=st.data())
@settings(max_examples=40)
def test_contributions__nothing_changed__nothing_made(build, data):
    framework = data.draw(frameworks(build))
    rows = data.draw(figures(framework))
    found = apart([framework] * 2, [rows, rows])
    for made_ in (found.own, found.others, found.framework):
        np.testing.assert_allclose(made_, 0.0, atol=1e-12)


@given(data=st.data())
@settings(max_examples=60)
def test_contributions__turned_round__change_their_sign(build, data):
    framework = data.draw(frameworks(build))
    rows = [data.draw(figures(framework)) for _ in range(2)]
    there, back = apart([framework] * 2, rows), apart([framework] * 2, rows[::-1])
    common = [back.after.agencies.index(agency) for agency in there.after.agencies if agency in back.after.agencies]
    units = [there.after.agencies.index(agency) for agency in back.after.agencies if agency in there.after.agencies]
    np.testing.assert_allclose(there.own[:, units], -back.own[:, common], atol=1e-9)


def test_contributions__inner_rule_and_a_value_that_hardly_moved__nothing_is_lost(build, measured):
    framework = build("code,parent,rule,parameters", "T,,,", "P,T,linear,target=0.5; floor=0", "a,P,published,")
    rows = [measured({"A": {"a": value}}) for value in (0.5 - 1e-8, 0.5 + 1e-8)]
    found = apart([framework] * 2, rows)
    np.testing.assert_allclose(made(found), found.change[0], rtol=0, atol=1e-16)


@pytest.mark.parametrize("rule", ["rank", "percentile", "borda"])
def test_contributions__places_of_an_inner_node__end_the_way(build, measured, rule):
    framework = build(
        "code,parent,rule,aggregation,parameters",
        "T,,,mean,",
        f"P,T,{rule},mean,",
        "a,P,published,,",
        "b,P,published,,",
    )
    others = {"B": {"a": 0.5, "b": 0.5}, "C": {"a": 0.9, "b": 0.9}}
    still = [measured({"A": one} | others) for one in ({"a": 0.2, "b": 0.8}, {"a": 0.8, "b": 0.2})]
    found = apart([framework] * 2, still)
    assert np.abs([found.own, found.others, found.framework]).max() < 1e-12
    ahead = measured({"A": {"a": 1.0, "b": 1.0}} | others)
    found = apart([framework] * 2, [still[0], ahead])
    assert made_at(found, "P", "own") > 0
    assert not found.reached[[found.after.place["a"], found.after.place["b"]]].any()
    np.testing.assert_allclose(made(found), found.change[0], atol=1e-12)


def test_contributions__inner_yardstick__own_and_the_others_apart(build, measured):
    framework = build("code,parent,rule", "T,,", "P,T,minmax", "a,P,published", "b,P,published")
    before = {"A": {"a": 0.5, "b": 0.5}, "B": {"a": 0.0, "b": 0.0}, "C": {"a": 1.0, "b": 1.0}}
    after = before | {"A": {"a": 0.7, "b": 0.5}, "C": {"a": 0.8, "b": 0.8}}
    found = apart([framework] * 2, [measured(before), measured(after)])
    assert made_at(found, "a", "own") == pytest.approx((0.1 + 0.1 / 0.8) / 2)
    assert made_at(found, "P", "others") == pytest.approx((0.6 / 0.8 - 0.5) - (0.1 + 0.1 / 0.8) / 2)
