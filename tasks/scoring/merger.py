"""Units that merged after the period: the new one takes the arithmetic mean of its predecessors' nodes of one level.

Rule of DTI 2024: a province of 1 July 2025 gets the mean of the main indices of the provinces that it was made of
(docs/methods.md). For a node n of the level and predecessors P that have a share of it,

    share(new, n) = sum of share(p, n) over p in P / |P|;

what stands above is aggregated as usual, what stands below is covered. Where a value was entered above the level (a
published total), the mean is taken there too. Predecessors keep their shares and are not ranked.

The plan needs the statuses only; values and shares, such as those of draws, then go through it in blocks.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tasks.scoring.aggregate import DrawnWeights
from tasks.scoring.arrays import BoolArray, FloatArray, IntArray, expand
from tasks.scoring.evaluate import Result, compute
from tasks.scoring.inputs import Cells
from tasks.scoring.kinship import Families, Family, families_in
from tasks.scoring.plan import Plan
from tasks.scoring.status import EXCLUDED, MERGED
from tasks.scoring.tree import Tree


@dataclass(frozen=True)
class MergerPlan:
    """What becomes of the units.

    Attributes:
        cells: The units after the merger, those that ceased among them and marked.
        status: How each cell came about, shape (nodes, units after the merger).
        families: The merged units, in the order of `made`.
        kept: Place after the merger of each unit before it, shape (units before,).
        made: Place of each merged unit, shape (families,).
        above: How the merged units are aggregated; None where there are none.
    """

    cells: Cells
    status: IntArray
    families: tuple[Family, ...]
    kept: IntArray
    made: IntArray
    above: Plan | None

    @classmethod
    def of(cls, tree: Tree, cells: Cells, status: IntArray, families: Families) -> "MergerPlan":
        """Plan the merger.

        Args:
            tree: The framework.
            cells: The units that were measured.
            status: How each of their cells came about, shape (nodes, units).
            families: Agency that is ranked to its predecessors. A unit is made in each period in which at least one of
                them was scored.

        Raises:
            FrameworkError: The framework has no merger rule.
            InputError: A merged agency was measured itself.
        """
        found = families_in(tree, cells, status, families)
        agencies = tuple(sorted({*cells.agencies, *(family.agency for family in found)}))
        place = {agency: number for number, agency in enumerate(agencies)}
        agency = [*(place[cells.agencies[at]] for at in cells.unit_agency), *(place[one.agency] for one in found)]
        keys = np.array([*cells.unit_period, *(one.period for one in found)]) * len(agencies) + np.array(agency)
        order = np.argsort(keys, kind="stable")
        places = np.empty(len(order), dtype=np.intp)
        places[order] = np.arange(len(order))
        kept, made = places[: len(cells.unit_period)], places[len(cells.unit_period) :]
        units = keys[order]
        ceased = np.zeros(len(order), dtype=np.bool_)
        for family in found:
            ceased[kept[family.units]] = True
        after = Cells(
            cells.periods,
            agencies,
            units // len(agencies),
            units % len(agencies),
            _spread(cells.values, kept, len(order)),
            _spread(cells.points, kept, len(order)),
            cells.groups,
            ceased,
        )
        above = _plan_above(tree, cells, agencies, found) if found else None
        shown = np.empty((len(tree.codes), len(order)), dtype=status.dtype)
        shown[:, kept] = status
        for number, family in enumerate(found):
            shown[:, made[number]] = above.status[:, number] if above else EXCLUDED
            shown[family.entered, made[number]] = MERGED
        return cls(after, shown, found, kept, made, above)

    @property
    def absent(self) -> dict[str, tuple[str, ...]]:
        """Merged agency to the predecessors that had no score: its mean is over the others."""
        return {family.agency: family.absent for family in self.families if family.absent}

    def carry_out(self, values: FloatArray, shares: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Carry out the merger.

        Args:
            values: Values before it, shape (nodes, units before, ...).
            shares: Shares before it, shape of `values`.

        Returns:
            Values and shares of the units after the merger, shape (nodes, units after, ...).
        """
        merged, entered = self._merged(shares, None, is_exact=True)
        return self._placed(values, entered), self._placed(shares, merged)

    def shares_after(self, shares: FloatArray, weights: DrawnWeights | None) -> FloatArray:
        """Carry out the merger in a block of draws, with plain sums.

        Args:
            shares: Shares before it, shape (nodes, units before, draws).
            weights: Weights that differ from draw to draw, as `compute` was given them.

        Returns:
            Shares after it, shape (nodes, units after, draws).
        """
        return self._placed(shares, self._merged(shares, weights, is_exact=False)[0])

    def _merged(
        self, shares: FloatArray, weights: DrawnWeights | None, *, is_exact: bool
    ) -> tuple[FloatArray, FloatArray]:
        """Shares and values of the merged units, shape (nodes, families, ...)."""
        entered = np.full((shares.shape[0], len(self.families), *shares.shape[2:]), np.nan)
        for number, family in enumerate(self.families):
            entered[family.entered, number] = _mean(shares[np.ix_(family.entered, family.units)], family.known)
        if self.above is None:
            return entered, entered
        return compute(self.above, entered, weights=weights, is_exact=is_exact), entered

    def _placed(self, kept: FloatArray, made: FloatArray) -> FloatArray:
        """Units before the merger and merged ones, each at its place after it."""
        placed = np.empty((kept.shape[0], len(self.cells.unit_period), *kept.shape[2:]))
        placed[:, self.kept] = kept
        placed[:, self.made] = made
        return placed


def merge(tree: Tree, cells: Cells, result: Result, families: Families) -> tuple[Cells, Result]:
    """Give the units as they are ranked after a merger.

    Args:
        tree: The framework.
        cells: The units that were measured.
        result: What the engine made of them; further axes, such as draws, go through.
        families: Agency that is ranked to its predecessors.

    Returns:
        The units after the merger, those that ceased marked, and their result.

    Raises:
        FrameworkError: The framework has no merger rule.
        InputError: A merged agency was measured itself.
    """
    plan = MergerPlan.of(tree, cells, result.status, families)
    return plan.cells, Result(*plan.carry_out(result.values, result.shares), plan.status)


def _plan_above(tree: Tree, cells: Cells, agencies: tuple[str, ...], families: Sequence[Family]) -> Plan:
    """How the merged units are aggregated: as if their shares had been entered where the mean is taken."""
    shape = (len(tree.codes), len(families))
    entered = np.full(shape, np.nan)
    for number, family in enumerate(families):
        entered[family.entered, number] = 0.0
    as_shares = replace(tree, entry=np.where(tree.is_leaf, "", "share"))
    period = np.array([family.period for family in families])
    agency = np.array([agencies.index(family.agency) for family in families])
    return Plan.of(as_shares, Cells(cells.periods, agencies, period, agency, entered, np.full(shape, np.nan)))


def _mean(shares: FloatArray, known: BoolArray) -> FloatArray:
    """Mean over axis 1 of the cells that are known, between the lowest and the highest of them whatever the rounding.

    Args:
        shares: Shape (k, predecessors, ...).
        known: Shape (k, predecessors); in each row at least one.
    """
    there = expand(known, shares.ndim)
    total = np.zeros((shares.shape[0], *shares.shape[2:]))
    for predecessor in range(shares.shape[1]):
        total += np.where(there[:, predecessor], shares[:, predecessor], 0.0)
    mean = total / expand(known.sum(axis=1), total.ndim)
    lowest = np.where(there, shares, np.inf).min(axis=1)
    highest = np.where(there, shares, -np.inf).max(axis=1)
    bounded: FloatArray = np.clip(mean, lowest, highest)
    return bounded


def _spread(figures: FloatArray, places: IntArray, size: int) -> FloatArray:
    """Put units at their places among `size`, NaN at the others: (nodes, units, ...) to (nodes, size, ...)."""
    spread = np.full((figures.shape[0], size, *figures.shape[2:]), np.nan)
    spread[:, places] = figures
    return spread
