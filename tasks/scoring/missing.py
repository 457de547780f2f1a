"""Missing-value policies: what stands in for a value that was not measured (docs/frameworks.md, "Missing values")."""

from dataclasses import dataclass

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


@dataclass(frozen=True)
class Carried:
    """Cells that take the agency's last value of an earlier period.

    Attributes:
        mask: Which cells, shape (nodes, units).
        nodes: Their nodes, shape (n,).
        units: Their units, shape (n,).
        earlier: The units whose values they take, shape (n,).
    """

    mask: BoolArray
    nodes: IntArray
    units: IntArray
    earlier: IntArray

    def among(self, chosen: BoolArray) -> "Carried":
        """What of it concerns the chosen nodes, shape (nodes,); the mask stays as it is."""
        kept = chosen[self.nodes]
        return Carried(self.mask, self.nodes[kept], self.units[kept], self.earlier[kept])

    def fill(self, values: FloatArray) -> None:
        """Carry the values forward; `values` of shape (nodes, units, ...) is changed in place."""
        if self.nodes.size:
            values[self.nodes, self.units] = values[self.nodes, self.earlier]


def carried_cells(tree: Tree, cells: Cells) -> Carried:
    """Find the cells of the policy `carry_forward` that an earlier period of the agency fills.

    Only where the period has no value at the node, above it or below it.
    """
    measured = cells.measured
    mask = np.zeros_like(measured)
    policy = np.flatnonzero(tree.policy == "carry_forward")
    if not policy.size:
        none = np.zeros(0, dtype=np.intp)
        return Carried(mask, none, none, none)
    last = _last_measured(measured[policy], cells)
    taken = measured | cells.appraised
    open_cells = ~(taken | above(taken, tree) | below(taken, tree))
    mask[policy] = open_cells[policy] & (last >= 0)
    rows, units = np.nonzero(mask[policy])
    return Carried(mask, policy[rows], units, last[rows, units])


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
