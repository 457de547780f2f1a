"""Figures of one return held against each other: which sum is above which limit, as `checks.yaml` declares.

Returns are kept apart by agency, stage and source; of a superseded return the snapshot too, so that it is judged by
its own figures and not by those that replaced it.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from expectations.groups import number_groups
from warehouse.frameworks.checks import NotAbove


def compare_items(view: pd.DataFrame, candidates: pd.DataFrame, entries: Sequence[NotAbove]) -> pd.DataFrame:
    """Return for each row the comparison that it takes part in: the first one that is broken, otherwise the first.

    Args:
        view: The view so far, with `sound`: the figures that may be compared.
        candidates: CANDIDATE rows, numbered as the view.
        entries: The declared comparisons.

    Returns:
        `item_sum` and `item_limit`, the two figures (missing where the row takes part in none, or where a figure that
        the comparison needs is not there), and `sum_codes` and `limit_codes`, what they are made of.
    """
    found = pd.DataFrame(
        {"item_sum": np.nan, "item_limit": np.nan, "sum_codes": "", "limit_codes": ""}, index=view.index
    )
    codes = sorted({code for entry in entries for code in (*entry.item, *entry.limit)})
    rows = view[candidates["item"].isin(codes) & view["sound"].notna()].index
    if rows.empty:
        return found
    returns = _returns(candidates.loc[rows])
    column = pd.Index(codes).get_indexer(candidates.loc[rows, "item"])
    figures = _figures(returns, column, view.loc[rows, "sound"].to_numpy(), len(codes))
    broken_yet = np.zeros(len(rows), dtype=bool)
    taken = np.zeros(len(rows), dtype=bool)
    for entry in entries:
        upper, lower = ([codes.index(code) for code in side] for side in (entry.limit, entry.item))
        total, limit = figures[:, lower].sum(axis=1)[returns], figures[:, upper].sum(axis=1)[returns]
        judged = lower if entry.refuse == "item" else lower + upper
        applies = np.isin(column, judged) & ~np.isnan(total) & ~np.isnan(limit)
        now = applies & (~taken | (~broken_yet & (total > limit)))
        at = rows[now]
        found.loc[at, "item_sum"], found.loc[at, "item_limit"] = total[now], limit[now]
        found.loc[at, "sum_codes"], found.loc[at, "limit_codes"] = "+".join(entry.item), "+".join(entry.limit)
        taken |= applies
        broken_yet |= applies & (total > limit)
    return found


def _returns(rows: pd.DataFrame) -> np.ndarray:
    """Number of the return that each row stands in."""
    replaced = rows["snapshot_sha256"].where(rows["superseded_by"] != "", "")
    return number_groups([rows["agency"], rows["stage"], rows["source"], replaced])


def _figures(returns: np.ndarray, column: np.ndarray, values: np.ndarray, width: int) -> np.ndarray:
    """Figures by return and item; missing where there is none, or where several contradict each other."""
    shape = (int(returns.max()) + 1, width)
    lowest, highest = np.full(shape, np.inf), np.full(shape, -np.inf)
    np.minimum.at(lowest, (returns, column), values)
    np.maximum.at(highest, (returns, column), values)
    return np.where(lowest == highest, lowest, np.nan)
