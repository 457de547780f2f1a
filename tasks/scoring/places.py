"""Places among the compared units: what the rules `rank`, `percentile` and `borda` are made of.

Formulas: OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 5 (ranking); places are counted from
below, so that more is better.
"""

from dataclasses import dataclass

import numpy as np

from tasks.scoring.arrays import BoolArray, FloatArray, Panels, expand
from tasks.scoring.normalise import rounding


@dataclass(frozen=True)
class Places:
    """Where values stand among the counted ones of their panel.

    Attributes:
        beaten: How many counted others a value beats, shape of the values; half a unit for a tie. Between 0 and
            count - 1; NaN where there is no value.
        count: How many units count, broadcasts to the values.
    """

    beaten: FloatArray
    count: FloatArray


def places(values: FloatArray, counted: BoolArray, panels: Panels, lowest: FloatArray, least: float = 0.0) -> Places:
    """Count from below, ties sharing a place.

    A value that does not count, as an imputed one, stands between its neighbours and shifts nobody.

    Args:
        values: Shape (nodes, units, ...).
        counted: Which cells make the places, shape (nodes, units).
        panels: Who is compared with whom.
        lowest: Whether ties take the lowest of their places rather than the mean, 1 or 0; broadcasts to `values`.
        least: Largest difference that is a tie whatever the size of the values.
    """
    beaten = np.empty(values.shape)
    for start, end in zip(panels.starts, np.append(panels.starts[1:], values.shape[1]), strict=True):
        units = slice(int(start), int(end))
        beaten[:, units] = _beaten(values[:, units], counted[:, units], lowest, least)
    count = expand(panels.spread(panels.reduce(np.add, counted.astype(np.float64))), values.ndim)
    beaten = np.clip(beaten, 0.0, np.maximum(count - 1.0, 0.0))
    return Places(np.where(np.isnan(values), np.nan, beaten), count)


def _beaten(values: FloatArray, counted: BoolArray, lowest: FloatArray, least: float) -> FloatArray:
    """How many counted units of one panel lie below each value, and half of those that tie with it."""
    order = np.argsort(values, axis=1, kind="stable")  # NaN last
    ordered = np.take_along_axis(values, order, axis=1)
    counts = np.take_along_axis(np.broadcast_to(expand(counted, values.ndim), values.shape), order, axis=1)
    upto = np.cumsum(counts, axis=1)
    begins = np.ones(values.shape, dtype=np.bool_)
    size = np.maximum(np.abs(ordered[:, 1:]), np.abs(ordered[:, :-1]))
    begins[:, 1:] = ~(ordered[:, 1:] - ordered[:, :-1] <= rounding(size, least))
    below = np.maximum.accumulate(np.where(begins, upto - counts, 0), axis=1)
    ends = np.ones(values.shape, dtype=np.bool_)
    ends[:, :-1] = begins[:, 1:]
    last = np.where(ends, upto, values.shape[1])
    equal = np.flip(np.minimum.accumulate(np.flip(last, axis=1), axis=1), axis=1) - below
    shared = np.where(lowest > 0, 0.0, (equal - 1) / 2)
    found = np.empty(values.shape)
    np.put_along_axis(found, order, below + np.where(equal > 0, shared, -0.5), axis=1)
    return found
