"""Who goes on as whom between two sides: the same agency, or what a merger made of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tasks.scoring.arrays import BoolArray, FloatArray, IntArray
from tasks.scoring.rank import TIE

Successors = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Succession:
    """Pairs of an agency before and an agency after.

    Attributes:
        before: Index of the agency on the earlier side, shape (pairs,).
        after: Index of the one that goes on as it on the later side, shape (pairs,); ascending.
        vanished: Ids of agencies of the earlier side of which nothing goes on.
        new: Ids of agencies of the later side that were nothing before.
    """

    before: IntArray
    after: IntArray
    vanished: tuple[str, ...]
    new: tuple[str, ...]

    @property
    def is_merged(self) -> BoolArray:
        """Whether the agency after has several before it, shape (pairs,)."""
        _, family, sizes = np.unique(self.after, return_inverse=True, return_counts=True)
        merged: BoolArray = sizes[family] > 1
        return merged

    def mean_of_family(self, figures: FloatArray) -> FloatArray:
        """Give each pair the arithmetic mean over all pairs with the same agency after.

        Args:
            figures: Shape (..., pairs); NaN where an agency has none, which is left out of the mean.

        Returns:
            Shape of `figures`; NaN where no member of the family has one.
        """
        _, family = np.unique(self.after, return_inverse=True)
        starts = np.unique(self.after, return_index=True)[1]  # `after` ascends: families stand side by side
        there = ~np.isnan(figures)
        sums = np.add.reduceat(np.where(there, figures, 0.0), starts, axis=-1)
        counts = np.add.reduceat(there.astype(np.float64), starts, axis=-1)
        means: FloatArray = np.where(counts > 0, sums / np.maximum(counts, 1.0), np.nan)[..., family]
        return np.where(self.is_merged, means, figures)


def successions(
    before: Sequence[str], after: Sequence[str], successors: Successors, unranked_after: frozenset[str] = frozenset()
) -> Succession:
    """Match the agencies of two sides by what became of them, never by name or code.

    Args:
        before: Ids on the earlier side.
        after: Ids on the later side.
        successors: Id to the ids that took it over, of the dated registry.
        unranked_after: Ids on the later side without a rank: one that was merged keeps its scores there, unranked, and
            goes on as its successor.
    """
    there = {agency: index for index, agency in enumerate(after)}
    pairs: list[tuple[int, int]] = []
    vanished = []
    for index, agency in enumerate(before):
        heirs = _heirs(agency, there, successors)
        if agency in there and not (agency in unranked_after and heirs):
            heirs = [agency]
        pairs += [(there[heir], index) for heir in heirs]
        if not heirs:
            vanished.append(agency)
    pairs.sort()
    continued = {place for place, _ in pairs}
    absorbed = {agency for agency in unranked_after if _heirs(agency, there, successors)}
    new = tuple(agency for agency, place in there.items() if place not in continued and agency not in absorbed)
    places = np.array(pairs, dtype=np.intp).reshape(-1, 2)
    return Succession(before=places[:, 1], after=places[:, 0], vanished=tuple(vanished), new=new)


def _heirs(agency: str, there: Mapping[str, int], successors: Successors) -> list[str]:
    """The nearest successors that are on the later side, over as many mergers as it takes."""
    found: list[str] = []
    waiting, seen = list(successors.get(agency, ())), {agency}
    while waiting:
        heir = waiting.pop(0)
        if heir in seen:
            continue
        seen.add(heir)
        if heir in there:
            found.append(heir)
        else:
            waiting += successors.get(heir, ())
    return found


def better(figures: FloatArray, than: FloatArray) -> IntArray:
    """How many of some figures are better than each of others, apart from the rounding of sums.

    Args:
        figures: Shape (n,), without NaN.
        than: Shape (m,).

    Returns:
        Shape (m,).

    >>> better(np.array([0.1, 0.5, 0.5, 0.9]), np.array([0.5, 0.95]))
    array([1, 0])
    """
    return len(figures) - np.searchsorted(np.sort(figures), than + TIE, side="left")
