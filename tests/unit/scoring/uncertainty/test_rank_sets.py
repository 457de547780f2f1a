"""Confidence sets for ranks: what is known, what is by hand, and what holds for all scores and errors."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri

from tasks.scoring.rank import competition_ranks
from tasks.scoring.uncertainty.normal import normal_errors
from tasks.scoring.uncertainty.rank_sets import rank_sets
from warehouse.errors import InputError


def spans(sets):
    return list(zip(sets.low, sets.high, strict=True)), list(zip(sets.all_low, sets.all_high, strict=True))


def ends(sets):
    return np.array([sets.low, sets.high, sets.all_low, sets.all_high])


def eighths(low, high):
    """Numbers that shifts by whole numbers and powers of two leave exact."""
    return st.integers(8 * low, 8 * high).map(lambda number: number / 8)


@st.composite
def cases(draw):
    units, draws = draw(st.integers(1, 6)), draw(st.integers(9, 30))
    scores = np.array(draw(st.lists(eighths(-4, 4), min_size=units, max_size=units)))
    row = st.one_of(st.just([0.0] * draws), st.lists(eighths(-1, 1), min_size=draws, max_size=draws))
    return scores, np.array(draw(st.lists(row, min_size=units, max_size=units)))


def test_zero_errors__one_rank_each_with_ties():
    sets = rank_sets(np.array([0.3, 0.5, 0.1, 0.3]), np.zeros((4, 99)))
    assert sets.ranks.tolist() == [2, 1, 4, 2]
    assert spans(sets) == ([(2, 2), (1, 1), (4, 4), (2, 2)],) * 2


def test_one_unit__is_first():
    assert spans(rank_sets(np.array([0.3]), np.ones((1, 99)))) == ([(1, 1)], [(1, 1)])


def test_no_unit__no_set():
    assert rank_sets(np.array([]), np.zeros((0, 99))).low.shape == (0,)


@pytest.mark.parametrize(("gap", "is_told"), [(1.63, False), (1.66, True)])
def test_two_units__told_apart_beyond_the_two_sided_normal_quantile(gap, is_told):
    errors = np.stack([ndtri((np.arange(9999) + 0.5) / 9999), np.zeros(9999)])  # quantile of |z| at 0.9: 1.645
    sets = rank_sets(np.array([gap, 0.0]), errors, 0.9)
    assert spans(sets) == (([(1, 1), (2, 2)],) * 2 if is_told else ([(1, 2), (1, 2)],) * 2)


def test_two_units__one_shared_error_tells_nothing_apart_from_nothing():
    shared = normal_errors(np.ones((2, 2)), 999, seed=1)
    assert spans(rank_sets(np.array([0.5, 0.4999]), shared))[0] == [(1, 1), (2, 2)]


def test_all_equal__every_place_is_possible():
    sets = rank_sets(np.full(5, 0.3), normal_errors(np.eye(5), 999, seed=1))
    assert spans(sets) == ([(1, 5)] * 5,) * 2


def test_known_tie__widens_no_set():
    tied = normal_errors(np.array([[1.0, 1, 0], [1, 1, 0], [0, 0, 1]]), 999, seed=1)
    sets = rank_sets(np.array([0.3, 0.3, 0.3]), tied)
    assert sets.high.tolist() == [2, 2, 3]


def test_quantile__nine_draws_are_enough_for_nine_tenths_eight_are_not():
    errors = np.zeros((2, 9))
    errors[0] = [1, -1, 1, -1, 1, -1, 1, -1, 1]
    scores = np.array([1.5, 0.0])
    assert rank_sets(scores, errors, 0.9).better.sum() == 1
    assert rank_sets(scores, errors[:, :8], 0.9).better.sum() == 0


def test_stepwise__tells_more_apart_once_the_clear_pairs_are_out():
    scores = np.array([60.0, 50, 40, 30, 20, 10, 3.7, 0])
    errors = normal_errors(np.eye(8), 9999, seed=1)
    assert rank_sets(scores, errors, stepwise=False).all_high[6] == 8
    assert rank_sets(scores, errors).all_high[6] == 7


def test_best__all_that_may_be_among_the_first():
    sets = rank_sets(np.array([9.0, 8.5, 1.0]), normal_errors(np.eye(3), 999, seed=1))
    assert sets.best(1).tolist() == [True, True, False]


def greatest(hypotheses, errors):
    """By draw: the greatest difference, each studentised by the root mean square of the other draws."""
    found = []
    for draw in range(errors.shape[1]):
        others = np.delete(errors, draw, axis=1)
        scales = {(j, k): np.sqrt(np.mean((others[j] - others[k]) ** 2)) for j, k in hypotheses}
        gaps = {(j, k): errors[j, draw] - errors[k, draw] for j, k in hypotheses}
        found.append(max(gaps[pair] / scales[pair] if gaps[pair] else 0.0 for pair in hypotheses))
    return found


def by_definition(scores, errors, level, hypotheses):
    """Stepwise tests of theta_j <= theta_k, as the paper writes them; the pairs (j, k) with j surely better."""
    draws = errors.shape[1]
    scales = np.sqrt(((errors[:, None] - errors) ** 2).mean(axis=2))
    known = {(j, k) for j, k in hypotheses if scales[j, k] == 0}
    better = {(j, k) for j, k in known if scores[j] > scores[k]}
    left = set(hypotheses) - known
    while left:
        place = int(np.ceil(level * (draws + 1) - 1e-9))
        critical = np.sort(greatest(left, errors))[place - 1] if place <= draws else np.inf
        rejected = {(j, k) for j, k in left if (scores[j] - scores[k]) / scales[j, k] > max(critical, 0)}
        if not rejected:
            break
        better |= rejected
        left -= rejected
    ties = {(j, k) for j, k in known if scores[j] == scores[k]}
    return better, ties


def places_by_definition(unit, units, better, ties):
    above = sum((other, unit) in better for other in range(units))
    below = sum((unit, other) in better or (unit, other) in ties for other in range(units))
    return 1 + above, units - below


@pytest.mark.filterwarnings("ignore:divide by zero")  # all error in one draw: infinite beside the others
@given(cases(), st.sampled_from([0.5, 0.8, 0.9]))
def test_sets__are_those_of_the_definition(case, level):
    scores, errors = case
    scores = scores * 0.97316  # no ratio of scores lies on a ratio of errors, where rounding would decide
    units = len(scores)
    sets = rank_sets(scores, errors, level)
    pairs = list(permutations(range(units), 2))
    decided = by_definition(scores, errors, level, pairs)
    for unit in range(units):
        own = by_definition(scores, errors, level, [pair for pair in pairs if unit in pair])
        assert (sets.low[unit], sets.high[unit]) == places_by_definition(unit, units, *own)
        assert (sets.all_low[unit], sets.all_high[unit]) == places_by_definition(unit, units, *decided)


@given(cases())
def test_sets__hold_the_estimated_rank_and_the_simultaneous_the_marginal(case):
    sets = rank_sets(*case)
    assert (sets.all_low <= sets.low).all()
    assert (sets.low <= sets.ranks).all()
    assert (sets.ranks <= sets.high).all()
    assert (sets.high <= sets.all_high).all()


@given(cases())
def test_stepwise__is_never_wider_than_one_step(case):
    one, many = ends(rank_sets(*case, stepwise=False)), ends(rank_sets(*case))
    assert (one[::2] <= many[::2]).all()
    assert (many[1::2] <= one[1::2]).all()


@given(cases(), st.floats(0.05, 0.95), st.floats(0.05, 0.95))
def test_level__a_higher_one_is_never_narrower(case, one, other):
    low, high = (ends(rank_sets(*case, level)) for level in sorted((one, other)))
    assert (high[::2] <= low[::2]).all()
    assert (low[1::2] <= high[1::2]).all()


@given(cases(), st.randoms(use_true_random=False))
def test_order_of_units__changes_nothing(case, random):
    scores, errors = case
    order = list(range(len(scores)))
    random.shuffle(order)
    assert (ends(rank_sets(scores[order], errors[order])) == ends(rank_sets(scores, errors))[:, order]).all()


@given(cases(), st.integers(-3, 3), st.sampled_from([0.25, 0.5, 2, 4]))
def test_shift_and_scale__change_nothing(case, shift, scale):
    scores, errors = case
    assert (ends(rank_sets(scale * scores + shift, scale * errors)) == ends(rank_sets(scores, errors))).all()


@given(cases())
def test_shared_error__changes_nothing(case):
    scores, errors = case
    shared = np.arange(errors.shape[1]) % 4
    assert (ends(rank_sets(scores, errors + shared)) == ends(rank_sets(scores, errors))).all()


@given(st.integers(0, 10_000), st.integers(2, 12))
def test_better__is_transitive(seed, units):
    random = np.random.default_rng(seed)
    errors = random.standard_normal((units, 99)) * random.uniform(0, 3, (units, 1))
    better = rank_sets(random.normal(0, 4, units), errors).better.astype(int)
    assert not ((better @ better > 0) & (better == 0)).any()


@given(st.lists(eighths(-4, 4), min_size=1, max_size=8))
def test_zero_errors__give_the_ranks_of_the_league_table(scores):
    ranks = competition_ranks(np.array([scores]), np.zeros(len(scores), dtype=np.intp))[0]
    assert (ends(rank_sets(np.array(scores), np.zeros((len(scores), 9)))) == ranks).all()


def test_rounding__of_known_scores_is_no_error():
    dust = 1e-16 * np.random.default_rng(1).standard_normal((2, 99))
    assert spans(rank_sets(np.array([0.1 + 0.2, 0.3]), dust)) == ([(1, 1), (1, 1)],) * 2


def test_blocks__how_much_is_worked_on_at_once_changes_nothing(monkeypatch):
    random = np.random.default_rng(1)
    case = random.normal(0, 2, 20), random.standard_normal((20, 999))
    whole = ends(rank_sets(*case))
    monkeypatch.setattr("tasks.scoring.uncertainty.rank_sets._BLOCK", 1500)
    assert (ends(rank_sets(*case)) == whole).all()


@pytest.mark.parametrize("level", [0.0, 1.0, -0.1, 90.0, float("nan")])
def test_level__outside_zero_to_one_is_refused(level):
    with pytest.raises(InputError, match="not between 0 and 1"):
        rank_sets(np.array([0.3, 0.2]), np.ones((2, 9)), level)


@pytest.mark.parametrize("shape", [(3, 9), (2,), (2, 0), (2, 3, 4)])
def test_errors__of_another_shape_are_refused(shape):
    with pytest.raises(InputError, match="do not go with errors"):
        rank_sets(np.array([0.3, 0.2]), np.ones(shape))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_unit_without_a_score__is_refused(bad):
    with pytest.raises(InputError, match="Unit 1 has no finite"):
        rank_sets(np.array([0.3, bad]), np.ones((2, 9)))


def test_errors_not_finite__are_refused():
    with pytest.raises(InputError, match="Unit 0 has no finite"):
        rank_sets(np.array([0.3, 0.2]), np.array([[1.0, np.nan], [0.0, 0.0]]))
