"""Places gained and lost, by cause, in a fixed order: who is ranked, the framework, own figures, the others' figures.

The rank before is that among the agencies of the earlier side. One cause after the other is then let in, for all
agencies at once except the third, and the places that each step moves are its own:

1. *merger*: only agencies of the later side are ranked, a merged one with the mean of its predecessors' shares;
2. *framework*: every agency's share moves by what the framework changed;
3. *own*: the agency's own share moves by its own figures, everybody else stands still;
4. *others*: everybody has the later share; agencies that are new are ranked as well. The rank is now the one after.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from tasks.scoring.arrays import FloatArray, IntArray
from tasks.scoring.movement.contributions import Contributions
from tasks.scoring.movement.succession import Succession, better
from tasks.scoring.rank import TIE


@dataclass(frozen=True)
class Causes:
    """A change by cause, shape (pairs,) each; NaN where it cannot be said.

    Attributes:
        merger: The share of the family's mean less the agency's own; places by who is ranked.
        framework: By another definition.
        own: By the agency's own figures.
        others: By the figures of the others.
    """

    merger: FloatArray
    framework: FloatArray
    own: FloatArray
    others: FloatArray

    @property
    def total(self) -> FloatArray:
        """The whole change."""
        return self.merger + self.framework + self.own + self.others


def share_causes(found: Contributions, pairs: Succession) -> Causes:
    """The change of the share by cause; that of a merged agency is the mean over its predecessors, for each of them.

    Args:
        found: The change taken apart.
        pairs: Who goes on as whom.
    """
    there = found.reached[found.root]
    made = np.array([one.sum(axis=0) for one in (found.framework, found.own, found.others)])
    framework, own, others = pairs.mean_of_family(np.where(there, made, np.nan))
    before = found.shares[0][found.root]
    return Causes(np.where(there, pairs.mean_of_family(before) - before, np.nan), framework, own, others)


def place_causes(
    found: Contributions, pairs: Succession, causes: Causes, ranked_with: tuple[IntArray, IntArray]
) -> Causes:
    """The places gained (positive) or lost by cause; they sum to rank before less rank after.

    Args:
        found: The change taken apart.
        pairs: Who goes on as whom.
        causes: What `share_causes` gives.
        ranked_with: Who is ranked with whom before and after, shape (pairs,) each.

    Returns:
        NaN for agencies that are unranked on either side, or went from one ranking to another.
    """
    after = found.after.ranks[found.root].astype(np.float64)
    before = found.before.ranks[found.before.place[found.after.tree.codes[found.root]]].astype(np.float64)
    # Not the later share less what was made: the rounding of that sum would move ties apart.
    there = found.reached[found.root]
    earlier = np.where(there, pairs.mean_of_family(np.where(there, found.shares[0][found.root], np.nan)), np.nan)
    _, first, family = np.unique(pairs.after, return_index=True, return_inverse=True)
    has_ranked = np.zeros(len(first), dtype=np.bool_)
    np.logical_or.at(has_ranked, family, before > 0)
    ranked = has_ranked[family] & (after > 0) & ~np.isnan(earlier)
    moved = earlier + causes.framework
    was_with, is_with = ranked_with
    among = first[ranked[first]]
    steps = [
        before,
        _ranks(earlier, earlier, among, is_with),
        _ranks(moved, moved, among, is_with),
        _ranks(moved, moved + causes.own, among, is_with),
        after,
    ]
    known = ranked & (before > 0) & (was_with == is_with)
    gained = [np.where(known, one - next_, np.nan) for one, next_ in pairwise(steps)]
    return Causes(*gained)


def _ranks(shares: FloatArray, own: FloatArray, among: IntArray, ranked_with: IntArray) -> FloatArray:
    """Rank of each pair with its share `own` among the `shares` of all others that it is ranked with."""
    # Where its share fell, the agency itself would be counted among those that are better now.
    ranks = np.where(shares >= own + TIE, 0.0, 1.0)
    for label in np.unique(ranked_with):
        of_label = ranked_with == label
        ranks[of_label] += better(shares[among[of_label[among]]], own[of_label])
    return ranks
