import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from ppi_py import ppi_mean_ci, ppi_mean_pointestimate
from quapy.functional import projection_simplex_sort
from quapy.method.aggregative import ACC

from tasks.evidence.tone.prevalence import NET, Confusion, _power, prediction_powered, to_simplex

RATES = np.array([[0.8, 0.15, 0.05], [0.1, 0.8, 0.1], [0.05, 0.15, 0.8]])
EYE = np.eye(3)


@pytest.mark.parametrize("truth", [(0.2, 0.5, 0.3), (0.7, 0.1, 0.2), (1 / 3, 1 / 3, 1 / 3)])
def test_adjusted__a_matrix_that_is_known__is_inverted(truth):
    found = Confusion(RATES * 1e9).adjusted(RATES.T @ np.array(truth) * 1_000, 1_000)
    assert found.shares == pytest.approx(truth, abs=1e-6)
    assert found.tone == pytest.approx(truth[2] - truth[0], abs=1e-6)
    assert found.common < 1e-6


def test_adjusted__a_perfect_model__changes_nothing_and_has_the_error_of_a_sample():
    found = Confusion(EYE * 1e9).adjusted(np.array([30.0, 50.0, 20.0]), 100)
    assert found.shares == pytest.approx([0.3, 0.5, 0.2], abs=1e-6)
    assert found.variance == pytest.approx((0.5 - 0.1**2) / 100, rel=1e-4)


def test_adjusted__fewer_posts_and_fewer_labels__are_less_sure():
    few, many = Confusion(RATES * 50), Confusion(RATES * 5_000)
    seen = np.array([40.0, 30.0, 30.0])
    assert few.adjusted(seen, 100).common > 10 * many.adjusted(seen, 100).common
    assert few.adjusted(seen, 100).variance == pytest.approx(4 * few.adjusted(seen, 400).variance)


def test_adjusted__a_model_that_knows_nothing__is_unsure_and_stays_within_bounds():
    found = Confusion(np.full((3, 3), 30.0)).adjusted(np.array([10.0, 20.0, 70.0]), 100)
    assert found.shares.sum() == pytest.approx(1)
    assert np.isfinite([found.variance, found.common]).all()
    assert found.common + found.variance > 0.5


@pytest.mark.parametrize("counts", [np.zeros((3, 3)), EYE * 0.1, np.diag([5.0, 0, 5])])
def test_confusion__labels_that_nobody_saw__are_no_error(counts):
    found = Confusion(counts).adjusted(np.array([1.0, 1.0, 1.0]), 3)
    assert np.isfinite([*found.shares, found.variance, found.common]).all()


def test_confusion__the_same_seed__the_same_numbers():
    one, other = (Confusion(RATES * 100).adjusted(np.array([3.0, 4.0, 5.0]), 12) for _ in range(2))
    assert (one.shares == other.shares).all()
    assert one.common == other.common


def sample(seed, posts, audited):
    random = np.random.default_rng(seed)
    truth = random.choice(3, size=posts + audited, p=[0.45, 0.25, 0.3])
    predicted = np.array([random.choice(3, p=RATES[label]) for label in truth])
    return EYE[predicted[:posts]], EYE[predicted[posts:]], EYE[truth[posts:]]


@pytest.mark.parametrize(("seed", "posts", "audited"), [(1, 500, 60), (2, 2_000, 100), (3, 120, 90)])
def test_prediction_powered__is_what_ppi_py_gives_with_the_same_weight(seed, posts, audited):
    predicted, judged, truth = sample(seed, posts, audited)
    machine, machine_audited, labels = (rows @ NET for rows in (predicted, judged, truth))
    weight = _power(machine, machine_audited, labels, np.full(len(labels), 1 / len(labels)))
    mine = prediction_powered(predicted, judged, truth)
    expected = float(ppi_mean_pointestimate(labels, machine_audited, machine, lam=weight)[0])
    low, high = (float(end[0]) for end in ppi_mean_ci(labels, machine_audited, machine, alpha=0.05, lam=weight))
    assert mine.tone == pytest.approx(expected, abs=1e-9)
    assert mine.tone - 1.959964 * np.sqrt(mine.variance) == pytest.approx(low, abs=1e-6)
    assert mine.tone + 1.959964 * np.sqrt(mine.variance) == pytest.approx(high, abs=1e-6)


def test_prediction_powered__a_sample_even_over_labels__is_right_by_its_weights():
    random = np.random.default_rng(5)
    found, held, alike = [], [], []
    for _ in range(200):
        truth = random.choice(3, size=3_000, p=[0.85, 0.1, 0.05])
        predicted = np.minimum((RATES.cumsum(axis=1)[truth] < random.random((3_000, 1))).sum(axis=1), 2)
        strata = [np.flatnonzero(predicted == label) for label in range(3)]
        read = np.concatenate([random.choice(places, size=30, replace=False) for places in strata])
        weights = np.repeat([len(places) / 30 for places in strata], 30)
        mine = prediction_powered(EYE[predicted], EYE[predicted[read]], EYE[truth[read]], weights)
        found.append(mine.tone + 0.8)
        held.append(abs(mine.tone + 0.8) <= 1.959964 * np.sqrt(mine.variance))
        alike.append(prediction_powered(EYE[predicted], EYE[predicted[read]], EYE[truth[read]]).tone + 0.8)
    assert abs(np.mean(found)) < 0.01 < abs(np.mean(alike))
    assert np.mean(held) > 0.9


@pytest.mark.parametrize("seed", range(4))
def test_power__is_near_the_one_that_ppi_py_chooses(seed):
    predicted, judged, truth = sample(seed, 1_000, 200)
    machine, machine_audited, labels = (rows @ NET for rows in (predicted, judged, truth))
    weight = _power(machine, machine_audited, labels, np.full(len(labels), 1 / len(labels)))
    theirs = float(ppi_mean_pointestimate(labels, machine_audited, machine)[0])
    assert prediction_powered(predicted, judged, truth).tone == pytest.approx(theirs, abs=0.01)
    assert 0 < weight <= 1


def test_prediction_powered__a_model_that_says_always_the_same__is_the_audit_alone():
    truth = EYE[[0, 0, 1, 2] * 20]
    found = prediction_powered(EYE[[2] * 500], EYE[[2] * 80], truth)
    assert found.shares == pytest.approx([0.5, 0.25, 0.25])
    assert found.common == 0


@given(arrays(float, 3, elements=st.floats(-3, 3)))
def test_to_simplex__is_the_nearest_point_of_it(shares):
    found = to_simplex(shares)
    assert found.sum() == pytest.approx(1)
    assert (found >= 0).all()
    random = np.random.default_rng(0).dirichlet(np.ones(3), size=200)
    assert ((found - shares) ** 2).sum() <= ((random - shares) ** 2).sum(axis=1).min() + 1e-9


@given(arrays(float, 3, elements=st.floats(0.01, 1)))
def test_to_simplex__what_is_on_it_stays(shares):
    shares = shares / shares.sum()
    assert to_simplex(shares) == pytest.approx(shares)


@given(
    arrays(float, (3, 3), elements=st.floats(1, 200)),
    arrays(float, 3, elements=st.floats(1, 500)),
)
def test_adjusted__is_what_quapy_computes(counts, predicted):
    matrix = Confusion(counts + 300 * np.eye(3))
    observed = predicted / predicted.sum()
    found = ACC.solve_adjustment(matrix.rates.T, observed, method="inversion", solver="exact-raise")
    assert matrix.adjusted(predicted, 100.0).shares == pytest.approx(projection_simplex_sort(found), abs=1e-9)
