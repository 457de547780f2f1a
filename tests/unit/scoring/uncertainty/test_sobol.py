"""Sobol indices against closed forms and against SciPy."""

import numpy as np
import pytest
from scipy.stats import qmc, sobol_indices

from tasks.scoring.uncertainty.sobol import indices
from warehouse.errors import InputError


def at(model, sources, draws, seed=1):
    """What a model of uniform sources on [0, 1], shape (sources, draws), makes of A, B and all AB."""
    both = qmc.Sobol(2 * sources, rng=seed).random(draws).T
    a, b = both[:sources], both[sources:]
    mixed = []
    for source in range(sources):
        ab = a.copy()
        ab[source] = b[source]
        mixed.append(np.atleast_2d(model(ab)))
    return np.atleast_2d(model(a)), np.atleast_2d(model(b)), np.array(mixed)


def ishigami(x, a=7, b=0.1):
    x = (2 * x - 1) * np.pi
    return np.sin(x[0]) + a * np.sin(x[1]) ** 2 + b * x[2] ** 4 * np.sin(x[0])


def ishigami_indices(a=7, b=0.1):
    alone = np.array([(1 + b * np.pi**4 / 5) ** 2 / 2, a**2 / 8, 0])
    together = b**2 * np.pi**8 * (1 / 18 - 1 / 50)
    variance = alone.sum() + together
    return alone / variance, (alone + np.array([together, 0, together])) / variance


def test_ishigami__closed_form():
    first, total = ishigami_indices()
    found = indices(*at(ishigami, 3, 2**14))
    np.testing.assert_allclose(found.first[:, 0], first, atol=0.01)
    np.testing.assert_allclose(found.total[:, 0], total, atol=0.01)


def test_ishigami__intervals_hold_the_closed_form():
    first, total = ishigami_indices()
    found = indices(*at(ishigami, 3, 2**10), level=0.99)
    assert ((found.first_low[:, 0] <= first) & (first <= found.first_high[:, 0])).all()
    assert ((found.total_low[:, 0] <= total) & (total <= found.total_high[:, 0])).all()


def test_indices__are_those_of_scipy():
    f_a, f_b, f_ab = at(lambda x: np.array([ishigami(x), x[0] + 2 * x[1] + 1000, x[0] * x[2]]), 3, 256)
    found = indices(f_a, f_b, f_ab, resamples=9)
    theirs = sobol_indices(func={"f_A": f_a, "f_B": f_b, "f_AB": f_ab}, n=256)
    np.testing.assert_allclose(found.first, theirs.first_order.T, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(found.total, theirs.total_order.T, rtol=1e-10, atol=1e-12)


def test_intervals__are_as_wide_as_those_of_scipy():
    f_a, f_b, f_ab = at(ishigami, 3, 1024)
    found = indices(f_a, f_b, f_ab, resamples=999)
    theirs = sobol_indices(func={"f_A": f_a, "f_B": f_b, "f_AB": f_ab}, n=1024).bootstrap(0.9, 999)
    ends = theirs.total_order.confidence_interval
    # Their bootstrap has no seed and another kind of interval (BCa): widths agree to the error of 999 resamples.
    np.testing.assert_allclose((found.total_high - found.total_low)[:, 0], ends.high - ends.low, rtol=0.25)


def test_additive_model__first_and_total_agree_and_add_up():
    found = indices(*at(lambda x: 3 * x[0] + 4 * x[1], 2, 2**12))
    np.testing.assert_allclose(found.first[:, 0], [9 / 25, 16 / 25], atol=0.01)
    np.testing.assert_allclose(found.total[:, 0], [9 / 25, 16 / 25], atol=0.01)


def test_interaction_alone__all_total_and_no_first():
    # Of u v with u, v uniform on [-1, 1], no part can be said from u or from v alone.
    found = indices(*at(lambda x: (2 * x[0] - 1) * (2 * x[1] - 1), 2, 2**12))
    np.testing.assert_allclose(found.first[:, 0], [0, 0], atol=0.03)
    np.testing.assert_allclose(found.total[:, 0], [1, 1], atol=0.03)


def test_source_without_effect__is_zero_from_zero_to_zero():
    found = indices(*at(lambda x: x[0], 2, 64))
    for figures in (found.first, found.first_low, found.first_high, found.total, found.total_low, found.total_high):
        assert figures[1, 0] == 0


@pytest.mark.parametrize("dust", [0, 1e-16])
def test_output_that_does_not_vary__has_no_index(dust):
    f_a, f_b, f_ab = at(lambda x: np.array([0.3 + dust * np.sign(x[0] - 0.5), x[0]]), 2, 64)
    found = indices(f_a, f_b, f_ab)
    assert np.isnan(found.first[:, 0]).all()
    assert np.isnan(found.total_high[:, 0]).all()
    assert np.isfinite(found.total[:, 1]).all()


@pytest.mark.parametrize("level", [1.0, 7.0, 31.0])
def test_output_that_varies_in_a_draw_or_two__has_an_index_and_no_ends(level):
    f_a, f_b = np.full((1, 1024), level), np.full((1, 1024), level)
    f_ab = np.full((2, 1, 1024), level)
    f_a[0, [3, 10]] = f_ab[1][0, [3, 10]] = level + 1
    found = indices(f_a, f_b, f_ab)
    assert found.total[:, 0] == pytest.approx([1, 0], abs=0.002)
    assert np.isnan([found.first_low, found.first_high, found.total_low, found.total_high]).all()


def test_outputs__do_not_depend_on_each_other(monkeypatch):
    f_a, f_b, f_ab = at(lambda x: np.array([ishigami(x), x[0], x[1] * x[2]]), 3, 128)
    whole = indices(f_a, f_b, f_ab, seed=5)
    monkeypatch.setattr("tasks.scoring.uncertainty.sobol._BLOCK", 1)
    alone = indices(f_a, f_b, f_ab, seed=5)
    np.testing.assert_allclose(alone.first_low, whole.first_low, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(alone.total_high, whole.total_high, rtol=1e-10, atol=1e-12)


def test_seed__decides_the_resamples():
    outputs = at(ishigami, 3, 64)
    assert (indices(*outputs, seed=1).first_low == indices(*outputs, seed=1).first_low).all()
    assert (indices(*outputs, seed=1).first_low != indices(*outputs, seed=2).first_low).any()


def test_level__a_higher_one_is_never_narrower():
    outputs = at(ishigami, 3, 64)
    narrow, wide = indices(*outputs, level=0.5), indices(*outputs, level=0.95)
    assert (wide.first_low <= narrow.first_low).all()
    assert (narrow.total_high <= wide.total_high).all()


def test_one_source_and_one_draw_too_few__are_refused():
    with pytest.raises(InputError, match="two draws or more"):
        indices(np.ones((1, 1)), np.ones((1, 1)), np.ones((1, 1, 1)))


@pytest.mark.parametrize("shapes", [((2, 4), (2, 5), (3, 2, 4)), ((2, 4), (2, 4), (3, 2, 5)), ((4,), (4,), (3, 4))])
def test_shapes__that_do_not_fit_are_refused(shapes):
    with pytest.raises(InputError, match="do not go together"):
        indices(*(np.ones(shape) for shape in shapes))


def test_output_not_finite__is_refused():
    with pytest.raises(InputError, match="not a finite number"):
        indices(np.array([[1.0, np.nan]]), np.ones((1, 2)), np.ones((1, 1, 2)))


@pytest.mark.parametrize("level", [0.0, 1.0, float("nan")])
def test_level__outside_zero_to_one_is_refused(level):
    with pytest.raises(InputError, match="not between 0 and 1"):
        indices(*at(ishigami, 3, 8), level=level)
