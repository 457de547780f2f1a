"""Weights that follow from the data, and what weights do."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.scoring.engine import evaluated, score
from tasks.scoring.evaluate import evaluate
from tasks.scoring.influence import importance, part_of_variance, weights_in_total
from tasks.scoring.tree import Tree
from tasks.scoring.weights import equal_influence, pca_weights, weighted
from warehouse.errors import InputError

HEADER = "code,parent,rule,aggregation,parameters,weight"
# Three columns of which no two are correlated.
FLAT = np.array([[1.0, 1, -1, -1], [1, -1, 1, -1], [1, -1, -1, 1]])


def test_pca__two_columns_weigh_the_same():
    found = pca_weights(np.array([[1.0, 2, 3, 5], [2.0, 1, 4, 4]]))
    assert found.weights.tolist() == [0.5, 0.5]
    r = np.corrcoef([1.0, 2, 3, 5], [2.0, 1, 4, 4])[0, 1]
    assert found.reached == pytest.approx((1 + r) / 2)


def test_pca__a_column_that_goes_its_own_way_weighs_nothing():
    found = pca_weights(np.array([FLAT[0], FLAT[0] * 3 + 1, FLAT[1]]))
    assert found.weights.tolist() == [0.5, 0.5, 0]


def test_pca__names_a_column_that_goes_against_the_others():
    assert pca_weights(np.array([FLAT[0] + 0.1 * FLAT[1], FLAT[0], -FLAT[0] + 0.1 * FLAT[2]])).opposed == (2,)


def test_optimised__uncorrelated_columns_weigh_by_the_inverse_of_their_deviation():
    found = equal_influence(FLAT * np.array([[1.0], [2.0], [4.0]]))
    assert found.weights == pytest.approx([4 / 7, 2 / 7, 1 / 7], abs=1e-8)


@given(st.integers(0, 10_000), st.integers(2, 5), st.floats(0.1, 0.8))
@settings(max_examples=30, deadline=None)
def test_optimised__all_columns_have_the_same_influence(seed, columns, common):
    draw = np.random.default_rng(seed)
    shares = common * draw.normal(size=40) + draw.normal(size=(columns, 40)) * draw.uniform(0.5, 2, (columns, 1))
    found = equal_influence(shares)
    reached = importance(shares, found.weights @ shares)
    if found.reached < 1e-9:
        assert reached == pytest.approx(np.full(columns, reached.mean()), rel=1e-5)
    assert (found.weights >= 0).all()
    assert found.weights.sum() == pytest.approx(1, abs=1e-8)


def test_optimised__where_it_cannot_be_reached_it_says_how_far_off_it_is():
    found = equal_influence(np.array([FLAT[0] + 0.3 * FLAT[1], FLAT[0] - 0.3 * FLAT[1], -FLAT[0] + 0.1 * FLAT[2]]))
    assert found.reached > 0.01
    assert found.opposed == (2,)


def test_optimised__columns_that_cancel_each_other_out_have_no_influence():
    assert equal_influence(np.array([FLAT[0], -FLAT[0]])).reached == 1


@pytest.fixture
def framework(build):
    def compute(method):
        leaves = [f"{parent}.{leaf},{parent},published,,," for parent in "PQ" for leaf in "ab"]
        inner = [f"{parent},T,,weighted_mean,weights={method}," for parent in "PQ"]
        return build(HEADER, f"T,,,weighted_mean,weights={method},", *inner, *leaves)

    return compute


@pytest.fixture
def inputs(measured):
    draw = np.random.default_rng(5)
    common = draw.uniform(0, 0.5, 12)
    scale = {"P.a": 0.1, "P.b": 0.4, "Q.a": 0.2, "Q.b": 0.5}
    return measured(
        {f"U{n:02}": {code: common[n] + width * draw.uniform() for code, width in scale.items()} for n in range(12)}
    )


def test_weighted__every_level_is_balanced_on_the_levels_below(framework, inputs):
    scoring = evaluated(framework("optimised"), inputs)
    shares, codes = scoring.result.shares, scoring.tree.codes
    for parent, children in {"T": ("P", "Q"), "P": ("P.a", "P.b"), "Q": ("Q.a", "Q.b")}.items():
        found = importance(shares[[codes.index(code) for code in children]], shares[codes.index(parent)])
        assert found[0] == pytest.approx(found[1], rel=1e-5)
    assert [entry["node"] for entry in scoring.account()["weights"]] == ["P", "Q", "T"]


def test_weighted__the_tree_that_comes_out_has_given_weights(framework, inputs):
    scoring = evaluated(framework("pca"), inputs)
    again, account = weighted(scoring.tree, scoring.cells)
    assert again is scoring.tree
    assert account == []
    weights = scoring.account()["weights"][0]["weights"]
    assert {code: scoring.tree.framework.by_code[code].weight for code in weights} == weights


def test_weighted__draws_go_through_with_the_weights_of_the_measured_values(framework, inputs):
    scoring = evaluated(framework("optimised"), inputs)
    values = np.repeat(scoring.cells.values[..., None], 3, axis=2)
    drawn = evaluate(scoring.tree, replace(scoring.cells, values=values))
    np.testing.assert_array_equal(drawn.shares, np.repeat(scoring.result.shares[..., None], 3, axis=2))


def test_weighted__given_and_equal_weights_need_no_data(framework, inputs, build):
    tree = Tree.of(framework("equal"))
    assert weighted(tree, evaluated(framework("equal"), inputs).cells)[0] is tree


@pytest.mark.parametrize("method", ["pca", "optimised"])
def test_weighted__a_column_without_variance_is_an_error(build, measured, method):
    framework = build(HEADER, f"T,,,weighted_mean,weights={method},", "a,T,published,,,", "b,T,published,,,")
    values = {f"U{n}": {"a": n / 10, "b": 0.5} for n in range(5)}
    with pytest.raises(InputError, match=f"b has the share 0.5 for all units.*T asks for {method} weights"):
        score(framework, measured(values))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("method", ["pca", "optimised"])
def test_weighted__shares_without_a_square_are_an_error(build, measured, method):
    framework = build(HEADER, f"T,,,weighted_mean,weights={method},", "a,T,published,,,", "b,T,published,,,")
    values = {f"U{n}": {"a": n * 1e200, "b": n / 10} for n in range(5)}
    with pytest.raises(InputError, match=f"a has the share 4e[+]200, of which no {method} weight can be computed"):
        score(framework, measured(values))


@pytest.mark.parametrize("method", ["pca", "optimised"])
def test_weighted__all_missing_is_an_error(build, measured, method):
    rows = ("a,T,published,,,", "b,T,published,,,")
    framework = build(HEADER, f"T,,,weighted_mean,weights={method},", *rows, missing="exclude_and_reweight")
    with pytest.raises(InputError, match="but only 0 units have all its children"):
        score(framework, measured({f"U{n}": {"a": n / 10} for n in range(5)}))


def test_weighted__one_unit_is_told_in_the_singular(build, measured):
    framework = build(HEADER, "T,,,weighted_mean,weights=pca,", "a,T,published,,,", "b,T,published,,,")
    with pytest.raises(InputError, match="but only 1 unit has all its children"):
        score(framework, measured({"U": {"a": 0.1, "b": 0.5}}))


def test_part_of_variance__adds_up_to_one():
    columns = np.random.default_rng(1).uniform(size=(3, 20))
    weights = np.array([0.5, 0.3, 0.2])
    assert part_of_variance(columns, weights @ columns, weights).sum() == pytest.approx(1)


def test_part_of_variance__by_hand():
    # Variances 1 and 4 without correlation, weights 1/2: the second makes 4 of 5 parts.
    columns = FLAT[:2] * np.array([[1.0], [2.0]])
    weights = np.array([0.5, 0.5])
    assert part_of_variance(columns, weights @ columns, weights) == pytest.approx([0.2, 0.8])
    assert importance(columns, weights @ columns) == pytest.approx([0.2, 0.8])


def test_weights_in_total__are_products_on_the_way_up(build):
    tree = Tree.of(
        build(
            HEADER,
            *("T,,,weighted_mean,,", "P,T,,mean,,1", "b,T,published,,,3"),
            *("P.a,P,published,,,", "P.b,P,published,,,"),
        )
    )
    found = dict(zip(tree.codes, weights_in_total(tree), strict=True))
    assert found == {"T": 1, "P": 0.25, "P.a": 0.125, "P.b": 0.125, "b": 0.75}
