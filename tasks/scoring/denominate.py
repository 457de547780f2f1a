"""Denomination: values per head, per household, per unit of product before anything else is done with them.

Source: OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 3 (scaling by size).
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tasks.scoring.arrays import BoolArray, FloatArray, IntArray
from tasks.scoring.inputs import Cells
from tasks.scoring.tree import Tree
from warehouse.errors import InputError


@dataclass(frozen=True)
class Denominators:
    """Leaves that are divided by another leaf; each of shape (k,).

    Attributes:
        nodes: The leaves.
        per: The leaves by which they are divided.
        scale: What the quotients are multiplied by.
    """

    nodes: IntArray
    per: IntArray
    scale: FloatArray

    @classmethod
    def of(cls, tree: Tree) -> "Denominators":
        """The leaves of a framework that have the parameter `per`."""
        place = {code: index for index, code in enumerate(tree.codes)}
        found = [
            (place[node.code], place[node.parameters["per"]], node.parameters.get("per_scale", 1.0))
            for node in tree.framework.nodes
            if "per" in node.parameters
        ]
        nodes, per, scale = zip(*found, strict=True) if found else ((), (), ())
        return cls(np.array(nodes, dtype=np.intp), np.array(per, dtype=np.intp), np.array(scale, dtype=np.float64))

    def among(self, chosen: BoolArray) -> "Denominators":
        """What of it concerns the chosen nodes, shape (nodes,)."""
        kept = chosen[self.nodes]
        return Denominators(self.nodes[kept], self.per[kept], self.scale[kept])

    def divide(self, values: FloatArray) -> None:
        """Divide, in place; a value whose denominator is missing or not above 0 is missing.

        Args:
            values: Shape (nodes, units, ...).
        """
        if self.nodes.size:
            divisor = values[self.per]
            scale = self.scale.reshape((-1,) + (1,) * (values.ndim - 1))
            values[self.nodes] = values[self.nodes] / np.where(divisor > 0, divisor, np.nan) * scale


def denominated(tree: Tree, cells: Cells) -> Cells:
    """The cells with quotients in place of the values that are to be divided."""
    denominators = Denominators.of(tree)
    if not denominators.nodes.size:
        return cells
    values = cells.values.copy()
    denominators.divide(values)
    return replace(cells, values=values)


def refuse_lost(values: FloatArray, measured: BoolArray, tree: Tree, cells: Cells) -> None:
    """Refuse draws in which a denominator is 0 or less although the measured one is not.

    Args:
        values: Divided values, shape (nodes, units, ...).
        measured: Which cells have a quotient, shape (nodes, units).
        tree: The framework.
        cells: The units.

    Raises:
        InputError: It names the cell.
    """
    nodes = Denominators.of(tree).nodes
    lost = np.isnan(values[nodes]).reshape(len(nodes), values.shape[1], -1).any(axis=2) & measured[nodes]
    for row, unit in np.argwhere(lost)[:1]:
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
