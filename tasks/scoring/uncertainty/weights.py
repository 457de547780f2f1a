"""Weights around the official ones: Dirichlet over the children of each node."""

from dataclasses import dataclass

import numpy as np

from tasks.scoring.aggregate import DrawnWeights
from tasks.scoring.arrays import FloatArray
from tasks.scoring.plan import Plan
from tasks.scoring.tree import Tree


@dataclass(frozen=True)
class WeightDraws:
    """How the weights of a framework are drawn.

    Attributes:
        tree: The framework.
        parts: Official part that each node makes of its parent, shape (nodes,); 0 of the root and of nodes whose
            parent has no value.
        strength: Strength of the Dirichlet distribution.
    """

    tree: Tree
    parts: FloatArray
    strength: float

    @classmethod
    def around(cls, tree: Tree, strength: float) -> "WeightDraws":
        """Draw around the weights of a framework."""
        parts = np.zeros(len(tree.codes))
        for step in tree.steps:
            parts[step.children] = step.weights
        return cls(tree, parts, strength)

    def draw(self, random: np.random.Generator, draws: int) -> FloatArray:
        """Parts of their parents that the nodes make, shape (nodes, draws).

        Gamma variates over their sum are Dirichlet; a node of weight 0 keeps it.
        """
        drawn = random.standard_gamma(self.parts[:, None] * self.strength, size=(len(self.parts), draws))
        for step in self.tree.steps:
            gammas = drawn[step.children]
            sums = np.add.reduceat(gammas, step.starts, axis=0)
            # Of very weak weights all gammas may underflow to 0: then the official ones stay.
            drawn[step.children] = np.where(
                sums[step.family] > 0, gammas / np.where(sums > 0, sums, 1.0)[step.family], step.weights[:, None]
            )
        return drawn


def weights_for(plan: Plan, drawn: FloatArray) -> DrawnWeights:
    """Lay out drawn parts for the steps of a plan, whose aggregations may be others than the official ones."""
    return DrawnWeights(tuple(drawn[step.step.children] for step in plan.steps))
