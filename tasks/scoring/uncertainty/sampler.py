"""One block of draws: what is drawn is put into the cells, and they go through the engine."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from tasks.scoring.arrays import BoolArray, FloatArray, IntArray
from tasks.scoring.evaluate import Given, compute, evaluate
from tasks.scoring.inputs import Cells, cells_of
from tasks.scoring.merger import MergerPlan
from tasks.scoring.plan import Plan
from tasks.scoring.scratch import Scratch
from tasks.scoring.tree import Tree
from tasks.scoring.uncertainty.errors import SourceErrors, errors_of, has_known_errors
from tasks.scoring.uncertainty.reversals import Reversals, reversals_of
from tasks.scoring.uncertainty.streams import block_size, stream
from tasks.scoring.uncertainty.variants import Choice, plans
from tasks.scoring.uncertainty.weights import WeightDraws, weights_for
from tasks.scoring.weights import weighted
from warehouse.errors import InputError
from warehouse.frameworks.alternatives import Alternative
from warehouse.frameworks.model import Framework
from warehouse.frameworks.uncertainty import MEASURED, PERTURBATIONS, Uncertainty

FIRST: Mapping[str, int] = MappingProxyType({})  # of each perturbation the first copy of its random numbers


@dataclass(frozen=True)
class Sampler:
    """Everything that is drawn of one scored round.

    Attributes:
        tree: The framework.
        cells: The measurements.
        mergers: What becomes of the units under each combination of alternatives; empty where nobody merged.
        ranked: The units that are ranked: those of the measurements, or those after the merger.
        shares: What is published, shape (nodes, ranked units).
        errors: Errors of what was measured, by kind of evidence.
        has_known_errors: Whether anything is known of errors; of figures that were reported 0 means unknown.
        reversals: Decisions of the council that may be made the other way; None where there are none.
        weights: How weights are drawn.
        alternatives: Other ways to compute.
        varies: Nodes whose values go into every draw, shape (nodes,).
        blank: Inner nodes without values that some unit does not aggregate, shape (k,).
        plans: How the cells are evaluated under each combination of them.
        drawn: What is drawn of all this, in the order of `PERTURBATIONS`.
        seed: Seed of the random numbers.
        size: Draws of a block.
    """

    tree: Tree
    cells: Cells
    mergers: Mapping[Choice, MergerPlan]
    ranked: Cells
    shares: FloatArray
    errors: tuple[SourceErrors, ...]
    has_known_errors: bool
    reversals: Reversals | None
    weights: WeightDraws
    alternatives: tuple[Alternative, ...]
    varies: BoolArray
    blank: IntArray
    plans: Mapping[Choice, Plan]
    drawn: tuple[str, ...]
    seed: int
    size: int

    @classmethod
    def of(
        cls,
        framework: Framework,
        measurements: pd.DataFrame,
        factors: pd.DataFrame,
        uncertainty: Uncertainty,
        seed: int,
        groups: Mapping[str, str] | None = None,
        families: Mapping[str, Sequence[str]] = MappingProxyType({}),
    ) -> "Sampler":
        """Prepare the draws of a round.

        Args:
            framework: The framework.
            measurements: Rows as the engine takes them, with their standard errors.
            factors: ERROR_FACTOR rows.
            uncertainty: What is to be drawn.
            seed: Seed of the random numbers.
            groups: Agency to ranking group; left out, what groups.csv of the framework says.
            families: Agency that is ranked in place of others to these, its predecessors.

        Raises:
            FrameworkError: An alternative cannot be computed.
            InputError: A row cannot be scored, or the rows are of several periods.
        """
        plain = Tree.of(framework)
        cells = cells_of(measurements, plain, "The measurements", groups)
        _refuse_periods(cells)
        tree, _ = weighted(plain, cells)
        result = evaluate(tree, cells)
        shares = result.shares
        errors = errors_of(tree, cells, measurements, factors)
        reversals = reversals_of(tree, cells, shares, measurements, uncertainty.appraisal.reversal)
        alternatives = tuple(one for one in uncertainty.alternatives if one.switch in uncertainty.drawn)
        varies = _varying(tree, cells, errors, reversals)
        planned = plans(tree, cells, alternatives)
        mergers = {
            choice: MergerPlan.of(plan.tree, cells, plan.status, families)
            for choice, plan in planned.items()
            if families
        }
        merger = mergers.get((0,) * len(alternatives))
        there = {source.source for source in errors} | {one.switch for one in alternatives} | {"weights"}
        there |= {"appraisal"} if reversals else set()
        return cls(
            tree=tree,
            cells=cells,
            mergers=mergers,
            ranked=merger.cells if merger else cells,
            shares=merger.carry_out(result.values, shares)[1] if merger else shares,
            errors=errors,
            has_known_errors=has_known_errors(tree, measurements),
            reversals=reversals,
            weights=WeightDraws.around(tree, uncertainty.weights.strength),
            alternatives=alternatives,
            varies=varies,
            blank=_blank(planned.values(), varies),
            plans={
                choice: plan.varying(varies, compute(plan, cells.values.copy())) for choice, plan in planned.items()
            },
            drawn=tuple(name for name in PERTURBATIONS if name in there and name in uncertainty.drawn),
            seed=seed,
            size=block_size(cells.values.size),
        )

    @property
    def measured(self) -> tuple[str, ...]:
        """Kinds of evidence whose errors are known: what a confidence set speaks of, whatever else is drawn."""
        return tuple(source.source for source in self.errors if source.source in MEASURED)

    def draw(
        self,
        block: int,
        nodes: Sequence[int],
        drawn: Collection[str],
        copies: Mapping[str, int] = FIRST,
        scratch: Scratch | None = None,
        *,
        mirrored: bool = True,
    ) -> FloatArray:
        """Shares of some nodes in one block of draws.

        Errors of what was measured come in pairs of opposite sign (antithetic variates: J. M. Hammersley and K. W.
        Morton, Proceedings of the Cambridge Philosophical Society 52, 1956): half of the random numbers, and errors
        that have no mean. The second half of a block mirrors the first.

        Args:
            block: Number of the block.
            nodes: Indices of the nodes.
            drawn: What is drawn; the rest is as published.
            copies: Which copy of the random numbers a perturbation takes; left out, the first.
            scratch: Memory to use again for the next block; not to be shared between threads.
            mirrored: Whether they do; False: every draw is independent of the others.

        Returns:
            Shape (nodes, ranked units, size).
        """
        memory = scratch or Scratch()
        values = self._cells(block, drawn, copies, memory, mirrored)
        return self._with_method(values, block, nodes, drawn, copies, memory)

    @property
    def independent(self) -> int:
        """Draws of a block that mirror no other."""
        return max(self.size // 2, 1)

    def draw_twice(
        self, block: int, nodes: Sequence[int], scratch: Scratch | None = None
    ) -> tuple[FloatArray, FloatArray]:
        """Shares of some nodes in one block: with all that is drawn, and with the errors of what was measured alone.

        The first is what `draw` gives, the second is it for the draws that mirror no other. Where the errors are the
        same in both, they are drawn once.

        Args:
            block: Number of the block.
            nodes: Indices of the nodes.
            scratch: As for `draw`.

        Returns:
            Two arrays, of the shapes (nodes, ranked units, size) and (nodes, ranked units, independent).
        """
        memory, half = scratch or Scratch(), self.independent
        if not set(self.measured) <= set(self.drawn):
            full = self.draw(block, nodes, self.drawn, scratch=memory)
            return full, self.draw(block, nodes, self.measured, scratch=memory)[:, :, :half]
        values = self._cells(block, self.drawn, FIRST, memory, mirrored=True)
        # An evaluation divides values and writes aggregates into them, so that the other one gets its own.
        alone = values[:, :, :half].copy()
        full = self._with_method(values, block, nodes, self.drawn, FIRST, memory)
        plan = (0,) * len(self.alternatives)
        return full, self._through(plan, alone, None, None, memory)[list(nodes)]

    def _random(self, name: str, block: int, copies: Mapping[str, int]) -> np.random.Generator:
        return stream(self.seed, name, block, copies.get(name, 0))

    def _cells(
        self, block: int, drawn: Collection[str], copies: Mapping[str, int], scratch: Scratch, mirrored: bool
    ) -> FloatArray:
        """Values with the errors of what was measured, shape (nodes, units, size); of other leaves anything."""
        values = scratch.get("values", (*self.cells.values.shape, self.size))
        sources = [source for source in self.errors if source.source in drawn]
        still = self.varies.copy()
        for source in sources:
            still[source.whole] = False
        values[still] = self.cells.values[still][:, :, None]
        values[self.blank] = np.nan
        for source in sources:
            random = self._random(source.source, block, copies)
            source.put(values.reshape(-1, self.size), random, scratch, mirrored=mirrored and self.size > 1)
        return values

    def _with_method(
        self,
        values: FloatArray,
        block: int,
        nodes: Sequence[int],
        drawn: Collection[str],
        copies: Mapping[str, int],
        scratch: Scratch,
    ) -> FloatArray:
        """Evaluate values with decisions, weights and alternatives that are drawn."""

        def random(name: str) -> np.random.Generator:
            return self._random(name, block, copies)

        given = self.reversals.draw(random("appraisal"), self.size) if self.reversals and "appraisal" in drawn else None
        weights = self.weights.draw(random("weights"), self.size) if "weights" in drawn else None
        randoms = {one.switch: random(one.switch) for one in self.alternatives if one.switch in drawn}
        choices = [
            randoms[one.switch].integers(0, len(one.to) + 1, self.size)
            if one.switch in drawn
            else np.zeros(self.size, dtype=np.intp)
            for one in self.alternatives
        ]
        return self._through_plans(values, given, weights, np.array(choices, dtype=np.intp), list(nodes), scratch)

    def _through_plans(
        self,
        values: FloatArray,
        given: Given | None,
        weights: FloatArray | None,
        choices: IntArray,
        nodes: list[int],
        scratch: Scratch,
    ) -> FloatArray:
        """Evaluate each draw by the plan that was drawn for it."""
        if not self.alternatives:
            return self._through((), values, given, weights, scratch)[nodes]
        found = np.empty((len(nodes), len(self.ranked.unit_agency), self.size))
        for choice in sorted({tuple(int(one) for one in column) for column in choices.T}):
            at = np.flatnonzero((choices == np.array(choice)[:, None]).all(axis=0))
            part = None if given is None else Given(given.nodes, given.units, given.shares, given.where[:, at])
            found[:, :, at] = self._through(
                choice, values[:, :, at], part, None if weights is None else weights[:, at], scratch
            )[nodes]
        return found

    def _through(
        self, choice: Choice, values: FloatArray, given: Given | None, weights: FloatArray | None, scratch: Scratch
    ) -> FloatArray:
        plan = self.plans[choice]
        drawn = None if weights is None else weights_for(plan, weights)
        shares = compute(plan, values, weights=drawn, given=given, is_exact=False, scratch=scratch)
        return self.mergers[choice].shares_after(shares, drawn) if self.mergers else shares


def _refuse_periods(cells: Cells) -> None:
    if len(cells.periods) > 1:
        raise InputError(
            f"The measurements are of {len(cells.periods)} periods, {cells.periods[0]} to {cells.periods[-1]}: "
            "who is ranked with whom is not clear.",
            "Give the measurements of one period.",
        )


def _blank(planned: Iterable[Plan], varies: BoolArray) -> IntArray:
    """Inner nodes whose values are read although nothing may have been written there."""
    found = {int(node) for plan in planned for step in plan.steps if not step.is_all_made for node in step.step.parents}
    return np.array(sorted(node for node in found if not varies[node]), dtype=np.intp)


def _varying(tree: Tree, cells: Cells, errors: tuple[SourceErrors, ...], reversals: Reversals | None) -> BoolArray:
    """Nodes whose values go into every draw, shape (nodes,): what is drawn, and what was entered at inner nodes."""
    # Of other leaves the plan keeps the shares; of values that were entered at inner nodes it keeps nothing.
    varies: BoolArray = ~tree.is_leaf & cells.measured.any(axis=1)
    for source in errors:
        varies[source.cells // cells.values.shape[1]] = True
    if reversals:
        varies[reversals.nodes] = True
    return varies
