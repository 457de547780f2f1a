"""What may be done with cells, whatever their values: imputed, set to zero, ruled, left as they are, aggregated.

`among` narrows a part to some nodes: those whose values differ between draws.
"""

from dataclasses import dataclass

import numpy as np

from tasks.scoring.arrays import BoolArray, FloatArray, IntArray
from tasks.scoring.rule_groups import RuleGroup
from tasks.scoring.tree import Step


@dataclass(frozen=True)
class Filling:
    """Nodes of which some cells are imputed.

    Attributes:
        nodes: Their indices, shape (k,).
        methods: Codes of tasks.scoring.imputation.METHODS, shape (k,).
        counted: Cells whose median or mean is taken, shape (k, units).
        filled: Cells that take it, shape (k, units).
    """

    nodes: IntArray
    methods: IntArray
    counted: BoolArray
    filled: BoolArray

    def among(self, chosen: BoolArray) -> "Filling | None":
        """What of it concerns the chosen nodes, shape (nodes,)."""
        kept = chosen[self.nodes]
        if not kept.any():
            return None
        return Filling(self.nodes[kept], self.methods[kept], self.counted[kept], self.filled[kept])


@dataclass(frozen=True)
class Zeros:
    """Nodes of which some cells get no points.

    Attributes:
        nodes: Their indices, shape (k,).
        cells: Which cells, shape (k, units).
    """

    nodes: IntArray
    cells: BoolArray

    @classmethod
    def of(cls, mask: BoolArray) -> "Zeros | None":
        """Of a mask of shape (nodes, units); None where nothing is marked."""
        nodes = np.flatnonzero(mask.any(axis=1))
        return cls(nodes, mask[nodes]) if nodes.size else None

    def among(self, chosen: BoolArray) -> "Zeros | None":
        """What of it concerns the chosen nodes, shape (nodes,)."""
        kept = chosen[self.nodes]
        return Zeros(self.nodes[kept], self.cells[kept]) if kept.any() else None


@dataclass(frozen=True)
class Application:
    """A rule that is applied to some nodes.

    Attributes:
        group: The nodes with their rule.
        counted: Cells with which the others are compared, shape (k, units); of inner nodes also those it is applied to.
    """

    group: RuleGroup
    counted: BoolArray

    def among(self, chosen: BoolArray) -> "Application | None":
        """What of it concerns the chosen nodes, shape (nodes,)."""
        kept = np.flatnonzero(chosen[self.group.nodes])
        return Application(self.group.among(kept), self.counted[kept]) if kept.size else None


@dataclass(frozen=True)
class Constant:
    """Leaves whose share is the same in every draw.

    Attributes:
        nodes: Their indices, shape (k,).
        shares: Their shares, shape (k, units).
    """

    nodes: IntArray
    shares: FloatArray


@dataclass(frozen=True)
class StepPlan:
    """One aggregation of the tree.

    Attributes:
        step: Parents and children.
        there: Children that count, shape (c, units).
        made: Parents that are aggregated, shape (p, units).
        is_all_made: Whether all are.
        rules: Rules of the parents that rescale their aggregate.
        filling: Parents that are imputed; None where none is.
        zero: Parents that get no points; None where none does.
    """

    step: Step
    there: BoolArray
    made: BoolArray
    is_all_made: bool
    rules: tuple[Application, ...]
    filling: Filling | None
    zero: Zeros | None
