"""Missing-value policies: what stands in for a value that was not measured (docs/frameworks.md, "Missing values")."""

import numpy as np

from tasks.scoring.arrays import BoolArray, FloatArray, IntArray, expand
from tasks.scoring.inputs import Cells
from tasks.scoring.tree import Tree


def above(mask: BoolArray, tree: Tree) -> BoolArray:
    """Whether any ancestor of a node is marked; shapes (nodes, units)."""
    marked = np.zeros_like(mask)
    for children, parents in tree.generations:
        marked[children] = marked[parents] | mask[parents]
    return marked


def below(mask: BoolArray, tree: Tree) -> BoolArray:
    """Whether any descendant of a node is marked; shapes (nodes, units)."""
    marked = np.zeros_like(mask)
    for step in tree.steps:
        subtree = marked[step.children] | mask[step.children]
        marked[step.parents] = np.logical_or.reduceat(subtree, step.starts, axis=0)
    return marked


def carry_forward(tree: Tree, cells: Cells) -> tuple[FloatArray, BoolArray]:
    """Fill cells of the policy `carry_forward` with the agency's last value of an earlier period.

    Only where the period has no value at the node, above it or below it.

    Returns:
        The values, shape of `cells.values`, and which of them were carried, shape (nodes, units).
    """
    measured = cells.measured
    carried = np.zeros_like(measured)
    nodes = np.flatnonzero(tree.policy == "carry_forward")
    if not nodes.size:
        return cells.values, carried
    earlier = _last_measured(measured[nodes], cells)
    taken = measured | cells.appraised
    open_cells = ~(taken | above(taken, tree) | below(taken, tree))
    carried[nodes] = open_cells[nodes] & (earlier >= 0)
    values = cells.values.copy()
    rows, units = np.nonzero(carried[nodes])
    values[nodes[rows], units] = cells.values[nodes[rows], earlier[rows, units]]
    return values, carried


def _last_measured(measured: BoolArray, cells: Cells) -> IntArray:
    """Unit in which the same agency was last measured, -1 for never; shapes (nodes, units)."""
    by_agency = np.lexsort((cells.unit_period, cells.unit_agency))
    places = np.arange(len(by_agency))
    seen = np.where(measured[:, by_agency], places, -1)
    last = np.maximum.accumulate(seen, axis=1)
    agencies = cells.unit_agency[by_agency]
    begins = np.searchsorted(agencies, agencies, side="left")
    found = np.full(measured.shape, -1, dtype=np.intp)
    found[:, by_agency] = np.where(last >= begins, by_agency[last], -1)
    return found


def centre(values: FloatArray, counted: BoolArray, tree: Tree, nodes: IntArray, cells: Cells) -> FloatArray:
    """What the policy `impute` gives: median or mean of the units of each period.

    Args:
        values: Values or shares of `nodes`, shape (k, units, ...).
        counted: Cells that make the median, shape (k, units).
        tree: The framework.
        nodes: Indices of the nodes, shape (k,).
        cells: The units.

    Returns:
        Shape of `values`; NaN where nobody in the period has a value.
    """
    seen = np.where(expand(counted, values.ndim), values, np.nan)
    chosen = [tree.framework.nodes[node].parameters.get("impute", "median") for node in nodes]
    is_mean = np.array([name == "mean" for name in chosen])
    filled = np.full(values.shape, np.nan)
    for period in range(len(cells.periods)):
        units = np.flatnonzero(cells.unit_period == period)
        ordered = np.sort(seen[:, units], axis=1)  # NaN last
        count = expand(counted[:, units].sum(axis=1, keepdims=True), values.ndim)
        lower = np.take_along_axis(ordered, _within(count, (count - 1) // 2, ordered), axis=1)
        upper = np.take_along_axis(ordered, _within(count, count // 2, ordered), axis=1)
        total = np.add.reduce(np.where(np.isnan(ordered), 0.0, ordered), axis=1, keepdims=True)
        mean = total / np.where(count > 0, count, np.nan)
        filled[:, units] = np.where(expand(is_mean, values.ndim), mean, lower + (upper - lower) / 2)
    return filled


def _within(count: IntArray, place: IntArray, ordered: FloatArray) -> IntArray:
    places = np.clip(place, 0, np.maximum(count - 1, 0))
    return np.broadcast_to(places, (ordered.shape[0], 1, *ordered.shape[2:])).astype(np.intp)
