"""A movement as tables: one line an agency, or the whole way of one agency, node by node."""

from typing import Any

import numpy as np
import pandas as pd

from tasks.scoring.arrays import BoolArray, FloatArray, IntArray
from tasks.scoring.movement.compare import Movement
from tasks.scoring.movement.side import Side
from tasks.scoring.status import STATUSES
from warehouse.errors import ComparisonRefused

CAUSES = ("own", "others", "framework", "merger")
MOVERS = 3  # nodes that are named of each agency
NOTHING = 1e-12  # a contribution smaller than this is the rounding of sums


def agency_rows(movement: Movement, depth: int | None = None) -> pd.DataFrame:
    """One row a pair of agencies, by the rank after; within a group only of those that have a rank there.

    Args:
        movement: What moved.
        depth: How far below the node the nodes in `moved_by` may lie; None: as far as the change was followed.

    Returns:
        Columns agency_before, agency, ranked_in (the group whose places they are; empty: among all), rank_before, rank,
        places (gained: positive), places_own, places_others, places_framework, places_merger, share_before, share,
        change, change_own, change_others, change_framework, change_merger, and moved_by: the nodes that moved it most,
        a list of pairs of code and change of the share. By ranking and rank after.
    """
    found, root = movement.found, movement.found.root
    rows = pd.DataFrame(
        {
            "agency_before": found.before.agencies,
            "agency": found.after.agencies,
            "ranked_in": movement.ranked_in,
            "rank_before": _counts(found.before.ranks[found.before.place[movement.basis.code]]),
            "rank": _counts(found.after.ranks[root]),
            "places": _whole(movement.places.total),
            **{f"places_{cause}": _whole(getattr(movement.places, cause)) for cause in CAUSES},
            "share_before": found.shares[0][root],
            "share": found.shares[1][root],
            "change": movement.shares.total,
            **{f"change_{cause}": getattr(movement.shares, cause) for cause in CAUSES},
            "moved_by": _movers(movement, depth),
        }
    )
    if movement.group:
        rows = rows[rows["rank"].notna() | rows["rank_before"].notna()]
    return rows.sort_values(["ranked_in", "rank", "agency", "rank_before"], na_position="last", ignore_index=True)


def node_rows(movement: Movement, agency: str) -> pd.DataFrame:
    """How the nodes made the change of an agency.

    Args:
        movement: What moved.
        agency: Id on the later side, or on the earlier one of an agency that was merged.

    Returns:
        One row a node that was reached, in tree order; columns node, parent, depth, name, share_before and share (as
        counted; of a merged agency before: the mean of its predecessors), status_before, status, part (what a change
        of its share by 1 does to the whole), own, others, framework (changes of the whole's share that end here), and
        through (with all that lies below). `through` of the first row, and what a merger did, sum to the change of the
        share.

    Raises:
        ComparisonRefused: The agency is not on both sides.
    """
    at = _pairs_of(movement, agency)
    found, tree = movement.found, movement.found.after.tree
    nodes = np.flatnonzero(found.reached[:, at].any(axis=1))
    depths = _depths(found.after)
    kinds = [tree.framework.nodes[node] for node in nodes]
    before = [found.before.place[node.code] for node in kinds]
    figures = {
        "share_before": np.where(found.reached, found.shares[0], np.nan),
        "share": np.where(found.reached, found.shares[1], np.nan),
        "part": found.part,
        **{name: getattr(found, name) for name in ("own", "others", "framework", "through")},
    }
    means = {name: _mean(figure[nodes][:, at]) for name, figure in figures.items()}
    return pd.DataFrame(
        {
            "node": [node.code for node in kinds],
            "parent": [node.parent for node in kinds],
            "depth": depths[nodes] - depths[found.root],
            "name": [node.name for node in kinds],
            "status_before": [STATUSES[int(found.before.status[place, at[0]])] for place in before],
            "status": [STATUSES[int(found.after.status[node, at[0]])] for node in nodes],
            **means,
        }
    )


def _pairs_of(movement: Movement, agency: str) -> list[int]:
    """The pairs of an agency; those of its whole family where it was merged."""
    before, after = movement.found.before.agencies, movement.found.after.agencies
    wanted = {agency} if agency in after else {heir for old, heir in zip(before, after, strict=True) if old == agency}
    at = [place for place, heir in enumerate(after) if heir in wanted]
    if not at:
        hint = "`dti rank` lists who is scored."
        if agency in movement.pairs.new:
            hint = f"It is new in {movement.after.title}."
        if agency in movement.pairs.vanished:
            hint = f"Nothing of it goes on in {movement.after.title}."
        raise ComparisonRefused(f"{agency} has no score of {movement.basis.code} on both sides.", hint)
    return at


def _movers(movement: Movement, depth: int | None) -> list[list[tuple[str, float]]]:
    found = movement.found
    through = movement.pairs.mean_of_family(np.where(_ends(movement, depth), found.through, 0.0))
    codes = found.after.tree.codes
    movers = []
    for made in through.T:
        order = np.argsort(-np.abs(made), kind="stable")[:MOVERS]
        movers.append([(codes[node], float(made[node])) for node in order if abs(made[node]) > NOTHING])
    return movers


def _ends(movement: Movement, depth: int | None) -> BoolArray:
    """Where the way ends: at a closed node, or at the deepest that is wanted; shape (nodes, pairs)."""
    found = movement.found
    ends: BoolArray = found.reached & ~found.opened
    if depth is None:
        return ends
    depths = _depths(found.after)
    below = (depths - depths[found.root])[:, None]
    wanted: BoolArray = np.where(below == depth, found.reached, ends & (below < depth))
    return wanted


def _depths(side: Side) -> IntArray:
    depths = np.zeros(len(side.tree.codes), dtype=np.intp)
    for level, (nodes, _) in enumerate(side.tree.generations, start=1):
        depths[nodes] = level
    return depths


def _mean(figures: FloatArray) -> FloatArray:
    """Mean over the pairs of a family that have a figure, shape (nodes,)."""
    there = ~np.isnan(figures)
    means: FloatArray = np.where(there, figures, 0.0).sum(axis=1) / np.maximum(there.sum(axis=1), 1)
    return means


def _counts(ranks: IntArray) -> "pd.Series[Any]":
    return pd.Series(pd.arrays.IntegerArray(ranks.astype(np.int64), ranks == 0))


def _whole(places: FloatArray) -> "pd.Series[Any]":
    unknown = np.isnan(places)
    return pd.Series(pd.arrays.IntegerArray(np.where(unknown, 0.0, places).astype(np.int64), unknown))
