"""How ratings moved from one round to the next, and whether the experts came together."""

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from tasks.evidence.experts.coding import CELL


def movement(rows: pd.DataFrame, minimum: int) -> list[dict[str, Any]]:
    """Compare consecutive rounds over the ratings of experts who rated the same cell in both.

    Args:
        rows: Coded ratings of all rounds.
        minimum: Fewest experts in a cell; cells with fewer are left out.

    Returns:
        One entry a pair of rounds: `rounds`; `pairs` of ratings; `mean_absolute_change` on the rating scale;
        `towards_median`, the share of pairs that came nearer to the median of the earlier round among those that were
        not already there (None where all were); `iqr_before` and `iqr_after`, the mean interquartile range of the
        cells.
    """
    numbers = sorted(int(one) for one in rows["round"].unique()) if len(rows) else []
    found = [_between(rows, before, after, minimum) for before, after in pairwise(numbers)]
    return [one for one in found if one]


def _between(rows: pd.DataFrame, before: int, after: int, minimum: int) -> dict[str, Any]:
    key = ["expert", *CELL]
    earlier, later = (rows[rows["round"] == number].set_index(key)["rating"] for number in (before, after))
    pairs = pd.DataFrame({"earlier": earlier, "later": later}).dropna()
    by_cell = pairs.groupby(level=CELL)
    pairs = pairs[by_cell["earlier"].transform("size") >= minimum]
    if pairs.empty:
        return {}
    by_cell = pairs.groupby(level=CELL)
    median = by_cell["earlier"].transform("median")
    away, still_away = (pairs["earlier"] - median).abs(), (pairs["later"] - median).abs()
    ranges = by_cell.quantile(0.75) - by_cell.quantile(0.25)
    could = away > 0
    return {
        "rounds": f"{before}-{after}",
        "pairs": len(pairs),
        "mean_absolute_change": _rounded((pairs["later"] - pairs["earlier"]).abs().mean()),
        "towards_median": _rounded((still_away < away)[could].mean()) if could.any() else None,
        "iqr_before": _rounded(ranges["earlier"].mean()),
        "iqr_after": _rounded(ranges["later"].mean()),
    }


def _rounded(value: float) -> float:
    return float(np.round(value, 4))
