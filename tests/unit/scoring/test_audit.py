"""The audit of a framework: correlations, Cronbach's alpha, redundant and silent indicators."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.scoring.audit import audit
from tasks.scoring.correlation import alpha, correlations
from tasks.scoring.engine import evaluated, score

HEADER = "code,parent,rule,aggregation,weight"


def test_correlations__agree_with_numpy():
    table = np.random.default_rng(2).normal(size=(4, 15))
    assert correlations(table, table)[0] == pytest.approx(np.corrcoef(table))


def test_correlations__of_the_units_that_have_both():
    first, second = np.array([[1.0, 2, 3, np.nan, 9]]), np.array([[2.0, 4, 7, 1, np.nan]])
    found, count = correlations(first, second)
    assert found[0, 0] == pytest.approx(np.corrcoef([1, 2, 3], [2, 4, 7])[0, 1])
    assert count[0, 0] == 3


@pytest.mark.parametrize(
    "column", [[0.5] * 5, [0.1 + 0.2, 0.3, 0.3, 0.3, 0.3], [np.nan] * 5, [1.0, 2.0, *[np.nan] * 3]]
)
def test_correlations__a_column_without_variance_or_units_has_none(column):
    assert np.isnan(correlations(np.array([column]), np.array([[1.0, 2, 3, 4, 6]]))[0]).all()


@given(st.integers(0, 1000), st.floats(0.1, 10), st.floats(-5, 5))
@settings(max_examples=30, deadline=None)
def test_correlations__do_not_depend_on_scale(seed, factor, shift):
    table = np.random.default_rng(seed).normal(size=(3, 9))
    assert correlations(table * factor + shift, table)[0] == pytest.approx(correlations(table, table)[0], abs=1e-9)


def test_alpha__by_hand():
    # Items (1, 2, 3) and (1, 3, 2): variances 1 and 1, sum (2, 5, 5) with variance 3; alpha = 2 (1 - 2/3).
    assert alpha(np.array([[1.0, 2, 3], [1, 3, 2]])) == pytest.approx(2 / 3)


def test_alpha__parallel_items_agree_wholly():
    assert alpha(np.array([[1.0, 2, 3, 4]] * 3)) == pytest.approx(1)


@pytest.mark.parametrize("columns", [[[1.0, 2, 3]], [[1.0, np.nan, 3], [np.nan, 2, 3]], [[1.0, 1, 1], [2, 2, 2]]])
def test_alpha__is_not_defined(columns):
    assert np.isnan(alpha(np.array(columns)))


@pytest.fixture
def audited(build):
    """Audit of two branches: P.b repeats P.a, Q.a repeats it in another branch, Q.b is noise, Q.c is constant."""
    framework = build(
        HEADER,
        *("T,,,mean,", "P,T,,mean,", "Q,T,,weighted_mean,"),
        *("P.a,P,published,,", "P.b,P,published,,", "P.c,P,published,,"),
        *(f"Q.{leaf},Q,published,,{weight}" for leaf, weight in zip("abcd", (1, 1, 1, 0), strict=True)),
    )
    draw = np.random.default_rng(8)
    a, c = draw.uniform(0, 1, (2, 30))
    columns = {
        "P.a": a,
        "P.b": a + 0.001 * c,
        "P.c": 0.5 * a + 0.5 * c,
        "Q.a": a,
        "Q.b": 0.2 * draw.uniform(0, 1, 30),
        "Q.c": np.full(30, 0.4),
        "Q.d": 1 - a,
    }
    rows = [(f"U{unit:02}", code, column[unit]) for code, column in columns.items() for unit in range(30)]
    scoring = evaluated(framework, pd.DataFrame(rows, columns=["agency", "node", "value"]))
    found = audit(scoring.tree, scoring.result.shares)
    return found.nodes.set_index("node"), found.pairs, scoring


def test_audit__redundant_criteria_inside_and_across_branches(audited):
    nodes, pairs, _ = audited
    twins = pairs[pairs["finding"] == "redundant"].set_index(["node", "other"])["relation"].to_dict()
    assert twins == {
        ("P.a", "P.b"): "inside",
        ("P.a", "Q.a"): "across",
        ("P.a", "Q.d"): "across",
        ("P.b", "Q.a"): "across",
        ("P.b", "Q.d"): "across",
        ("Q.a", "Q.d"): "inside",
    }
    assert "redundant with P.b (r = 1.00)" in nodes.loc["P.a", "finding"]


def test_audit__all_pairs_of_siblings_are_listed(audited):
    _, pairs, _ = audited
    inside = pairs[pairs["relation"] == "inside"]
    assert {("P", "Q"), ("P.a", "P.c"), ("Q.a", "Q.b")} <= set(zip(inside["node"], inside["other"], strict=True))


def test_audit__silent_constant_and_weightless_criteria(audited):
    nodes, _, _ = audited
    assert nodes.loc["Q.b", "finding"] == "silent (r with the total = -0.10)"
    assert nodes.loc["Q.c", "finding"] == "does not vary"
    assert nodes.loc["Q.d", "finding"].startswith("weighs nothing")


def test_audit__weights_and_influence(audited):
    nodes, _, _ = audited
    assert nodes.loc["Q.a", "weight_in_total"] == pytest.approx(1 / 6)
    assert nodes.loc[["P.a", "P.b", "P.c"], "part_of_variance"].sum() == pytest.approx(1)
    assert nodes.loc["Q.a", "importance"] > 0.9 > 0.5 > nodes.loc["Q.b", "importance"]


def test_audit__correlations_with_parent_and_total(audited):
    nodes, _, scoring = audited
    shares, codes = scoring.result.shares, scoring.tree.codes
    of = {code: shares[codes.index(code)] for code in codes}
    assert nodes.loc["P.c", "r_parent"] == pytest.approx(np.corrcoef(of["P.c"], of["P"])[0, 1])
    assert nodes.loc["P.c", "r_total"] == pytest.approx(np.corrcoef(of["P.c"], of["T"])[0, 1])
    assert nodes.loc["P", "r_inside"] > nodes.loc["P", "r_across"]
    assert nodes.loc["P", "alpha"] == pytest.approx(alpha(np.array([of["P.a"], of["P.b"], of["P.c"]])))


def test_audit__limits_are_parameters(audited):
    _, _, scoring = audited
    found = audit(scoring.tree, scoring.result.shares, redundant=1.0, silent=0.0)
    assert not (found.pairs["finding"] == "redundant").any()
    assert not found.nodes["finding"].str.contains("silent").any()


def test_audit__a_node_of_which_nobody_has_a_share(build, measured):
    framework = build(HEADER, "T,,,mean,", "a,T,published,,", "b,T,published,,", missing="exclude_and_reweight")
    scoring = evaluated(framework, measured({f"U{n}": {"a": n / 5} for n in range(4)}))
    nodes = audit(scoring.tree, scoring.result.shares).nodes.set_index("node")
    assert nodes.loc["b", "finding"] == "nobody has a share"
    assert nodes.loc["b", "units"] == 0


def test_audit__single_unit(build, measured):
    scoring = evaluated(build(HEADER, "T,,,mean,", "a,T,published,,"), measured({"X": {"a": 0.2}}))
    assert (
        audit(scoring.tree, scoring.result.shares).nodes["finding"].tolist() == ["fewer than 3 units have a share"] * 2
    )


@pytest.fixture
def cancelled(build, measured):
    """Two standard scores that cancel each other out: their mean is 0 for all, but for 1e-16."""
    values = [0.134, 0.847, 0.764, 0.255, 0.495, 0.449, 0.652]
    rows = measured({f"U{at}": {"a": value, "b": 3 * value + 1} for at, value in enumerate(values)})

    def make(rule=""):
        return build("code,parent,rule,direction", f"T,,{rule},", "a,T,zscore,", "b,T,zscore,negative"), rows

    return make


@pytest.mark.parametrize(("rule", "share"), [("minmax", 0.5), ("zscore", 0), ("percentile", 0.5), ("fraction", 0)])
def test_rule_of_an_aggregate__that_only_rounding_moves__gives_all_the_same(cancelled, column, rule, share):
    scores = score(*cancelled(rule))
    assert set(column(scores, "T", "share").values()) == {share}
    assert set(column(scores, "T", "rank").values()) == {1}


def test_audit__of_an_aggregate_that_only_rounding_moves__finds_that_it_does_not_vary(cancelled):
    framework, rows = cancelled()
    scoring = evaluated(framework, rows)
    found = audit(scoring.tree, scoring.result.shares).nodes.set_index("node")
    assert found["finding"]["T"] == "does not vary"
    assert np.isnan(found["alpha"]["T"])
    assert found.loc[["a", "b"], ["part_of_variance", "importance", "r_parent"]].isna().all(axis=None)
