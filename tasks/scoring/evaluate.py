"""Scoring the tree: from cells to the share of every node, the leaves first and then the inner nodes up to the root."""

from dataclasses import dataclass

import numpy as np

from tasks.scoring.aggregate import DrawnWeights, aggregate, aggregate_exactly
from tasks.scoring.arrays import BoolArray, FloatArray, IntArray, expand, put
from tasks.scoring.cells import Cells
from tasks.scoring.denominate import refuse_lost
from tasks.scoring.domains import cut_to_domain, refuse_outside, refuse_untransformable
from tasks.scoring.finite import refuse_infinite
from tasks.scoring.imputation import stand_ins
from tasks.scoring.plan import Plan
from tasks.scoring.plan_parts import Application, Filling, StepPlan, Zeros
from tasks.scoring.rules import shares_by_rule
from tasks.scoring.scratch import Scratch
from tasks.scoring.tree import ARITHMETIC, Tree
from warehouse.frameworks.rules import COUNT


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


@dataclass(frozen=True)
class Given:
    """Shares of leaves that are given outright in some draws.

    Attributes:
        nodes: Their nodes, shape (n,).
        units: Their units, shape (n,).
        shares: The shares, shape (n,).
        where: In which draws, shape (n, draws).
    """

    nodes: IntArray
    units: IntArray
    shares: FloatArray
    where: BoolArray


def evaluate(tree: Tree, cells: Cells) -> Result:
    """Score the cells, the leaves first and then the inner nodes from the deepest to the root.

    Args:
        tree: The framework.
        cells: The measurements; further axes of the values, such as draws, go through all steps at once.

    Raises:
        InputError: A share or an aggregate outside the domain of its aggregation or transform, or not finite.
    """
    plan = Plan.of(tree, cells)
    values = cells.values.copy()
    return Result(values, compute(plan, values), plan.status)


def compute(
    plan: Plan,
    values: FloatArray,
    *,
    weights: DrawnWeights | None = None,
    given: Given | None = None,
    is_exact: bool = True,
    scratch: Scratch | None = None,
) -> FloatArray:
    """Carry out a plan.

    Args:
        plan: What becomes of which cell.
        values: Values of the cells that the plan was made for, shape (nodes, units, ...); those that are carried,
            imputed and aggregated are written into it.
        weights: Weights that differ from draw to draw; left out, those of the framework.
        given: Shares of leaves that go before everything else in some draws.
        is_exact: Whether sums are those of exact arithmetic, rounded once (tasks.scoring.aggregate): what is published
            is. Plain sums differ from them in the last digit and take half the time; shares of theirs that an
            aggregation cannot take are cut to what it can, not refused.
        scratch: Memory to use; the shares are in it, and used up by the next call with it.

    Returns:
        Shares, shape of `values`; NaN where excluded or covered.

    Raises:
        InputError: A share or an aggregate outside the domain of its aggregation or transform.
    """
    return _Computation(plan, values, weights, given, is_exact, scratch or Scratch()).run()


class _Computation:
    """The arrays that fill up while the tree is scored."""

    def __init__(
        self,
        plan: Plan,
        values: FloatArray,
        weights: DrawnWeights | None,
        given: Given | None,
        is_exact: bool,
        scratch: Scratch,
    ) -> None:
        self.plan = plan
        self.given = given
        self.tree: Tree = plan.tree
        self.weights = weights
        self.values = values
        self.scratch = scratch
        self.shares = scratch.get("shares", values.shape)
        self.shares[self.tree.is_apart] = np.nan
        self.rests: FloatArray | None = np.zeros(values.shape) if is_exact else None

    def run(self) -> FloatArray:
        plan = self.plan
        if plan.denominators.nodes.size:
            plan.denominators.divide(self.values)
            refuse_lost(plan.denominators, self.values, plan.divided, self.tree, plan.cells)
        plan.carried.fill(self.values)
        self._impute(plan.filling, self.values)
        if plan.constant is not None:
            self.shares[plan.constant.nodes] = expand(plan.constant.shares, self.shares.ndim)
        for application in plan.rules:
            nodes = application.group.nodes
            self.shares[nodes] = self._apply(application, self.scratch.take("taken", self.values, nodes))
        if plan.cells.has_points:
            self._give_points(plan.computed)
        self._zero(plan.zero)
        if self.given is not None:
            at = (self.given.nodes, self.given.units)
            self.shares[at] = np.where(self.given.where, self.given.shares[:, None], self.shares[at])
        for number, step in enumerate(plan.steps):
            self._inner(step, None if self.weights is None else self.weights.steps[number])
        return self.shares

    def _inner(self, plan: StepPlan, weights: FloatArray | None) -> None:
        parents = plan.step.parents
        if plan.step.kind != ARITHMETIC:
            self._keep_inside(plan)
        made = self._aggregates(plan, weights)
        if plan.is_all_made:
            self.values[parents] = made
            self.shares[parents] = made
        else:
            self.values[parents] = np.where(expand(plan.made, made.ndim), made, self.values[parents])
            self.shares[parents] = self._entered_shares(parents)
        for application in plan.rules:
            self._rescale(application)
        if self.plan.cells.has_points:
            self._give_points(parents)
        self._impute(plan.filling, self.shares)
        self._zero(plan.zero)

    def _aggregates(self, plan: StepPlan, weights: FloatArray | None) -> FloatArray:
        if self.rests is None:
            return aggregate(self.shares, plan.there, plan.step, self.plan.panels, weights, self.scratch)
        with np.errstate(over="ignore", invalid="ignore"):
            made = aggregate_exactly(self.shares, self.rests, plan.there, plan.step, self.plan.panels)
        refuse_infinite(made.shares, plan.made, plan.step.parents, self.tree, self.plan.cells)
        self.rests[plan.step.parents] = np.where(expand(plan.made, made.rests.ndim), made.rests, 0.0)
        return made.shares

    def _rescale(self, application: Application) -> None:
        """Apply the rule of inner nodes to their aggregates, and to values that were entered to be read by it."""
        nodes = application.group.nodes
        ruled = expand(application.counted, self.values.ndim)
        shares = self._apply(application, np.where(ruled, self.values[nodes], np.nan))
        self.shares[nodes] = np.where(ruled, shares, self.shares[nodes])
        self._forget_rests(nodes)

    def _entered_shares(self, nodes: IntArray) -> FloatArray:
        """Shares of inner nodes before rules: the value, or points over the maximum."""
        values = self.values[nodes]
        entered = self.plan.cells.measured[nodes] | self.plan.carried.mask[nodes]
        in_points = entered & (self.tree.entry[nodes] == "points")[:, None]
        scale = np.where(in_points, self.tree.max_points[nodes][:, None], 1.0)
        shares: FloatArray = values / expand(scale, values.ndim)
        return shares

    def _give_points(self, nodes: IntArray) -> None:
        """Points that an appraiser gave outright go before every rule."""
        given = self.plan.cells.appraised[nodes]
        nodes = nodes[given.any(axis=1)]
        if nodes.size:
            given = self.plan.cells.appraised[nodes]
            most = self.tree.max_points[nodes][:, None]
            granted = self.plan.cells.points[nodes] / np.where(most > 0, most, 1.0)  # of 0 points only 0 can be given
            shares = self.shares[nodes]
            put(shares, given, expand(granted, shares.ndim))
            self.shares[nodes] = shares
            self._forget_rests(nodes, given)

    def _forget_rests(self, nodes: IntArray, where: BoolArray | None = None) -> None:
        if self.rests is not None:
            kept = self.rests[nodes]
            kept[...] = 0.0 if where is None else np.where(expand(where, kept.ndim), 0.0, kept)
            self.rests[nodes] = kept

    def _apply(self, application: Application, values: FloatArray) -> FloatArray:
        low, high = self.tree.caps[:, application.group.nodes]
        if np.isfinite(low).any() or np.isfinite(high).any():
            values = np.clip(values, expand(low[:, None], values.ndim), expand(high[:, None], values.ndim))
        if application.group.transform != "none":
            refuse_untransformable(values, application.group, self.tree, self.plan.cells)
        group, counted, panels = application.group, application.counted, self.plan.panels
        if self.rests is None or group.rule == COUNT:
            return shares_by_rule(group, values, counted, panels)
        there = ~np.isnan(values)  # the rule uses the values up
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            shares = shares_by_rule(group, values, counted, panels)
        refuse_infinite(shares, there, group.nodes, self.tree, self.plan.cells)
        return shares

    def _impute(self, filling: Filling | None, figures: FloatArray) -> None:
        """Fill cells in `figures`: values of leaves, or shares of inner nodes."""
        if filling is None:
            return
        nodes = filling.nodes
        chosen = figures[nodes]
        put(chosen, filling.filled, stand_ins(chosen, filling.counted, filling.methods, self.plan.cells))
        figures[nodes] = chosen

    def _zero(self, zeros: Zeros | None) -> None:
        """No evidence, no points."""
        if zeros is not None:
            shares = self.shares[zeros.nodes]
            put(shares, zeros.cells, 0.0)
            self.shares[zeros.nodes] = shares

    def _keep_inside(self, plan: StepPlan) -> None:
        """Refuse shares that the aggregation cannot take; of draws, which are near the published ones, cut them."""
        if self.rests is None:
            cut_to_domain(self.shares, plan.step)
        else:
            refuse_outside(self.shares, plan.step, plan.there, self.tree, self.plan.cells)
