"""What becomes of every cell, whatever its value: which are measured, carried, imputed, covered, aggregated or zero.

A plan is made once; values, such as those of 10,000 draws, then go through it in blocks (tasks.scoring.evaluate).
"""

from dataclasses import dataclass, replace

import numpy as np

from tasks.scoring.arrays import BoolArray, FloatArray, IntArray, Panels
from tasks.scoring.cells import Cells
from tasks.scoring.combine import CLOSE
from tasks.scoring.denominate import Denominators, denominated
from tasks.scoring.imputation import INTERPOLATE, METHODS, nearest
from tasks.scoring.missing import Carried, above, carried_cells
from tasks.scoring.plan_parts import Application, Constant, Filling, StepPlan, Zeros
from tasks.scoring.rule_groups import RuleGroup
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
from tasks.scoring.tree import Step, Tree


@dataclass(frozen=True)
class Plan:
    """What is done with the cells of a framework.

    Attributes:
        tree: The framework.
        cells: The measurements: who is there and what was entered.
        panels: Units that are compared with each other.
        denominators: Leaves that are divided by others before anything else.
        divided: Cells that have a quotient or are not to be divided, shape (nodes, units).
        carried: Cells that take the value of an earlier period.
        filling: Leaves that are imputed; None where none is.
        rules: Rules of the leaves.
        zero: Leaves that get no points; None where none does.
        steps: The aggregations, the deepest first.
        status: How each cell comes about, codes of tasks.scoring.status, shape (nodes, units).
        constant: Leaves that are not computed anew; None: all are.
    """

    tree: Tree
    cells: Cells
    panels: Panels
    denominators: Denominators
    divided: BoolArray
    carried: Carried
    filling: Filling | None
    rules: tuple[Application, ...]
    zero: Zeros | None
    steps: tuple[StepPlan, ...]
    status: IntArray
    constant: Constant | None = None

    @classmethod
    def of(cls, tree: Tree, cells: Cells) -> "Plan":
        """Plan the evaluation of the cells."""
        return _Planning(tree, cells).plan()

    @property
    def computed(self) -> IntArray:
        """Leaves that are computed."""
        is_computed = self.tree.is_leaf.copy()
        if self.constant is not None:
            is_computed[self.constant.nodes] = False
        return np.flatnonzero(is_computed)

    def varying(self, varies: BoolArray, shares: FloatArray) -> "Plan":
        """The same plan for values that differ from those at hand in some leaves only.

        Args:
            varies: Nodes whose values differ, shape (nodes,).
            shares: What the plan gives for the values at hand, shape (nodes, units).
        """
        denominators, varies = self.denominators.drawn(varies, self.cells.values)
        still = np.flatnonzero(self.tree.is_leaf & ~varies)
        return replace(
            self,
            denominators=denominators,
            carried=self.carried.among(varies),
            filling=None if self.filling is None else self.filling.among(varies),
            rules=tuple(found for rule in self.rules if (found := rule.among(varies)) is not None),
            zero=None if self.zero is None else self.zero.among(varies),
            constant=Constant(still, shares[still]),
        )


class _Planning:
    """The masks that fill up while the tree is walked; all of shape (nodes, units)."""

    def __init__(self, tree: Tree, cells: Cells) -> None:
        self.tree = tree
        self.given = cells
        self.cells = cells = denominated(tree, cells)
        self.carried = carried_cells(tree, cells)
        carried = self.carried.mask
        self.valued: BoolArray = cells.measured | carried
        self.entered: BoolArray = self.valued | cells.appraised
        self.covered: BoolArray = ~self.entered & above(self.entered, tree)
        self.covered[~tree.is_leaf] = False  # found while aggregating: a child that is covered covers its parent
        self.known: BoolArray = self.entered.copy()
        self.status = np.where(carried, CARRIED_FORWARD, np.where(self.entered, self._measured()[:, None], EXCLUDED))

    def plan(self) -> Plan:
        leaves = np.flatnonzero(self.tree.is_leaf)
        missing = np.zeros_like(self.entered)
        missing[leaves] = ~self.entered[leaves] & ~self.covered[leaves]
        filling = self._impute(missing, leaves, self.valued)
        rules = tuple(Application(group, self.valued[group.nodes]) for group in self.tree.rules)
        zero = self._zero(missing & ~self.known)
        steps = tuple(self._step(step) for step in self.tree.steps)
        self.status[self.cells.appraised] = APPRAISED
        self.status[self.covered] = COVERED
        self.status[self.tree.is_apart] = SIDE_BY_SIDE
        panels = self.cells.panels(self.tree.framework.description.normalise_over)
        return Plan(
            tree=self.tree,
            cells=self.given,
            panels=panels,
            denominators=Denominators.of(self.tree),
            divided=self.cells.measured,
            carried=self.carried,
            filling=filling,
            rules=rules,
            zero=zero,
            steps=steps,
            status=self.status,
        )

    def _measured(self) -> IntArray:
        """What a value that was entered is called at each node."""
        nodes = self.tree.framework.nodes
        printed = np.array([node.rule == "published" or node.evidence == "published" for node in nodes])
        return np.where(printed | ~self.tree.is_leaf, PUBLISHED, MEASURED)

    def _step(self, step: Step) -> StepPlan:
        parents = step.parents
        there = self.known[step.children]
        left = np.add.reduceat(step.weights[:, None] * there, step.starts, axis=0)
        is_left = (left > 0) & (left >= step.needed[:, None] - CLOSE)
        entered = self.entered[parents]
        covered = np.logical_or.reduceat(self.covered[step.children], step.starts, axis=0) & ~entered
        made = is_left & ~entered & ~covered
        self.covered[parents] = covered
        self.known[parents] |= made
        self.status[parents] = np.where(made, AGGREGATED, self.status[parents])
        rules = tuple(self._rescaled(group) for group in step.rules)
        missing = np.zeros_like(self.entered)
        missing[parents] = ~self.known[parents] & ~covered
        filling = self._impute(missing, parents, self.known)
        zero = self._zero(missing & ~self.known)
        return StepPlan(
            step=step,
            there=there,
            made=made,
            is_all_made=bool(made.all()),
            rules=rules,
            filling=filling,
            zero=zero,
        )

    def _rescaled(self, group: RuleGroup) -> Application:
        """The rule of inner nodes: for their aggregates, and for values that were entered to be read by it."""
        nodes = group.nodes
        by_value = self.valued[nodes] & (self.tree.entry[nodes] == "value")[:, None]
        counted = by_value | (self.status[nodes] == AGGREGATED)
        return Application(group, counted)

    def _impute(self, missing: BoolArray, among: IntArray, valued: BoolArray) -> Filling | None:
        """Missing cells of the policy `impute`: where anybody of the period has a figure."""
        nodes = among[(self.tree.policy[among] == "impute") & missing[among].any(axis=1)]
        if not nodes.size:
            return None
        counted = valued[nodes]
        chosen = [self.tree.framework.nodes[node].parameters.get("impute", METHODS[0]) for node in nodes]
        methods = np.array([METHODS.index(name) for name in chosen])
        periods = Panels.by(self.cells.unit_period)
        there = periods.spread(periods.reduce(np.logical_or, counted))
        own = np.flatnonzero(methods == INTERPOLATE)
        for is_later in (False, True) if own.size else ():
            found = nearest(counted[own], self.cells, is_later) >= 0
            there[own] = found | there[own] if is_later else found
        filled = missing[nodes] & there
        self.known[nodes] |= filled
        self.status[nodes] = np.where(filled, IMPUTED, self.status[nodes])
        return Filling(nodes, methods, counted, filled)

    def _zero(self, missing: BoolArray) -> Zeros | None:
        """No evidence, no points: for every policy but `exclude_and_reweight`."""
        zero: BoolArray = missing & (self.tree.policy != "exclude_and_reweight")[:, None]
        self.known |= zero
        self.status[zero] = MISSING_ZERO
        return Zeros.of(zero)
