"""Aggregations beside sums: harmonic mean, median, Copeland, penalised mean; weights per level; availability."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.scoring.arrays import Panels
from tasks.scoring.combine import combine
from tasks.scoring.engine import score
from tasks.scoring.tree import Tree
from warehouse.errors import InputError

HEADER = "code,parent,rule,aggregation,parameters,weight,missing"
COMBINED = ("harmonic_mean", "median", "penalised_mean", "penalised_mean_plus")
MEANS = ("geometric_mean", *COMBINED)


@pytest.fixture
def totals(build, measured, column):
    """Shares of the root over leaves a, b, ...; `units` maps each unit to its leaves' shares."""

    def compute(aggregation, units, weights=None, parameters="", missing="exclude_and_reweight", root_missing=""):
        codes = sorted({code for cells in units.values() for code in cells} | set(weights or ()))
        leaves = [f"{code},T,published,,,{(weights or {}).get(code, '')},{missing}" for code in codes]
        framework = build(HEADER, f"T,,,{aggregation},{parameters},,{root_missing}", *leaves)
        return column(score(framework, measured(units)), "T", "share")

    return compute


def test_harmonic_mean__by_weight(totals):
    assert totals("harmonic_mean", {"X": {"a": 0.2, "b": 0.4, "c": 0.8}})["X"] == pytest.approx(3 / (5 + 2.5 + 1.25))
    weighted = totals("harmonic_mean", {"X": {"a": 0.2, "b": 0.4}}, {"a": 3, "b": 1})
    assert weighted["X"] == pytest.approx(4 / (15 + 2.5))


def test_harmonic_mean__a_zero_makes_it_zero_if_it_weighs(totals):
    assert totals("harmonic_mean", {"X": {"a": 0.0, "b": 0.4}})["X"] == 0
    assert totals("harmonic_mean", {"X": {"a": 0.0, "b": 0.4}}, {"a": 0, "b": 1})["X"] == pytest.approx(0.4)


def test_harmonic_mean__of_a_negative_share_is_an_error(totals):
    with pytest.raises(
        InputError, match=r"a of X in 2020 has the negative share -0\.1, of which T takes the harmonic mean"
    ):
        totals("harmonic_mean", {"X": {"a": -0.1, "b": 0.4}})


def test_median__of_the_children(totals):
    assert totals("median", {"X": {"a": 0.9, "b": 0.1, "c": 0.3}})["X"] == 0.3
    assert totals("median", {"X": {"a": 0.9, "b": 0.1, "c": 0.3, "d": 0.4}})["X"] == pytest.approx(0.35)


def test_median__where_half_of_the_weight_is_reached(totals):
    units = {"X": {"a": 0.1, "b": 0.3, "c": 0.9}}
    assert totals("median", units, {"a": 3, "b": 1, "c": 1})["X"] == 0.1
    assert totals("median", units, {"a": 2, "b": 1, "c": 1})["X"] == pytest.approx(0.2)
    assert totals("median", units, {"a": 1, "b": 0, "c": 1})["X"] == pytest.approx(0.5)


def test_copeland__share_of_contests_won(totals):
    # X beats Y on a and b, Y beats Z on b and c, Z and X draw: they are equal on b and each wins one of a and c.
    units = {"X": {"a": 3, "b": 2, "c": 1}, "Y": {"a": 2, "b": 1, "c": 3}, "Z": {"a": 4, "b": 2, "c": 0.5}}
    found = totals("copeland", units)
    assert found == {"X": 0.75, "Y": 0.0, "Z": 0.75}


def test_copeland__by_weight(totals):
    units = {"X": {"a": 1, "b": 0, "c": 0}, "Y": {"a": 0, "b": 1, "c": 1}}
    assert totals("copeland", units) == {"X": 0, "Y": 1}
    assert totals("copeland", units, {"a": 3, "b": 1, "c": 1}) == {"X": 1, "Y": 0}
    assert totals("copeland", units, {"a": 2, "b": 1, "c": 1}) == {"X": 0.5, "Y": 0.5}


def test_copeland__only_children_that_both_have(totals):
    units = {"X": {"a": 1, "b": 0}, "Y": {"a": 0}, "Z": {"b": 1}}
    assert totals("copeland", units) == {"X": 0.5, "Y": 0.0, "Z": 1.0}


def test_copeland__a_unit_alone_is_in_the_middle(totals):
    assert totals("copeland", {"X": {"a": 1, "b": 0}}) == {"X": 0.5}


@given(st.lists(st.tuples(*[st.integers(0, 5)] * 3), min_size=2, max_size=7))
@settings(max_examples=40, deadline=None)
def test_copeland__every_contest_gives_one_point(build, rows):
    tree = Tree.of(build(HEADER, "T,,,copeland,,,", *(f"{code},T,published,,,," for code in "abc")))
    shares = np.array(rows, dtype=float).T
    step, panels = tree.steps[0], Panels.by(np.zeros(len(rows), dtype=int))
    made = combine(shares, step.weights[:, None], np.ones(shares.shape, dtype=bool), step, panels)[0]
    assert made.sum() * (len(rows) - 1) == pytest.approx(len(rows) * (len(rows) - 1) / 2)
    assert ((made >= 0) & (made <= 1)).all()


def test_penalised_mean__of_mazziotta_and_pareto(totals):
    # On the scale 70 to 130 the shares are 88, 106 and 124: mean 106, variance 216, penalty 216 / 106.
    units = {"X": {"a": 0.3, "b": 0.6, "c": 0.9}}
    assert 70 + 60 * totals("penalised_mean", units)["X"] == pytest.approx(106 - 216 / 106)
    assert 70 + 60 * totals("penalised_mean_plus", units)["X"] == pytest.approx(106 + 216 / 106)


def test_penalised_mean__of_z_scores_is_the_first_version_of_the_index(totals):
    # z-scores brought to mean 100 and deviation 10: 110 and 90, mean 100, variance 100.
    found = totals("penalised_mean", {"X": {"a": 1.0, "b": -1.0}}, parameters="penalty_low=100; penalty_high=110")
    assert 100 + 10 * found["X"] == pytest.approx(99)


def test_penalised_mean__weights_count_in_mean_and_variance(totals):
    found = totals("penalised_mean", {"X": {"a": 0.0, "b": 1.0}}, {"a": 1, "b": 2})
    mean, variance = (70 + 2 * 130) / 3, (40**2 + 2 * 20**2) / 3
    assert 70 + 60 * found["X"] == pytest.approx(mean - variance / mean)


def test_penalised_mean__a_share_off_the_scale_is_an_error(totals):
    with pytest.raises(
        InputError, match=r"a of X in 2020 has the negative share -2, of which T takes the penalised mean"
    ):
        totals("penalised_mean", {"X": {"a": -2.0, "b": 0.4}})


@pytest.mark.parametrize("aggregation", MEANS)
def test_mean__a_child_without_a_share_is_left_out(totals, aggregation):
    units = {"X": {"a": 0.2, "b": 0.7}, "Y": {"a": 0.2, "b": 0.7, "c": 0.9}}
    assert totals(aggregation, units)["X"] == pytest.approx(totals(aggregation, {"X": units["X"]})["X"])


@pytest.mark.parametrize("aggregation", MEANS)
def test_mean__all_are_missing(totals, aggregation):
    units = {"X": {"a": 0.2, "b": 0.7}, "Y": {"z": 1.0}}
    weights = {"a": 1, "b": 1, "z": 0}
    found = totals(aggregation, units, weights, root_missing="exclude_and_reweight")
    assert np.isnan(found["Y"])


@pytest.mark.parametrize("aggregation", [*MEANS, "copeland"])
def test_mean__a_weight_of_zero_does_not_count(totals, aggregation):
    units = {"X": {"a": 0.2, "b": 0.7, "c": 0.1}, "Y": {"a": 0.3, "b": 0.4, "c": 0.9}}
    without = {unit: {code: cells[code] for code in "ab"} for unit, cells in units.items()}
    found = totals(aggregation, units, {"a": 1, "b": 2, "c": 0})
    assert found == pytest.approx(totals(aggregation, without, {"a": 1, "b": 2}))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_means__stand_in_their_order(build, values):
    units = Panels.by(np.zeros(1, dtype=int))
    shares, there = np.array(values)[:, None], np.ones((len(values), 1), dtype=bool)

    def made(aggregation):
        leaves = (f"n{place},T,published,,,," for place in range(len(values)))
        step = Tree.of(build(HEADER, f"T,,,{aggregation},,,", *leaves)).steps[0]
        return combine(shares, step.weights[:, None], there, step, units)[0, 0]

    mean = float(np.mean(values))
    assert 0 <= made("harmonic_mean") <= mean + 1e-9
    assert -1e-9 <= made("penalised_mean") <= mean + 1e-9 <= made("penalised_mean_plus") + 2e-9 <= 1 + 1e-8
    assert made("median") == pytest.approx(np.median(values))


@pytest.mark.parametrize("aggregation", [*COMBINED, "copeland"])
def test_combine__a_draw_is_aggregated_the_same_alone(build, aggregation):
    leaves = [f"n{place},T,published,,,{weight}," for place, weight in enumerate((1, 2, 1, 0.5))]
    step = Tree.of(build(HEADER, f"T,,,{aggregation},,,", *leaves)).steps[0]
    shares = np.random.default_rng(3).uniform(0, 1, (4, 9, 5))
    there = np.ones((4, 9), dtype=bool)
    there[1, 2] = False
    panels = Panels.by(np.zeros(9, dtype=int))
    together = combine(shares, step.weights[:, None, None], there, step, panels)
    for draw in range(5):
        alone = combine(shares[..., draw], step.weights[:, None], there, step, panels)
        np.testing.assert_array_equal(together[..., draw], alone)


@pytest.mark.parametrize(("share", "status"), [("0.6", "excluded"), ("0.5", "aggregated")])
def test_available__share_of_the_weight_that_must_be_there(build, measured, column, share, status):
    rows = [f"T,,,weighted_mean,available={share},,", "a,T,published,,,2,", "b,T,published,,,1,", "c,T,published,,,1,"]
    framework = build(HEADER, *rows, missing="exclude_and_reweight")
    scores = score(framework, measured({"X": {"a": 0.4}}))
    assert column(scores, "T", "status")["X"] == status
    assert column(scores, "a", "share")["X"] == 0.4


def test_available__of_a_level_and_the_policy_of_the_node(build, measured, column):
    levels = [{"level": "l0", "aggregation": "mean", "available": 0.9}, {"level": "l1"}]
    framework = build(
        "code,parent,rule,missing", "T,,,zero", *(f"{c},T,published,exclude_and_reweight" for c in "ab"), levels=levels
    )
    scores = score(framework, measured({"X": {"a": 0.4}, "Y": {"a": 0.4, "b": 0.2}}))
    assert column(scores, "T", "status") == {"X": "missing_zero", "Y": "aggregated"}
    assert column(scores, "T", "share") == {"X": 0.0, "Y": pytest.approx(0.3)}
