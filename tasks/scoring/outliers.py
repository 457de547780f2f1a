"""Outliers: values so far out that they alone would decide a normalisation are moved in, or the whole column is logged.

Source: OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 3, with the thresholds of the JRC's
practice (skewness 2, kurtosis 3.5); the order of the steps as the documentation of COINr 1.1 (`Treat`, `winsorise`,
`log_CT_plus`) describes it. Skewness and kurtosis are the sample coefficients G1 and G2 of Joanes and Gill (1998),
*Comparing measures of sample skewness and kurtosis*.
"""

from dataclasses import dataclass

import numpy as np

from tasks.scoring.arrays import BoolArray, FloatArray, IntArray, Panels, expand
from tasks.scoring.normalise import extremes, has_no_variation

NO_TREATMENT, WINSORISE, LOG, WINSORISE_LOG = range(4)
METHODS = ("none", "winsorise", "log", "winsorise_log")  # in the order of the codes
OFFSET = 0.01  # of the range, added before the logarithm so that the lowest value has one


@dataclass(frozen=True)
class Limits:
    """What counts as an outlier, and what is done about it; each of shape (nodes,).

    Attributes:
        method: Codes of METHODS.
        skewness: Largest absolute skewness that is let be.
        kurtosis: Largest excess kurtosis that is let be.
        points: Most values of a panel that may be moved.
        both: Whether skewness and kurtosis must both be within their limits, rather than one of them.
    """

    method: IntArray
    skewness: FloatArray
    kurtosis: FloatArray
    points: FloatArray
    both: BoolArray

    def among(self, kept: IntArray) -> "Limits":
        """The limits of some of the nodes, by their positions."""
        return Limits(self.method[kept], self.skewness[kept], self.kurtosis[kept], self.points[kept], self.both[kept])


@dataclass(frozen=True)
class Treated:
    """Values after the treatment.

    Attributes:
        values: Shape (nodes, units, ...); NaN where there is none.
        is_moved: Whether a value was moved to that of another unit, shape of `values`.
        is_logged: Whether the column was logged, broadcasts to `values`.
        passes: Whether the panel is now free of outliers, broadcasts to `values`.
    """

    values: FloatArray
    is_moved: BoolArray
    is_logged: BoolArray
    passes: BoolArray


def moments(values: FloatArray, counted: BoolArray, panels: Panels) -> tuple[FloatArray, FloatArray]:
    """Skewness G1 and excess kurtosis G2 of each panel.

    Args:
        values: Shape (nodes, units, ...).
        counted: Which cells count, shape (nodes, units).
        panels: Who is compared with whom.

    Returns:
        Two arrays of shape (nodes, panels, ...); NaN with fewer than 3 (4) values, or where they do not vary.
    """
    mask = expand(counted, values.ndim)
    count = panels.reduce(np.add, mask.astype(np.float64))
    mean = panels.reduce(np.add, np.where(mask, values, 0.0)) / np.maximum(count, 1.0)
    distance = np.where(mask, values - panels.spread(mean), 0.0)
    low, high = extremes(values, counted, panels)
    flat = has_no_variation(low[:, panels.starts], high[:, panels.starts])
    second, third, fourth = (panels.reduce(np.add, distance**power) / np.maximum(count, 1.0) for power in (2, 3, 4))
    second = np.where(flat | (second * second <= 0.0), np.nan, second)
    few = np.where(count < 3, np.nan, count)
    skewness = third / second**1.5 * np.sqrt(few * (few - 1)) / (few - 2)
    few = np.where(count < 4, np.nan, count)
    kurtosis = ((few + 1) * (fourth / second**2 - 3) + 6) * (few - 1) / ((few - 2) * (few - 3))
    return skewness, kurtosis


def treat(values: FloatArray, counted: BoolArray, panels: Panels, limits: Limits) -> Treated:
    """Move outliers in, or log columns that have them; whatever is done to one draw depends on that draw only.

    Args:
        values: Shape (nodes, units, ...), after a transform; NaN where there is none.
        counted: Which cells decide whether there are outliers, shape (nodes, units).
        panels: Who is compared with whom.
        limits: The limits of these nodes.
    """
    wanted = np.isin(limits.method, (WINSORISE, WINSORISE_LOG))[:, None]
    logs = np.isin(limits.method, (LOG, WINSORISE_LOG))[:, None]
    before = _fails(values, counted, panels, limits)
    winsorised = _winsorise(values, counted, panels, limits, before & expand(wanted, values.ndim))
    still = _fails(winsorised, counted, panels, limits)
    is_logged = panels.spread(still & expand(logs, values.ndim))
    logged = _log(values, counted, panels)
    done = np.where(is_logged, logged, winsorised)
    passes = ~np.where(is_logged, panels.spread(_fails(logged, counted, panels, limits)), panels.spread(still))
    return Treated(done, ~is_logged & (done != values) & ~np.isnan(values), is_logged, passes)


def _fails(values: FloatArray, counted: BoolArray, panels: Panels, limits: Limits) -> BoolArray:
    """Whether panels have outliers, shape (nodes, panels, ...); too few values or no variation: none."""
    skewness, kurtosis = moments(values, counted, panels)
    skew, kurt, both = (
        expand(limit[:, None], values.ndim) for limit in (limits.skewness, limits.kurtosis, limits.both)
    )
    far, heavy = np.abs(skewness) > skew, kurtosis > kurt
    return np.where(both, far | heavy, far & heavy)


def _winsorise(
    values: FloatArray, counted: BoolArray, panels: Panels, limits: Limits, is_open: BoolArray
) -> FloatArray:
    """Give the highest (or lowest) values that of the next, one step at a time, until the panel passes.

    Args:
        values: Shape (nodes, units, ...).
        counted: Shape (nodes, units).
        panels: Who is compared with whom.
        limits: The limits.
        is_open: Panels that have outliers to move, shape (nodes, panels, ...).
    """
    most = expand(limits.points[:, None], values.ndim)
    seen = np.where(expand(counted, values.ndim), values, np.nan)
    current = seen
    while is_open.any():
        high = moments(current, counted, panels)[0] > 0
        edge = np.where(high, panels.reduce(np.fmax, current), panels.reduce(np.fmin, current))
        inside = current != panels.spread(edge)
        upper = panels.reduce(np.fmax, np.where(inside, current, np.nan))
        lower = panels.reduce(np.fmin, np.where(inside, current, np.nan))
        step = np.where(inside, current, panels.spread(np.where(high, upper, lower)))
        step = np.where(np.isnan(current), np.nan, step)
        moved = panels.reduce(np.add, ((step != seen) & ~np.isnan(seen)).astype(np.float64))
        is_open = is_open & (moved <= most)
        current = np.where(panels.spread(is_open), step, current)
        is_open = is_open & _fails(current, counted, panels, limits)
    low, high_end = extremes(current, counted, panels)
    is_touched = panels.spread(panels.reduce(np.logical_or, (current != seen) & ~np.isnan(seen)))
    return np.where(is_touched, np.clip(values, low, high_end), values)


def _log(values: FloatArray, counted: BoolArray, panels: Panels) -> FloatArray:
    """ln(v - lowest + a) where the tail is above, -ln(highest - v + a) where it is below; a is OFFSET of the range."""
    low, high = extremes(values, counted, panels)
    inside = np.clip(values, low, high)
    offset = OFFSET * (high - low)
    upwards = panels.spread(moments(values, counted, panels)[0] > 0)
    distance = np.where(upwards, inside - low, high - inside) + offset
    logarithm = np.log(np.where(distance > 0, distance, 1.0))
    return np.where(np.isnan(values), np.nan, np.where(upwards, logarithm, -logarithm))
