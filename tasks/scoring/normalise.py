"""Normalisation over the units of a panel: what the compared units have in common.

Formulas: OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 5.
"""

import numpy as np

from tasks.scoring.arrays import BoolArray, FloatArray, Panels, expand

SAME = 1e-12  # values of a panel that differ by less, relative to their size, differ by rounding only


def extremes(values: FloatArray, counted: BoolArray, panels: Panels) -> tuple[FloatArray, FloatArray]:
    """Smallest and largest counted value of each unit's panel.

    Args:
        values: Shape (nodes, units, ...).
        counted: Which cells count, shape (nodes, units).
        panels: Who is compared with whom.

    Returns:
        Two arrays that broadcast to `values`; NaN where nothing counts.
    """
    seen = np.where(expand(counted, values.ndim), values, np.nan)
    return panels.spread(panels.reduce(np.fmin, seen)), panels.spread(panels.reduce(np.fmax, seen))


def has_no_variation(low: FloatArray, high: FloatArray, least: float = 0.0) -> BoolArray:
    """Whether extremes are equal but for the rounding of floating-point sums.

    Args:
        low: Smallest values.
        high: Largest values.
        least: Largest difference that is rounding whatever the size: `TIE` of shares, whose sums may cancel out.
    """
    return high - low <= rounding(np.maximum(np.abs(low), np.abs(high)), least)


def rounding(size: FloatArray, least: float) -> FloatArray:
    """Difference of two values of some size that may be rounding only."""
    relative: FloatArray = SAME * size
    return np.maximum(relative, least) if least else relative


def standard_scores(
    values: FloatArray, counted: BoolArray, panels: Panels, lost: FloatArray, least: float = 0.0
) -> FloatArray:
    """Distance from the panel's mean in standard deviations; 0 where the panel does not vary.

    Args:
        values: Shape (nodes, units, ...).
        counted: Which cells make the mean and the deviation, shape (nodes, units).
        panels: Who is compared with whom.
        lost: Degrees of freedom lost: 0 for the population deviation, 1 for the sample's; broadcasts to `values`.
        least: As for `has_no_variation`.

    Returns:
        Shape of `values`.
    """
    mask = expand(counted, values.ndim)
    count = panels.spread(panels.reduce(np.add, mask.astype(np.float64)))
    mean = panels.spread(panels.reduce(np.add, np.where(mask, values, 0.0))) / np.maximum(count, 1.0)
    distance = values - mean
    squares = panels.spread(panels.reduce(np.add, np.where(mask, distance * distance, 0.0)))
    flat = has_no_variation(*extremes(values, counted, panels), least) | (count <= lost)
    deviation = np.sqrt(squares / np.where(flat, 1.0, count - lost))
    return np.where(flat & ~np.isnan(values), 0.0, distance / np.where(flat, 1.0, deviation))
