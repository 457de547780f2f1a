import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tasks.evidence.shared import Block, directions, factor_rows, fitted, of_measured, remainders
from warehouse.frames import ERROR_FACTOR, MEASUREMENT

# Whole numbers: with them columns that hang together do so exactly, and others clearly do not.
CAUSES = arrays(float, st.tuples(st.integers(1, 6), st.integers(1, 6)), elements=st.integers(-4, 4))


def measurements(*cells, source="survey", error=2.0):
    rows = [{"framework": "t", "round": "r", "period": "2020", "agency": a, "node": n} for a, n in cells]
    return MEASUREMENT.conform(pd.DataFrame(rows).assign(source=source, standard_error=error))


def correlation(causes):
    lengths = np.linalg.norm(causes, axis=0)
    known = np.where(lengths > 0, lengths, 1.0)
    return causes.T @ causes / np.outer(known, known)


@given(CAUSES)
@settings(deadline=None)
def test_directions__their_products_are_the_correlations(causes):
    found = directions(causes)
    assert found @ found.T == pytest.approx(correlation(causes), abs=1e-9)


@given(CAUSES, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_directions__causes_in_another_order_or_turned_round__give_the_same(causes, random):
    order = random.sample(range(len(causes)), len(causes))
    signs = np.array([random.choice([-1, 1]) for _ in causes])
    assert directions((causes * signs[:, None])[order]) == pytest.approx(directions(causes), abs=1e-9)


@given(CAUSES)
@settings(deadline=None)
def test_directions__are_no_more_than_causes_or_cells_and_triangular(causes):
    found = directions(causes)
    assert found.shape[1] == np.linalg.matrix_rank(causes) <= min(causes.shape)
    first = [np.flatnonzero(one)[-1] if one.any() else -1 for one in found]  # no cell needs a factor that comes later
    assert all(column <= place for place, column in enumerate(first))


@given(CAUSES, st.integers(0, 2**32 - 1))
@settings(deadline=None)
def test_directions__what_another_machine_rounds_otherwise__changes_neither_factors_nor_numbers(causes, seed):
    rounded = causes * (1 + np.random.default_rng(seed).uniform(-1e-14, 1e-14, causes.shape))
    found = directions(rounded)
    assert found.shape == directions(causes).shape
    assert found == pytest.approx(directions(causes), abs=1e-9)


def test_directions__cells_that_move_together__share_one_factor_and_opposite_ones_have_opposite_signs():
    one = np.array([1.0, -2.0, 1.0])
    assert directions(np.column_stack([one, 3 * one, -one])).tolist() == [[1.0], [1.0], [-1.0]]


def test_directions__of_nothing():
    assert directions(np.zeros((3, 2))).shape == (2, 0)
    assert directions(np.zeros((0, 2))).shape == (2, 0)


def test_fitted__squares_sum_to_the_variance_and_an_unknown_one_is_nothing():
    found = fitted(np.array([[3.0, 4.0], [1.0, 0.0], [0.0, 0.0]]), np.array([10.0, np.nan, 5.0]))
    assert found.tolist() == [[6.0, 8.0], [0.0, 0.0], [0.0, 0.0]]


def test_factor_rows__one_row_a_loading_that_is_not_zero():
    rows = measurements(("hg", "X.1"), ("hg", "X.2"))
    found = factor_rows(rows, [Block("survey:hg:people", np.array([0, 1]), np.array([[2.0, 0.0], [1.0, 3.0]]))])
    assert list(found.columns) == list(ERROR_FACTOR.columns)
    assert found[["node", "factor", "loading"]].to_numpy().tolist() == [
        ["X.1", "survey:hg:people:1", 2.0],
        ["X.2", "survey:hg:people:1", 1.0],
        ["X.2", "survey:hg:people:2", 3.0],
    ]
    assert set(found["source"]) == {"survey"}
    assert set(found["block"]) == {"survey:hg:people"}
    assert found["degrees_of_freedom"].isna().all()


def test_factor_rows__say_how_well_sizes_are_known():
    rows = measurements(("hg", "X.1"), ("hg", "X.2"))
    blocks = [Block("a", np.array([0]), np.ones((1, 1)), freedom=6.0), Block("b", np.array([1]), np.ones((1, 1)))]
    assert factor_rows(rows, blocks)["degrees_of_freedom"].to_list() == [6.0, pytest.approx(np.nan, nan_ok=True)]


@pytest.mark.parametrize("blocks", [[], [Block("a", np.array([0]), np.zeros((1, 0)))]])
def test_factor_rows__nothing_shared__keeps_its_columns(blocks):
    found = factor_rows(measurements(("hg", "X.1")), blocks)
    assert found.empty
    assert found.dtypes.to_dict() == ERROR_FACTOR.empty().dtypes.to_dict()


def test_remainders__are_what_is_left_of_the_variance_of_a_cell_that_shares_something():
    rows = measurements(("hg", "X.1"), ("hg", "X.2"), ("cb", "X.1"), error=5.0)
    (left,) = remainders("tone", rows, [Block("tone:a", np.array([0, 1]), np.array([[3.0], [5.0]]))])
    assert (left.factors, left.cells.tolist(), left.loadings.tolist()) == (["tone:hg:X.1"], [0], [[4.0]])


def test_remainders__of_a_cell_that_shares_nothing__where_something_is_known_of_its_size():
    rows = measurements(("hg", "X.1"), ("cb", "X.1"), error=5.0)
    (one,) = remainders("expert", rows, [], np.array([np.nan, 6.0]))
    assert (one.factors, one.loadings.tolist(), one.freedom) == (["expert:cb:X.1"], [[5.0]], 6.0)


def test_of_measured__a_cell_that_another_source_measures_in_the_end__loses_its_factors():
    rows = measurements(("hg", "X.1"), ("hg", "X.2"))
    factors = factor_rows(rows, [Block("survey:hg:people", np.array([0, 1]), np.array([[2.0], [2.0]]))])
    counted = pd.concat([rows.iloc[:1], measurements(("hg", "X.2"), source="inspection")])
    assert of_measured(factors, counted)["node"].tolist() == ["X.1"]
    assert of_measured(factors, rows.iloc[:0]).empty
    assert of_measured(ERROR_FACTOR.empty(), rows).empty
