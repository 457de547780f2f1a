"""`dti rank`: the league table."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from cyclopts import App

from flows.certainty import SPARE, columns, of_agencies, rankings_shown, reading
from flows.cli.output import Format, console, show
from flows.cli.rank_chart import draw_ranks, refuse_ending, why_not_drawn
from flows.labels import KIND_LABELS
from flows.printed import among_printed
from tasks.harmonise.groups import agency_groups
from tasks.harmonise.mergers import families_of
from tasks.scoring.rank import competition_ranks
from tasks.scoring.rounding import points_shown
from warehouse.frames import is_missing, records
from warehouse.frameworks.model import Framework, Node
from warehouse.frameworks.rules import COUNT
from warehouse.settings import get_settings

if TYPE_CHECKING:
    import pandas as pd

    from warehouse.engine import Engine
    from warehouse.vintages import Vintage

_INTERVALS = (
    "ranked_in",
    *("simulated_low", "simulated_high", "marginal_low", "marginal_high", "simultaneous_low", "simultaneous_high"),
    *("alike", "share_error", "share_low", "share_high", "top10_probability", "above_next_probability"),
    "interval_level",
)

app = App(name="rank", help="Show the ranking of a framework and period.")


@app.default
def rank(
    *,
    framework: str,
    period: str,
    node: str | None = None,
    group: str | None = None,
    round: str | None = None,
    format: Format = "table",
    chart: Path | None = None,
) -> None:
    """Show the ranking with its intervals: rounded as the ministry prints in a table, unrounded in CSV and JSON.

    Args:
        framework: Name of the framework, or its folder.
        period: Period that was measured.
        node: Rank by this node instead of the whole index, e.g. CQS or CQS.1.
        group: Only this ranking group. One that others lie within, such as a region, is ranked as a whole.
        round: Name of the round; left out: the official one, else the press figures, else a synthetic one.
        format: table, csv or json.
        chart: SVG file to draw the ranks with their intervals into.
    """
    from warehouse.engine import connect
    from warehouse.frameworks.loader import load_framework
    from warehouse.queries import choose_vintage, league_table, rounds
    from warehouse.ranks import rank_intervals

    if chart is not None:
        refuse_ending(chart)
    engine = connect(get_settings().url)
    loaded = load_framework(framework)
    ranked_by = loaded.node(node) if node else loaded.headline_node
    chosen = choose_vintage(engine, loaded.name, period, round)
    groups = loaded.groups_within(group) if group else ()
    within = groups if len(groups) > 1 else ()
    scores = league_table(engine, chosen, ranked_by.code, group, within)
    rows = _rows(scores, ranked_by, group if within else None)
    found = rank_intervals(engine, chosen, ranked_by.code)
    # Nobody drew the ranking of a region as a whole: there the intervals are those of the rank among all.
    shown_in = [""] * len(rows) if within else rankings_shown(loaded, [row["group"] for row in rows])
    intervals = of_agencies(found, ranked_by.code, [row["agency"] for row in rows], shown_in)
    left_out = _left_out(engine, chosen, loaded, groups)
    if chart is not None:
        label = KIND_LABELS[chosen.kind] if chosen.kind != "official" else ""
        why = why_not_drawn(loaded, ranked_by, sum(not is_missing(row["rank"]) for row in rows))
        draw_ranks(chart, intervals, rows, f"{loaded.description.title_vi or loaded.name}, {period}", label, why)
    if format != "table":
        rows = [row | exact for row, exact in zip(rows, _exact(intervals), strict=True)]
        show([_for_programs(row, chosen, loaded) for row in _with_reasons(rows, left_out)], format)
        return
    title = f"{loaded.description.title_vi or loaded.name}, {period}"
    title += f": {ranked_by.name}" if ranked_by is not loaded.root else ""
    ceased = {one for members in families_of(loaded, period).values() for one in members}
    partial = among_printed(loaded, period, chosen.kind, scores, groups)
    sure = columns(intervals, is_partial=bool(partial))
    shown = [
        _for_people(row, loaded, ranked_by) | {name: texts[place] for name, texts in sure.items()}
        for place, row in enumerate(rows)
        if row["agency"] not in ceased
    ]
    is_one_group = len({row["group"] for row in rows}) == 1
    show(shown, format, title, spare=("group", *SPARE) if is_one_group else SPARE)
    if partial:
        console().print(f"\n{partial}")
    if any("band" in row for row in shown):
        console().print("\nBand: the result group that the index gives to the share.")
    if intervals["units"].notna().any():
        about, drawn = found.iloc[0], json.loads(found.iloc[0]["drawn"])
        said = reading(about["interval_level"], intervals, drawn, is_partial=bool(partial))
        console().print(f"\n{said}")
        if within:
            console().print(f"The intervals are those of the rank among all, not of the one in {group}.")
    _footnotes(chosen, rounds(engine, loaded.name, period), loaded)
    _merged(loaded, sum(row["agency"] in ceased for row in rows))
    _decided(engine, chosen)
    for row in left_out:
        console().print(f"Not ranked: {row['agency_full_name']}, {row['reason']}", markup=False)


def _rows(found: "pd.DataFrame", node: Node, within: str | None) -> list[dict[str, Any]]:
    """Rows of the league table; figures without a rank of their own in the order of the figures.

    Args:
        found: Columns of `mart_score`.
        node: The node that they are scores of.
        within: A group that other groups lie within: who has a rank is ranked among its members, on unrounded shares.
    """
    if node.rule == COUNT:
        return records(found.sort_values(["value", "agency"], ignore_index=True))
    if within is None:
        return records(found)
    shares = found["share"].where(found["rank"].notna()).to_numpy(dtype=np.float64, na_value=np.nan)
    ranks = competition_ranks(shares[None, :], np.zeros(len(shares), dtype=np.intp))[0].tolist()
    return [
        row | {"within": within, "within_rank": place or None} for row, place in zip(records(found), ranks, strict=True)
    ]


def _exact(intervals: "pd.DataFrame") -> list[dict[str, Any]]:
    """The intervals for programs: every number with all its digits."""
    return [{name: row[name] for name in _INTERVALS} for row in records(intervals)]


def _left_out(engine: "Engine", chosen: "Vintage", framework: Framework, groups: Sequence[str]) -> list[dict[str, Any]]:
    """Columns of `mart_exclusion` and `group`: who is not ranked and why; only of some groups where these are given."""
    from warehouse.decisions import exclusions

    group_of = agency_groups(framework, chosen.period)
    rows = [row | {"group": group_of.get(row["agency"], "")} for row in records(exclusions(engine, chosen))]
    return [row for row in rows if not groups or row["group"] in groups]


def _with_reasons(rows: Sequence[dict[str, Any]], left_out: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The league table with the reason why somebody is not ranked; who has no score stands at its end."""
    reasons = {row["agency"]: row["reason"] for row in left_out}
    scored = {row["agency"] for row in rows}
    names = ("agency", "agency_name", "group", "reason")
    alone = [{name: row[name] for name in names} for row in left_out if row["agency"] not in scored]
    return [row | {"reason": reasons.get(row["agency"], "")} for row in rows] + alone


def _merged(framework: Framework, ceased: int) -> None:
    """Say that agencies are ranked as they are after a merger."""
    merger = framework.description.mergers
    if merger is not None and ceased:
        console().print(
            f"Ranked as of {merger.as_of}: {ceased} agencies that merged keep their scores without a rank "
            "(--format csv; `dti explain` shows what each passed on)."
        )


def _for_programs(row: dict[str, Any], chosen: "Vintage", framework: Framework) -> dict[str, Any]:
    names = ("agency", "agency_name", "node", "value", "share", "points", "max_points", "group", "group_rank")
    shown = {name: row.get(name) for name in ("rank", *names, "within", "within_rank", *_INTERVALS, "status", "reason")}
    return {
        **{name: None if is_missing(value) else value for name, value in shown.items()},
        "band": _band(row, framework),
        "round": chosen.round,
        "kind": chosen.kind,
        "vintage": chosen.vintage,
        "state": chosen.state,
    }


def _for_people(row: dict[str, Any], framework: Framework, node: Node) -> dict[str, Any]:
    if node.rule == COUNT:
        return {"agency": row["agency_name"], node.unit or "figure": f"{row['value']:.15g}", "group": row["group"]}
    shown = {
        "rank": row["rank"],
        "agency": row["agency_name"],
        "share": row["share"],
        "points": points_shown(row["points"], row["max_points"]) if not is_missing(row["points"]) else None,
    }
    if "within" in row:
        shown = {f"rank in {row['within']}": row["within_rank"]} | shown
    if framework.description.bands and row["node"] == framework.root.code:
        shown["band"] = _band(row, framework)
    if framework.groups or framework.description.groups:
        shown |= {"group": row["group"], "rank in group": row["group_rank"]}
    return shown


def _band(row: dict[str, Any], framework: Framework) -> int | str:
    """The published result group; only the whole index has one."""
    if row.get("node") != framework.root.code or is_missing(row["share"]):
        return ""
    return next((band.band for band in framework.description.bands if band.holds(row["share"])), "")


def _footnotes(chosen: "Vintage", others: Sequence[str], framework: Framework) -> None:
    screen = console()
    screen.print(f"\nRound {chosen.round}: {KIND_LABELS[chosen.kind]} Vintage {chosen.vintage}, {chosen.state}.")
    if framework.is_reconstructed and chosen.kind != "press":
        screen.print("Criteria of this framework are partly reconstructed: docs/frameworks.md.")
    for other in others:
        if other != chosen.round:
            screen.print(f"There is also the round {other}: --round {other}")


def _decided(engine: "Engine", chosen: "Vintage") -> None:
    """Say who decided about the vintage."""
    from warehouse.decisions import decisions

    screen = console()
    for decision in records(decisions(engine, chosen)):
        if chosen.state == "provisional" and decision["shown_digest"] != chosen.digest:
            continue  # about what this number held before it was replaced
        reason = f": {decision['reason']}" if decision["reason"] else "."
        outcome = str(decision["outcome"]).replace("_", " ")
        day = f"{decision['decided_at'].to_pydatetime().astimezone():%Y-%m-%d %H:%M}"
        screen.print(f"{outcome.capitalize()} by {decision['decided_by']} on {day}{reason}", markup=False)
