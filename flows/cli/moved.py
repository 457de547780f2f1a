"""How `dti compare` shows the movement of all agencies: one line each."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flows.cli.moved_words import (
    CAUSES,
    Row,
    footnotes,
    is_change,
    max_points,
    points_moved,
    signed,
    signed_whole,
    title,
)
from flows.cli.output import Format, console, show
from warehouse.frames import is_missing, records

if TYPE_CHECKING:
    from tasks.scoring.movement.compare import Movement

HEADINGS = {"merger": "merger, who is ranked"}
SPARE = ("share before", "before")  # columns that follow from others: the change, and the places
_ORDER = ("merger", "framework", "own", "others")  # in which the causes of places are let in


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
    seen = [cause for cause in CAUSES if any(is_change(row[f"places_{cause}"]) for row in rows)]
    show([_for_people(row, found, names, seen) for row in rows], style, title(found), HEADINGS, SPARE)
    footnotes(found, names)
    if seen:
        order = ", then ".join(CAUSES[cause] for cause in _ORDER if cause in seen)
        console().print(f"Places by cause are counted in this order: {order}.")


def _for_programs(row: Row, found: "Movement", names: Mapping[str, str], style: Format) -> dict[str, Any]:
    most = max_points(found)
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
        "places": signed_whole(row["places"]),
        "agency": name,
        **({"group": row["ranked_in"]} if found.in_groups else {}),
        "share": row["share"],
        "share before": row["share_before"],
        "change": signed(row["change"], 4),
        **{cause: signed_whole(row[f"places_{cause}"]) for cause in seen},
        "points, most by": _movers(row["moved_by"], found),
    }


def _movers(moved_by: Sequence[tuple[str, float]], found: "Movement") -> tuple[str, ...]:
    """The nodes that moved an agency most, with their points."""
    said = [f"{code} {points_moved(change, found)}" for code, change in moved_by]
    return (*(f"{one}," for one in said[:-1]), *said[-1:])


def _whole(value: Any) -> int | None:
    return None if is_missing(value) else int(value)
