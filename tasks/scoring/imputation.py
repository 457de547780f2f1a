"""What stands in for a missing figure: the centre of the period or of the ranking group, or the agency's own course.

Source: OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 3 (mean and median imputation).
"""

import numpy as np

from tasks.scoring.arrays import BoolArray, FloatArray, IntArray, expand
from tasks.scoring.cells import Cells

MEDIAN, MEAN, GROUP_MEDIAN, GROUP_MEAN, INTERPOLATE = range(5)
METHODS = ("median", "mean", "group_median", "group_mean", "interpolate")  # in the order of the codes


def centre(seen: FloatArray, count: IntArray, is_mean: BoolArray) -> FloatArray:
    """Median or mean of all units at hand.

    Args:
        seen: Figures, shape (k, units, ...); NaN where one does not count.
        count: How many count, shape (k, 1).
        is_mean: Whether the mean is asked for, shape (k,).

    Returns:
        Shape (k, 1, ...); NaN where nobody has a figure.
    """
    counts = expand(count, seen.ndim)
    ordered = np.sort(seen, axis=1)  # NaN last
    lower = np.take_along_axis(ordered, _within(counts, (counts - 1) // 2, ordered), axis=1)
    upper = np.take_along_axis(ordered, _within(counts, counts // 2, ordered), axis=1)
    # reduceat adds up each draw in the same order, however many there are.
    total = np.add.reduceat(np.where(np.isnan(ordered), 0.0, ordered), [0], axis=1)
    mean = total / np.where(counts > 0, counts, np.nan)
    return np.where(expand(is_mean, seen.ndim), mean, lower + (upper - lower) / 2)


def _within(count: IntArray, place: IntArray, ordered: FloatArray) -> IntArray:
    places = np.clip(place, 0, np.maximum(count - 1, 0))
    return np.broadcast_to(places, (ordered.shape[0], 1, *ordered.shape[2:])).astype(np.intp)


def stand_ins(figures: FloatArray, counted: BoolArray, methods: IntArray, cells: Cells) -> FloatArray:
    """What the policy `impute` gives.

    Args:
        figures: Values or shares, shape (k, units, ...).
        counted: Cells that make the stand-ins, shape (k, units).
        methods: Codes of METHODS, shape (k,).
        cells: The units.

    Returns:
        Shape of `figures`; NaN where there is nothing to take. A ranking group in which nobody has a figure takes that
        of the period.
    """
    seen = np.where(expand(counted, figures.ndim), figures, np.nan)
    is_mean = np.isin(methods, (MEAN, GROUP_MEAN))
    filled = np.full(figures.shape, np.nan)
    for period in range(len(cells.periods)):
        units = np.flatnonzero(cells.unit_period == period)
        filled[:, units] = centre(seen[:, units], counted[:, units].sum(axis=1, keepdims=True), is_mean)
    by_group = np.flatnonzero(np.isin(methods, (GROUP_MEDIAN, GROUP_MEAN)))
    if by_group.size:
        _fill_groups(filled, by_group, seen, counted, is_mean, cells)
    own = np.flatnonzero(methods == INTERPOLATE)
    if own.size:
        filled[own] = interpolate(seen[own], counted[own], cells)
    return filled


def _fill_groups(
    filled: FloatArray, nodes: IntArray, seen: FloatArray, counted: BoolArray, is_mean: BoolArray, cells: Cells
) -> None:
    together = np.where(cells.unit_group >= 0, cells.unit_period * (cells.unit_group.max() + 1) + cells.unit_group, -1)
    for label in np.unique(together[together >= 0]):
        units = np.flatnonzero(together == label)
        count = counted[np.ix_(nodes, units)].sum(axis=1, keepdims=True)
        found = centre(seen[np.ix_(nodes, units)], count, is_mean[nodes])
        filled[np.ix_(nodes, units)] = np.where(expand(count > 0, found.ndim), found, filled[np.ix_(nodes, units)])


def interpolate(seen: FloatArray, counted: BoolArray, cells: Cells) -> FloatArray:
    """On the straight line between the agency's nearest earlier and later figure; with one of them only, that one.

    Args:
        seen: Figures, shape (k, units, ...); NaN where one does not count.
        counted: Which count, shape (k, units).
        cells: The units.

    Returns:
        Shape of `seen`; NaN where the agency has no figure in any period.
    """
    earlier, later = nearest(counted, cells), nearest(counted, cells, is_later=True)
    before, after = (_taken(seen, at) for at in (earlier, later))
    moments = cells.moments[cells.unit_period]
    span = moments[later] - moments[earlier]
    part = expand(np.where(span > 0, (moments - moments[earlier]) / np.where(span > 0, span, 1.0), 0.0), seen.ndim)
    between = before + (after - before) * part
    return np.where(np.isnan(before), after, np.where(np.isnan(after), before, between))


def _taken(seen: FloatArray, units: IntArray) -> FloatArray:
    """Figures of other units, NaN for the unit -1."""
    places = np.broadcast_to(expand(np.maximum(units, 0), seen.ndim), seen.shape)
    return np.where(expand(units >= 0, seen.ndim), np.take_along_axis(seen, places, axis=1), np.nan)


def nearest(measured: BoolArray, cells: Cells, is_later: bool = False) -> IntArray:
    """Unit in which the same agency was last (or, `is_later`, will next be) measured, -1 for never.

    Shapes (nodes, units); a cell that is measured is its own nearest.
    """
    by_agency = np.lexsort((cells.unit_period, cells.unit_agency))
    if is_later:
        by_agency = by_agency[::-1]
    places = np.arange(len(by_agency))
    seen = np.where(measured[:, by_agency], places, -1)
    last = np.maximum.accumulate(seen, axis=1)
    agencies = cells.unit_agency[by_agency]
    changes = np.concatenate([[True], agencies[1:] != agencies[:-1]])
    begins = np.maximum.accumulate(np.where(changes, places, 0))
    found = np.full(measured.shape, -1, dtype=np.intp)
    found[:, by_agency] = np.where(last >= begins, by_agency[last], -1)
    return found
