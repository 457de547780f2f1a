"""Figures held against earlier months: the last one that is known, and how long a number has stood.

Like is compared with like: a series is what one source gave of an agency and item at one stage.
"""

import numpy as np
import pandas as pd

from warehouse.frames import HISTORY
from warehouse.frameworks.checks import MOST_MONTHS, ChecksDeclaration
from warehouse.periods import months_before

_SERIES = ["agency", "item", "stage", "source"]


def compare_months(
    view: pd.DataFrame, candidates: pd.DataFrame, checks: ChecksDeclaration, history: pd.DataFrame, period: str
) -> pd.DataFrame:
    """Return what each row in force is held against.

    Args:
        view: The view so far, with `sound`: the figures that may be compared.
        candidates: CANDIDATE rows, numbered as the view.
        checks: What the framework declares.
        history: HISTORY rows; those that are no earlier month of the last twelve, no number, or several different
            numbers of one cell are of no use and passed over.
        period: The month of the round; with any other period nothing is compared.

    Returns:
        `previous_value` and `previous_period`, the last month that is known; `jump_larger` and `jump_allowed`, the
        larger of the two figures and the largest that the smaller one allows, by `jump_factor`; `months_unchanged`, the
        months in a row in which the figure is the same. Missing where there is nothing to compare.
    """
    found = pd.DataFrame(
        {
            **dict.fromkeys(("previous_value", "jump_larger", "jump_allowed", "months_unchanged"), np.nan),
            "previous_period": "",
            "jump_factor": checks.jump.factor if checks.jump else np.nan,
        },
        index=view.index,
    )
    earlier = _by_month(history, period)
    rows = view[view["sound"].notna() & (candidates["superseded_by"] == "")].index
    if rows.empty or earlier.empty:
        return found
    series = candidates.loc[rows, _SERIES]
    months = earlier.reindex(pd.MultiIndex.from_frame(series)).to_numpy()
    value = view.loc[rows, "sound"].to_numpy()
    if checks.jump is not None:
        looked_at = _among(series["item"], checks.jump.items) & ~np.isnan(months).all(axis=1)
        at = rows[looked_at]
        last = np.argmin(np.isnan(months[looked_at]), axis=1)
        previous = months[looked_at, last]
        pair = np.maximum(np.stack([value[looked_at], previous]), checks.jump.floor)
        found.loc[at, "previous_value"] = previous
        found.loc[at, "previous_period"] = earlier.columns.to_numpy()[last]
        found.loc[at, "jump_larger"] = pair.max(axis=0)
        found.loc[at, "jump_allowed"] = pair.min(axis=0) * checks.jump.factor
    if checks.unchanged is not None:
        # Nothing stays nothing where there is nothing to count: only other numbers are doubted.
        looked_at = _among(series["item"], checks.unchanged.items) & (value != 0)
        same = np.cumprod(months[looked_at] == value[looked_at, None], axis=1)
        found.loc[rows[looked_at], "months_unchanged"] = 1.0 + same.sum(axis=1)
    return found


def _among(items: pd.Series, wanted: tuple[str, ...]) -> np.ndarray:
    return items.isin(wanted).to_numpy() if wanted else np.ones(len(items), dtype=bool)


def _by_month(history: pd.DataFrame, period: str) -> pd.DataFrame:
    """One row a series, a column for each of the months before, the last one first; missing where nothing is known."""
    months = months_before(period, MOST_MONTHS)
    rows = history[history["period"].isin(months) & np.isfinite(history["value"])]
    if rows.empty:
        return pd.DataFrame()
    known = rows.groupby(list(HISTORY.key))["value"].agg(["min", "max"]).reset_index()
    clear = known[known["min"] == known["max"]]
    table: pd.DataFrame = clear.pivot(index=_SERIES, columns="period", values="min")
    return table.reindex(columns=months)
