"""One side of a comparison: the scores of a vintage as arrays over the nodes of its framework."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from tasks.scoring.arrays import FloatArray, IntArray
from tasks.scoring.status import COVERED, STATUSES
from tasks.scoring.tree import Tree


@dataclass(frozen=True)
class Side:
    """What a vintage says, in the shape of the engine: axis 0 nodes in tree order, axis 1 agencies.

    Attributes:
        tree: The framework as it was when the vintage was scored.
        agencies: Their ids, ascending.
        values: As measured or aggregated before a rule, shape (nodes, agencies); NaN where there is none.
        shares: Shape (nodes, agencies); NaN where excluded or covered.
        status: Codes of tasks.scoring.status, shape (nodes, agencies); COVERED where there is no row.
        ranks: Shape (nodes, agencies); 0 where an agency is not ranked.
    """

    tree: Tree
    agencies: tuple[str, ...]
    values: FloatArray
    shares: FloatArray
    status: IntArray
    ranks: IntArray

    @classmethod
    def of(cls, tree: Tree, scores: pd.DataFrame) -> "Side":
        """Lay out the scores of a vintage.

        Args:
            tree: The framework that was scored, with the weights that followed from the data where any did.
            scores: SCORE rows of one vintage, grain agency x node; rows of nodes that it does not have are left out.
        """
        place = {code: index for index, code in enumerate(tree.codes)}
        rows = scores[scores["node"].isin(place)]
        unit, agencies = pd.factorize(rows["agency"], sort=True)
        node = rows["node"].map(place).to_numpy(dtype=np.intp)
        known = {status: code for code, status in enumerate(STATUSES)}
        shape = (len(tree.codes), len(agencies))
        status = np.full(shape, COVERED, dtype=np.intp)
        status[node, unit] = rows["status"].map(known).to_numpy(dtype=np.intp)
        ranks = np.zeros(shape, dtype=np.intp)
        ranks[node, unit] = rows["rank"].fillna(0).to_numpy(dtype=np.intp)
        values, shares = np.full(shape, np.nan), np.full(shape, np.nan)
        values[node, unit] = rows["value"].to_numpy(dtype=np.float64, na_value=np.nan)
        shares[node, unit] = rows["share"].to_numpy(dtype=np.float64, na_value=np.nan)
        return cls(tree, tuple(str(agency) for agency in agencies), values, shares, status, ranks)

    @cached_property
    def place(self) -> dict[str, int]:
        """Index of each node by its code."""
        return {code: index for index, code in enumerate(self.tree.codes)}

    @cached_property
    def weights(self) -> FloatArray:
        """Part of its parent that each node makes where all its siblings count, shape (nodes,); 1 for the root."""
        weights = np.ones(len(self.tree.codes))
        for step in self.tree.steps:
            weights[step.children] = step.weights
        return weights

    def children(self, code: str) -> list[int]:
        """Indices of the children of a node."""
        return [self.place[child.code] for child in self.tree.framework.children[code]]

    def take(self, units: Sequence[int] | IntArray) -> "Side":
        """The same with one column per given unit, which may stand several times."""
        at = np.asarray(units, dtype=np.intp)
        return Side(
            self.tree,
            tuple(self.agencies[unit] for unit in at),
            self.values[:, at],
            self.shares[:, at],
            self.status[:, at],
            self.ranks[:, at],
        )
