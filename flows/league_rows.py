"""How a league table is laid out for people: rounded, with names, with movement, with who is not ranked and why."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from tasks.harmonise.registries import unit_name
from tasks.movement import Before
from tasks.scoring.rounding import points_shown, round_half_up
from warehouse.frames import is_missing, records
from warehouse.frameworks.model import Framework

RANK_IN_GROUP = "rank in group"


def league_rows(
    of_node: pd.DataFrame, before: Before | None, framework: Framework, period: str, ranked_in: Sequence[str]
) -> pd.DataFrame:
    """Lay out the scores of one node as a league table.

    Args:
        of_node: SCORE rows of the node, best first.
        before: The ranks of the last time, None where there was none.
        framework: The framework.
        period: Period that was measured.
        ranked_in: For each the ranking that counts: its group, or empty for the one among all.

    Returns:
        rank, agency (name at the end of the period), share with 4 decimals, points with 1 (few: with 4), group and
        rank in group where the framework has groups, and `moved` where there was a last time: places won (+) or lost
        (-) in the ranking that counts, or `new` to it.
    """
    names = {agency: unit_name(framework.description, agency, period) for agency in of_node["agency"]}
    rows = pd.DataFrame(
        {
            "rank": of_node["rank"],
            "agency": [names[agency] for agency in of_node["agency"]],
            "share": [_rounded(share, 4) for share in of_node["share"]],
            "points": [_points(*found) for found in zip(of_node["points"], of_node["max_points"], strict=True)],
        }
    )
    if framework.description.groups:
        rows = rows.assign(**{"group": of_node["group"], RANK_IN_GROUP: of_node["group_rank"]})
    if before:
        moved = [
            _moved(row["group_rank" if ranking else "rank"], before.ranks.get((row["agency"], ranking)))
            for row, ranking in zip(records(of_node), ranked_in, strict=True)
        ]
        rows.insert(1, "moved", moved)
    return rows


def with_reasons(
    rows: pd.DataFrame, of_node: pd.DataFrame, left_out: Mapping[str, str], framework: Framework, period: str
) -> pd.DataFrame:
    """Say in the league table who is not ranked and why; who has no score stands at its end.

    Args:
        rows: What `league_rows` gives.
        of_node: The SCORE rows that it was given.
        left_out: Agency to the reason why it is not ranked.
        framework: The framework.
        period: Period that was measured.

    Returns:
        The rows with the column `not_ranked_because`; unchanged where nobody is left out.
    """
    if not left_out:
        return rows
    reasons = [left_out.get(agency, "") for agency in of_node["agency"]]
    alone = [
        {"agency": unit_name(framework.description, agency, period), "not_ranked_because": left_out[agency]}
        for agency in sorted(left_out.keys() - set(of_node["agency"]))
    ]
    shown = pd.concat([rows.assign(not_ranked_because=reasons), pd.DataFrame(alone)], ignore_index=True)
    return shown.astype(object).where(shown.notna(), "")


def _rounded(value: Any, digits: int) -> str:
    return "" if is_missing(value) else str(round_half_up(value, digits))


def _points(points: Any, max_points: Any) -> str:
    return "" if is_missing(points) else str(points_shown(points, max_points))


def _moved(now: Any, earlier: int | None) -> str:
    """Places won or lost.

    >>> [_moved(2, 5), _moved(5, 2), _moved(3, 3), _moved(1, None), _moved(None, 1)]
    ['+3', '-3', '=', 'new', '']
    """
    if is_missing(now):
        return ""
    if earlier is None:
        return "new"
    return "=" if int(now) == earlier else f"{earlier - int(now):+d}"
