"""Rules of which only the order of the units counts, and those that look at the best, the worst or a target."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.scoring.arrays import Panels
from tasks.scoring.engine import score
from tasks.scoring.places import places

HEADER = "code,parent,rule,parameters,direction,missing"


@pytest.fixture
def share_of(build, measured, column):
    """Shares of one leaf for the values of several units."""

    def compute(values, rule, parameters="", direction="", missing=""):
        framework = build(HEADER, "T,,,,,", f"a,T,{rule},{parameters},{direction},{missing}", "b,T,published,,,")
        cells = {
            f"U{place:02}": {"b": 1.0} | ({} if value is None else {"a": value}) for place, value in enumerate(values)
        }
        return list(column(score(framework, measured(cells)), "a", "share").values())

    return compute


# The five numbers and their ranks, Borda counts and percentile ranks can be checked by eye.
@pytest.mark.parametrize(
    ("rule", "shares"),
    [("rank", [2, 5, 1, 3, 4]), ("borda", [1, 4, 0, 2, 3]), ("percentile", [0.25, 1, 0, 0.5, 0.75])],
)
def test_places__are_counted_from_below(share_of, rule, shares):
    assert share_of([20.0, 90.0, 10.0, 30.0, 31.0], rule) == shares


@pytest.mark.parametrize(("ties", "shares"), [("mean", [1.5, 0, 1.5, 3]), ("lowest", [1, 0, 1, 3])])
def test_places__of_ties(share_of, ties, shares):
    assert share_of([2.0, 1.0, 2.0, 5.0], "borda", f"ties={ties}") == shares


def test_places__values_that_differ_by_rounding_tie(share_of):
    assert share_of([0.1 + 0.2, 0.3, 1.0], "borda") == [0.5, 0.5, 2]


def test_places__less_is_better(share_of):
    assert share_of([2.0, 1.0, 2.0, 5.0], "borda", "ties=lowest", direction="negative") == [1, 3, 1, 0]


def test_percentile__a_single_unit_and_equal_units_are_in_the_middle(share_of):
    assert share_of([7.0], "percentile") == [0.5]
    assert share_of([7.0, 7.0, 7.0], "percentile") == [0.5, 0.5, 0.5]


def test_places__imputed_values_stand_between_and_shift_nobody(share_of):
    assert share_of([1.0, 2.0, 3.0, 4.0, None], "borda", missing="impute") == [0, 1, 2, 3, 1.5]


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=12))
@settings(max_examples=50, deadline=None)
def test_places__add_up_to_those_without_ties(values):
    column = np.array([values], dtype=float)
    found = places(
        column, np.ones(column.shape, dtype=bool), Panels.by(np.zeros(len(values), dtype=int)), np.zeros((1, 1))
    )
    assert found.beaten.sum() == len(values) * (len(values) - 1) / 2


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=12, unique=True))
@settings(max_examples=50, deadline=None)
def test_places__do_not_change_with_the_scale(build, values):
    column = np.array([values])
    args = np.ones(column.shape, dtype=bool), Panels.by(np.zeros(len(values), dtype=int)), np.zeros((1, 1))
    np.testing.assert_array_equal(places(column, *args).beaten, places(column * 4, *args).beaten)


def test_distance__part_of_the_way_from_the_worst_to_the_target(share_of):
    assert share_of([10.0, 25.0, 40.0, 70.0], "distance", "target=40") == [0, 0.5, 1, 1]


def test_distance__beyond_the_target_counts_where_it_is_not_cut(share_of):
    assert share_of([10.0, 70.0], "distance", "target=40; clip=no") == [0, 2]


def test_distance__less_is_better(share_of):
    assert share_of([90.0, 50.0, 10.0], "distance", "target=10", direction="negative") == [0, 0.5, 1]


def test_distance__everybody_is_beyond_the_target(share_of):
    assert share_of([50.0, 60.0], "distance", "target=40") == [1, 1]


def test_distance__on_the_scale_of_a_transform(share_of):
    assert share_of([1.0, 10.0, 100.0], "distance", "target=100; transform=log10") == pytest.approx([0, 0.5, 1])


def test_fraction__of_the_highest(share_of):
    assert share_of([5.0, 20.0, 0.0], "fraction") == [0.25, 1, 0]


def test_fraction__all_are_zero(share_of):
    assert share_of([0.0, 0.0], "fraction") == [0, 0]


@pytest.mark.parametrize(
    ("rule", "shares"), [("rank", [1.5, 1.5]), ("percentile", [0.5, 0.5]), ("fraction", [1, 1]), ("zscore", [0, 0])]
)
def test_rule__a_column_without_variance(share_of, rule, shares):
    assert share_of([3.0, 3.0], rule) == shares


@pytest.mark.parametrize("rule", ["rank", "percentile", "borda", "distance", "fraction", "minmax", "zscore"])
def test_rule__all_are_missing(share_of, rule):
    parameters = "target=1" if rule == "distance" else ""
    assert share_of([None, None], rule, parameters, missing="impute") == [0, 0]


@pytest.mark.parametrize("rule", ["rank", "percentile", "borda", "distance", "fraction"])
def test_rule__of_an_inner_node(build, measured, column, rule):
    parameters = "target=1" if rule == "distance" else ""
    framework = build("code,parent,rule,aggregation,parameters", f"T,,{rule},mean,{parameters}", "a,T,published,,")
    shares = column(score(framework, measured({"X": {"a": 0.2}, "Y": {"a": 0.4}})), "T", "share")
    assert shares["X"] < shares["Y"]
