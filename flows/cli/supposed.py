"""How `dti whatif` shows what a supposed figure changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from flows.cli.output import Format, console, show
from tasks.scoring.rounding import points_digits, round_half_up
from warehouse.frames import is_missing, records

if TYPE_CHECKING:
    from tasks.scoring.whatif.best import Lift, Unmoved
    from tasks.scoring.whatif.outcome import Supposed

SHOWN = 12  # agencies named in one line


@dataclass(frozen=True)
class Shown:
    """What the tables say about the question.

    Attributes:
        agency: Id of the agency whose figures are supposed.
        ranked_as: Id under which it is ranked: after a merger its successor.
        names: Agency id to name.
        node: Code of the node that ranks.
        title: Agency, index, period and node in words.
        source: Which vintage was scored again, and what kind it is of.
    """

    agency: str
    ranked_as: str
    names: Mapping[str, str]
    node: str
    title: str
    source: str


def show_supposed(asked: Shown, found: "Supposed", style: Format) -> None:
    """Print what the figures that are supposed change."""
    rows = records(found.nodes)
    if style == "csv":
        show(rows, style)
        return
    if style == "json":
        show([{**_whole(asked, found), "nodes": rows}], style)
        return
    console().print(f"[bold]{escape(asked.title)}[/bold]")
    console().print(_sentence(found))
    _print_passed(found, asked.names)
    console().print()
    shown = [
        {
            "node": f"{row['node']} {row['name']}" + (" (set)" if row["is_set"] else ""),
            "share": row["share"],
            "before": row["share_before"],
            "points": _points(row["points"], found.max_points),
            "points before": None
            if is_missing(row["points_before"])
            else _points(row["points_before"], found.max_points),
            "of": f"{row['max_points']:g}",
        }
        for row in rows
    ]
    show(shown, style)
    _footnote(asked)


def show_lift(asked: Shown, found: "Lift", to: str, style: Format) -> None:
    """Print the criteria that would lift an agency most; `to` is what each would reach."""
    from tasks.scoring.whatif.best import Unmoved

    rows = records(found.criteria)
    if style == "csv":
        show(rows, style)
        return
    if style == "json":
        together = None if isinstance(found.together, Unmoved) else _whole(asked, found.together)
        show([{"agency": asked.agency, "to": to, "criteria": rows, "together": together}], style)
        return
    console().print(f"[bold]{escape(asked.title)}[/bold]")
    if isinstance(found.together, Unmoved):
        console().print(_why_none(found.together, to))
        return
    aim = _aim(to, len(found.by_value), len(rows))
    criteria = "criterion that would lift it most,"
    if len(rows) > 1:
        criteria = f"{len(rows)} criteria that would lift it most, each"
    console().print(f"The {criteria} alone at {aim}:\n")
    show(
        [
            {
                "criterion": f"{row['node']} {row['name']}",
                "share": row["share_before"],
                "at": row["share"],
                "points": f"{_points(row['change_points'], found.together.max_points):+}",
                "places": f"{row['places']:+d}" if row["places"] else "0",
                "rank": row["rank"] or None,
            }
            for row in rows
        ],
        style,
    )
    console().print(f"\n{f'All {len(rows)} together' if rows[1:] else 'With it'}: {_sentence(found.together)}")
    _print_passed(found.together, asked.names)
    _footnote(asked)


def _why_none(found: "Unmoved", to: str) -> str:
    """Say why no criterion would lift an agency; `to` is what each would reach."""
    none = "No criterion would lift it"
    if not found.reached:
        why = "raised alone, none raises its share" if found.idle else "none has points and a figure to reach"
        return f"{none}: {why}."
    where = f"already at {_aim(to, found.reached_by_value, found.reached)}"
    where += "" if to == "best" or (to.endswith("%") and float(to[:-1]) == 100) else " or better"
    if not found.idle:
        return f"{none}: each is {where}."
    are = "is" if found.reached == 1 else "are"
    others = f"none of the other {found.idle} raises" if found.idle > 1 else "the other one does not raise"
    return f"{none}: {found.reached} {are} {where}, and {others} its share alone."


def _aim(to: str, by_value: int, criteria: int) -> str:
    """What each criterion would reach, in words.

    Args:
        to: As it was asked for.
        by_value: Number of the criteria whose rule compares agencies: they would reach a value that somebody has.
        criteria: Number of all.
    """
    share = to if to.endswith("%") else f"the {to} of all agencies"
    value = "the median value of all agencies" if to == "median" else "the best value that an agency has"
    if not by_value:
        return share
    return value if by_value == criteria else f"{share}, or where a rule compares agencies at {value}"


def _points(points: float, max_points: float) -> Decimal:
    return round_half_up(points, points_digits(max_points, 2))


def _whole(asked: Shown, found: "Supposed") -> dict[str, Any]:
    pairs = {name: getattr(found, name) for name in ("share", "points", "rank", "group_rank")}
    before_after = {
        key: (value or None if "rank" in name else value)
        for name, pair in pairs.items()
        for key, value in zip((f"{name}_before", name), pair, strict=True)
    }
    return {
        "agency": asked.agency,
        "agency_name": asked.names[asked.agency],
        "ranked_as": asked.ranked_as,
        "node": asked.node,
        **before_after,
        "overtaken": list(found.overtaken),
        "overtaking": list(found.overtaking),
        "others": dict(found.others),
    }


def _sentence(found: "Supposed") -> str:
    shares = [round_half_up(share, 4) for share in found.share]
    points = _points(found.points[1] - found.points[0], found.max_points)
    said = f"share {shares[0]} → {shares[1]}, {points:+} points"
    if not found.rank[0] or not found.rank[1]:
        return f"not ranked; {said}."
    places = found.rank[0] - found.rank[1]
    group = f" (in its group {found.group_rank[0]} → {found.group_rank[1]})" if all(found.group_rank) else ""
    moved = f"{places:+d} place{'' if abs(places) == 1 else 's'}" if places else "no place"
    return f"rank {found.rank[0]} → {found.rank[1]}{group}, {moved}; {said}."


def _print_passed(found: "Supposed", names: Mapping[str, str]) -> None:
    for what, agencies in (("Overtakes or leaves behind", found.overtaken), ("Overtaken by", found.overtaking)):
        if agencies:
            listed = ", ".join(names.get(agency, agency) for agency in agencies[:SHOWN])
            more = f" and {len(agencies) - SHOWN} more" if len(agencies) > SHOWN else ""
            console().print(f"{what}: {listed}{more}.", markup=False)
    if found.others:
        console().print(f"It moves the shares of {len(found.others)} others too: a rule compares them with it.")


def _footnote(asked: Shown) -> None:
    console().print(f"\n{asked.source} Nothing was written.", markup=False)
