"""Two vintages compared: who moved, by which cause, and through which nodes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tasks.scoring.movement.comparable import Basis, Told, basis
from tasks.scoring.movement.contributions import Contributions, contributions
from tasks.scoring.movement.crossing import cross
from tasks.scoring.movement.places import Causes, place_causes, share_causes
from tasks.scoring.movement.side import Side
from tasks.scoring.movement.succession import Succession, Successors, successions
from tasks.scoring.movement.within import rankings
from warehouse.errors import ComparisonRefused
from warehouse.frameworks.crosswalks.tables import Crossing


@dataclass(frozen=True)
class Movement:
    """What moved between two vintages, by a node.

    Attributes:
        before: The earlier vintage.
        after: The later one.
        basis: On what they are compared.
        pairs: Who goes on as whom.
        found: The change taken apart into nodes.
        shares: The change of the share by cause.
        places: The places gained by cause.
        group: The ranking group that was asked for; empty for none.
        in_groups: Whether places are those of each agency within its own group.
        ranked_in: For each pair the group whose places they are; empty for those among all.
    """

    before: Told
    after: Told
    basis: Basis
    pairs: Succession
    found: Contributions
    shares: Causes
    places: Causes
    group: str = ""
    in_groups: bool = False
    ranked_in: tuple[str, ...] = ()


def compare(
    before: Told,
    after: Told,
    *,
    node: str | None,
    crossings: Sequence[Crossing] = (),
    successors: Successors,
    group: str = "",
) -> Movement:
    """Compare two vintages.

    Args:
        before: The earlier one.
        after: The later one.
        node: Code of the node to compare by, or a sum of codes as a crosswalk writes it; None: the whole index.
        crossings: Rows of the crosswalks of either framework.
        successors: Id of an agency to the ids that took it over.
        group: Count places among the agencies of this ranking group and of those within it only; empty: within the
            group of each agency where the framework ranks so, else among all.

    Raises:
        ComparisonRefused: They cannot be compared; the hint says what could be.
        FrameworkError: There is no such node or group.
    """
    on = basis(before, after, node, crossings)
    sides = Side.of(before.tree, before.scores), Side.of(after.tree, after.scores)
    if on.top is not None:
        sides = cross(sides, on.rows, on.top)
    pairs = _matched(sides, on.code, successors)
    if not len(pairs.after):
        _refuse_unscored(before, after, sides, on.code, pairs)
    in_groups = not group and all(told.framework.is_ranked_in_groups for told in (before, after))
    sides, labels = rankings((before, after), sides, on.code, group, in_groups=in_groups)
    found = contributions(*sides, pairs, on.code)
    shares = share_causes(found, pairs)
    ranked_with = labels[0][pairs.before], labels[1][pairs.after]
    places = place_causes(found, pairs, shares, ranked_with)
    ranked_in = [after.groups.get(agency, "") if in_groups else group for agency in found.after.agencies]
    return Movement(before, after, on, pairs, found, shares, places, group, in_groups, tuple(ranked_in))


def _matched(sides: tuple[Side, Side], code: str, successors: Successors) -> Succession:
    """The agencies of both sides that have a share of the node."""
    scored = [np.flatnonzero(~np.isnan(side.shares[side.place[code]])) for side in sides]
    names = [[side.agencies[unit] for unit in units] for side, units in zip(sides, scored, strict=True)]
    last = sides[1]
    unranked = frozenset(last.agencies[unit] for unit in scored[1] if not last.ranks[last.place[code], unit])
    found = successions(names[0], names[1], successors, unranked)
    return Succession(scored[0][found.before], scored[1][found.after], found.vanished, found.new)


def _refuse_unscored(before: Told, after: Told, sides: tuple[Side, Side], code: str, pairs: Succession) -> None:
    scored = [{one for one in side.tree.codes if not np.isnan(side.shares[side.place[one]]).all()} for side in sides]
    both = [one for one in sides[1].tree.codes if one in scored[0] & scored[1]]
    for told, there in zip((before, after), scored, strict=True):
        if code not in there:
            raise ComparisonRefused(
                f"Nobody has a score of {code} in {told.title}: none came, or figures were entered above it.",
                f"Both sides have scores of {', '.join(both[:12])}." if both else "No node has scores on both sides.",
            )
    raise ComparisonRefused(
        f"No agency has a score of {code} both in {before.title} and in {after.title}.",
        f"Before: {', '.join(pairs.vanished[:5])}; after: {', '.join(pairs.new[:5])}.",
    )
