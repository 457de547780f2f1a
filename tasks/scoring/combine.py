"""Aggregations beside sums and geometric means: harmonic mean, median, Copeland, penalised mean.

Sources: OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 7 (aggregation, non-compensatory
multi-criteria approach); Copeland (1951), *A "reasonable" social welfare function*; Mazziotta and Pareto (2016), *On a
Generalized Non-compensatory Composite Index for Measuring Socio-economic Phenomena*, Social Indicators Research 127.
"""

import numpy as np

from tasks.scoring.arrays import BoolArray, FloatArray, Panels, expand
from tasks.scoring.tree import Step

CLOSE = 1e-12  # shares, or parts of a weight, that differ by less differ by rounding only


def combine(children: FloatArray, weights: FloatArray, there: BoolArray, step: Step, panels: Panels) -> FloatArray:
    """Aggregate the children of one step; one without a share is left out, and its siblings carry its weight.

    Args:
        children: Shares of the children, shape (c, units, ...).
        weights: Their weights, broadcast to `children`.
        there: Which of them count, shape (c, units).
        step: The parents and children, none of whose shares is outside the domain (`outside`).
        panels: Units that are compared with each other.

    Returns:
        Shape (p, units, ...); it means nothing where no child counts.
    """
    counts = np.broadcast_to(weights * expand(there, children.ndim), children.shape)
    made = np.empty((len(step.parents), *children.shape[1:]))
    for number, (start, end) in enumerate(zip(step.starts, [*step.starts[1:], len(children)], strict=True)):
        family = slice(int(start), int(end))
        shares = np.where(expand(there[family], children.ndim), children[family], np.nan)
        if step.kind == "harmonic_mean":
            made[number] = _harmonic(shares, counts[family])
        elif step.kind == "median":
            made[number] = _median(shares, counts[family])
        elif step.kind == "copeland":
            made[number] = _copeland(shares, counts[family], panels)
        else:
            low, high = step.penalty[number]
            made[number] = _penalised(shares, counts[family], low, high, step.kind == "penalised_mean_plus")
    return made


_ABOVE = 1e-9  # of a scale: above its 0 by so much


def outside(shares: FloatArray, step: Step) -> BoolArray:
    """Where a child's share has no place in the aggregation, shape of `shares` (c, units, ...)."""
    if step.kind in ("geometric_mean", "harmonic_mean"):
        return np.less(shares, 0.0)
    if step.kind in ("penalised_mean", "penalised_mean_plus"):
        low, high = (expand(end[step.family], shares.ndim) for end in step.penalty.T)
        reached: BoolArray = np.less_equal(low + (high - low) * shares, 0.0)
        return reached
    return np.zeros(shares.shape, dtype=np.bool_)


def least(step: Step) -> FloatArray:
    """Least share of each child that the aggregation takes, shape (c,)."""
    if step.kind in ("penalised_mean", "penalised_mean_plus"):
        low, high = step.penalty[step.family].T
        return np.asarray(_ABOVE - low / (high - low), dtype=np.float64)
    kinds = ("geometric_mean", "harmonic_mean")
    return np.full(len(step.children), 0.0 if step.kind in kinds else -np.inf)


def _total(figures: FloatArray) -> FloatArray:
    """Sum over the children, the first child first, however many units and draws go through."""
    total = np.zeros(figures.shape[1:])
    for figure in figures:
        total = total + np.where(np.isnan(figure), 0.0, figure)
    return total


def _whole(weights: FloatArray) -> FloatArray:
    """Sum of weights, 1 where there is none."""
    total = _total(weights)
    return np.where(total > 0, total, 1.0)


def _harmonic(shares: FloatArray, weights: FloatArray) -> FloatArray:
    """Sum of weights / sum of weight / share; a zero that weighs makes it zero."""
    is_zero = ((shares == 0.0) & (weights > 0)).any(axis=0)
    with np.errstate(over="ignore"):  # shares next to nothing: their reciprocal is infinite, and the mean 0
        total = _total(weights / np.where(shares > 0, shares, 1.0))
    return np.where(is_zero, 0.0, _whole(weights) / np.where(total > 0, total, 1.0))


def _median(shares: FloatArray, weights: FloatArray) -> FloatArray:
    """The share at which half of the weight is reached; halfway to the next where it is reached exactly."""
    order = np.argsort(shares, axis=0, kind="stable")  # NaN last, and these weigh nothing
    ordered = np.take_along_axis(shares, order, axis=0)
    reached = np.add.accumulate(np.take_along_axis(weights, order, axis=0), axis=0) / _whole(weights)
    lower = np.argmax(reached >= 0.5 - CLOSE, axis=0)[None]
    upper = np.argmax(reached > 0.5 + CLOSE, axis=0)[None]
    below, above = (np.take_along_axis(ordered, place, axis=0)[0] for place in (lower, upper))
    middle: FloatArray = below + (above - below) / 2
    return middle


def _copeland(shares: FloatArray, weights: FloatArray, panels: Panels) -> FloatArray:
    """Share of the contests with the other units of the panel that a unit wins, half for a draw.

    A unit wins against another where the children on which it is better weigh more than those on which it is worse;
    only children that both have count. A unit without an opponent: 0.5.
    """
    made = np.empty(shares.shape[1:])
    for start, end in zip(panels.starts, [*panels.starts[1:], shares.shape[1]], strict=True):
        units = slice(int(start), int(end))
        of_panel, weighing = shares[:, units], weights[:, units]
        won, fought = np.zeros(of_panel.shape[1:]), np.zeros(of_panel.shape[1:])
        for rival in range(of_panel.shape[1]):
            lead = of_panel - of_panel[:, rival : rival + 1]
            common = np.where(np.isnan(lead), 0.0, weighing)
            better = _total(np.where(lead > CLOSE, common, np.where(lead < -CLOSE, -common, 0.0)))
            is_fought = _total(common) > 0
            is_fought[rival] = False
            draw = np.abs(better) <= CLOSE
            won += np.where(is_fought, np.where(draw, 0.5, (better > 0).astype(np.float64)), 0.0)
            fought += is_fought
        made[units] = np.where(fought > 0, won / np.maximum(fought, 1.0), 0.5)
    return made


def _penalised(shares: FloatArray, weights: FloatArray, low: float, high: float, is_plus: bool) -> FloatArray:
    """Mean less (or plus) variance / mean, on a scale on which the shares 0 and 1 are `low` and `high`."""
    scaled = low + (high - low) * shares
    whole = _whole(weights)
    mean = _total(weights * scaled) / whole
    variance = _total(weights * (scaled - mean) ** 2) / whole
    penalty = variance / np.where(mean > 0, mean, 1.0)
    return (mean + (penalty if is_plus else -penalty) - low) / (high - low)
