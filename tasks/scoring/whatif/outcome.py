"""What a supposed figure does: the new share and rank, and who is overtaken."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tasks.scoring.arrays import BoolArray, FloatArray, IntArray
from tasks.scoring.rank import competition_ranks
from tasks.scoring.whatif.change import Change
from tasks.scoring.whatif.scenarios import Bench

SAME = 1e-12  # shares that differ by less differ by the rounding of sums


@dataclass(frozen=True)
class Places:
    """Who is ranked, and with whom.

    Attributes:
        ranked: Whether each agency is, shape (agencies,).
        group: Label of each agency's group, negative for none, shape (agencies,).
    """

    ranked: BoolArray
    group: IntArray

    @classmethod
    def of(cls, agencies: Sequence[str], unranked: Collection[str], groups: Mapping[str, str]) -> "Places":
        """Take ranks and groups as the vintage has them.

        Args:
            agencies: Their ids.
            unranked: Ids of those without a rank.
            groups: Id to group.
        """
        names = [groups.get(agency, "") for agency in agencies]
        labels = sorted({name for name in names if name})
        group = np.array([labels.index(name) if name else -1 for name in names], dtype=np.intp)
        return cls(np.array([agency not in unranked for agency in agencies]), group)

    def ranks(self, shares: FloatArray) -> IntArray:
        """Ranks of all agencies, shape (agencies, scenarios) as the shares; 0 for none."""
        return _ranked(shares, np.zeros_like(self.group), self.ranked)

    def group_ranks(self, shares: FloatArray) -> IntArray:
        """Ranks within the groups, shape of `shares`; 0 for none."""
        return _ranked(shares, self.group, self.ranked)


@dataclass(frozen=True)
class Supposed:
    """An agency with some figures supposed, beside what it is; pairs are (before, after).

    Attributes:
        share: Share of the node that ranks.
        points: Points of that node.
        max_points: Points of that node at the most.
        rank: Rank; 0 where it is not ranked.
        group_rank: Rank in its group; 0 for none.
        overtaken: Ids of the agencies that were ahead or level and are behind now, the best first.
        overtaking: Ids of those that were behind or level and are ahead now.
        others: Id of every other agency whose share moves, to the change.
        nodes: One row a node whose share moves, in tree order: node, name, is_set, share_before, share, points_before,
            points, max_points.
    """

    share: tuple[float, float]
    points: tuple[float, float]
    max_points: float
    rank: tuple[int, int]
    group_rank: tuple[int, int]
    overtaken: tuple[str, ...]
    overtaking: tuple[str, ...]
    others: Mapping[str, float]
    nodes: pd.DataFrame


def suppose(bench: Bench, places: Places, changes: Sequence[Change]) -> Supposed:
    """Score an agency with some figures supposed.

    Args:
        bench: The vintage.
        places: Who is ranked.
        changes: What is supposed.

    Raises:
        InputError: A figure cannot be scored.
    """
    after = bench.run([changes])
    shares = np.stack([bench.base.shares[bench.node], after.shares[:, 0]], axis=1)
    own = np.stack([bench.base.shares[:, bench.own], after.own[:, 0]], axis=1)
    ranks, group_ranks = places.ranks(shares), places.group_ranks(shares)
    at, agencies = bench.followed, bench.agencies
    was, now = ranks[:, 0], ranks[:, 1]
    competes = (was > 0) & (now > 0) & (np.arange(len(agencies)) != at)
    passed = np.flatnonzero(competes & (was <= was[at]) & (now > now[at]))
    passing = np.flatnonzero(competes & (was >= was[at]) & (now < now[at]))
    most = float(bench.tree.max_points[bench.node])
    moved = np.abs(shares[:, 1] - shares[:, 0]) > SAME
    return Supposed(
        share=_pair(shares[at]),
        points=_pair(shares[at] * most),
        max_points=most,
        rank=(int(was[at]), int(now[at])),
        group_rank=(int(group_ranks[at, 0]), int(group_ranks[at, 1])),
        overtaken=tuple(agencies[unit] for unit in passed[np.argsort(was[passed], kind="stable")]),
        overtaking=tuple(agencies[unit] for unit in passing[np.argsort(now[passing], kind="stable")]),
        others={
            agencies[unit]: float(shares[unit, 1] - shares[unit, 0])
            for unit in np.flatnonzero(moved)
            if unit not in (at, bench.own)
        },
        nodes=_nodes(bench, own, {change.node for change in changes}),
    )


def _nodes(bench: Bench, own: FloatArray, supposed: Collection[str]) -> pd.DataFrame:
    shown = ~(np.abs(own[:, 1] - own[:, 0]) <= SAME) & ~np.isnan(own[:, 1])
    shown |= np.array([code in supposed for code in bench.tree.codes])
    at = np.flatnonzero(shown)
    nodes = [bench.tree.framework.nodes[index] for index in at]
    most = bench.tree.max_points[at]
    return pd.DataFrame(
        {
            "node": [node.code for node in nodes],
            "name": [node.name for node in nodes],
            "is_set": [node.code in supposed for node in nodes],
            "share_before": own[at, 0],
            "share": own[at, 1],
            "points_before": own[at, 0] * most,
            "points": own[at, 1] * most,
            "max_points": most,
        }
    )


def _ranked(shares: FloatArray, labels: IntArray, ranked: BoolArray) -> IntArray:
    ranks: IntArray = competition_ranks(shares[None], np.where(ranked, labels, -1))[0]
    return ranks


def _pair(figures: FloatArray) -> tuple[float, float]:
    return float(figures[0]), float(figures[1])
