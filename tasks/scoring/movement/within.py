"""Rankings of which places are counted: among all, within one group, or of each agency within its own."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tasks.scoring.arrays import IntArray
from tasks.scoring.movement.comparable import Told
from tasks.scoring.movement.side import Side
from tasks.scoring.rank import competition_ranks
from warehouse.errors import ComparisonRefused

Sides = tuple[Side, Side]
Labels = tuple[IntArray, IntArray]  # of each side: who is ranked with whom, shape (agencies,); negative: with nobody


def rankings(told: Sequence[Told], sides: Sides, code: str, group: str, *, in_groups: bool) -> tuple[Sides, Labels]:
    """Rank the agencies of both sides in the rankings that count.

    Args:
        told: Both vintages; each agency stands in the group that its own vintage says.
        sides: Their scores.
        code: Code of the node that is compared by.
        group: Name of a group: only its agencies are ranked, and those of groups that lie within it; empty for none.
        in_groups: Without a group: whether each agency is ranked within its own, else it is among all.

    Returns:
        The sides with the ranks that count, and who is ranked with whom.

    Raises:
        ComparisonRefused: Nobody of the group has a rank by the node on one of the sides.
        FrameworkError: One of the sides has no such group.
    """
    if not group and not in_groups:
        return sides, (np.zeros(len(sides[0].agencies), np.intp), np.zeros(len(sides[1].agencies), np.intp))
    names = sorted({name for one in told for name in one.groups.values()})
    labels = [_labels(one, side, names, group) for one, side in zip(told, sides, strict=True)]
    ranked = [_ranked(side, of_side) for side, of_side in zip(sides, labels, strict=True)]
    for one, side in zip(told, ranked, strict=True):
        if group and not side.ranks[side.place[code]].any():
            raise ComparisonRefused(
                f"Nobody in the group {group!r} has a rank by {code} in {one.title}.",
                f"Scored there are agencies of {', '.join(sorted(set(one.groups.values()))) or 'no group'}.",
            )
    return (ranked[0], ranked[1]), (labels[0], labels[1])


def _labels(told: Told, side: Side, names: Sequence[str], group: str) -> IntArray:
    if group:
        members = told.members(group)
        return np.array([0 if agency in members else -1 for agency in side.agencies], dtype=np.intp)
    at = {name: place for place, name in enumerate(names)}
    return np.array([at.get(told.groups.get(agency, ""), -1) for agency in side.agencies], dtype=np.intp)


def _ranked(side: Side, labels: IntArray) -> Side:
    shares = np.where(side.ranks > 0, side.shares, np.nan)
    return replace(side, ranks=competition_ranks(shares, labels))
