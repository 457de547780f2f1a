"""The league table of a round for people: ranks with their movement, as a table and as a picture."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
from prefect.artifacts import create_markdown_artifact

from flows.artifacts import inert, table
from flows.certainty import EFFECTS_READ, columns, effects_table, of_agencies, rankings_shown, reading
from flows.charts import RANKS_DRAWN, data_url, league_chart, rank_chart
from flows.services import is_dashboard
from tasks.harmonise.groups import unranked_units
from tasks.harmonise.registries import unit_name
from tasks.job import Job
from tasks.movement import Before, ranks_before
from tasks.scoring.rounding import points_shown, round_half_up
from warehouse import queries
from warehouse.frames import RANK_EFFECT, RANK_INTERVAL, SCORE, SIMULATION, is_missing
from warehouse.frameworks.loader import load_framework
from warehouse.frameworks.model import Framework
from warehouse.vintages import Vintage

if TYPE_CHECKING:
    from warehouse.engine import Engine


@dataclass(frozen=True)
class League:
    """The ranking of a round by the whole index.

    Attributes:
        title: What is ranked.
        since: Which time the movement is against; empty where there was none.
        of_node: SCORE rows of the node that ranks, best first.
        rows: The league table, a row for each of them.
        shown: The same with who is not ranked and why.
        intervals: How sure each rank is, a row for each of them.
        level: Level of the intervals; None where nothing was drawn.
    """

    title: str
    since: str
    of_node: pd.DataFrame
    rows: pd.DataFrame
    shown: pd.DataFrame
    intervals: pd.DataFrame
    level: float | None


def league_of(job: Job) -> League:
    """Lay out the ranking by the whole index, with what became of each rank since the last time and how sure it is.

    Args:
        job: The round whose vintage was written.
    """
    framework = job.loaded_framework
    scores = job.workspace.read(SCORE)
    of_node = scores[scores["node"] == framework.headline_node.code].sort_values(["rank", "agency"])
    of_node = of_node[~of_node["agency"].isin({one for members in job.families.values() for one in members})]
    before = ranks_before(job, framework.headline_node.code)
    intervals = intervals_of(job, of_node)
    rows = league_rows(of_node, before, framework, job.period).assign(**columns(intervals))
    level = job.workspace.read(SIMULATION)["level"]
    return League(
        title=f"{framework.description.title_vi or framework.name}, {job.period}",
        since=before.what if before else "",
        of_node=of_node,
        rows=rows,
        shown=with_reasons(rows, of_node, unranked_units(framework, job.period), framework, job.period),
        intervals=intervals,
        level=None if level.empty else float(level.iloc[0]),
    )


def league_table(job: Job, label: str) -> None:
    """Publish the ranking by the whole index as artifacts: as a table, as pictures, and what moves the ranks.

    Args:
        job: The round whose vintage was written.
        label: What kind of numbers these are; empty for official ones.
    """
    league = league_of(job)
    if league.of_node.empty:
        return
    since = f" Movement against {league.since}." if league.since else ""
    how = "" if league.level is None else f" {reading(league.level, league.intervals)}"
    table("league-table", league.shown, f"{label} {league.title}.{since}{how}".strip())
    if is_dashboard(job):  # its picture has the target in it
        return
    names = league.of_node.assign(agency=list(league.rows["agency"]))
    needed = ["agency", "share", "rank", *(["group"] if job.loaded_framework.description.groups else [])]
    picture = league_chart(names[names["rank"].notna()][needed], league.title, label)
    _show_picture("league-chart", picture, league.title, label)
    if league.level is not None:
        _show_certainty(job, league, label)


def intervals_of(job: Job, of_node: pd.DataFrame) -> pd.DataFrame:
    """The intervals of the agencies of a league table, one row each, in its order.

    Args:
        job: The round.
        of_node: SCORE rows of the node that ranks.
    """
    node = job.loaded_framework.headline_node.code
    shown = rankings_shown(job.loaded_framework, list(of_node["group"]))
    return of_agencies(job.workspace.read(RANK_INTERVAL), node, list(of_node["agency"]), shown)


def _show_certainty(job: Job, league: League, label: str) -> None:
    """Publish the chart of the ranks with their intervals, and what moves them."""
    drawn = league.intervals.assign(agency=list(league.rows["agency"]))
    drawn = drawn[drawn["simulated_low"].notna()]
    if drawn.empty:
        return
    title = f"{label} {league.title}".strip()
    picture = rank_chart(drawn, league.title, [RANKS_DRAWN, *filter(None, [label])])
    _show_picture("rank-chart", picture, f"{title}: ranks", title)
    effects = job.workspace.read(RANK_EFFECT)
    if effects["total"].notna().any():
        names = dict(zip(league.of_node["agency"], league.rows["agency"], strict=True))
        table("what-moves-ranks", effects_table(effects, names), f"{title}. {EFFECTS_READ}")


def _show_picture(key: str, picture: str, title: str, description: str) -> None:
    # As Markdown: below an image artifact the UI prints its address, which here is the whole picture.
    create_markdown_artifact(f"![{inert(title)}]({data_url(picture)})", key=key, description=description or title)


def ranking_without(engine: "Engine", vintage: Vintage, reason: str) -> None:
    """Publish the ranking as it is after a decision left agencies out.

    Args:
        engine: The warehouse.
        vintage: The vintage, published.
        reason: Why they were left out.
    """
    node = load_framework(vintage.framework).headline_node.code
    found = queries.league_table(engine, vintage, node)
    rows = found[["rank", "agency_name"]].assign(
        share=[_rounded(share, 4) for share in found["share"]],
        points=[_points(*one) for one in zip(found["points"], found["max_points"], strict=True)],
    )
    table("league-table", rows, f"The ranking as it was approved, without rank for who was left out: {inert(reason)}")


def league_rows(of_node: pd.DataFrame, before: Before | None, framework: Framework, period: str) -> pd.DataFrame:
    """Lay out the scores of one node as a league table.

    Args:
        of_node: SCORE rows of the node, best first.
        before: The ranks of the last time, None where there was none.
        framework: The framework.
        period: Period that was measured.

    Returns:
        rank, agency (name at the end of the period), share with 4 decimals, points with 1 (few: with 4), group and
        group_rank where the framework has groups, and `moved` where there was a last time: places won (+) or lost
        (-), or `new`.
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
        rows = rows.assign(group=of_node["group"], group_rank=of_node["group_rank"])
    if before:
        moved = [
            _moved(rank, before.ranks.get(agency))
            for agency, rank in zip(of_node["agency"], of_node["rank"], strict=True)
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
