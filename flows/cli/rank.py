"""`dti rank`: the league table."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cyclopts import App

from flows.cli.output import Format, console, show
from flows.labels import KIND_LABELS
from tasks.scoring.rounding import round_half_up
from warehouse.frames import records
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
) -> None:
    """Show the ranking: rounded as the ministry prints in a table, unrounded in CSV and JSON.

    Args:
        framework: Name of the framework.
        period: Period that was measured.
        node: Rank by this node instead of the whole index, e.g. CQS or CQS.1.
        group: Only this ranking group.
        round: Name of the round; left out: the official one, else the press figures, else a synthetic one.
        format: table, csv or json.
    """
    from warehouse.engine import connect
    from warehouse.frameworks.loader import load_framework
    from warehouse.queries import choose_vintage, league_table, rounds

    engine = connect(get_settings().url)
    loaded = load_framework(framework)
    ranked_by = loaded.node(node) if node else loaded.headline_node
    chosen = choose_vintage(engine, loaded.name, period, round)
    rows = records(league_table(engine, chosen, ranked_by.code, group))
    if format != "table":
        show([_for_programs(row, chosen, loaded) for row in rows], format)
        return
    title = f"{loaded.description.title_vi or loaded.name}, {period}"
    title += f": {ranked_by.name}" if ranked_by is not loaded.root else ""
    show([_for_people(row, loaded) for row in rows], format, title)
    _footnotes(chosen, rounds(engine, loaded.name, period), loaded)
    _decided(engine, chosen)


def _for_programs(row: dict[str, Any], chosen: "Vintage", framework: Framework) -> dict[str, Any]:
    names = ("agency", "agency_name", "node", "share", "points", "max_points", "group", "group_rank", "status")
    return {
        "rank": row["rank"],
        **{name: row[name] for name in names},
        "band": _band(row, framework),
        "round": chosen.round,
        "kind": chosen.kind,
        "vintage": chosen.vintage,
        "state": chosen.state,
    }


def _for_people(row: dict[str, Any], framework: Framework) -> dict[str, Any]:
    shown = {
        "rank": row["rank"],
        "agency": row["agency_name"],
        "share": row["share"],
        "points": round_half_up(row["points"], 1),
    }
    if framework.description.bands and row["node"] == framework.root.code:
        shown["band"] = _band(row, framework)
    if framework.groups or framework.description.groups:
        shown |= {"group": row["group"], "rank in group": row["group_rank"]}
    return shown


def _band(row: dict[str, Any], framework: Framework) -> int | str:
    """The published result group; only the whole index has one."""
    if row["node"] != framework.root.code:
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
    """Say who decided about the vintage, and which agencies were left out of the ranking and why."""
    from warehouse.decisions import decisions, exclusions

    screen = console()
    for decision in records(decisions(engine, chosen)):
        if chosen.state == "provisional" and decision["shown_digest"] != chosen.digest:
            continue  # about what this number held before it was replaced
        reason = f": {decision['reason']}" if decision["reason"] else "."
        outcome = str(decision["outcome"]).replace("_", " ")
        day = f"{decision['decided_at'].to_pydatetime().astimezone():%Y-%m-%d %H:%M}"
        screen.print(f"{outcome.capitalize()} by {decision['decided_by']} on {day}{reason}", markup=False)
    for left_out in records(exclusions(engine, chosen)):
        screen.print(f"Not ranked: {left_out['agency_full_name']}, {left_out['reason']}", markup=False)
