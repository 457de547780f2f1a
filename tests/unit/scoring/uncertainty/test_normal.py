"""Joint normal errors of a given covariance."""

import numpy as np
import pytest

from tasks.scoring.uncertainty.normal import normal_errors
from warehouse.errors import InputError


def test_normal_errors__have_the_covariance():
    covariance = np.array([[4.0, 1, -1], [1, 1, 0], [-1, 0, 2]])
    found = np.cov(normal_errors(covariance, 100_000, seed=1), bias=True)
    # The standard error of a covariance is at most root(2 / draws) times the larger variance.
    assert np.abs(found - covariance).max() < 5 * np.sqrt(2 / 100_000) * 4


def test_normal_errors__of_a_factor_that_is_shared_are_multiples():
    loadings = np.array([1.0, 2.0, 0.0, -1.0])
    errors = normal_errors(np.outer(loadings, loadings), 9, seed=1)
    np.testing.assert_allclose(errors, np.outer(loadings, errors[0]), atol=1e-12)


def test_normal_errors__of_zero_covariance_are_zero():
    assert (normal_errors(np.zeros((3, 3)), 9, seed=1) == np.zeros((3, 9))).all()


def test_normal_errors__of_few_factors_shared_by_many():
    loadings = np.random.default_rng(1).normal(0, 0.01, (63, 5))
    errors = normal_errors(loadings @ loadings.T, 99, seed=1)
    # Errors of 63 units with five causes lie in five dimensions.
    assert np.linalg.matrix_rank(errors, tol=1e-6) == 5


def test_normal_errors__depend_on_the_seed_alone():
    covariance = np.array([[2.0, 1], [1, 2]])
    assert (normal_errors(covariance, 9, seed=1) == normal_errors(covariance, 9, seed=1)).all()
    assert (normal_errors(covariance, 9, seed=1) != normal_errors(covariance, 9, seed=2)).all()


@pytest.mark.parametrize(
    "matrix",
    [
        [[1.0, 0.0]],
        [1.0],
        [[1.0, 0.5], [0.4, 1.0]],
        [[-1.0, 0.0], [0.0, 1.0]],
        [[0.0, 0.5], [0.5, 1.0]],
        [[1.0, 2.0], [2.0, 1.0]],
        [[np.nan, 0.0], [0.0, 1.0]],
    ],
)
def test_normal_errors__of_what_is_no_covariance_are_refused(matrix):
    with pytest.raises(InputError, match="no covariance"):
        normal_errors(np.array(matrix), 9, seed=1)
