"""Errors of what was measured: by their standard errors, together where measurements share their source.

The error of a cell is the sum over its factors of loading x z, where z is the same for every cell that names the
factor: standard normal, or Student's where the loading was estimated (`factors.py`); a cell without factors has a
normal error of its own. Where sizes are known the errors have the covariance L L' of their loadings L, where they were
estimated that is their scale (docs/methods.md).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tasks.scoring.arrays import BoolArray, FloatArray, IntArray
from tasks.scoring.inputs import Cells
from tasks.scoring.scratch import Scratch
from tasks.scoring.tree import Tree
from tasks.scoring.uncertainty.factors import Own, Sizes, Stack, own_of, own_parts, sizes_of, stacks
from warehouse.frameworks.model import Node
from warehouse.frameworks.rules import COMPARING, PLACES, STAGES
from warehouse.frameworks.uncertainty import SAMPLED

_ROOM = 10.0  # what has a logarithm or divides is drawn down to the least positive value over this


@dataclass(frozen=True)
class SourceErrors:
    """The errors of one kind of evidence.

    Attributes:
        source: Kind of evidence.
        cells: Position of each cell in (nodes x units), shape (n,): first those that share nothing.
        own: Errors of those that share nothing, in the node's unit.
        stacks: Errors of the others, by blocks.
        sizes: How well the sizes of the errors are known.
        values: Measured values of all of them, in the order of `cells`.
        cut: Positions of those that must be kept within what is valid, because their rule does not cut their share.
        low: Least valid value of each cell, shape (n,).
        high: Largest valid value of each cell, shape (n,).
        whole: Nodes of which every unit is drawn.
    """

    source: str
    cells: IntArray
    own: Own
    stacks: tuple[Stack, ...]
    sizes: Sizes
    values: FloatArray
    cut: IntArray
    low: FloatArray
    high: FloatArray
    whole: IntArray

    def put(self, values: FloatArray, random: np.random.Generator, scratch: Scratch, *, mirrored: bool = False) -> None:
        """Write drawn values; one that would be invalid is the nearest valid one.

        Args:
            values: Shape (nodes x units, draws); changed in place.
            random: Random numbers of this source and block.
            scratch: Memory to use.
            mirrored: Whether the second half of the draws has the errors of the first with the opposite sign.
        """
        draws = values.shape[1] // 2 if mirrored else values.shape[1]
        errors = scratch.get("errors", (len(self.cells), draws))
        self._draw(errors, random)
        drawn = scratch.get("drawn", (len(self.cells), draws))
        for half in range(2 if mirrored else 1):
            shift = np.subtract if half else np.add
            shift(self.values[:, None], errors, out=drawn)
            cut = self.cut
            if cut.size:
                drawn[cut] = np.clip(drawn[cut], self.low[cut, None], self.high[cut, None])
            values[self.cells, half * draws : (half + 1) * draws] = drawn

    def _draw(self, errors: FloatArray, random: np.random.Generator) -> None:
        """Draw the errors of all cells into an array of shape (n, draws)."""
        sizes = self.sizes.draw(random, errors.shape[1])
        begin = len(self.own.deviations)
        self.own.draw(errors[:begin], random, sizes)
        for stack in self.stacks:
            end = begin + len(stack.rows)
            errors[begin:end] = stack.errors(random, sizes)
            begin = end


def errors_of(tree: Tree, cells: Cells, measurements: pd.DataFrame, factors: pd.DataFrame) -> tuple[SourceErrors, ...]:
    """Find the errors of the cells that were measured.

    Args:
        tree: The framework.
        cells: The cells of the measurements.
        measurements: The rows the cells were made of; of several stages the last counts.
        factors: ERROR_FACTOR rows; those of other cells are left out.

    Returns:
        One entry for each kind of evidence with a standard error, in the order of their names.
    """
    rows = _uncertain(tree, cells, measurements)
    shared = _shared(rows, factors)
    limits = _Limits.of(tree, cells)
    return tuple(_source(str(name), of, shared, limits) for name, of in rows.groupby("source", sort=True))


def has_known_errors(tree: Tree, measurements: pd.DataFrame) -> bool:
    """Whether anything is known of errors: one above 0, or one of 0 that is an estimate and not a gap."""
    rows = _counted(measurements)
    sampled = rows["node"].isin({node.code for node in tree.framework.nodes if node.evidence in SAMPLED})
    return bool((rows["standard_error"].gt(0) | (sampled & rows["standard_error"].notna())).any())


def _counted(measurements: pd.DataFrame) -> pd.DataFrame:
    """The rows whose value counts: of several stages the last; points that were given outright replace a value."""
    if "standard_error" not in measurements:
        measurements = measurements.assign(standard_error=np.nan)
    names = ["agency", "node", *(name for name in ("period", "stage", "points") if name in measurements)]
    rows = measurements[[*names, "standard_error"]]
    if "stage" in rows:
        order = rows["stage"].map({name: place for place, name in enumerate(STAGES)}).fillna(len(STAGES) - 1)
        keys = [name for name in ("agency", "node", "period") if name in rows]
        rows = rows.assign(order=order).sort_values("order", kind="stable").drop_duplicates(keys, keep="last")
    return rows[rows["points"].isna()] if "points" in rows else rows


def _uncertain(tree: Tree, cells: Cells, measurements: pd.DataFrame) -> pd.DataFrame:
    """Cells with a standard error: agency, node, source, cell, error."""
    rows = _counted(measurements)
    rows = rows[rows["standard_error"].gt(0).to_numpy(dtype=bool)]
    node = rows["node"].map({code: index for index, code in enumerate(tree.codes)}).to_numpy(dtype=np.intp)
    evidence = np.array([one.evidence or "published" for one in tree.framework.nodes])
    return pd.DataFrame(
        {
            "agency": rows["agency"].astype(str).to_numpy(),
            "node": rows["node"].astype(str).to_numpy(),
            "period": rows["period"].astype(str).to_numpy() if "period" in rows else "",
            "source": evidence[node],
            "cell": node * len(cells.unit_agency) + _units(cells, rows),
            "error": rows["standard_error"].to_numpy(dtype=np.float64),
        }
    ).sort_values("cell", ignore_index=True)


def _units(cells: Cells, rows: pd.DataFrame) -> IntArray:
    known = {
        (cells.periods[period], cells.agencies[agency]): unit
        for unit, (period, agency) in enumerate(zip(cells.unit_period, cells.unit_agency, strict=True))
    }
    periods = rows["period"].astype(str) if "period" in rows and cells.periods != ("",) else [""] * len(rows)
    keys = zip(periods, rows["agency"].astype(str), strict=True)
    return np.array([known[key] for key in keys], dtype=np.intp)


def _shared(rows: pd.DataFrame, factors: pd.DataFrame) -> pd.DataFrame:
    """Loadings of the cells that have factors: cell, source, factor, loading, block, degrees_of_freedom."""
    keys = ["agency", "node"] + (["period"] if (rows["period"] != "").all() and len(rows) else [])
    said = ["factor", "loading", "block", "degrees_of_freedom"]
    named = factors[[*keys, *said]].merge(rows[[*keys, "cell", "source"]], on=keys)
    return named.sort_values(["cell", "factor"], ignore_index=True)


def _source(name: str, rows: pd.DataFrame, shared: pd.DataFrame, limits: "_Limits") -> SourceErrors:
    factors, sizes = sizes_of(shared[shared["source"] == name])
    own, common = own_parts(factors)
    alone = rows[~rows["cell"].isin(common["cell"])]
    found = list(stacks(common, own))
    single = alone["cell"].to_numpy(dtype=np.intp)
    cells = np.concatenate([single, *(positions for positions, _ in found)])
    return SourceErrors(
        source=name,
        cells=cells,
        own=Own(alone["error"].to_numpy(dtype=np.float64), own_of(own, single).sizes),
        stacks=tuple(stack for _, stack in found),
        sizes=sizes,
        values=limits.values[cells],
        cut=np.flatnonzero(limits.is_open[cells]),
        low=limits.low[cells],
        high=limits.high[cells],
        whole=np.flatnonzero(np.bincount(cells // limits.units) == limits.units),
    )


@dataclass(frozen=True)
class _Limits:
    """What may be drawn in each cell; all of shape (nodes x units,)."""

    values: FloatArray
    low: FloatArray
    high: FloatArray
    is_open: BoolArray
    units: int

    @classmethod
    def of(cls, tree: Tree, cells: Cells) -> "_Limits":
        nodes, units = tree.framework.nodes, cells.values.shape[1]
        bounds = np.array([node.bounds for node in nodes])
        low, high = bounds.T.copy()
        # A bound that was measured to be passed bounds nothing, whatever the rule says of it.
        low[(cells.values < low[:, None]).any(axis=1)] = -np.inf
        high[(cells.values > high[:, None]).any(axis=1)] = np.inf
        positive = np.where(cells.values > 0, cells.values, np.inf).min(axis=1)
        divisors = {node.parameters.get("per") for node in nodes}
        for index, node in enumerate(nodes):
            if node.code in divisors or str(node.parameter("transform") or "none").startswith("log"):
                low[index] = max(low[index], positive[index] / _ROOM)  # 0 has no logarithm and divides nothing
        is_open = np.array([node.code in divisors or _is_open(node) for node in nodes])
        low, high, is_open = (np.repeat(of, units) for of in (low, high, is_open))
        return cls(cells.values.ravel(), low, high, is_open, units)


def _is_open(node: Node) -> bool:
    """Whether an invalid value would count: the share is not cut, or others are compared with the value itself."""
    is_transformed = node.parameter("transform") not in (None, "none")
    is_compared = node.rule in (*COMPARING, *PLACES) or node.missing == "impute"
    return not node.rule or not node.clip or is_transformed or is_compared
