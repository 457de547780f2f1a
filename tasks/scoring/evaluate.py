"""Scoring the tree: from cells to the share of every node, the leaves first and then the inner nodes up to the root."""

from dataclasses import dataclass

import numpy as np

from tasks.scoring.aggregate import aggregate
from tasks.scoring.arrays import BoolArray, FloatArray, IntArray, Panels, expand
from tasks.scoring.inputs import Cells
from tasks.scoring.missing import above, carry_forward, centre
from tasks.scoring.rules import shares_by_rule
from tasks.scoring.status import (
    AGGREGATED,
    APPRAISED,
    CARRIED_FORWARD,
    COVERED,
    EXCLUDED,
    IMPUTED,
    MEASURED,
    MISSING_ZERO,
    PUBLISHED,
    SIDE_BY_SIDE,
)
from tasks.scoring.transform import outside_domain
from tasks.scoring.tree import RuleGroup, Step, Tree
from warehouse.errors import InputError


@dataclass(frozen=True)
class Result:
    """What the engine makes of the cells; axis 0 nodes, axis 1 units.

    Attributes:
        values: As measured, carried, imputed or aggregated, shape (nodes, units, ...); NaN where there is none.
        shares: Values after rules, shape (nodes, units, ...); NaN where excluded or covered.
        status: How each cell came about, codes of tasks.scoring.status, shape (nodes, units).
    """

    values: FloatArray
    shares: FloatArray
    status: IntArray


def evaluate(tree: Tree, cells: Cells) -> Result:
    """Score the cells, the leaves first and then the inner nodes from the deepest to the root.

    Args:
        tree: The framework.
        cells: The measurements; further axes of the values, such as draws, go through all steps at once.

    Raises:
        InputError: A geometric mean of a negative share, or an aggregate outside the domain of a transform.
    """
    return _Evaluation(tree, cells).run()


class _Evaluation:
    """The arrays that fill up while the tree is scored."""

    def __init__(self, tree: Tree, cells: Cells) -> None:
        self.tree = tree
        self.cells = cells
        self.panels: Panels = cells.panels(tree.framework.description.normalise_over)
        values, carried = carry_forward(tree, cells)
        self.values = values.copy()
        self.valued: BoolArray = cells.measured | carried
        self.entered: BoolArray = self.valued | cells.appraised
        self.covered: BoolArray = ~self.entered & above(self.entered, tree)
        self.covered[~tree.is_leaf] = False  # found while aggregating: a child that is covered covers its parent
        self.known: BoolArray = self.entered.copy()
        self.shares: FloatArray = np.full(values.shape, np.nan)
        self.rests: FloatArray = np.zeros(values.shape)
        self.status = np.where(carried, CARRIED_FORWARD, np.where(self.entered, self._measured()[:, None], EXCLUDED))

    def run(self) -> Result:
        self._leaves()
        for step in self.tree.steps:
            self._inner(step)
        self.status[self.cells.appraised] = APPRAISED
        self.status[self.covered] = COVERED
        self.status[self.tree.is_apart] = SIDE_BY_SIDE
        return Result(self.values, self.shares, self.status)

    def _measured(self) -> IntArray:
        """What a value that was entered is called at each node."""
        nodes = self.tree.framework.nodes
        printed = np.array([node.rule == "published" or node.evidence == "published" for node in nodes])
        return np.where(printed | ~self.tree.is_leaf, PUBLISHED, MEASURED)

    def _leaves(self) -> None:
        leaves = np.flatnonzero(self.tree.is_leaf)
        missing = np.zeros_like(self.entered)
        missing[leaves] = ~self.entered[leaves] & ~self.covered[leaves]
        self._impute(missing, self.values, leaves)
        for group in self.tree.rules:
            self.shares[group.nodes] = self._apply(group, self.values[group.nodes], self.valued[group.nodes])
        self._give_points(leaves)
        self._zero(missing & ~self.known)

    def _inner(self, step: Step) -> None:
        parents = step.parents
        if step.is_geometric:
            self._refuse_negative(step)
        combined = aggregate(self.shares, self.rests, self.known, step)
        entered = self.entered[parents]
        covered = np.logical_or.reduceat(self.covered[step.children], step.starts, axis=0) & ~entered
        made = combined.is_left & ~entered & ~covered
        self.covered[parents] = covered
        self.known[parents] |= made
        self.status[parents] = np.where(made, AGGREGATED, self.status[parents])
        mask = expand(made, self.values.ndim)
        self.values[parents] = np.where(mask, combined.shares, self.values[parents])
        self.rests[parents] = np.where(mask, combined.rests, 0.0)
        self.shares[parents] = self._entered_shares(parents)
        for group in step.rules:
            self._rescale(group)
        self._give_points(parents)
        missing = np.zeros_like(self.entered)
        missing[parents] = ~self.known[parents] & ~covered
        self._impute(missing, self.shares, parents)
        self._zero(missing & ~self.known)

    def _rescale(self, group: RuleGroup) -> None:
        """Apply the rule of inner nodes to their aggregates, and to values that were entered to be read by it."""
        nodes = group.nodes
        by_value = self.valued[nodes] & (self.tree.entry[nodes] == "value")[:, None]
        counted = by_value | (self.status[nodes] == AGGREGATED)
        ruled = expand(counted, self.values.ndim)
        shares = self._apply(group, np.where(ruled, self.values[nodes], np.nan), counted)
        self.shares[nodes] = np.where(ruled, shares, self.shares[nodes])
        self.rests[nodes] = 0.0

    def _entered_shares(self, nodes: IntArray) -> FloatArray:
        """Shares of inner nodes before rules: the value, or points over the maximum."""
        values = self.values[nodes]
        in_points = self.entered[nodes] & (self.tree.entry[nodes] == "points")[:, None]
        scale = np.where(in_points, self.tree.max_points[nodes][:, None], 1.0)
        shares: FloatArray = values / expand(scale, values.ndim)
        return shares

    def _give_points(self, nodes: IntArray) -> None:
        """Points that an appraiser gave outright go before every rule."""
        given = self.cells.appraised[nodes]
        shares = self.cells.points[nodes] / self.tree.max_points[nodes][:, None]
        where = expand(given, self.shares.ndim)
        self.shares[nodes] = np.where(where, expand(shares, self.shares.ndim), self.shares[nodes])
        self.rests[nodes] = np.where(where, 0.0, self.rests[nodes])

    def _apply(self, group: RuleGroup, values: FloatArray, counted: BoolArray) -> FloatArray:
        if group.transform != "none":
            self._refuse_domain(group, values)
        return shares_by_rule(group, values, counted, self.panels)

    def _impute(self, missing: BoolArray, figures: FloatArray, among: IntArray) -> None:
        """Fill missing cells of the policy `impute` in `figures`: values of leaves, or shares of inner nodes."""
        nodes = among[(self.tree.policy[among] == "impute") & missing[among].any(axis=1)]
        if not nodes.size:
            return
        centres = centre(figures[nodes], self.known[nodes], self.tree, nodes, self.cells)
        there = ~np.isnan(centres).reshape(*centres.shape[:2], -1)[:, :, 0]
        filled = missing[nodes] & there
        figures[nodes] = np.where(expand(filled, centres.ndim), centres, figures[nodes])
        self.known[nodes] |= filled
        self.status[nodes] = np.where(filled, IMPUTED, self.status[nodes])

    def _zero(self, missing: BoolArray) -> None:
        """No evidence, no points: for every policy but `exclude_and_reweight`."""
        zero = missing & (self.tree.policy != "exclude_and_reweight")[:, None]
        self.shares[zero] = 0.0
        self.known |= zero
        self.status[zero] = MISSING_ZERO

    def _refuse_negative(self, step: Step) -> None:
        shares = self.shares[step.children]
        found = np.argwhere((shares < 0) & expand(self.known[step.children], shares.ndim))
        if found.size:
            child, unit = found[0][:2]
            node = self.tree.framework.nodes[step.children[child]]
            raise InputError(
                f"{node.code} of {self.cells.unit(unit)} has the negative share {shares[tuple(found[0])]:g}, "
                f"of which {node.parent} takes the geometric mean.",
                f"A geometric mean needs shares of 0 or more: correct the value, or write clip=yes at {node.code}.",
            )

    def _refuse_domain(self, group: RuleGroup, values: FloatArray) -> None:
        found = np.argwhere(outside_domain(values, group.transform))
        if found.size:
            node, unit = found[0][:2]
            raise InputError(
                f"{self.tree.codes[group.nodes[node]]} of {self.cells.unit(unit)} has the value "
                f"{values[tuple(found[0])]:g}, which has no {group.transform}.",
                "Correct the values below it, or leave out transform in nodes.csv.",
            )
