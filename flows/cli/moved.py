"""How `dti compare` shows a movement: all agencies as a table, one agency as a tree."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.tree import Tree

from flows.cli.output import Format, console, show
from flows.cli.who import agency_among
from flows.labels import KIND_LABELS, printable
from tasks.scoring.rounding import points_digits, round_half_up
from warehouse.frames import is_missing, records

if TYPE_CHECKING:
    from tasks.scoring.movement.comparable import Told
    from tasks.scoring.movement.compare import Movement

CAUSES = {
    "own": "own figures",
    "others": "the others' figures",
    "framework": "the framework",
    "merger": "merger and who is ranked",
}
HEADINGS = {"merger": "merger, who is ranked"}
SPARE = ("share before", "before")  # columns that follow from others: the change, and the places
_ORDER = ("merger", "framework", "own", "others")  # in which the causes of places are let in
_NOTHING = 1e-12  # a change smaller than this is the rounding of sums

Row = Mapping[str, Any]


def show_all(found: "Movement", names: Mapping[str, str], depth: int | None, style: Format) -> None:
    """Print one line an agency.

    Args:
        found: The movement.
        names: Agency id to name.
        depth: Level below the node at which the nodes that moved it most are named; None: the last ones.
        style: For people or programs.
    """
    from tasks.scoring.movement.tables import agency_rows

    rows = records(agency_rows(found, depth))
    if style != "table":
        show([_for_programs(row, found, names, style) for row in rows], style)
        return
    seen = [cause for cause in CAUSES if any(_counts(row[f"places_{cause}"]) for row in rows)]
    show([_for_people(row, found, names, seen) for row in rows], style, _title(found), HEADINGS, SPARE)
    _footnotes(found, names)
    if seen:
        order = ", then ".join(CAUSES[cause] for cause in _ORDER if cause in seen)
        console().print(f"Places by cause are counted in this order: {order}.")


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
        most = _points(found)
        show([{**row, "points_through": row["through"] * most} for row in rows], style)
        return
    screen = console()
    screen.print(f"[bold]{escape(_title(found))}[/bold]")
    own = [row for row in records(agency_rows(found)) if agency in (row["agency"], row["agency_before"])]
    for row in own:
        screen.print(_summary(row, found, names))
    if not own:
        screen.print(f"{escape(names[agency])}: not ranked in the group {escape(found.group)}.")
    screen.print()
    screen.print(_draw(rows, found))
    _footnotes(found, names)


def _title(found: "Movement") -> str:
    framework = found.after.framework
    node = framework.by_code.get(found.basis.code)
    of_node = "" if found.basis.code == framework.root.code else f": {found.basis.code}"
    of_node += f" {node.name}" if node and of_node else ""
    of_node += f", in the group {found.group}" if found.group else ", each in its group" if found.in_groups else ""
    return f"{framework.description.title_vi or framework.name}, {_sides(found)}{of_node}"


def _sides(found: "Movement") -> str:
    """What differs between the sides, in few words."""
    before, after = found.before, found.after
    told = []
    for one in (before, after):
        parts = [one.framework.name] if before.framework.name != after.framework.name else []
        parts.append(one.period)
        if before.round != after.round:
            parts.append(f"round {one.round}")
        if (before.round, before.period) == (after.round, after.period):
            parts.append(f"vintage {one.vintage}")
        told.append(" ".join(parts))
    return " → ".join(told)


def _points(found: "Movement") -> float:
    """Points of the node on the later side."""
    return float(found.found.after.tree.max_points[found.found.root])


def _for_programs(row: Row, found: "Movement", names: Mapping[str, str], style: Format) -> dict[str, Any]:
    most = _points(found)
    moved: Any = [{"node": code, "change": change, "points": change * most} for code, change in row["moved_by"]]
    if style == "csv":
        moved = "|".join(f"{one['node']}:{one['change']!r}" for one in moved)
    plain = {name: None if is_missing(value) else value for name, value in row.items() if name != "moved_by"}
    return {
        "agency_name": names.get(row["agency"], row["agency"]),
        **plain,
        "change_points": row["change"] * most,
        "moved_by": moved,
        "node": found.basis.code,
        **{f"{name}_before": getattr(found.before, name) for name in ("period", "round", "vintage")},
        **{name: getattr(found.after, name) for name in ("period", "round", "vintage")},
        "framework_before": found.before.framework.name,
        "framework": found.after.framework.name,
    }


def _for_people(row: Row, found: "Movement", names: Mapping[str, str], seen: Sequence[str]) -> dict[str, Any]:
    name = names.get(row["agency"], row["agency"])
    if row["agency"] != row["agency_before"]:
        name += f" (was {names.get(row['agency_before'], row['agency_before'])})"
    return {
        "rank": _whole(row["rank"]),
        "before": _whole(row["rank_before"]),
        "places": _signed_whole(row["places"]),
        "agency": name,
        **({"group": row["ranked_in"]} if found.in_groups else {}),
        "share": row["share"],
        "share before": row["share_before"],
        "change": _signed(row["change"], 4),
        **{cause: _signed_whole(row[f"places_{cause}"]) for cause in seen},
        "points, most by": _movers(row["moved_by"], found),
    }


def _movers(moved_by: Sequence[tuple[str, float]], found: "Movement") -> tuple[str, ...]:
    """The nodes that moved an agency most, with their points."""
    said = [f"{code} {_points_moved(change, found)}" for code, change in moved_by]
    return (*(f"{one}," for one in said[:-1]), *said[-1:])


def _summary(row: Row, found: "Movement", names: Mapping[str, str]) -> str:
    name = names.get(row["agency"], row["agency"])
    if row["agency"] != row["agency_before"]:
        name = f"{names.get(row['agency_before'], row['agency_before'])}, now {name}"
    share = f"share {round_half_up(row['share_before'], 4)} → {round_half_up(row['share'], 4)}"
    made = _by_cause(row, "change", lambda change: _points_moved(change, found))
    points = f"{_points_moved(row['change'], found)} points{made}"
    if is_missing(row["places"]):
        return f"{escape(name)}: not ranked on both sides; {share}, {points}"
    noun = "place" if abs(row["places"]) == 1 else "places"
    places = f"{_signed_whole(row['places'])} {noun}{_by_cause(row, 'places', _signed_whole)}"
    return f"{escape(name)}: rank {row['rank_before']} → {row['rank']}, {places}; {share}, {points}"


def _by_cause(row: Row, what: str, written: Any) -> str:
    moved = {cause: row[f"{what}_{cause}"] for cause in CAUSES}
    said = [f"{CAUSES[cause]} {written(value)}" for cause, value in moved.items() if _counts(value)]
    return f" ({', '.join(said)})" if said else ""


def _draw(rows: Sequence[Row], found: "Movement") -> Tree:
    """The nodes that made something; what stood still is counted."""
    trees: dict[str, Tree] = {}
    still: dict[str, int] = {}
    for row in rows:
        if trees and row["parent"] not in trees:
            continue
        made = any(abs(row[name]) > _NOTHING for name in ("through", "own", "others", "framework"))
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
    line = f"{escape(printable(name))}: {shares}, [bold]{_points_moved(row['through'], found, 2)}[/bold] points"
    made = [
        f"{CAUSES[cause]} {_points_moved(row[cause], found, 2)}"
        for cause in ("others", "framework")
        if abs(row[cause]) > _NOTHING
    ]
    line += f" ({', '.join(made)})" if made else ""
    statuses = [str(row[name]).replace("_", " ") for name in ("status_before", "status")]
    return line + (f" [dim]{' → '.join(statuses)}[/dim]" if statuses[0] != statuses[1] else "")


def _footnotes(found: "Movement", names: Mapping[str, str]) -> None:
    screen = console()
    screen.print()
    for told in dict.fromkeys((found.before.kind, found.after.kind)):
        screen.print(KIND_LABELS[told], markup=False)
    if found.in_groups:
        screen.print("Places are counted within the group of each agency.")
    for note in found.basis.notes:
        screen.print(note, markup=False)
    if found.pairs.is_merged.any():
        screen.print("A merged agency is compared with the mean of its predecessors; every predecessor has a line.")
    _listed("New", found.after, found.pairs.new, found.group, names)
    _listed("No longer there", found.before, found.pairs.vanished, found.group, names)


def _listed(what: str, told: "Told", agencies: Sequence[str], group: str, names: Mapping[str, str]) -> None:
    """Name agencies that stand on one side only; within a group those of it."""
    members = told.members(group) if group else set(agencies)
    if shown := [names.get(agency, agency) for agency in agencies if agency in members]:
        console().print(f"{what}: {', '.join(shown)}.", markup=False)


def _counts(value: Any) -> bool:
    return not is_missing(value) and abs(value) > _NOTHING


def _whole(value: Any) -> int | None:
    return None if is_missing(value) else int(value)


def _signed_whole(value: Any) -> str:
    return "" if is_missing(value) else f"{int(value):+d}" if value else "0"


def _points_moved(change: float, found: "Movement", many: int = 1) -> str:
    most = _points(found)
    return _signed(change * most, points_digits(most, many))


def _signed(value: float, digits: int) -> str:
    rounded = round_half_up(value, digits)
    return f"{rounded:+}" if rounded else f"{abs(rounded)}"
