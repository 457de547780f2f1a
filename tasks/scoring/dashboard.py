"""The month in a table and a few sentences: what the monthly report says of a share, from `mart_online_services`."""

import math
from collections.abc import Iterable
from datetime import date
from typing import Any

import pandas as pd

from warehouse.frames import COUNT, NUMBER, TEXT, is_missing, records

_TAKEN = {
    "rank": COUNT,
    "group_rank": COUNT,
    "agency": TEXT,
    "agency_name": TEXT,
    "group": TEXT,
    "numerator": NUMBER,
    "denominator": NUMBER,
    "share_percent": NUMBER,
    "growth_month_points": NUMBER,
    "growth_year_points": NUMBER,
    "target_percent": NUMBER,
    "target_distance_points": NUMBER,
    "target_pace_points": NUMBER,
}
STATES = ("meets", "on the way", "missed", "no figure", "no target")
FAST = 2.0  # points a month above which the pace is called out


def dashboard(rows: pd.DataFrame, node: str, period: str) -> pd.DataFrame:
    """Lay out one share of one month, the best agency first.

    Args:
        rows: Rows of `mart_online_services` of one round.
        node: Code of the share.
        period: The month.

    Returns:
        One row an agency: the columns of the view from rank to the target's pace, target_due as an ISO date or empty,
        and target_state, one of STATES. Shares in %, differences in percentage points, all unrounded.
    """
    chosen = rows[(rows["node"] == node) & (rows["period"] == period)]
    shown = chosen[list(_TAKEN)].astype(_TAKEN)
    shown["target_due"] = pd.Series([_iso(due) for due in chosen["target_due"]], index=chosen.index, dtype=TEXT)
    shown["target_state"] = pd.Series([_state(row) for row in records(chosen)], index=chosen.index, dtype=TEXT)
    return shown.sort_values(["rank", "agency"], na_position="last", ignore_index=True)


def sentences(shown: pd.DataFrame) -> list[str]:
    """Say what the table says: who has figures, who meets the target, who needs what pace, who moved.

    Args:
        shown: What `dashboard` gives.

    Returns:
        Sentences in English for a report; none where there is no row.
    """
    if shown.empty:
        return []
    said = [_figures(shown)]
    for _, members in shown[shown["target_due"] != ""].groupby(["target_due", "target_percent"]):
        among = _among(members["group"]) if members["group"].nunique() < shown["group"].nunique() else ""
        said.append(_target(members, among))
    moved = shown.dropna(subset="growth_month_points")
    best = max(records(moved), key=lambda row: row["growth_month_points"], default=None)
    if best is not None and best["growth_month_points"] > 0:
        said.append(f"{best['agency_name']} grew most on the month: {best['growth_month_points']:+.2f} points.")
    fallen = moved[moved["growth_month_points"] < 0]
    if not fallen.empty:
        said.append(f"{_agencies(len(fallen))} fell on the month.")
    return said


def _state(row: dict[str, Any]) -> str:
    if is_missing(row["target_percent"]):
        return "no target"
    if is_missing(row["share_percent"]):
        return "no figure"
    if row["share_percent"] >= row["target_percent"]:
        return "meets"
    return "on the way" if row["target_months_left"] > 0 else "missed"


def _figures(shown: pd.DataFrame) -> str:
    counted = shown["share_percent"].notna()
    if counted.all():
        return f"All {_agencies(len(shown))} have a figure." if len(shown) > 1 else "The one agency has a figure."
    without = int((~counted).sum())
    return f"{int(counted.sum())} of {_agencies(len(shown))} have a figure; {without} {_verb('have', without)} none."


def _target(members: pd.DataFrame, among: str) -> str:
    """Say who meets the one target of some agencies, who missed it or who needs to hurry."""
    day, target = date.fromisoformat(members["target_due"].iloc[0]), members["target_percent"].iloc[0]
    meet = int((members["target_state"] == "meets").sum())
    whom = f"{_agencies(len(members))}{among}"
    said = f"{meet} of {whom} {_verb('meet', meet)} {target:g}% by {day.day} {day:%B %Y}"
    missed = int((members["target_state"] == "missed").sum())
    fast = int((members["target_pace_points"] > FAST).sum())
    if missed:
        said += f"; {missed} missed it"
    elif fast:
        said += f"; {fast} {_verb('need', fast)} more than {FAST:g} points a month"
    return f"{said}."


def _among(groups: Iterable[str]) -> str:
    return f" of the group {' and '.join(sorted(set(groups)))}"


def _agencies(number: int) -> str:
    return f"{number} {'agency' if number == 1 else 'agencies'}"


def _verb(plural: str, number: int) -> str:
    """The verb as it goes with a number of agencies."""
    return plural if number != 1 else {"have": "has"}.get(plural, f"{plural}s")


def _iso(due: Any) -> str:
    return "" if due is None or (isinstance(due, float) and math.isnan(due)) else due.isoformat()
