"""From the arrays of the engine to the frame of scores."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from tasks.scoring.arrays import IntArray
from tasks.scoring.cells import Cells
from tasks.scoring.evaluate import Result
from tasks.scoring.rank import competition_ranks
from tasks.scoring.status import COVERED, STATUSES
from tasks.scoring.tree import Tree


def scores_frame(tree: Tree, cells: Cells, result: Result, groups: Mapping[str, str]) -> pd.DataFrame:
    """Lay out a result as rows, with ranks.

    Args:
        tree: The framework.
        cells: The units.
        result: Shares and values of shape (nodes, units).
        groups: Agency to ranking group; who is in none has no group rank.

    Returns:
        Grain agency x node x period, sorted by period, agency and tree, without covered cells; the columns of
        `tasks.scoring.engine.score`, texts as `str`, ranks as `Int64`.
    """
    shown = result.status.T != COVERED
    unit, node = np.nonzero(shown)
    names = [groups.get(agency, "") for agency in cells.agencies]
    labels = sorted(set(names))
    group = np.array([labels.index(name) if name else -1 for name in names])[cells.unit_agency]
    together = np.where((group >= 0) & (cells.ranked_in >= 0), cells.unit_period * len(labels) + group, -1)
    points = result.shares * tree.max_points[:, None]
    return pd.DataFrame(
        {
            "period": _texts(cells.periods, cells.unit_period[unit]),
            "agency": _texts(cells.agencies, cells.unit_agency[unit]),
            "node": _texts(tree.codes, node),
            "level": _texts([one.level for one in tree.framework.nodes], node),
            "value": result.values.T[shown],
            "points": points.T[shown],
            "max_points": tree.max_points[node],
            "share": result.shares.T[shown],
            "rank": _ranks(competition_ranks(result.shares, cells.ranked_in).T[shown]),
            "group": _texts(names, cells.unit_agency[unit]),
            "group_rank": _ranks(competition_ranks(result.shares, together).T[shown]),
            "status": _texts(STATUSES, result.status.T[shown]),
        }
    )


def _texts(labels: Sequence[str], codes: IntArray) -> pd.Series:
    """A text column out of few labels: taking them by position is far faster than building each text."""
    return pd.Series(pd.array(list(labels), dtype="str").take(codes))


def _ranks(ranks: IntArray) -> pd.Series:
    return pd.Series(pd.arrays.IntegerArray(ranks.astype(np.int64), ranks == 0))
