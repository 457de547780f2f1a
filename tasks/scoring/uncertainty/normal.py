"""Joint normal errors of a given covariance."""

import numpy as np

from tasks.scoring.arrays import FloatArray
from tasks.scoring.rank import TIE
from warehouse.errors import InputError

_ROUNDING = 1e-9  # of the largest entry of a covariance, which is itself a sum of products


def normal_errors(covariance: FloatArray, draws: int, seed: int) -> FloatArray:
    """Draw joint normal errors; the same numbers on every machine.

    The factor is Cholesky's, which is unique where eigenvectors are not, made and applied without products of matrices.

    Args:
        covariance: Of the errors of the estimates, shape (units, units); may be singular, or zero where all is known.
        draws: Number of draws.
        seed: Seed.

    Returns:
        Shape (units, draws).

    Raises:
        InputError: The matrix is no covariance: not square, not symmetric, not finite, or a variance below zero.
    """
    factor = _factor(covariance)
    errors = np.zeros((len(factor), draws))
    random = np.random.default_rng(seed)
    for column in factor.T:
        errors += column[:, None] * random.standard_normal(draws)
    return errors


def _factor(covariance: FloatArray) -> FloatArray:
    """A matrix whose product with its transpose is the covariance, shape (units, rank).

    The largest variance that is left goes first (diagonal pivoting), so that shared errors do not magnify rounding.
    """
    rest = np.array(covariance, dtype=np.float64)
    scale = float(np.abs(rest).max(initial=0.0))
    if rest.ndim != 2 or rest.shape[0] != rest.shape[1] or not np.isfinite(scale):
        raise _no_covariance()
    if np.abs(rest - rest.T).max(initial=0.0) > _ROUNDING * scale:
        raise _no_covariance()
    columns = []
    for _ in rest:
        unit = int(rest.diagonal().argmax())
        if rest[unit, unit] <= TIE * scale:
            break
        column = rest[:, unit] / np.sqrt(rest[unit, unit])
        columns.append(column)
        rest -= column[:, None] * column
    if np.abs(rest).max(initial=0.0) > _ROUNDING * scale:
        raise _no_covariance()
    return np.array(columns).reshape(len(columns), len(rest)).T


def _no_covariance() -> InputError:
    return InputError(
        "The matrix is no covariance of errors.", "Give a symmetric, finite one without negative variances."
    )
