"""Groups of units that cannot be told apart, from the decisions on all pairs at once.

A group is a run of neighbours in rank order in which no pair is told apart and which cannot be made longer at either
end; a unit can be in several, which then have consecutive numbers. Units that share a group are not told apart. The
converse need not hold: two units may be too uncertain to be told apart while a more certain pair between them is.
"""

from dataclasses import dataclass

import numpy as np

from tasks.scoring.arrays import BoolArray, IntArray


@dataclass(frozen=True)
class Groups:
    """Groups that cannot be told apart, numbered from 1 at the top.

    Attributes:
        first: Number of the first group of each unit, shape (units,).
        last: Number of its last group, shape (units,).
        best: Rank of the first unit of each group, shape (groups,).
        worst: Rank of the last unit of each group, shape (groups,).
    """

    first: IntArray
    last: IntArray
    best: IntArray
    worst: IntArray

    def label(self, unit: int) -> str:
        """Return the groups of a unit, such as `3` or `3–5`."""
        first, last = self.first[unit], self.last[unit]
        return f"{first}" if first == last else f"{first}–{last}"

    def members(self, group: int) -> IntArray:
        """Return the units of a group, by number from 1, in the order in which units were given."""
        return np.flatnonzero((self.first <= group) & (group <= self.last))


def groups(ranks: IntArray, better: BoolArray) -> Groups:
    """Return the groups of units that cannot be told apart.

    Args:
        ranks: Ranks of the estimates, shape (units,); units of one rank stand in the order given.
        better: Whether the row's unit is surely better than the column's, shape (units, units).

    >>> nothing_told = np.zeros((3, 3), dtype=np.bool_)
    >>> first_beats_last = nothing_told.copy()
    >>> first_beats_last[0, 2] = True
    >>> found = groups(np.array([1, 2, 3]), first_beats_last)
    >>> [found.label(unit) for unit in range(3)]
    ['1', '1–2', '2']
    """
    order = np.argsort(ranks, kind="stable")
    apart = np.triu((better | better.T)[np.ix_(order, order)], 1)
    reaches = np.pad(apart, ((0, 0), (0, 1)), constant_values=True).argmax(axis=1)  # the end is apart from everybody
    ends = np.minimum.accumulate(reaches[::-1])[::-1]
    starts = np.flatnonzero(np.diff(ends, prepend=0) > 0)
    ends = ends[starts]
    places = np.argsort(order, kind="stable")
    return Groups(
        np.searchsorted(ends, places, side="right") + 1,
        np.searchsorted(starts, places, side="right"),
        ranks[order[starts]],
        ranks[order[ends - 1]],
    )
