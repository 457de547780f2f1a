"""Decisions of the appraisal council that another council might have made the other way."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tasks.scoring.arrays import BoolArray, FloatArray, IntArray
from tasks.scoring.evaluate import Given, evaluate
from tasks.scoring.inputs import Cells, cells_of
from tasks.scoring.normalise import SAME
from tasks.scoring.rank import TIE
from tasks.scoring.tree import Tree


@dataclass(frozen=True)
class Reversals:
    """Figures that the council changed.

    Attributes:
        nodes: Their nodes, shape (n,).
        units: Their units, shape (n,).
        claimed: The share that the agency claimed, shape (n,).
        probability: That another council would have granted it.
    """

    nodes: IntArray
    units: IntArray
    claimed: FloatArray
    probability: float

    def draw(self, random: np.random.Generator, draws: int) -> Given:
        """Draw which decisions are made the other way."""
        reversed_: BoolArray = random.random((len(self.nodes), draws)) < self.probability
        return Given(self.nodes, self.units, self.claimed, reversed_)


def reversals_of(
    tree: Tree, cells: Cells, shares: FloatArray, measurements: pd.DataFrame, probability: float
) -> Reversals | None:
    """Find the figures that the council changed.

    Args:
        tree: The framework.
        cells: The cells of what counts.
        shares: Their shares, shape (nodes, units).
        measurements: Rows of all stages of one period.
        probability: That another council would have granted what was claimed.

    Returns:
        None where nothing was changed.
    """
    if "stage" not in measurements or probability <= 0:
        return None
    reported = measurements[measurements["stage"] == "self_reported"]
    final = measurements[measurements["stage"] == "final"]
    claimed = reported.merge(final[["agency", "node"]].drop_duplicates(), on=["agency", "node"])
    if claimed.empty:
        return None
    theirs = cells_of(claimed, tree, "What was reported")
    found = evaluate(tree, theirs).shares
    place = {agency: unit for unit, agency in enumerate(cells.agencies)}
    units = np.array([place[theirs.agencies[agency]] for agency in theirs.unit_agency], dtype=np.intp)
    entered = theirs.measured | theirs.appraised
    # The same figure may have another share among claims than among what was granted, where units are compared.
    same_value = np.isclose(theirs.values, cells.values[:, units], rtol=SAME, atol=0.0, equal_nan=True)
    same_points = np.isclose(theirs.points, cells.points[:, units], rtol=SAME, atol=0.0, equal_nan=True)
    entered &= ~(same_value & same_points) & tree.is_leaf[:, None]
    differs = entered & ~(np.abs(found - shares[:, units]) <= TIE)
    nodes, columns = np.nonzero(differs & ~np.isnan(found) & ~np.isnan(shares[:, units]))
    if not nodes.size:
        return None
    return Reversals(nodes, units[columns], found[nodes, columns], probability)
