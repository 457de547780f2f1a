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
_COLUMNS = ("node", "name", "share_before", "share", "gain", "change", "change_points", "rank", "places")
_ENTERED = (MEASURED, PUBLISHED, APPRAISED, CARRIED_FORWARD)


@dataclass(frozen=True)
class Unmoved:
    """Why no criterion lifts an agency, in numbers of criteria.

    Attributes:
        reached: Those that are as good already as they are to become.
        reached_by_value: Those among them that are held against a value, because their rule compares agencies.
        idle: Those that could become better, alone to no avail.
    """

    reached: int
    reached_by_value: int
    idle: int


@dataclass(frozen=True)
class Lift:
    """What would lift an agency.

    Attributes:
        criteria: The criteria that lift it most, the best first: node, name, share_before, share (supposed), gain
            (points of the node), change (of the share that ranks), change_points, rank, places.
        together: All of them at once; where there is none, why.
        by_value: Those of which a value is supposed, because their rule compares agencies; of the others it is a share.
    """

    criteria: pd.DataFrame
    together: Supposed | Unmoved
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
    aims = _aims(bench, _target(bench, to), to)
    changes = [aim.change for aim in aims if aim.change]
    rows = _lifted(bench, places, changes) if changes else pd.DataFrame(columns=list(_COLUMNS))
    if rows.empty:
        reached = [aim.is_value for aim in aims if not aim.change]
        return Lift(rows, Unmoved(len(reached), sum(reached), len(changes)))
    # Sorting is stable and stands in tree order before; digits beyond rounding noise break no tie.
    order = np.lexsort((-rows["change"].round(12), -rows["places"]))
    best = rows.iloc[order].head(number).reset_index(drop=True)
    chosen = [change for code in best["node"] for change in changes if change.node == code]
    by_value = tuple(change.node for change in chosen if not np.isnan(change.value))
    return Lift(best, suppose(bench, places, chosen), by_value)


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


@dataclass(frozen=True)
class _Aim:
    """What one criterion is to become.

    Attributes:
        change: What is supposed of it; None where it is as good already.
        is_value: Whether the aim is a value, because its rule compares agencies; else it is a share.
    """

    change: Change | None
    is_value: bool


def _aims(bench: Bench, target: FloatArray, to: str) -> list[_Aim]:
    """The aim of each node where a figure counts: a leaf, or a node where a value entered above the leaves."""
    tree, status = bench.tree, bench.base.status[:, bench.own]
    entered = ~tree.is_leaf & np.isin(status, _ENTERED)
    hidden = above(entered[:, None], tree)[:, 0]
    below = np.zeros((len(status), 1), dtype=np.bool_)
    below[bench.node] = True
    counts = (above(below, tree) | below)[:, 0] & ~hidden & ((tree.is_leaf & (status != COVERED)) | entered)
    own = bench.base.shares[:, bench.own]
    aims = []
    for node in np.flatnonzero(counts & ~np.isnan(target)):
        if tree.framework.nodes[node].rule not in ALONE and tree.is_leaf[node]:
            aim = _by_value(bench, int(node), to)
        else:
            aim = _by_points(bench, int(node), float(target[node]), float(own[node]))
        aims += [aim] if aim else []
    return aims


def _by_points(bench: Bench, node: int, target: float, share: float) -> _Aim | None:
    most = float(bench.tree.max_points[node])
    if most <= 0:
        return None
    is_reached = target <= share + SAME
    return _Aim(None if is_reached else Change(bench.tree.codes[node], points=min(target, 1.0) * most), is_value=False)


def _by_value(bench: Bench, node: int, to: str) -> _Aim | None:
    """Under a rule that compares agencies no share can be had for itself: suppose the best, or the median, value."""
    figures = bench.cells.values[node]
    known = figures[~np.isnan(figures)]
    if to not in (BEST, MEDIAN, FULL):
        return _by_points(bench, node, _share(to), float(bench.base.shares[node, bench.own]))
    if not known.size:
        return None
    sign = -1.0 if bench.tree.framework.nodes[node].direction == "negative" else 1.0
    aim = float(np.median(known)) if to == MEDIAN else float(sign * (sign * known).max())
    is_reached = sign * figures[bench.unit] >= sign * aim
    return _Aim(None if is_reached else Change(bench.tree.codes[node], value=aim), is_value=True)


def _share(to: str) -> float:
    found = _PERCENT.fullmatch(to)
    return float(found[1]) / 100 if found else 1.0


def _lifted(bench: Bench, places: Places, changes: Sequence[Change]) -> pd.DataFrame:
    """What each change does alone: a row for each that lifts the agency, in tree order."""
    at = [bench.tree.codes.index(change.node) for change in changes]
    nodes = [bench.tree.framework.nodes[node] for node in at]
    after = bench.run([[change] for change in changes])
    before = bench.base.shares[:, bench.own]
    new = after.own[at, np.arange(len(at))]
    was = np.where(np.isnan(before[at]), 0.0, before[at])
    ranks = places.ranks(after.shares)[bench.followed]
    rank = int(places.ranks(bench.base.shares[bench.node][:, None])[bench.followed, 0])
    change = after.shares[bench.followed] - bench.base.shares[bench.node, bench.followed]
    rows = pd.DataFrame(
        {
            "node": [node.code for node in nodes],
            "name": [node.name for node in nodes],
            "share_before": before[at],
            "share": new,
            "gain": (new - was) * bench.tree.max_points[at],
            "change": change,
            "change_points": change * bench.tree.max_points[bench.node],
            "rank": ranks,
            "places": rank - ranks,
        }
    )
    return rows[rows["change"] > SAME]
