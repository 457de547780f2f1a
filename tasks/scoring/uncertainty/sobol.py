"""Sobol indices: which source of uncertainty moves which score or rank, alone and together with others.

A and B are two independent sets of draws of all sources, AB_i is A with source i taken from B, f what the engine makes
of them. With V the variance of f over A and B together and f less its mean:

    first_i = mean of f_B (f_ABi - f_A) / V      share of the variance that goes away if source i alone became known
    total_i = mean of (f_A - f_ABi)^2 / 2 V      share that would stay if everything but source i were known

A. Saltelli et al., "Variance based sensitivity analysis of model output. Design and estimator for the total
sensitivity index", Computer Physics Communications 181, 2010, 259-270, table 2 (b) and (f, after Jansen). Sources must
be independent of each other; what they share (one classifier, one sampling error) is one source. Total less first is
what a source does together with others. First indices add up to at most 1 and totals to at least 1, apart from the
error of the draws, which can also make a small first index negative: it is shown as it is.

The formulas are those of scipy.stats.sobol_indices, and tests hold them to it. It is not called, because it wants a
power of two of draws and makes 0 of an output without variance, and because its bootstrap takes no seed and calls
Python once per resample. SALib would bring matplotlib. Here a resample is a weight per draw, so that all resamples of
all outputs are one product of matrices.
"""

from dataclasses import dataclass

import numpy as np

from tasks.scoring.arrays import FloatArray
from tasks.scoring.rank import TIE
from warehouse.errors import InputError

_BLOCK = 1 << 22  # numbers that are resampled at once (32 MB)
_ROUNDING = 1e-9  # a variance that is a smaller part of the mean square is the rounding of their difference


@dataclass(frozen=True)
class Indices:
    """Sobol indices with bootstrap intervals; every array has the shape (sources, outputs).

    NaN where an output does not vary: there is nothing to explain. 0 from 0 to 0 where a source has no effect. Ends are
    NaN where an output varies in so few draws that a resample misses them all: how sure the index is cannot be said.

    Attributes:
        first: First-order indices.
        first_low: Lower ends of their intervals.
        first_high: Upper ends.
        total: Total indices.
        total_low: Lower ends of their intervals.
        total_high: Upper ends.
    """

    first: FloatArray
    first_low: FloatArray
    first_high: FloatArray
    total: FloatArray
    total_low: FloatArray
    total_high: FloatArray


def indices(
    f_a: FloatArray, f_b: FloatArray, f_ab: FloatArray, level: float = 0.9, seed: int = 0, resamples: int = 999
) -> Indices:
    """Return first-order and total indices of every source for every output.

    Intervals are percentiles over bootstrap resamples of the draws, each of which keeps its A, B and all AB.

    Args:
        f_a: Scores or ranks at A, shape (outputs, draws).
        f_b: At B, shape (outputs, draws).
        f_ab: At A with one source from B, shape (sources, outputs, draws).
        level: Level of the intervals.
        seed: Seed of the resamples.
        resamples: Number of resamples.

    Raises:
        InputError: Shapes that do not fit, fewer than two draws, a level outside 0 to 1, or a figure not finite.
    """
    _check(f_a, f_b, f_ab, level)
    draws = f_a.shape[1]
    weights = _weights(draws, seed, resamples)
    found = np.empty((6, len(f_ab), len(f_a)))
    step = max(_BLOCK // (len(f_ab) * max(draws, resamples)), 1)
    for start in range(0, len(f_a), step):
        some = slice(start, start + step)
        found[:, :, some] = _with_intervals(f_a[some], f_b[some], f_ab[:, some], weights, level)
    return Indices(*found)


def _weights(draws: int, seed: int, resamples: int) -> FloatArray:
    """How much each draw counts, shape (1 + resamples, draws): all the same, then as often as it is drawn again."""
    again = np.random.default_rng(seed).integers(draws, size=(resamples, draws))
    again += draws * np.arange(resamples)[:, None]
    counts = np.bincount(again.ravel(), minlength=resamples * draws).reshape(resamples, draws)
    return np.concatenate([np.ones((1, draws)), counts]) / draws


def _with_intervals(
    f_a: FloatArray, f_b: FloatArray, f_ab: FloatArray, weights: FloatArray, level: float
) -> FloatArray:
    """First, its ends, total, its ends, shape (6, sources, outputs); the first weights leave the draws as they are."""
    both = np.stack([f_a, f_b])
    size = np.abs(both).max(axis=(0, 2))
    mean = both.mean(axis=(0, 2))[:, None]
    f_a, f_b, f_ab = f_a - mean, f_b - mean, f_ab - mean
    squares = _means((f_a**2 + f_b**2) / 2, weights)
    middle = _means((f_a + f_b) / 2, weights)
    variance = squares - middle**2
    variance[np.sqrt(squares[:, 0]) <= TIE * np.maximum(size, 1)] = np.nan
    variance[variance <= _ROUNDING * squares] = np.nan  # a resample without any of the draws in which the output varies
    f_ab -= f_a  # what changes with each source
    first = _means(f_b * f_ab, weights) - middle * _means(f_ab, weights)
    total = _means(f_ab**2, weights) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.concatenate([_summary(first / variance, level), _summary(total / variance, level)])


def _means(figures: FloatArray, weights: FloatArray) -> FloatArray:
    """Weighted means over draws, shape (..., 1 + resamples); as one product of two matrices it is fastest."""
    flat = figures.reshape(-1, figures.shape[-1])
    means: FloatArray = flat @ weights.T
    return means.reshape(*figures.shape[:-1], len(weights))


def _summary(resampled: FloatArray, level: float) -> FloatArray:
    """The index and the ends of its interval, shape (3, sources, outputs), from (sources, outputs, 1 + resamples)."""
    ends = np.array([(1 - level) / 2, (1 + level) / 2])
    return np.concatenate([resampled[None, ..., 0], np.quantile(resampled[..., 1:], ends, axis=-1)])


def _check(f_a: FloatArray, f_b: FloatArray, f_ab: FloatArray, level: float) -> None:
    if not 0 < level < 1:
        raise InputError(f"The level {level:g} is not between 0 and 1.", "Give a probability such as 0.9.")
    if f_a.ndim != 2 or f_a.shape[1] < 2 or f_b.shape != f_a.shape or f_ab.shape[1:] != f_a.shape or f_ab.ndim != 3:
        raise InputError(
            f"Outputs of shapes {f_a.shape}, {f_b.shape} and {f_ab.shape} do not go together.",
            "Give (outputs, draws) at A and at B and (sources, outputs, draws) in between, with two draws or more.",
        )
    if not all(np.isfinite(part).all() for part in (f_a, f_b, f_ab)):
        raise InputError("An output of a draw is not a finite number.", "Leave out units that have no score.")
