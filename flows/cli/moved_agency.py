"""How `dti compare` shows the way of one agency: what it gained by which cause, and a tree of the nodes behind it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.tree import Tree

from flows.cli.moved_words import (
    CAUSES,
    NOTHING,
    Row,
    footnotes,
    is_change,
    max_points,
    points_moved,
    signed_whole,
    title,
)
from flows.cli.output import Format, console, show
from flows.cli.who import agency_among
from flows.labels import printable
from tasks.scoring.rounding import round_half_up
from warehouse.frames import is_missing, records

if TYPE_CHECKING:
    from tasks.scoring.movement.compare import Movement


def show_agency(found: "Movement", text: str, names: Mapping[str, str], depth: int | None, style: Format) -> None:
    """Print the whole way of one agency, node by node.

    Args:
        found: The movement.
        text: The agency in any spelling.
        names: Agency id to name.
        depth: Number of levels below the node; None for all.
        style: For people or programs.

    Raises:
        AgencyError: Nothing, or several, are called so.
        ComparisonRefused: The agency is not on both sides.
    """
    from tasks.scoring.movement.tables import agency_rows, node_rows

    sides = [(told.framework, told.period) for told in (found.after, found.before)]
    agency = agency_among(text, names, sides)
    nodes = records(node_rows(found, agency))
    rows = [row for row in nodes if depth is None or row["depth"] <= depth]
    if style != "table":
        most = max_points(found)
        show([{**row, "points_through": row["through"] * most} for row in rows], style)
        return
    screen = console()
    screen.print(f"[bold]{escape(title(found))}[/bold]")
    own = [row for row in records(agency_rows(found)) if agency in (row["agency"], row["agency_before"])]
    for row in own:
        screen.print(_summary(row, found, names))
    if not own:
        screen.print(f"{escape(names[agency])}: not ranked in the group {escape(found.group)}.")
    screen.print()
    screen.print(_draw(rows, found))
    footnotes(found, names)


def _summary(row: Row, found: "Movement", names: Mapping[str, str]) -> str:
    name = names.get(row["agency"], row["agency"])
    if row["agency"] != row["agency_before"]:
        name = f"{names.get(row['agency_before'], row['agency_before'])}, now {name}"
    share = f"share {round_half_up(row['share_before'], 4)} → {round_half_up(row['share'], 4)}"
    made = _by_cause(row, "change", lambda change: points_moved(change, found))
    points = f"{points_moved(row['change'], found)} points{made}"
    if is_missing(row["places"]):
        return f"{escape(name)}: not ranked on both sides; {share}, {points}"
    noun = "place" if abs(row["places"]) == 1 else "places"
    places = f"{signed_whole(row['places'])} {noun}{_by_cause(row, 'places', signed_whole)}"
    return f"{escape(name)}: rank {row['rank_before']} → {row['rank']}, {places}; {share}, {points}"


def _by_cause(row: Row, what: str, written: Any) -> str:
    moved = {cause: row[f"{what}_{cause}"] for cause in CAUSES}
    said = [f"{CAUSES[cause]} {written(value)}" for cause, value in moved.items() if is_change(value)]
    return f" ({', '.join(said)})" if said else ""


def _draw(rows: Sequence[Row], found: "Movement") -> Tree:
    """The nodes that made something; what stood still is counted."""
    trees: dict[str, Tree] = {}
    still: dict[str, int] = {}
    for row in rows:
        if trees and row["parent"] not in trees:
            continue
        made = any(abs(row[name]) > NOTHING for name in ("through", "own", "others", "framework"))
        if trees and not made:
            still[row["parent"]] = still.get(row["parent"], 0) + 1
            continue
        tree = Tree(_line(row, found))
        if trees:
            trees[row["parent"]].children.append(tree)
        trees[row["node"]] = tree
    for parent, number in still.items():
        trees[parent].add(f"[dim]{number} more moved nothing[/dim]")
    return trees[rows[0]["node"]]


def _line(row: Row, found: "Movement") -> str:
    name = "not in the crosswalk" if "~" in row["node"] else f"{row['node']} {row['name']}"
    shares = f"{round_half_up(row['share_before'], 4)} → {round_half_up(row['share'], 4)}"
    line = f"{escape(printable(name))}: {shares}, [bold]{points_moved(row['through'], found, 2)}[/bold] points"
    made = [
        f"{CAUSES[cause]} {points_moved(row[cause], found, 2)}"
        for cause in ("others", "framework")
        if abs(row[cause]) > NOTHING
    ]
    line += f" ({', '.join(made)})" if made else ""
    statuses = [str(row[name]).replace("_", " ") for name in ("status_before", "status")]
    return line + (f" [dim]{' → '.join(statuses)}[/dim]" if statuses[0] != statuses[1] else "")
