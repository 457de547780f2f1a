"""How sure ranks are, as people read it: intervals as `3–9`, probabilities in percent, what moves a rank in words."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from warehouse.frames import is_missing, records
from warehouse.frameworks.model import Framework

REDRAWN = "Redrawn: where the rank falls in {level} of the draws of inputs and method."
SURE = (
    "Sure: covers the true rank of this agency with {level}, given the errors of what was measured; all at once: "
    "covers all true ranks together. Alike: agencies of one number cannot be told apart."
)
NOT_SURE = "No errors of these figures are known, so nothing can be said of true ranks."

EFFECTS_READ = (
    "What moves the ranks: part of the variance of a rank that stays if all else were known (total Sobol index). "
    "Ranks that no draw moves are left out."
)


def reading(level: float, found: pd.DataFrame) -> str:
    """How the columns are read, in a few sentences.

    Args:
        level: Level of the intervals.
        found: The intervals that are shown.
    """
    has_sets = found["marginal_low"].notna().any()
    return " ".join((REDRAWN, SURE if has_sets else NOT_SURE)).format(level=percent(level))


def of_agencies(intervals: pd.DataFrame, node: str, agencies: Sequence[str], groups: Sequence[str]) -> pd.DataFrame:
    """Pick the intervals of a league table.

    Args:
        intervals: RANK_INTERVAL rows, or those of `mart_rank_interval`.
        node: Code of the node that ranks.
        agencies: Agencies of the league table, in order.
        groups: For each the ranking whose intervals are shown: its group, or empty for all.

    Returns:
        One row an agency, in that order, with the ranking in `ranked_in`; NaN and None where there is no interval.
    """
    of_node = intervals[intervals["node"] == node].set_index(["agency", "ranked_in"])
    found = of_node.reindex(pd.MultiIndex.from_arrays([list(agencies), list(groups)])).reset_index(drop=True)
    there = found["simulated_low"].notna()
    return found.assign(ranked_in=pd.Series(list(groups), dtype=object).where(there, None))


def rankings_shown(framework: Framework, groups: Sequence[Any]) -> list[str]:
    """Which ranking's intervals are shown beside each agency: in its group where the framework has groups."""
    named = bool(framework.groups or framework.description.groups)
    return [str(group) if named and not is_missing(group) else "" for group in groups]


def columns(found: pd.DataFrame) -> dict[str, list[str]]:
    """Columns of a league table that say how sure the ranks are; none where no rank has an interval.

    Args:
        found: One row an agency, as `of_agencies` gives them.
    """
    if found["simulated_low"].isna().all():
        return {}
    shown = {
        "redrawn": _places(found, "simulated"),
        "sure": _places(found, "marginal"),
        "all at once": _places(found, "simultaneous"),
        "alike": ["" if is_missing(text) else str(text) for text in found["alike"]],
        "top 10": [percent(value) for value in found["top10_probability"]],
        "above next": [percent(value) for value in found["above_next_probability"]],
    }
    return {name: texts for name, texts in shown.items() if any(texts)}


def _places(found: pd.DataFrame, name: str) -> list[str]:
    return [places(low, high) for low, high in zip(found[f"{name}_low"], found[f"{name}_high"], strict=True)]


def places(low: Any, high: Any) -> str:
    """An interval of places.

    >>> places(3, 9), places(4, 4), places(None, None)
    ('3–9', '4', '')
    """
    if is_missing(low):
        return ""
    return f"{int(low)}" if low == high else f"{int(low)}–{int(high)}"


def percent(value: Any) -> str:
    """A probability in whole percent; what is not sure is never said to be.

    >>> percent(0.9), percent(0.9998), percent(1.0), percent(0.0001), percent(None)
    ('90 %', '>99 %', '100 %', '<1 %', '')
    """
    if is_missing(value):
        return ""
    if 0 < value < 0.01:
        return "<1 %"
    return ">99 %" if 0.99 < value < 1 else f"{value:.0%}".replace("%", " %")


def sentences(row: Mapping[str, Any], effects: pd.DataFrame, seen: str = "") -> list[str]:
    """What is known of one rank, in sentences.

    Args:
        row: A row of `mart_rank_interval`.
        effects: Rows of `mart_rank_effect` of the same agency, node and ranking.
        seen: In which ranking, in words; empty: among all.
    """
    level, among = percent(row["interval_level"]), f" in {seen}" if seen else ""
    above = row["above_next_probability"]
    lines = [
        f"redrawn {row['draws']:,} times, the rank{among} falls on {_to(row, 'simulated')} in {level} of the draws, "
        f"the share between {row['share_low']:.4f} and {row['share_high']:.4f}; among the best ten: "
        f"{percent(row['top10_probability'])}" + ("" if is_missing(above) else f"; above the next: {percent(above)}")
    ]
    if not is_missing(row["marginal_low"]):
        lines.append(
            f"true rank{among} {_to(row, 'marginal')} with {level} confidence, {_to(row, 'simultaneous')} with all "
            f"ranks at once; standard error of the share {_small(row['share_error'])}; group of those that cannot be "
            f"told apart: {row['alike']}"
        )
    moved = effects.dropna(subset=["total"]).sort_values("total", ascending=False)
    if not moved.empty:
        parts = ", ".join(_part(effect) for effect in records(moved))
        lines.append(f"what moves the rank, as parts of its variance (alone, with others): {parts}")
    return lines


def _small(value: float) -> str:
    """An error with four decimals; one that is there is never said to be none.

    >>> _small(0.0123), _small(0.00001), _small(0.0)
    ('0.0123', 'below 0.0001', '0.0000')
    """
    return "below 0.0001" if 0 < value < 0.0001 else f"{value:.4f}"


def _part(effect: Mapping[str, Any]) -> str:
    alone, together = max(effect["first_order"], 0.0), min(effect["total"], 1.0)
    return f"{effect['perturbation']} {percent(alone)}, {percent(together)}"


def _to(row: Mapping[str, Any], name: str) -> str:
    return places(row[f"{name}_low"], row[f"{name}_high"])


def effects_table(effects: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Lay out what moves the ranks: an agency a row, a source of uncertainty a column of total indices in percent.

    Args:
        effects: RANK_EFFECT rows of one node.
        names: Agency to its name.

    Returns:
        The mean over all agencies first, then each agency, most uncertain sources first in the columns.
    """
    wide = effects.pivot_table(index=["ranked_in", "agency"], columns="perturbation", values="total")
    sources = list(wide.mean().sort_values(ascending=False).index)
    rows = [{"agency": "(all, on average)"} | {name: percent(wide[name].mean()) for name in sources}]
    for (ranked_in, agency), found in zip(wide.index, wide[sources].to_numpy(), strict=True):
        group = {"ranked in": str(ranked_in)} if ranked_in else {}
        shown = dict(zip(sources, map(percent, found), strict=True))
        rows.append({"agency": names.get(str(agency), str(agency))} | shown | group)
    return pd.DataFrame(rows).astype(object).fillna("")
