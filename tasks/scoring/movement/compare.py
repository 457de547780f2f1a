"""Two vintages compared: who moved, by which cause, and through which nodes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tasks.scoring.arrays import BoolArray, FloatArray, IntArray
from tasks.scoring.movement.comparable import Basis, Told, basis
from tasks.scoring.movement.contributions import Contributions, contributions
from tasks.scoring.movement.crossing import cross
from tasks.scoring.movement.places import Causes, place_causes, share_causes
from tasks.scoring.movement.side import Side
from tasks.scoring.movement.succession import Succession, Successors, successions
from tasks.scoring.status import STATUSES
from warehouse.errors import ComparisonRefused
from warehouse.frameworks.crosswalks.tables import Crossing

CAUSES = ("own", "others", "framework", "merger")
MOVERS = 3  # nodes that are named of each agency
NOTHING = 1e-12  # a contribution smaller than this is the rounding of sums


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
    """

    before: Told
    after: Told
    basis: Basis
    pairs: Succession
    found: Contributions
    shares: Causes
    places: Causes

    def agencies(self, depth: int | None = None) -> pd.DataFrame:
        """One row a pair of agencies, by the rank after.

        Args:
            depth: How far below the node the nodes in `moved_by` may lie; None: as far as the change was followed.

        Returns:
            Columns agency_before, agency, rank_before, rank, places (gained: positive), places_own, places_others,
            places_framework, places_merger, share_before, share, change, change_own, change_others, change_framework,
            change_merger, and moved_by: the nodes that moved it most, a list of pairs of code and change of the share.
        """
        root, found = self.found.root, self.found
        ranks = found.before.ranks[found.before.place[self.basis.code]], found.after.ranks[root]
        rows = pd.DataFrame(
            {
                "agency_before": found.before.agencies,
                "agency": found.after.agencies,
                "rank_before": _counts(ranks[0]),
                "rank": _counts(ranks[1]),
                "places": _whole(self.places.total),
                **{f"places_{cause}": _whole(getattr(self.places, cause)) for cause in CAUSES},
                "share_before": found.before.shares[found.before.place[self.basis.code]],
                "share": found.after.shares[root],
                "change": self.shares.total,
                **{f"change_{cause}": getattr(self.shares, cause) for cause in CAUSES},
                "moved_by": self._movers(depth),
            }
        )
        return rows.sort_values(["rank", "agency", "rank_before"], na_position="last", ignore_index=True)

    def nodes(self, agency: str) -> pd.DataFrame:
        """How the nodes made the change of an agency.

        Args:
            agency: Id on the later side, or on the earlier one of an agency that was merged.

        Returns:
            One row a node that was reached, in tree order; columns node, parent, depth, name, share_before and share (as
            counted; of a merged agency before: the mean of its predecessors), status_before, status, part (what a change
            of its share by 1 does to the whole), own, others, framework (changes of the whole's share that end here), and
            through (with all that lies below). The column through of the first row, and what a merger did, sum to the
            change of the share.

        Raises:
            ComparisonRefused: The agency is not on both sides.
        """
        at = self._pairs_of(agency)
        found, tree = self.found, self.found.after.tree
        reached = found.reached[:, at].any(axis=1)
        nodes = np.flatnonzero(reached)
        depths = _depths(found.after)
        shares = [_mean(one[:, at], reached) for one in (found.after.shares, found.change)]
        before = [found.before.place.get(tree.codes[node], -1) for node in nodes]
        kinds = tree.framework.nodes
        columns = {
            name: _mean(one[:, at], reached)[nodes]
            for name, one in {
                "part": found.part,
                "own": found.own,
                "others": found.others,
                "framework": found.framework,
                "through": found.through,
            }.items()
        }
        return pd.DataFrame(
            {
                "node": [tree.codes[node] for node in nodes],
                "parent": [kinds[node].parent for node in nodes],
                "depth": [depths[node] - depths[found.root] for node in nodes],
                "name": [kinds[node].name for node in nodes],
                "share_before": (shares[0] - shares[1])[nodes],
                "share": shares[0][nodes],
                "status_before": [STATUSES[int(found.before.status[place, at[0]])] for place in before],
                "status": [STATUSES[int(found.after.status[node, at[0]])] for node in nodes],
                **columns,
            }
        )

    def _pairs_of(self, agency: str) -> list[int]:
        """The pairs of an agency; those of its whole family where it was merged."""
        after = [heir for heir, old in zip(self._after, self._before, strict=True) if agency in (heir, old)]
        wanted = [agency] if agency in self._after else after
        at = [place for place, heir in enumerate(self._after) if heir in wanted and self.found.reached[self.found.root, place]]
        if not at:
            raise ComparisonRefused(
                f"{agency} has no score of {self.basis.code} on both sides.", self._absent(agency)
            )
        return at

    def _absent(self, agency: str) -> str:
        if agency in self.pairs.new:
            return f"It is new in {self.after.title}."
        if agency in self.pairs.vanished:
            return f"Nothing of it goes on in {self.after.title}."
        return "`dti rank` lists who is scored."

    @property
    def _before(self) -> tuple[str, ...]:
        return self.found.before.agencies

    @property
    def _after(self) -> tuple[str, ...]:
        return self.found.after.agencies

    def _movers(self, depth: int | None) -> list[list[tuple[str, float]]]:
        through = self.pairs.mean_of_family(np.where(self._ends(depth), self.found.through, 0.0))
        codes = self.found.after.tree.codes
        movers = []
        for made in through.T:
            order = np.argsort(-np.abs(made), kind="stable")[:MOVERS]
            movers.append([(codes[node], float(made[node])) for node in order if abs(made[node]) > NOTHING])
        return movers

    def _ends(self, depth: int | None) -> BoolArray:
        """Where the way ends: at a closed node, or at the deepest that is wanted."""
        ends = self.found.reached & ~self.found.opened
        if depth is None:
            return ends
        below = np.array(_depths(self.found.after)) - _depths(self.found.after)[self.found.root]
        wanted: BoolArray = np.where((below == depth)[:, None], self.found.reached, ends & (below < depth)[:, None])
        return wanted


def compare(
    before: Told, after: Told, *, node: str | None, crossings: Sequence[Crossing] = (), successors: Successors
) -> Movement:
    """Compare two vintages.

    Args:
        before: The earlier one.
        after: The later one.
        node: Code of the node to compare by, or a sum of codes as a crosswalk writes it; None: the whole index.
        crossings: Rows of the crosswalks of either framework.
        successors: Id of an agency to the ids that took it over.

    Raises:
        ComparisonRefused: They cannot be compared; the hint says what could be.
        FrameworkError: There is no such node.
    """
    on = basis(before, after, node, crossings)
    sides = Side.of(before.framework, before.scores), Side.of(after.framework, after.scores)
    if on.top is not None:
        sides = cross(sides, on.rows, on.top)
    pairs = _matched(sides, on.code, successors)
    found = contributions(*sides, pairs, on.code)
    if not found.reached[found.root].any():
        _refuse_unscored(before, after, sides, on.code, pairs)
    shares = share_causes(found, pairs)
    return Movement(before, after, on, pairs, found, shares, place_causes(found, pairs, shares))


def _matched(sides: tuple[Side, Side], code: str, successors: Successors) -> Succession:
    """The agencies of both sides that have a share of the node."""
    scored = []
    for side in sides:
        there = ~np.isnan(side.shares[side.place[code]])
        scored.append(np.flatnonzero(there))
    names = [[side.agencies[unit] for unit in units] for side, units in zip(sides, scored, strict=True)]
    last = sides[1]
    unranked = frozenset(last.agencies[unit] for unit in scored[1] if not last.ranks[last.place[code], unit])
    found = successions(names[0], names[1], successors, unranked)
    return Succession(scored[0][found.before], scored[1][found.after], found.vanished, found.new)


def _refuse_unscored(before: Told, after: Told, sides: tuple[Side, Side], code: str, pairs: Succession) -> None:
    both = [
        one
        for one in sides[1].tree.codes
        if one in sides[0].place
        and all(not np.isnan(side.shares[side.place[one]]).all() for side in sides)
    ]
    for told, side in zip((before, after), sides, strict=True):
        if np.isnan(side.shares[side.place[code]]).all():
            raise ComparisonRefused(
                f"Nobody has a score of {code} in {told.title}: figures were entered above it.",
                f"Both sides have scores of {', '.join(both[:12])}." if both else "No node has scores on both sides.",
            )
    raise ComparisonRefused(
        f"No agency has a score of {code} both in {before.title} and in {after.title}.",
        f"Before: {', '.join(pairs.vanished[:5])}; after: {', '.join(pairs.new[:5])}.",
    )


def _depths(side: Side) -> list[int]:
    depths = [0] * len(side.tree.codes)
    for level, (nodes, _) in enumerate(side.tree.generations, start=1):
        for node in nodes:
            depths[int(node)] = level
    return depths


def _mean(figures: FloatArray, reached: BoolArray) -> FloatArray:
    """Mean over the pairs of a family, of the nodes that were reached."""
    there = ~np.isnan(figures)
    sums = np.where(there, figures, 0.0).sum(axis=1)
    means: FloatArray = np.where(reached, sums / np.maximum(there.sum(axis=1), 1), np.nan)
    return means


def _counts(ranks: IntArray) -> "pd.Series[Any]":
    return pd.Series(pd.arrays.IntegerArray(ranks.astype(np.int64), ranks == 0))


def _whole(places: FloatArray) -> "pd.Series[Any]":
    unknown = np.isnan(places)
    return pd.Series(pd.arrays.IntegerArray(np.where(unknown, 0.0, places).astype(np.int64), unknown))
