"""The change of a mean taken apart into the changes of its members, exactly.

Every mean that the engine adds up is quasi-arithmetic: M = f^-1(sum of w f(x)), with f(x) = x (arithmetic), log x
(geometric) or 1/x (harmonic). With L(x0, x1) = (x1 - x0) / (f(x1) - f(x0)), the slope between two points,

    M1 - M0 = sum over members of L(M0, M1) / L(x0, x1) x (w0 + w1) / 2 x (x1 - x0)  +  what the weights did.

For f = log this is the additive logarithmic mean Divisia index (Ang 2005, Energy Policy 33: 867-871), for f(x) = x the
mean of the decompositions at old and at new weights (Bennet 1920, Journal of the Royal Statistical Society 83: 455).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tasks.scoring.arrays import BoolArray, FloatArray

NEAR = 1e-7  # points closer than this, relative to their size, share the slope at their middle


@dataclass(frozen=True)
class Mean:
    """A quasi-arithmetic mean.

    Attributes:
        scale: f, on positive numbers (all numbers where `any_sign`).
        inverse: Its inverse.
        slope: 1 / f'(x).
        any_sign: Whether it is defined for 0 and below.
    """

    scale: Callable[[FloatArray], FloatArray]
    inverse: Callable[[FloatArray], FloatArray]
    slope: Callable[[FloatArray], FloatArray]
    any_sign: bool = False


_ARITHMETIC = Mean(lambda x: x, lambda x: x, np.ones_like, any_sign=True)
_GEOMETRIC = Mean(np.log, np.exp, lambda x: x)
_HARMONIC = Mean(lambda x: 1.0 / x, lambda x: 1.0 / np.where(x == 0, 1.0, x), lambda x: -x * x)
MEANS = {
    "sum": _ARITHMETIC,
    "mean": _ARITHMETIC,
    "weighted_mean": _ARITHMETIC,
    "geometric_mean": _GEOMETRIC,
    "harmonic_mean": _HARMONIC,
}


def mean_of(mean: Mean, members: FloatArray, weights: FloatArray) -> FloatArray:
    """The mean of members; one of 0 makes a geometric or harmonic mean 0.

    Args:
        mean: The kind.
        members: Shape (k, pairs).
        weights: Shape (k, pairs), summing to 1 over the members; those of weight 0 count for nothing.
    """
    zero = _zeros(mean, members, weights)
    scaled = np.where(weights > 0, mean.scale(_positive(mean, members)), 0.0)
    found: FloatArray = mean.inverse((weights * scaled).sum(axis=0))
    return np.where(zero.any(axis=0), 0.0, found)


def parts(
    mean: Mean,
    whole: tuple[FloatArray, FloatArray],
    members: tuple[FloatArray, FloatArray],
    weights: FloatArray,
) -> FloatArray:
    """What one unit of change of each member does to the mean: the parts times the changes sum to the mean's change.

    Where a member is 0 on one side, a geometric or harmonic mean is 0 there, and its change is shared by the members
    that are 0, in proportion to their weights: the limit of the formula.

    Args:
        mean: The kind of mean.
        whole: The mean on both sides, each of shape (pairs,).
        members: The members on both sides, each of shape (k, pairs).
        weights: Mean of the weights of both sides, shape (k, pairs).

    Returns:
        Shape (k, pairs).
    """
    zeros = [_zeros(mean, side, weights) for side in members]
    lame = [zero.any(axis=0) for zero in zeros]
    with np.errstate(divide="ignore", invalid="ignore"):
        slopes = _between(mean, *whole) / _between(mean, *members)
    found = np.where(lame[0] | lame[1], 0.0, weights * slopes)
    change = members[1] - members[0]
    for zero, this, other in zip(zeros, lame, reversed(lame), strict=True):
        carried = np.where(zero, weights, 0.0)
        shared = (whole[1] - whole[0]) * carried / np.maximum(carried.sum(axis=0), np.finfo(float).tiny)
        limit = np.where(zero & (change != 0), shared / np.where(change != 0, change, 1.0), 0.0)
        found = np.where(this & ~other, limit, found)
    return np.where(weights > 0, found, 0.0)


def _between(mean: Mean, before: FloatArray, after: FloatArray) -> FloatArray:
    """L: the slope between two points, and the tangent where they (nearly) meet."""
    first, last = _positive(mean, before), _positive(mean, after)
    near = np.abs(last - first) <= NEAR * np.maximum(np.abs(first), np.abs(last))
    distance = mean.scale(last) - mean.scale(first)
    secant = (last - first) / np.where(near, 1.0, distance)
    return np.where(near, mean.slope((first + last) / 2), secant)


def _positive(mean: Mean, figures: FloatArray) -> FloatArray:
    return figures if mean.any_sign else np.where(figures > 0, figures, 1.0)


def _zeros(mean: Mean, members: FloatArray, weights: FloatArray) -> BoolArray:
    if mean.any_sign:
        return np.zeros(members.shape, dtype=np.bool_)
    return (members <= 0) & (weights > 0)
