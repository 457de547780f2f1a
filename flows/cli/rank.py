"""`dti rank`: the league table."""

from typing import Any

from cyclopts import App

from flows.cli.output import Format, console, show
from warehouse.settings import get_settings

app = App(help="Show the ranking of a framework and period.")


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
    """Show the ranking.

    Args:
        framework: Name of the framework.
        period: Period that was measured.
        node: Rank by this node instead of the whole index, e.g. CQS or CQS.1.
        group: Only this ranking group.
        round: Name of the round; left out: the official one, else the press figures, else a synthetic one.
        format: table, csv or json.
    """
    from warehouse.engine import connect
    from warehouse.queries import choose_vintage, league_table, rounds

    from warehouse.frameworks.loader import load_framework

    engine = connect(get_settings().url)
    loaded = load_framework(framework)
    chosen = choose_vintage(engine, loaded.name, period, round)
    rows = league_table(engine, chosen, node or loaded.root.code, group)
    shown = [_row(row, loaded.description.bands, grouped=bool(loaded.groups)) for row in rows.to_dict("records")]
    title = f"{loaded.description.title_vi}, {period}"
    show(shown, format, title if node is None else f"{title}: {loaded.by_code[node].name}")
    if format == "table":
        _footnotes(chosen, rounds(engine, loaded.name, period), loaded.is_reconstructed)


def _row(row: dict[str, Any], bands: Any, *, grouped: bool) -> dict[str, Any]:
    shown = {
        "rank": row["rank"],
        "agency": row["agency_name"],
        "share": row["share"],
        "points": round(row["points"], 1),
    }
    if bands:
        shown["group"] = next(band.band for band in bands if band.holds(row["share"]))
    if grouped:
        shown |= {"ranked with": row["group"], "rank there": row["group_rank"]}
    return shown


def _footnotes(chosen: Any, others: Any, reconstructed: bool) -> None:
    screen = console()
    kinds = {
        "synthetic": "SYNTHETIC DATA (DỮ LIỆU MÔ PHỎNG)",
        "press": "figures printed by the press",
        "official": "official round",
    }
    screen.print(f"\nRound {chosen.round}: {kinds[chosen.kind]}. Vintage {chosen.vintage}, {chosen.state}.")
    if reconstructed and chosen.kind != "press":
        screen.print("Criteria of this framework are partly reconstructed (docs/frameworks.md).")
    for other in others:
        if other != chosen.round:
            screen.print(f"There is also the round {other}: --round {other}")
