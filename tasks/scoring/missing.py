"""Missing-value policies: what stands in for a value that was not measured (docs/frameworks.md, "Missing values")."""

from dataclasses import dataclass

import numpy as np

from tasks.scoring.arrays import BoolArray, FloatArray, IntArray
from tasks.scoring.cells import Cells
from tasks.scoring.imputation import nearest
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
    last = nearest(measured[policy], cells)
    taken = measured | cells.appraised
    open_cells = ~(taken | above(taken, tree) | below(taken, tree))
    mask[policy] = open_cells[policy] & (last >= 0)
    rows, units = np.nonzero(mask[policy])
    return Carried(mask, policy[rows], units, last[rows, units])
