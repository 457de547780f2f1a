"""What `dti compare` says of all agencies as of one: the sides, the causes, changes with their signs."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flows.cli.output import console
from flows.labels import KIND_LABELS
from tasks.scoring.rounding import points_digits, round_half_up
from warehouse.frames import is_missing

if TYPE_CHECKING:
    from tasks.scoring.movement.comparable import Told
    from tasks.scoring.movement.compare import Movement

CAUSES = {
    "own": "own figures",
    "others": "the others' figures",
    "framework": "the framework",
    "merger": "merger and who is ranked",
}
NOTHING = 1e-12  # a change smaller than this is the rounding of sums

Row = Mapping[str, Any]


def title(found: "Movement") -> str:
    """What is compared, by which node and in which rankings."""
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


def max_points(found: "Movement") -> float:
    """Points of the node on the later side."""
    return float(found.found.after.tree.max_points[found.found.root])


def footnotes(found: "Movement", names: Mapping[str, str]) -> None:
    """Print what the reader of a movement has to know, and who stands on one side only.

    Args:
        found: The movement.
        names: Agency id to name.
    """
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


def is_change(value: Any) -> bool:
    """Whether a change is there and more than the rounding of sums."""
    return not is_missing(value) and abs(value) > NOTHING


def signed_whole(value: Any) -> str:
    """Places with their sign; empty where there are none to tell.

    >>> signed_whole(3), signed_whole(-1), signed_whole(0), signed_whole(None)
    ('+3', '-1', '0', '')
    """
    return "" if is_missing(value) else f"{int(value):+d}" if value else "0"


def points_moved(change: float, found: "Movement", many: int = 1) -> str:
    """A change of the share in points of the node, with its sign.

    Args:
        change: The change of the share.
        found: The movement.
        many: Decimals where the node has many points.
    """
    most = max_points(found)
    return signed(change * most, points_digits(most, many))


def signed(value: float, digits: int) -> str:
    """A change with its sign, rounded.

    >>> signed(0.25, 1), signed(-0.5, 2), signed(-0.0001, 2)
    ('+0.3', '-0.50', '0.00')
    """
    rounded = round_half_up(value, digits)
    return f"{rounded:+}" if rounded else f"{abs(rounded)}"
