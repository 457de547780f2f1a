"""The league table of a round for people: ranks with their movement, as a table and as a picture."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
from prefect.artifacts import create_markdown_artifact

from flows.artifacts import inert, table
from flows.certainty import EFFECTS_READ, columns, effects_table, of_agencies, rankings_shown, reading, unasked
from flows.charts import data_url, league_chart, rank_chart, ranks_drawn
from flows.labels import KIND_LABELS
from flows.league_rows import RANK_IN_GROUP, league_rows, with_reasons
from flows.printed import among_printed
from flows.services import is_dashboard
from tasks.harmonise.groups import unranked_units
from tasks.harmonise.mergers import families_of
from tasks.job import Job
from tasks.movement import Before, ranks_before
from tasks.ranks import read_ranks
from warehouse.decisions import exclusions
from warehouse.frames import SCORE
from warehouse.frameworks.loader import load_framework
from warehouse.frameworks.model import Framework
from warehouse.queries import league_table as ranking
from warehouse.ranks import published_ranks
from warehouse.simulations import RankFrames
from warehouse.vintages import Vintage

if TYPE_CHECKING:
    from warehouse.engine import Engine

NOT_DRAWN = "Nothing was drawn for the ranking as it is now, so it is not known how sure its ranks are."


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
        effects: RANK_EFFECT rows: what moves the ranks.
        how: How the intervals are read, and whether agencies are missing, in sentences; empty where nothing is to say.
        is_drawn: Whether it is known how sure the ranks are.
        regions: For each row the outermost group of the agency; empty where agencies stand in no groups.
    """

    title: str
    since: str
    of_node: pd.DataFrame
    rows: pd.DataFrame
    shown: pd.DataFrame
    intervals: pd.DataFrame
    effects: pd.DataFrame
    how: str
    is_drawn: bool
    regions: list[str]


def league_of(job: Job) -> League:
    """Lay out the ranking by the whole index, with what became of each rank since the last time and how sure it is.

    Args:
        job: The round whose vintage was written.
    """
    framework = job.loaded_framework
    return _league(
        framework,
        job.period,
        job.round.kind,
        job.workspace.read(SCORE),
        read_ranks(job.workspace),
        ranks_before(job, framework.headline_node.code),
        unranked_units(framework, job.period),
    )


def _league(
    framework: Framework,
    period: str,
    kind: str,
    scores: pd.DataFrame,
    known: RankFrames,
    before: Before | None,
    left_out: Mapping[str, str],
) -> League:
    node = framework.headline_node.code
    of_node = scores[scores["node"] == node].sort_values(["rank", "agency"])
    of_node = of_node[~of_node["agency"].isin(_merged_away(framework, period))]
    shown = rankings_shown(framework, list(of_node["group"]))
    intervals = of_agencies(known.intervals, node, list(of_node["agency"]), shown)
    partial = among_printed(framework, period, kind, of_node)
    sure = columns(intervals, is_partial=bool(partial))
    rows = league_rows(of_node, before, framework, period, shown).assign(**sure)
    if not framework.is_ranked_in_groups:  # what the reader looks for first stands where no screen cuts it off
        last = rows.columns.isin(["group", RANK_IN_GROUP])
        rows = rows[[*rows.columns[~last], *rows.columns[last]]]
    how = [partial, unasked(known.intervals, node)]
    if intervals["units"].notna().any():
        about = known.simulation.iloc[0]
        drawn = json.loads(about["drawn"])
        how.append(reading(float(about["level"]), intervals, drawn, is_partial=bool(partial)))
    return League(
        title=f"{framework.description.title_vi or framework.name}, {period}",
        since=before.what if before else "",
        of_node=of_node,
        rows=rows,
        shown=with_reasons(rows, of_node, left_out, framework, period),
        intervals=intervals,
        effects=known.effects,
        how=" ".join(filter(None, how)),
        is_drawn=not known.simulation.empty,
        regions=[framework.description.outermost(group) for group in of_node["group"].fillna("")]
        if framework.description.groups
        else [],
    )


def _merged_away(framework: Framework, period: str) -> Collection[str]:
    return {one for members in families_of(framework, period).values() for one in members}


def league_table(job: Job, label: str) -> None:
    """Publish the ranking by the whole index as artifacts: as a table, as pictures, and what moves the ranks.

    Args:
        job: The round whose vintage was written.
        label: What kind of numbers these are; empty for official ones.
    """
    league = league_of(job)
    if league.of_node.empty:
        return
    _show_table(league, label)
    if not is_dashboard(job):  # its picture has the target in it
        _show_pictures(league, label)


def ranking_without(engine: "Engine", vintage: Vintage, reason: str) -> None:
    """Publish the ranking again as it is after a decision left agencies out, in place of all that showed them.

    Args:
        engine: The warehouse.
        vintage: The vintage, published.
        reason: Why they were left out.
    """
    framework = load_framework(vintage.framework)
    scores = ranking(engine, vintage, framework.headline_node.code)
    left_out = exclusions(engine, vintage)
    reasons = dict(zip(left_out["agency"], left_out["reason"], strict=True))
    known = published_ranks(engine, vintage)
    league = _league(framework, vintage.period, vintage.kind, scores, known, None, reasons)
    kind = "" if vintage.kind == "official" else KIND_LABELS[vintage.kind]
    said = f"The ranking as it was approved, without rank for who was left out: {inert(reason)}"
    _show_table(league, f"{kind} {said}".strip())
    _show_pictures(league, kind)
    if not league.is_drawn:
        for key in ("rank-chart", "what-moves-ranks"):
            create_markdown_artifact(NOT_DRAWN, key=key, description=f"{kind} {league.title}".strip())


def _show_table(league: League, label: str) -> None:
    since = f" Movement against {league.since}." if league.since else ""
    how = f" {league.how}" if league.how else ""
    table("league-table", league.shown, f"{label} {league.title}.{since}{how}".strip())


def _show_pictures(league: League, label: str) -> None:
    """Publish the chart of the shares, the chart of the ranks with their intervals, and what moves these."""
    names = league.of_node.assign(agency=list(league.rows["agency"]))
    if league.regions:  # a colour stands for one thing only as long as there are few
        names = names.assign(group=league.regions)
    needed = ["agency", "share", "rank", *(["group"] if league.regions else [])]
    picture = league_chart(names[names["rank"].notna()][needed], league.title, label)
    _show_picture("league-chart", picture, league.title, label)
    drawn = league.intervals.assign(agency=list(league.rows["agency"]))
    drawn = drawn[drawn["units"].notna()]
    if drawn.empty:
        return
    title = f"{label} {league.title}".strip()
    picture = rank_chart(drawn, league.title, [ranks_drawn(drawn), *filter(None, [label])])
    _show_picture("rank-chart", picture, f"{title}: ranks", title)
    if league.effects["total"].notna().any():
        names_of = dict(zip(league.of_node["agency"], league.rows["agency"], strict=True))
        table("what-moves-ranks", effects_table(league.effects, names_of), f"{title}. {EFFECTS_READ}")


def _show_picture(key: str, picture: str, title: str, description: str) -> None:
    # As Markdown: below an image artifact the UI prints its address, which here is the whole picture.
    create_markdown_artifact(f"![{inert(title)}]({data_url(picture)})", key=key, description=description or title)
