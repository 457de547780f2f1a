"""One parent and its children as a small framework of its own, computed by the same engine."""

from dataclasses import replace

import numpy as np

from tasks.scoring.arrays import FloatArray
from tasks.scoring.evaluate import evaluate
from tasks.scoring.inputs import Cells
from tasks.scoring.tree import Tree
from warehouse.frameworks.model import Framework, Node


class Family:
    """What the children of a node make of it, before a rule of its own.

    Args:
        framework: The framework.
        code: Code of an inner node.
        weights: Parts of the parent that the children make; those of the data take the place of the written ones.
    """

    def __init__(self, framework: Framework, code: str, weights: FloatArray) -> None:
        written = framework.by_code[code]
        parameters = {name: value for name, value in written.parameters.items() if name != "weights"}
        parent = replace(written, parent="", rule="", parameters=parameters, missing="exclude_and_reweight")
        is_weighted = parent.aggregation not in ("sum", "mean")
        children = tuple(
            _as_leaf(child, float(weight) if is_weighted else None)
            for child, weight in zip(framework.children[code], weights, strict=True)
        )
        alone = framework.description.model_copy(update={"normalise_over": "period", "headline": ""})
        self.codes = [child.code for child in children]
        self.tree = Tree.of(replace(framework, description=alone, nodes=(parent, *children), groups={}, targets=()))

    def __call__(self, shares: FloatArray) -> FloatArray:
        """Aggregate shares of the children.

        Args:
            shares: Shape (coalitions, k, pairs); NaN where a child is left out. The pairs of one coalition are compared
                with each other where the aggregation compares.

        Returns:
            Shape (coalitions, pairs); NaN where no child is left.
        """
        coalitions, children, pairs = shares.shape
        values = np.full((1 + children, coalitions * pairs), np.nan)
        values[1:] = shares.transpose(1, 0, 2).reshape(children, -1)
        cells = Cells(
            periods=tuple(f"{number}" for number in range(coalitions)),
            agencies=tuple(f"{number}" for number in range(pairs)),
            unit_period=np.repeat(np.arange(coalitions), pairs),
            unit_agency=np.tile(np.arange(pairs), coalitions),
            values=values,
            points=np.full(values.shape, np.nan),
        )
        whole: FloatArray = evaluate(self.tree, cells).shares[0].reshape(coalitions, pairs)
        return whole


def _as_leaf(child: Node, weight: float | None) -> Node:
    return replace(
        child,
        weight=weight,
        aggregation="",
        evidence="",
        rule="published",
        parameters={},
        direction="positive",
        missing="exclude_and_reweight",
    )
