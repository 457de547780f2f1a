"""`dti rank`: the league table."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cyclopts import App

from flows.certainty import SPARE, columns, of_agencies, rankings_shown, reading
from flows.cli.output import Format, console, show
from flows.cli.rank_chart import draw_ranks, refuse_ending, why_not_drawn
from flows.cli.rank_rows import exact_intervals, for_people, for_programs, scored_rows, with_reasons
from flows.labels import KIND_LABELS
from flows.printed import among_printed
from tasks.harmonise.groups import agency_groups
from tasks.harmonise.mergers import families_of
from warehouse.frames import is_missing, records
from warehouse.frameworks.model import Framework
from warehouse.settings import get_settings

if TYPE_CHECKING:
    from warehouse.engine import Engine
    from warehouse.vintages import Vintage

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
    rows = scored_rows(scores, ranked_by, group if within else None)
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
        rows = [row | exact for row, exact in zip(rows, exact_intervals(intervals), strict=True)]
        show([for_programs(row, chosen, loaded) for row in with_reasons(rows, left_out)], format)
        return
    title = f"{loaded.description.title_vi or loaded.name}, {period}"
    title += f": {ranked_by.name}" if ranked_by is not loaded.root else ""
    ceased = {one for members in families_of(loaded, period).values() for one in members}
    partial = among_printed(loaded, period, chosen.kind, scores, groups)
    sure = columns(intervals, is_partial=bool(partial))
    shown = [
        for_people(row, loaded, ranked_by) | {name: texts[place] for name, texts in sure.items()}
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


def _left_out(engine: "Engine", chosen: "Vintage", framework: Framework, groups: Sequence[str]) -> list[dict[str, Any]]:
    """Columns of `mart_exclusion` and `group`: who is not ranked and why; only of some groups where these are given."""
    from warehouse.decisions import exclusions

    group_of = agency_groups(framework, chosen.period)
    rows = [row | {"group": group_of.get(row["agency"], "")} for row in records(exclusions(engine, chosen))]
    return [row for row in rows if not groups or row["group"] in groups]


def _merged(framework: Framework, ceased: int) -> None:
    """Say that agencies are ranked as they are after a merger."""
    merger = framework.description.mergers
    if merger is not None and ceased:
        console().print(
            f"Ranked as of {merger.as_of}: {ceased} agencies that merged keep their scores without a rank "
            "(--format csv; `dti explain` shows what each passed on)."
        )


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
