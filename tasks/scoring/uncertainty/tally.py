"""What many draws say of a rank: intervals and probabilities."""

from dataclasses import dataclass

import numpy as np

from tasks.scoring.arrays import FloatArray, IntArray
from tasks.scoring.uncertainty.simulate import Ranks

TOP = 10  # places that a probability is given of


@dataclass(frozen=True)
class Tally:
    """What the draws say of the ranks of some units; every array has the shape (units,).

    Attributes:
        low: Best rank of the interval.
        high: Worst rank of the interval.
        top: Share of the draws in which the unit is among the best ten.
        above_next: Share of the draws in which it is ranked above the unit of the next worse published rank, the first
            of those that share it; NaN of the last rank. Half of a draw in which both share a rank counts.
    """

    low: IntArray
    high: IntArray
    top: FloatArray
    above_next: FloatArray


def interval(draws: Ranks | FloatArray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the middle part of draws: the least and the largest of them after as many are cut off on both sides.

    Args:
        draws: Shape (units, draws).
        level: Share of the draws that is inside, at least.

    >>> low, high = interval(np.arange(1, 101)[None], 0.9)
    >>> int(low[0]), int(high[0])
    (6, 95)
    """
    count = draws.shape[1]
    cut = int(np.floor((1 - level) / 2 * count + 1e-9))
    ordered = np.sort(draws, axis=1)
    return ordered[:, cut], ordered[:, count - 1 - cut]


def tally(ranks: Ranks, published: IntArray, level: float) -> Tally:
    """Sum up the draws of one ranking.

    Args:
        ranks: Ranks in each draw, shape (units, draws); all of these units are ranked.
        published: Published ranks, shape (units,).
        level: Share of the draws inside an interval.
    """
    low, high = interval(ranks, level)
    above_next = np.full(len(ranks), np.nan)
    order = np.argsort(published, kind="stable")
    ordered = published[order]
    below = np.searchsorted(ordered, ordered, side="right")  # who shares a rank is held against the same next one
    has_next = below < len(order)
    better, worse = ranks[order[has_next]], ranks[order[below[has_next]]]
    above_next[order[has_next]] = (better < worse).mean(axis=1) + (better == worse).mean(axis=1) / 2
    return Tally(low.astype(np.intp), high.astype(np.intp), (ranks <= TOP).mean(axis=1), above_next)
