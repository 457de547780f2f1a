"""Which criteria would lift an agency most: each in turn as good as it can be, and the best ones together."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tasks.scoring.arrays import FloatArray
from tasks.scoring.missing import above
from tasks.scoring.movement.rules import ALONE
from tasks.scoring.status import APPRAISED, CARRIED_FORWARD, COVERED, MEASURED, PUBLISHED
from tasks.scoring.whatif.change import Change
from tasks.scoring.whatif.outcome import SAME, Places, Supposed, suppose
from tasks.scoring.whatif.scenarios import Bench
from warehouse.errors import InputError

BEST, MEDIAN, FULL = "best", "median", "100%"
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)%")
_ENTERED = (MEASURED, PUBLISHED, APPRAISED, CARRIED_FORWARD)


@dataclass(frozen=True)
class Lift:
    """What would lift an agency.

    Attributes:
        criteria: The criteria that lift it most, the best first: node, name, share_before, share (supposed), gain
            (points of the node), change (of the share that ranks), change_points, rank, places.
        together: All of them at once; None where there is none.
        by_value: Those of which a value is supposed, because their rule compares agencies; of the others it is a share.
    """

    criteria: pd.DataFrame
    together: Supposed | None
    by_value: tuple[str, ...] = ()


def lift(bench: Bench, places: Places, number: int, to: str = FULL) -> Lift:
    """Find the criteria that would lift an agency most, by places, then by points.

    Args:
        bench: The vintage.
        places: Who is ranked.
        number: How many to name.
        to: What each would reach: a share such as `100%`, the `best` or the `median` that an agency has.

    Raises:
        InputError: `to` is none of these.
    """
    changes = _candidates(bench, _target(bench, to), to)
    if not changes:
        return Lift(_rows(bench, places, changes, np.empty((0, 0)), np.empty((0, 0))).head(0), None)
    after = bench.run([[change] for change in changes])
    rows = _rows(bench, places, changes, after.shares, after.own)
    rows = rows[rows["change"] > SAME]
    # Sorting is stable and stands in tree order before; digits beyond rounding noise break no tie.
    order = np.lexsort((-rows["change"].round(12), -rows["places"]))
    best = rows.iloc[order].head(number).reset_index(drop=True)
    chosen = [change for code in best["node"] for change in changes if change.node == code]
    by_value = tuple(change.node for change in chosen if not np.isnan(change.value))
    return Lift(best, suppose(bench, places, chosen) if chosen else None, by_value)


def _target(bench: Bench, to: str) -> FloatArray:
    """Share that each node would reach, shape (nodes,); NaN where nobody has one."""
    number = _PERCENT.fullmatch(to)
    if number:
        if float(number[1]) > 100:
            raise InputError(f"{to} is more than all the points.", "Give a share of up to 100%.")
        return np.full(len(bench.tree.codes), float(number[1]) / 100)
    if to not in (BEST, MEDIAN):
        raise InputError(f"{to!r} is no aim.", f"Write {BEST}, {MEDIAN}, or a share such as 80%.")
    shares = bench.base.shares
    known = ~np.isnan(shares).all(axis=1)
    found = np.full(len(shares), np.nan)
    found[known] = (np.nanmax if to == BEST else np.nanmedian)(shares[known], axis=1)
    return found


def _candidates(bench: Bench, target: FloatArray, to: str) -> list[Change]:
    """What is supposed of each node where a figure counts: a leaf, or a node where a value entered above the leaves."""
    tree, status = bench.tree, bench.base.status[:, bench.own]
    entered = ~tree.is_leaf & np.isin(status, _ENTERED)
    hidden = above(entered[:, None], tree)[:, 0]
    below = np.zeros((len(status), 1), dtype=np.bool_)
    below[bench.node] = True
    counts = (above(below, tree) | below)[:, 0] & ~hidden & ((tree.is_leaf & (status != COVERED)) | entered)
    own = bench.base.shares[:, bench.own]
    changes = []
    for node in np.flatnonzero(counts & ~np.isnan(target)):
        if tree.framework.nodes[node].rule not in ALONE and tree.is_leaf[node]:
            change = _by_value(bench, int(node), to)
        else:
            change = _by_points(bench, int(node), float(target[node]), float(own[node]))
        changes += [change] if change else []
    return changes


def _by_points(bench: Bench, node: int, target: float, share: float) -> Change | None:
    most = float(bench.tree.max_points[node])
    if most <= 0 or target <= share + SAME:
        return None
    return Change(bench.tree.codes[node], points=min(target, 1.0) * most)


def _by_value(bench: Bench, node: int, to: str) -> Change | None:
    """Under a rule that compares agencies no share can be had for itself: suppose the best, or the median, value."""
    figures = bench.cells.values[node]
    known = figures[~np.isnan(figures)]
    if to not in (BEST, MEDIAN, FULL):
        return _by_points(bench, node, _share(to), float(bench.base.shares[node, bench.own]))
    if not known.size:
        return None
    sign = -1.0 if bench.tree.framework.nodes[node].direction == "negative" else 1.0
    aim = float(np.median(known)) if to == MEDIAN else float(sign * (sign * known).max())
    own = figures[bench.unit]
    return None if sign * own >= sign * aim else Change(bench.tree.codes[node], value=aim)


def _share(to: str) -> float:
    found = _PERCENT.fullmatch(to)
    return float(found[1]) / 100 if found else 1.0


def _rows(bench: Bench, places: Places, changes: Sequence[Change], shares: FloatArray, own: FloatArray) -> pd.DataFrame:
    at = [bench.tree.codes.index(change.node) for change in changes]
    nodes = [bench.tree.framework.nodes[node] for node in at]
    before = bench.base.shares[:, bench.own]
    new = np.array([own[node, scenario] for scenario, node in enumerate(at)])
    was = np.where(np.isnan(before[at]), 0.0, before[at])
    whole = shares[bench.followed] if len(changes) else np.empty(0)
    ranks = places.ranks(shares)[bench.followed] if len(changes) else np.empty(0, dtype=np.intp)
    rank = int(places.ranks(bench.base.shares[bench.node][:, None])[bench.followed, 0])
    change = whole - bench.base.shares[bench.node, bench.followed]
    return pd.DataFrame(
        {
            "node": [node.code for node in nodes],
            "name": [node.name for node in nodes],
            "share_before": before[at],
            "share": new,
            "gain": (new - was) * bench.tree.max_points[at],
            "change": change,
            "change_points": change * bench.tree.max_points[bench.node],
            "rank": ranks,
            "places": (rank - ranks) if len(changes) else ranks,
        }
    )
