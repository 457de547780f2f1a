"""Denomination: values per head, per household, per unit of product before anything else is done with them.

Source: OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 3 (scaling by size).
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tasks.scoring.arrays import BoolArray, FloatArray, IntArray, expand
from tasks.scoring.cells import Cells
from tasks.scoring.tree import Tree
from warehouse.errors import InputError


@dataclass(frozen=True)
class Denominators:
    """Leaves that are divided by another leaf.

    Attributes:
        nodes: The leaves, shape (k,).
        per: The leaves by which they are divided, shape (k,).
        scale: What the quotients are multiplied by, shape (k,).
        held: Leaves of both kinds that are not drawn, shape (h,).
        values: Their measured values, shape (h, units).
    """

    nodes: IntArray
    per: IntArray
    scale: FloatArray
    held: IntArray
    values: FloatArray

    @classmethod
    def of(cls, tree: Tree) -> "Denominators":
        """The leaves of a framework that have the parameter `per`; nothing is held."""
        place = {code: index for index, code in enumerate(tree.codes)}
        found = [node for node in tree.framework.nodes if "per" in node.parameters]
        return cls(
            nodes=np.array([place[node.code] for node in found], dtype=np.intp),
            per=np.array([place[node.parameters["per"]] for node in found], dtype=np.intp),
            scale=np.array([node.parameter("per_scale") for node in found], dtype=np.float64),
            held=np.zeros(0, dtype=np.intp),
            values=np.zeros((0, 0)),
        )

    def drawn(self, varies: BoolArray, values: FloatArray) -> tuple["Denominators", BoolArray]:
        """For values of which only some are drawn.

        Args:
            varies: Nodes that are drawn, shape (nodes,).
            values: Measured values, shape (nodes, units).

        Returns:
            The leaves to be divided, with what is held of them and of their denominators; and the nodes that vary,
            those whose denominator does included.
        """
        spread = varies.copy()
        spread[self.nodes] |= varies[self.per]
        kept = spread[self.nodes]
        nodes, per = self.nodes[kept], self.per[kept]
        both = np.unique(np.concatenate([nodes, per]))
        held = both[~varies[both]]
        return Denominators(nodes, per, self.scale[kept], held, values[held]), spread

    def divide(self, values: FloatArray) -> None:
        """Divide, in place; a value whose denominator is missing or not above 0 is missing.

        Args:
            values: Shape (nodes, units, ...).
        """
        if self.nodes.size:
            if self.held.size:
                values[self.held] = expand(self.values, values.ndim)
            divisor = values[self.per]
            scale = expand(self.scale, values.ndim)
            values[self.nodes] = values[self.nodes] / np.where(divisor > 0, divisor, np.nan) * scale


def denominated(tree: Tree, cells: Cells) -> Cells:
    """The cells with quotients in place of the values that are to be divided."""
    denominators = Denominators.of(tree)
    if not denominators.nodes.size:
        return cells
    values = cells.values.copy()
    denominators.divide(values)
    return replace(cells, values=values)


def refuse_lost(denominators: Denominators, values: FloatArray, measured: BoolArray, tree: Tree, cells: Cells) -> None:
    """Refuse draws in which a denominator is not above 0 although the measured one is.

    Args:
        denominators: What was divided.
        values: Values after the division, shape (nodes, units, draws).
        measured: Which cells have a quotient, shape (nodes, units).
        tree: The framework.
        cells: The units.

    Raises:
        InputError: It names the cell.
    """
    nodes = denominators.nodes
    lost = np.isnan(values[nodes]) & expand(measured[nodes], values.ndim)
    for row, unit, *_ in np.argwhere(lost)[:1]:
        node = tree.framework.nodes[nodes[row]]
        raise InputError(
            f"{node.code} of {cells.unit(int(unit))} is divided by {node.parameters['per']}, whose error reaches 0.",
            f"Check the standard error of {node.parameters['per']}: a denominator must be above 0.",
        )


def undivided(tree: Tree, cells: Cells) -> list[dict[str, Any]]:
    """Values that count as missing because they could not be divided.

    Returns:
        One entry a cell: period, agency, node, per and reason.
    """
    denominators = Denominators.of(tree)
    entries = []
    for node, per in zip(denominators.nodes, denominators.per, strict=True):
        divisor = cells.values[per]
        for unit in np.flatnonzero(cells.measured[node] & ~(divisor > 0)):
            reason = "no value" if np.isnan(divisor[unit]) else f"the value {divisor[unit]:g}, not above 0"
            entries.append(
                {
                    "period": cells.periods[cells.unit_period[unit]],
                    "agency": cells.agencies[cells.unit_agency[unit]],
                    "node": tree.codes[node],
                    "per": tree.codes[per],
                    "reason": f"{tree.codes[per]} has {reason}",
                }
            )
    return entries
