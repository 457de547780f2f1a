"""The engine: measurements go in at any node, every node of every unit comes out with its share, rank and status."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from tasks.scoring.account import account
from tasks.scoring.cells import Cells
from tasks.scoring.evaluate import Result, evaluate
from tasks.scoring.inputs import cells_of
from tasks.scoring.merger import merge
from tasks.scoring.output import scores_frame
from tasks.scoring.tree import Tree
from tasks.scoring.weights import weighted
from warehouse.frameworks.model import Framework


@dataclass(frozen=True)
class Scoring:
    """One evaluation of a framework.

    Attributes:
        tree: The framework with the weights that were used, those that follow from the data put in.
        cells: The measurements.
        result: What the engine made of them.
        weights: The weights that follow from the data, as tasks.scoring.weights gives them.
        families: Agency that is ranked in place of others to these, its predecessors.
    """

    tree: Tree
    cells: Cells
    result: Result
    weights: list[dict[str, Any]]
    families: Mapping[str, Sequence[str]]

    def account(self) -> dict[str, list[dict[str, Any]]]:
        """What was done to the figures beyond the rules (tasks.scoring.account)."""
        return account(self.tree, self.cells, self.result, self.weights)

    def scores(self) -> pd.DataFrame:
        """The scores, as `score` gives them."""
        cells, result = self.cells, self.result
        if self.families:
            cells, result = merge(self.tree, cells, result, self.families)
        return scores_frame(self.tree, cells, result, cells.groups)


def evaluated(
    framework: Framework,
    measurements: pd.DataFrame,
    *,
    groups: Mapping[str, str] | None = None,
    families: Mapping[str, Sequence[str]] | None = None,
    origin: str = "The measurements",
) -> Scoring:
    """Evaluate measurements as `score` does, and keep all that came of it."""
    plain = Tree.of(framework)
    cells = cells_of(measurements, plain, origin, groups)
    tree, weights = weighted(plain, cells)
    return Scoring(tree, cells, evaluate(tree, cells), weights, families or {})


def score(
    framework: Framework,
    measurements: pd.DataFrame,
    *,
    groups: Mapping[str, str] | None = None,
    families: Mapping[str, Sequence[str]] | None = None,
    origin: str = "The measurements",
) -> pd.DataFrame:
    """Score every node of every unit; a unit is an agency in a period.

    Args:
        framework: The framework.
        measurements: Grain agency x node x period x stage; columns agency, node, value (in the node's unit) and
            optionally period, stage, standard_error and n. Their order makes no difference.
        groups: Agency to ranking group; left out, what groups.csv of the framework says.
        families: Agency that is ranked in place of others to these, its predecessors; left out: nobody merged.
        origin: Name of the file the measurements come from, for messages.

    Returns:
        Grain agency x node x period, sorted by period, agency and tree; columns period, agency, node, level, value (as
        measured, or the aggregate before a rule of its own), points, max_points, share (1 is all the points), rank,
        group, group_rank, status. Covered nodes are left out.

    Raises:
        InputError: A row cannot be scored; the message names it.
        FrameworkError: There are families, but the framework has no merger rule.
    """
    return evaluated(framework, measurements, groups=groups, origin=origin, families=families).scores()
