"""Correlations of columns over the units that have both, in plain numpy so that every machine gives the same."""

import numpy as np

from tasks.scoring.arrays import BoolArray, FloatArray, IntArray
from tasks.scoring.normalise import has_no_variation
from tasks.scoring.rank import TIE

FEWEST = 3  # units with both figures below which a correlation says nothing


def correlations(first: FloatArray, second: FloatArray) -> tuple[FloatArray, IntArray]:
    """Pearson's correlation of each column of one table with each of another.

    Args:
        first: Shape (a, units); NaN where a unit has no figure.
        second: Shape (b, units).

    Returns:
        The correlations, shape (a, b), NaN with fewer than FEWEST common units or where a column does not vary among
        them; and the number of common units, shape (a, b).
    """
    found = np.full((len(first), len(second)), np.nan)
    count = np.zeros(found.shape, dtype=np.intp)
    for row, figures in enumerate(first):
        common = ~np.isnan(figures) & ~np.isnan(second)
        count[row] = common.sum(axis=1)
        many = np.maximum(count[row], 1)
        left = np.where(common, figures, 0.0)
        right = np.where(common, second, 0.0)
        left = np.where(common, left - (left.sum(axis=1) / many)[:, None], 0.0)
        right = np.where(common, right - (right.sum(axis=1) / many)[:, None], 0.0)
        varies = (count[row] >= FEWEST) & _varies(figures, common) & _varies(second, common)
        size = np.sqrt((left * left).sum(axis=1) * (right * right).sum(axis=1))
        found[row] = np.where(varies, (left * right).sum(axis=1) / np.where(varies, size, 1.0), np.nan)
    return np.clip(found, -1.0, 1.0), count


def _varies(figures: FloatArray, common: BoolArray) -> BoolArray:
    seen = np.where(common, figures, np.nan)
    low, high = np.fmin.reduce(seen, axis=1), np.fmax.reduce(seen, axis=1)
    varies: BoolArray = ~np.isnan(low) & ~has_no_variation(low, high, TIE)
    return varies


def alpha(columns: FloatArray) -> float:
    """Cronbach's alpha: k / (k - 1) x (1 - sum of variances / variance of the sum), over units that have all columns.

    Source: Cronbach (1951), *Coefficient alpha and the internal structure of tests*; OECD/JRC Handbook (2008), step 4.

    Args:
        columns: Shape (k, units); NaN where a unit has no figure.

    Returns:
        NaN with fewer than two columns or FEWEST units, or where the sum does not vary.
    """
    whole = columns[:, ~np.isnan(columns).any(axis=0)]
    number = len(whole)
    if number < 2 or whole.shape[1] < FEWEST:
        return float("nan")
    total = whole.sum(axis=0)
    if has_no_variation(total.min(keepdims=True), total.max(keepdims=True), TIE)[0]:
        return float("nan")
    return float(number / (number - 1) * (1 - whole.var(axis=1, ddof=1).sum() / total.var(ddof=1)))
