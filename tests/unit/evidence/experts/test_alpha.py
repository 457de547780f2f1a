import numpy as np
import pytest

from tasks.evidence.experts.alpha import krippendorff

X = np.nan
# Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", data of section C: 4 observers, 12 units.
PUBLISHED = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, X, X, X],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, X, 3],
        [X, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, X],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, X],
    ]
)


@pytest.mark.parametrize(
    ("metric", "printed"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_krippendorff__reproduces_the_published_example(metric, printed):
    found = krippendorff(PUBLISHED, metric)
    assert round(found.value, 3) == printed
    assert (found.units, found.ratings) == (11, 40)


def test_krippendorff__two_observers_and_binary_data():
    """Section A of the same paper: alpha = 0.095."""
    ratings = np.array([[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]], dtype=float)
    assert krippendorff(ratings, "nominal").value == pytest.approx(0.095, abs=5e-4)


def test_krippendorff__two_observers_and_nominal_data():
    """Section B of the same paper: a a b b d c c c e d d a against b a b b b c c c e d d d gives 0.692."""
    ratings = np.array([[1, 1, 2, 2, 4, 3, 3, 3, 5, 4, 4, 1], [2, 1, 2, 2, 2, 3, 3, 3, 5, 4, 4, 4]], dtype=float)
    assert krippendorff(ratings, "nominal").value == pytest.approx(0.692, abs=5e-4)


@pytest.mark.parametrize("metric", ["nominal", "ordinal", "interval", "ratio"])
def test_krippendorff__is_undefined_where_all_are_equal(metric):
    found = krippendorff(np.full((3, 4), 7.0), metric, replicates=200)
    assert (found.value, found.low, found.high, found.units) == (None, None, None, 4)


@pytest.mark.parametrize("ratings", [np.full((2, 3), X), np.array([[1.0, X], [X, 2.0]]), np.empty((0, 0))])
def test_krippendorff__is_undefined_without_two_ratings_of_a_unit(ratings):
    assert krippendorff(ratings, "interval").value is None


def test_krippendorff__is_one_where_raters_agree_and_about_zero_where_they_guess():
    rng = np.random.default_rng(1)
    assert krippendorff(np.tile(rng.integers(1, 6, 50).astype(float), (4, 1)), "interval").value == 1.0
    assert abs(krippendorff(rng.integers(1, 6, (4, 2000)).astype(float), "interval").value) < 0.03


@pytest.mark.parametrize("metric", ["nominal", "ordinal", "interval", "ratio"])
def test_krippendorff__does_not_depend_on_the_order_of_raters_and_units(metric):
    again = PUBLISHED[::-1, ::-1]
    assert krippendorff(again, metric).value == pytest.approx(krippendorff(PUBLISHED, metric).value, abs=1e-12)


@pytest.mark.parametrize("metric", ["nominal", "ordinal", "interval", "ratio"])
def test_krippendorff__has_an_interval_around_it_that_the_seed_determines(metric):
    first, second = (krippendorff(PUBLISHED, metric, replicates=500, seed=3) for _ in range(2))
    assert first == second
    assert first.low < first.value < first.high <= 1.0


def test_krippendorff__the_interval_covers_the_value_of_the_population_of_units():
    """Raters with unit variance s2 between units and 1 within: alpha tends to s2 / (s2 + 1)."""
    truth, hits = 2.0 / 3.0, 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        ratings = rng.normal(0, 2**0.5, 60) + rng.normal(0, 1, (8, 60))
        found = krippendorff(ratings, "interval", replicates=400, seed=seed)
        hits += found.low <= truth <= found.high
    assert hits >= 88
