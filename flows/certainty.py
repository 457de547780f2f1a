"""How sure ranks are, as people read it: intervals as `3–9`, probabilities in percent, what moves a rank in words."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from warehouse.frames import is_missing, records
from warehouse.frameworks.model import Framework

REDRAWN = "Redrawn: where the rank falls in {level} of the draws of {drawn}."
NOT_REDRAWN = "Redrawn: nothing could be drawn that moves these figures."
NOT_ASKED = "How sure these ranks are was not asked for: `nodes` of uncertainty.yaml leaves this node out."
SURE = (
    "Sure: covers the true rank of this agency with {level}, given the errors of what was measured; all at once: "
    "covers all true ranks together. Alike: agencies of one number cannot be told apart."
)
NOT_SURE = "No errors of these figures are known, so nothing can be said of true ranks."
AMONG_ALL = "All this is said of the rank among all."
IN_GROUP = "All this is said of the rank in the group of the agency, not of the one among all."
BEST = 10  # places of which the probability to be among them is given
TOP, ABOVE = f"top {BEST}", "above next"
# Of the columns that are probabilities: what each says.
PROBABLE = {
    TOP: f"{TOP.capitalize()}: how often it is among the best ten when redrawn.",
    ABOVE: f"{ABOVE.capitalize()}: how often it stands above the next one of the ranking.",
}
# Columns of a league table that a narrow screen can do without, the least telling first.
SPARE = (
    *("points", "band"),
    *(f"{name}{where}" for name in (ABOVE, TOP, "all at once") for where in ("", " in group")),
    "group",
)

EFFECTS_READ = (
    "What moves the ranks: part of the variance of a rank that stays if all else were known (total Sobol index). "
    "Ranks that no draw moves are left out; a part above 100 % is the error of the draws."
)


def reading(level: float, found: pd.DataFrame, drawn: Sequence[str], *, is_partial: bool = False) -> str:
    """How the columns are read, in a few sentences.

    Args:
        level: Level of the intervals.
        found: The intervals that are shown.
        drawn: What was drawn.
        is_partial: Whether agencies are missing in the ranking, as `columns` is told.
    """
    there = columns(found, is_partial=is_partial)
    is_redrawn = bool(drawn) and found["simulated_low"].notna().any()
    has_sets = found["marginal_low"].notna().any()
    parts = (
        REDRAWN if is_redrawn else NOT_REDRAWN,
        *(said for name, said in PROBABLE.items() if any(column.startswith(name) for column in there)),
        SURE if has_sets else NOT_SURE,
        IN_GROUP if _is_in_group(found) else AMONG_ALL,
    )
    return " ".join(parts).format(level=percent(level), drawn=_listed(drawn))


def unasked(intervals: pd.DataFrame, node: str) -> str:
    """A sentence where ranks by other nodes were drawn only; empty where there is nothing to say.

    Args:
        intervals: RANK_INTERVAL rows of a vintage.
        node: Code of the node that ranks.
    """
    return "" if intervals.empty or (intervals["node"] == node).any() else NOT_ASKED


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def of_agencies(intervals: pd.DataFrame, node: str, agencies: Sequence[str], groups: Sequence[str]) -> pd.DataFrame:
    """Pick the intervals of a league table.

    Args:
        intervals: RANK_INTERVAL rows, or those of `mart_rank_interval`.
        node: Code of the node that ranks.
        agencies: Agencies of the league table, in order.
        groups: For each the ranking whose intervals are shown: its group, or empty for all.

    Returns:
        One row an agency, in that order, with the ranking in `ranked_in` and the number of its agencies in `units`; NaN
        and None where there is no interval, and where an agency is ranked alone: to be first of one says nothing.
    """
    of_node = intervals[intervals["node"] == node]
    of_node = of_node.assign(units=of_node.groupby("ranked_in")["agency"].transform("size"))
    of_node = of_node[of_node["units"] > 1]
    wanted = pd.MultiIndex.from_arrays([list(agencies), list(groups)])
    found = of_node.set_index(["agency", "ranked_in"]).reindex(wanted).reset_index(drop=True)
    there = found["units"].notna()
    return found.assign(ranked_in=pd.Series(list(groups), dtype=object).where(there, None))


def rankings_shown(framework: Framework, groups: Sequence[Any]) -> list[str]:
    """Which ranking's intervals are shown beside each agency: in its group where agencies are ranked in groups."""
    in_groups = framework.is_ranked_in_groups
    return [str(group) if in_groups and not is_missing(group) else "" for group in groups]


def columns(found: pd.DataFrame, *, is_partial: bool = False) -> dict[str, list[str]]:
    """Columns of a league table that say how sure the ranks are; none where no rank has an interval.

    Args:
        found: One row an agency, as `of_agencies` gives them.
        is_partial: Whether agencies are missing in the ranking: to be among its best ten then means nothing.
    """
    best = [
        percent(value) if not is_missing(units) and units > BEST and not is_partial else ""
        for value, units in zip(found["top10_probability"], found["units"], strict=True)
    ]
    shown = {
        "redrawn": _places(found, "simulated"),
        "sure": _places(found, "marginal"),
        "all at once": _places(found, "simultaneous"),
        "alike": ["" if is_missing(text) else str(text) for text in found["alike"]],
        TOP: best,
        ABOVE: [percent(value) for value in found["above_next_probability"]],
    }
    where = " in group" if _is_in_group(found) else ""
    return {f"{name}{where}": texts for name, texts in shown.items() if any(texts)}


def _is_in_group(found: pd.DataFrame) -> bool:
    return any(group for group in found["ranked_in"] if not is_missing(group))


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


def sentences(
    row: Mapping[str, Any], effects: pd.DataFrame, seen: str = "", *, has_best: bool = True, by: str = ""
) -> list[str]:
    """What is known of one rank, in sentences.

    Args:
        row: A row of `mart_rank_interval`.
        effects: Rows of `mart_rank_effect` of the same agency, node and ranking.
        seen: In which ranking, in words; empty: among all.
        has_best: Whether to be among the best ten means something: of few agencies, or of a part of them, it does not.
        by: By which node, where that is not plain.
    """
    level, among = percent(row["interval_level"]), f"{f' by {by}' if by else ''}{f' in {seen}' if seen else ''}"
    lines = [_redrawn(row, among, has_best)]
    if not is_missing(row["marginal_low"]):
        lines.append(
            f"true rank{among} {_to(row, 'marginal')} with {level} confidence, {_to(row, 'simultaneous')} with all "
            f"ranks at once; standard error of the share {_small(row['share_error'])}; group of those that cannot be "
            f"told apart: {row['alike']}"
        )
    moved = effects.dropna(subset=["total"]).sort_values("total", ascending=False)
    if not moved.empty:
        parts = ", ".join(_part(effect) for effect in records(moved))
        lines.append(f"what moves the rank{among}, as parts of its variance (alone, with others): {parts}")
    return lines


def _redrawn(row: Mapping[str, Any], among: str, has_best: bool) -> str:
    drawn = json.loads(row["drawn"])
    if is_missing(row["simulated_low"]) or not drawn:
        return f"how the rank{among} falls when redrawn is not known: nothing could be drawn"
    line = (
        f"redrawn {row['draws']:,} times, the rank{among} falls on {_to(row, 'simulated')} in "
        f"{percent(row['interval_level'])} of the draws of {_listed(drawn)}, the share between "
        f"{row['share_low']:.4f} and {row['share_high']:.4f}"
    )
    line += f"; among the best ten: {percent(row['top10_probability'])}" if has_best else ""
    above = row["above_next_probability"]
    return line if is_missing(above) else f"{line}; above the next: {percent(above)}"


def _small(value: float) -> str:
    """An error with four decimals; one that is there is never said to be none.

    >>> _small(0.0123), _small(0.00001), _small(0.0)
    ('0.0123', 'below 0.0001', '0.0000')
    """
    return "below 0.0001" if 0 < value < 0.0001 else f"{value:.4f}"


def _part(effect: Mapping[str, Any]) -> str:
    alone, together = (min(max(effect[name], 0.0), 1.0) for name in ("first_order", "total"))
    return f"{effect['perturbation']} {percent(alone)}, {percent(together)}"


def _to(row: Mapping[str, Any], name: str) -> str:
    return places(row[f"{name}_low"], row[f"{name}_high"])


def effects_table(effects: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Lay out what moves the ranks: an agency a row, a source of uncertainty a column of total indices in percent.

    Args:
        effects: RANK_EFFECT rows of one node.
        names: Agency to its name.

    Returns:
        The mean over the agencies of each ranking first, then each agency; most uncertain sources first in the columns.
    """
    wide = effects.pivot_table(index=["ranked_in", "agency"], columns="perturbation", values="total")
    means = wide.groupby(level="ranked_in").mean()
    sources = list(means.iloc[0].sort_values(ascending=False).index)  # among all comes first
    averages = [
        _effects_row(f"({group or 'all'}, on average)", str(group), found) for group, found in means[sources].iterrows()
    ]
    rows = [
        _effects_row(names.get(str(agency), str(agency)), str(ranked_in), found)
        for (ranked_in, agency), found in zip(wide.index, (row for _, row in wide[sources].iterrows()), strict=True)
    ]
    return pd.DataFrame([*averages, *rows]).astype(object).fillna("")


def _effects_row(who: str, ranked_in: str, found: "pd.Series[float]") -> dict[str, str]:
    shown = {"agency": who} | {str(name): percent(value) for name, value in found.items()}
    return shown | ({"ranked in": ranked_in} if ranked_in else {})
