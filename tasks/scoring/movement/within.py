"""Places within a ranking group: who stands in it is ranked against each other, nobody else has a place."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tasks.scoring.movement.comparable import Told
from tasks.scoring.movement.side import Side
from tasks.scoring.rank import competition_ranks
from warehouse.errors import ComparisonRefused


def within_group(told: Sequence[Told], sides: tuple[Side, Side], code: str, group: str) -> tuple[Side, Side]:
    """Rank the agencies of a group, and of the groups that lie within it, among themselves.

    Args:
        told: Both vintages; each agency stands in the group that its own vintage says.
        sides: Their scores.
        code: Code of the node that is compared by.
        group: Name of the group.

    Raises:
        ComparisonRefused: Nobody of the group has a rank by the node on one of the sides.
    """
    ranked = [_within(one, side, group) for one, side in zip(told, sides, strict=True)]
    for one, side in zip(told, ranked, strict=True):
        if not side.ranks[side.place[code]].any():
            groups = sorted(set(one.groups.values()) | {known.group for known in one.framework.description.groups})
            raise ComparisonRefused(
                f"Nobody in the group {group!r} has a rank by {code} in {one.title}.",
                f"The groups there are {', '.join(groups)}." if groups else "It has no groups.",
            )
    return ranked[0], ranked[1]


def _within(told: Told, side: Side, group: str) -> Side:
    members = told.members(group)
    inside = np.array([agency in members for agency in side.agencies], dtype=np.bool_)
    shares = np.where(side.ranks > 0, side.shares, np.nan)
    return replace(side, ranks=competition_ranks(shares, np.where(inside, 0, -1).astype(np.intp)))
