"""Outliers: values so far out that they alone would decide a normalisation are moved in, or the whole column is logged.

Source: OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 3, with the rule of the JRC's audits as
the Global Innovation Index prints it (outliers: absolute skewness above 2 and kurtosis above 3.5; up to five values are
winsorised, otherwise the logarithm is taken); the order of the steps as the documentation of COINr 1.1 (`Treat`,
`winsorise`, `log_CT_plus`) describes it. Skewness and kurtosis are the sample coefficients G1 and G2 of Joanes and Gill
(1998), *Comparing measures of sample skewness and kurtosis*.
"""

from dataclasses import dataclass

import numpy as np

from tasks.scoring.arrays import BoolArray, FloatArray, IntArray, Panels
from tasks.scoring.normalise import has_no_variation

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
        least: Largest difference of values that is rounding only, whatever their size.
    """

    method: IntArray
    skewness: FloatArray
    kurtosis: FloatArray
    points: FloatArray
    both: BoolArray
    least: float = 0.0

    def among(self, kept: IntArray) -> "Limits":
        """The limits of some of the nodes, by their positions."""
        of = (self.method[kept], self.skewness[kept], self.kurtosis[kept], self.points[kept], self.both[kept])
        return Limits(*of, self.least)


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


def moments(lanes: FloatArray, least: float = 0.0) -> tuple[FloatArray, FloatArray]:
    """Skewness G1 and excess kurtosis G2 of each row.

    Args:
        lanes: Shape (lanes, units), whole; each row is summed up for itself, whatever else goes through.
        least: Range of a row that is rounding only.

    Returns:
        Two arrays of shape (lanes,); NaN with fewer than 3 (4) units, or where a row does not vary.
    """
    count = lanes.shape[1]
    distance = lanes - lanes.mean(axis=1, keepdims=True)
    square = distance * distance
    second = square.mean(axis=1)
    flat = has_no_variation(lanes.min(axis=1), lanes.max(axis=1), least) | (second * second <= 0.0)
    second = np.where(flat, np.nan, second)
    skewness, kurtosis = np.full(len(lanes), np.nan), np.full(len(lanes), np.nan)
    if count > 2:
        third = (square * distance).mean(axis=1)
        skewness = third / second**1.5 * np.sqrt(count * (count - 1)) / (count - 2)
    if count > 3:
        fourth = (square * square).mean(axis=1)
        kurtosis = ((count + 1) * (fourth / second**2 - 3) + 6) * (count - 1) / ((count - 2) * (count - 3))
    return skewness, kurtosis


def treat(values: FloatArray, counted: BoolArray, panels: Panels, limits: Limits) -> Treated:
    """Move outliers in, or log columns that have them; whatever is done to one draw depends on that draw only.

    Args:
        values: Shape (nodes, units, ...), after a transform; NaN where there is none.
        counted: Which cells decide whether there are outliers, shape (nodes, units).
        panels: Who is compared with whom.
        limits: The limits of these nodes.
    """
    done, is_logged, passes = values.copy(), np.zeros(values.shape, np.bool_), np.ones(values.shape, np.bool_)
    for row in np.flatnonzero(limits.method):
        for start, end in zip(panels.starts, [*panels.starts[1:], values.shape[1]], strict=True):
            chosen = start + np.flatnonzero(counted[row, start:end])
            if chosen.size:
                units = slice(int(start), int(end))
                lanes = np.ascontiguousarray(values[row, chosen].reshape(len(chosen), -1).T)
                column = _Column(lanes, limits.among(np.array([row])))
                shape = values[row, units].shape
                done[row, units] = column.treated(values[row, units].reshape(shape[0], -1)).reshape(shape)
                is_logged[row, units] = column.is_logged.reshape(shape[1:])
                passes[row, units] = column.passes.reshape(shape[1:])
    return Treated(done, ~is_logged & (done != values) & ~np.isnan(values), is_logged, passes)


class _Column:
    """One node in one panel: a lane a draw.

    Args:
        lanes: Counted values, shape (draws, units).
        limits: Limits of the node.
    """

    def __init__(self, lanes: FloatArray, limits: Limits) -> None:
        self.limits = limits
        self.lanes = lanes
        self.range = (lanes.min(axis=1), lanes.max(axis=1))
        self.low, self.high = (end.copy() for end in self.range)  # after winsorising
        is_open = self._fails(lanes)
        if is_open.any() and limits.method[0] in (WINSORISE, WINSORISE_LOG):
            is_open = self._winsorise(is_open)
        self.is_logged = is_open & (limits.method[0] in (LOG, WINSORISE_LOG))
        self.passes = ~is_open
        if self.is_logged.any():
            logged = _log(lanes[self.is_logged].T, lanes[self.is_logged], *(end[self.is_logged] for end in self.range))
            self.passes[self.is_logged] = ~self._fails(np.ascontiguousarray(logged.T))

    def treated(self, values: FloatArray) -> FloatArray:
        """All units of the panel, shape (units, draws); those that do not count are kept among the others."""
        is_moved = (self.low != self.range[0]) | (self.high != self.range[1])
        done: FloatArray = np.where(is_moved, np.clip(values, self.low, self.high), values)
        at = np.flatnonzero(self.is_logged)
        if at.size:
            done[:, at] = _log(values[:, at], self.lanes[at], *(end[at] for end in self.range))
        return done

    def _fails(self, lanes: FloatArray) -> BoolArray:
        """Whether lanes have outliers; too few values or no variation: none."""
        skewness, kurtosis = moments(lanes, self.limits.least)
        far, heavy = np.abs(skewness) > self.limits.skewness[0], kurtosis > self.limits.kurtosis[0]
        found: BoolArray = far | heavy if self.limits.both[0] else far & heavy
        return found

    def _winsorise(self, is_open: BoolArray) -> BoolArray:
        """Give the highest (or lowest) values that of the next, one step at a time; gives the lanes that still fail."""
        fails, at = is_open.copy(), np.flatnonzero(is_open)
        current = self.lanes[at]
        while at.size:
            high = moments(current)[0] > 0
            edge = np.where(high, current.max(axis=1), current.min(axis=1))[:, None]
            inside = current != edge
            upper = np.where(inside, current, -np.inf).max(axis=1)
            lower = np.where(inside, current, np.inf).min(axis=1)
            step = np.where(inside, current, np.where(high, upper, lower)[:, None])
            may = (step != self.lanes[at]).sum(axis=1) <= self.limits.points[0]
            at, current = at[may], step[may]
            self.low[at], self.high[at] = current.min(axis=1), current.max(axis=1)
            fails[at] = self._fails(current)
            at, current = at[fails[at]], current[fails[at]]
        return fails


def _log(values: FloatArray, lanes: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
    """ln(v - lowest + a) where the tail is above, -ln(highest - v + a) where it is below; a is OFFSET of the range.

    Args:
        values: Shape (units, draws).
        lanes: Those that count, shape (draws, units).
        low: Lowest of them, shape (draws,).
        high: Highest of them, shape (draws,).
    """
    inside = np.clip(values, low, high)
    upwards = moments(lanes)[0] > 0
    logarithm = np.log(np.where(upwards, inside - low, high - inside) + OFFSET * (high - low))
    return np.where(upwards, logarithm, -logarithm)
