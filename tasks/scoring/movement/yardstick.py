"""What a rule makes of a value on one side: for rules that compare agencies, the yardstick that the others make."""

import numpy as np

from tasks.scoring.arrays import FloatArray, Panels
from tasks.scoring.movement.side import Side
from tasks.scoring.rules import shares_by_rule
from tasks.scoring.status import AGGREGATED, CARRIED_FORWARD, MEASURED, PUBLISHED

BY_RULE = (MEASURED, PUBLISHED, CARRIED_FORWARD, AGGREGATED)  # cells whose share the rule made of the value


class Yardstick:
    """The rule of a node with the agencies of one side as those that are compared.

    Args:
        side: All agencies of the side.
        node: Index of a node with a rule.
    """

    def __init__(self, side: Side, node: int) -> None:
        groups = (*side.tree.rules, *(group for step in side.tree.steps for group in step.rules))
        self.group = next(group.among(np.flatnonzero(group.nodes == node)) for group in groups if node in group.nodes)
        self.caps = side.tree.caps[:, node]
        self.values = side.values[node]
        self.counted = np.isin(side.status[node], BY_RULE) & ~np.isnan(self.values)

    def __call__(self, values: FloatArray) -> FloatArray:
        """Shares of values that are held against the agencies of the side, without counting among them.

        A value outside the domain of the rule's transform has none.

        Args:
            values: In the node's unit, shape (pairs,); NaN stays NaN.
        """
        both = np.clip(np.concatenate([self.values, values]), *self.caps)[None, :]
        counted = np.concatenate([self.counted, np.zeros(len(values), dtype=np.bool_)])[None, :]
        panels = Panels.by(np.zeros(both.shape[1], dtype=np.intp))
        with np.errstate(invalid="ignore", divide="ignore"):  # what the transform does not know becomes NaN
            shares: FloatArray = shares_by_rule(self.group, both, counted, panels)[0, len(self.values) :]
        return shares
