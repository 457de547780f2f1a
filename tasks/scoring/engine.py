"""The engine: measurements go in at any node, every node of every unit comes out with its share, rank and status."""

from collections.abc import Mapping

import pandas as pd

from tasks.scoring.evaluate import evaluate
from tasks.scoring.inputs import cells_of
from tasks.scoring.output import scores_frame
from tasks.scoring.tree import Tree
from warehouse.frameworks.model import Framework


def score(
    framework: Framework,
    measurements: pd.DataFrame,
    *,
    groups: Mapping[str, str] | None = None,
    origin: str = "The measurements",
) -> pd.DataFrame:
    """Score every node of every unit; a unit is an agency in a period.

    Args:
        framework: The framework.
        measurements: Grain agency x node x period x stage; columns agency, node, value (in the node's unit) and
            optionally period, stage, standard_error and n. Their order makes no difference.
        groups: Agency to ranking group; left out, what groups.csv of the framework says.
        origin: Name of the file the measurements come from, for messages.

    Returns:
        Grain agency x node x period, sorted by period, agency and tree; columns period, agency, node, level, value (as
        measured, or the aggregate before a rule of its own), points, max_points, share (1 is all the points), rank,
        group, group_rank, status. Covered nodes are left out.

    Raises:
        InputError: A row cannot be scored; the message names it.
    """
    tree = Tree.of(framework)
    cells = cells_of(measurements, tree, origin)
    return scores_frame(tree, cells, evaluate(tree, cells), framework.groups if groups is None else groups)
