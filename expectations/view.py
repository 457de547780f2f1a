"""The narrow frame that the expectations look at: what the rules compare, brought side by side once for all rows.

Great Expectations skips missing values, so a comparison that does not apply to a row is left missing in it. That keeps
implied rules silent and every check vectorised.
"""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from expectations.cross import compare_items
from expectations.groups import number_groups
from expectations.months import compare_months
from expectations.scope import Scope
from expectations.sources import compare_sources
from warehouse.frameworks.checks import NO_CHECKS
from warehouse.frameworks.model import Node

# Sources that give one kind of evidence only. Any other source, such as published figures, may enter at every node.
SOURCE_EVIDENCE = {"agency_report": "report", "monitoring": "report", "appraisal": "report"}
AGGREGATE = "aggregate"  # "evidence" of a node that is made of others
WHOLE_NUMBER_RULES = ("checklist", "binary", "count")
A_COUNT = "count"  # stands for the unit of a part of a ratio, which may be any count but no share
_SHARE_UNIT = re.compile(r"[%‰]|phần (trăm|nghìn)|percent|pct", re.IGNORECASE)
_NUMBER = re.compile(r"\d+")


def build_view(candidates: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Bring side by side what the rules compare.

    Args:
        candidates: CANDIDATE rows that passed `check_shape`.
        scope: What the rows are held against.

    Returns:
        One row per candidate, numbered from 0. `agency` and `evidence_text` are missing where empty; `figure` is the
        value where it is a number in the unit of its item, and missing where the framework has no such item; `ratio`
        numbers the ratio of a part (-1: no part of one). What the framework's own checks compare stands beside it.
    """
    candidates = candidates.reset_index(drop=True)
    items = pd.Categorical(candidates["item"])
    view = pd.DataFrame(
        {
            "agency": _missing_where_empty(candidates["agency"]),
            "item": items,
            "period_stated": _period_stated(candidates, scope.period),
            "stage": candidates["stage"].astype("category"),
            "evidence_text": _missing_where_empty(candidates["evidence_text"]),
            "evidence_needed": candidates["evidence_needed"].astype(bool),
            "valid_min": candidates["valid_min"],
            "valid_max": candidates["valid_max"],
        }
    )
    view["item_evidence"] = _of_item(items, scope, lambda node: _evidence(node, scope), str)
    view["source_evidence"] = candidates["source"].astype("category").map(SOURCE_EVIDENCE).astype("str")
    is_known = candidates["item"].isin(list(scope.framework.by_code))
    _add_figures(view, candidates, is_known)
    _add_parts(view, candidates, is_known, _of_item(items, scope, _largest_share, float))
    whole = _of_item(items, scope, lambda node: node.rule in WHOLE_NUMBER_RULES, float) == 1.0
    view["fraction"] = (view["figure"] % 1).where(whole & (candidates["part"] == "value"))
    view["observation_key"] = _observation_key(view, candidates)
    declared = _declared(view, candidates, scope)
    return pd.concat([view, *declared], axis="columns") if declared else view


def _declared(view: pd.DataFrame, candidates: pd.DataFrame, scope: Scope) -> list[pd.DataFrame]:
    """What the framework's own checks compare; nothing where it declares none."""
    checks = scope.checks
    if checks == NO_CHECKS:
        return []
    within = (view["figure"] >= view["valid_min"]) & (view["figure"] <= view["valid_max"])
    placed = view["agency"].notna() & (view["period_stated"] == scope.period)
    figures = view.assign(sound=view["figure"].where(within & placed & ~(view["fraction"] > 0)))
    of_items = figures.assign(sound=figures["sound"].where(candidates["part"] == "value"))
    parts = []
    if checks.not_above:
        parts.append(compare_items(of_items, candidates, checks.not_above))
    if checks.need_history:
        parts.append(compare_months(of_items, candidates, checks, scope.history, scope.period))
    if checks.sources_agree is not None:
        parts.append(compare_sources(figures, candidates, checks.sources_agree.tolerance, scope.precedence))
    return parts


def _add_figures(view: pd.DataFrame, candidates: pd.DataFrame, is_known: pd.Series) -> None:
    """`value` where it is finite, `figure` where it is in the right unit too, and the units to compare.

    Nobody can say what the figures of an unknown item should be, so those rows have no figure and no unit to fit.
    """
    view["value"] = candidates["value"].where(np.isfinite(candidates["value"]))
    wanted = candidates["unit_expected"].where(candidates["unit_expected"] != "")
    shares = [unit for unit in candidates["unit"].unique() if _SHARE_UNIT.search(unit)]
    share_for_count = wanted.isna() & view["value"].isna() & candidates["unit"].isin(shares)
    view["unit"] = candidates["unit"]
    view["unit_wanted"] = wanted.mask(share_for_count, A_COUNT).where(is_known)
    view["unit_fits"] = (is_known & (view["unit_wanted"].isna() | (view["unit"] == view["unit_wanted"]))).astype(bool)
    view["figure"] = view["value"].where(view["unit_fits"])


def _add_parts(view: pd.DataFrame, candidates: pd.DataFrame, is_known: pd.Series, largest_share: pd.Series) -> None:
    """What numerators and denominators are compared with."""
    is_a, is_b = candidates["part"] == "a", candidates["part"] == "b"
    counterpart = candidates["counterpart"].where(np.isfinite(candidates["counterpart"]))
    view["ratio"] = _ratio_numbers(candidates, is_a | is_b)
    view["counterpart"] = counterpart
    view["needs_counterpart"] = (is_a | is_b) & is_known & ~_partner_unreadable(view, is_a, is_b)
    view["denominator"] = view["figure"].where(is_b)
    view["numerator"] = view["figure"].where(is_a & (counterpart > 0))
    view["numerator_ceiling"] = (counterpart * largest_share).where(largest_share < np.inf)


def _ratio_numbers(candidates: pd.DataFrame, is_part: pd.Series) -> np.ndarray:
    """Number of the ratio of each row: one agency, item, stage, source and snapshot; -1 for what is no part of one."""
    numbers = np.full(len(candidates), -1, dtype=np.int64)
    parts = candidates[is_part]
    agency = parts["agency"].where(parts["agency"] != "", parts["agency_text"])
    item = parts["item"].where(parts["item"] != "", parts["item_text"])
    numbers[is_part.to_numpy()] = number_groups(
        [agency, item, parts["stage"], parts["source"], parts["snapshot_sha256"]]
    )
    return numbers


def _partner_unreadable(view: pd.DataFrame, is_a: pd.Series, is_b: pd.Series) -> np.ndarray:
    """Whether the other part is there but is no figure: that part is at fault, and this one only goes with it."""
    unreadable = view["figure"].isna()
    bad_a, bad_b = (has_any(view["ratio"], unreadable & part) for part in (is_a, is_b))
    return np.where(is_a, bad_b, bad_a)


def has_any(groups: pd.Series, marked: pd.Series) -> np.ndarray:
    """Return for each row whether any row of its group is marked; -1 is no group.

    Args:
        groups: Group number of each row, from 0; -1 for none.
        marked: One bool a row.
    """
    found = np.zeros(int(groups.max()) + 2, dtype=bool)  # the last cell serves -1 and stays False
    inside = groups[marked & (groups >= 0)]
    found[inside] = True
    return found[groups]


def _observation_key(view: pd.DataFrame, candidates: pd.DataFrame) -> pd.Series:
    """Number of the cell that a row fills; missing where the row is superseded, not placed, or no figure."""
    placed = view["agency"].notna() & (candidates["item"] != "") & view["figure"].notna()
    rows = candidates[placed & (candidates["superseded_by"] == "")]
    numbers = number_groups([rows[name] for name in ("agency", "item", "part", "period", "stage", "source")])
    return pd.Series(numbers, index=rows.index, dtype="float64").reindex(candidates.index)


def _missing_where_empty(column: pd.Series) -> pd.Series:
    categories = column.astype("category")
    return categories.cat.remove_categories([text for text in categories.cat.categories if text == ""])


def _of_item(items: pd.Categorical, scope: Scope, ask: Callable[[Node], Any], dtype: type) -> pd.Series:
    """A property of each row's node; missing where the item is not known."""
    nodes = [scope.framework.by_code.get(code) for code in items.categories]
    answers = pd.Series([None if node is None else ask(node) for node in nodes], dtype=dtype)
    return answers.reindex(items.codes).reset_index(drop=True)


def _evidence(node: Node, scope: Scope) -> str | None:
    return AGGREGATE if scope.framework.children[node.code] else node.evidence or None


def _largest_share(node: Node) -> float:
    """Largest valid value of a ratio as a share: 1 where 100 % is the most."""
    return node.bounds[1] / (100.0 if node.is_percent else 1.0)


def _period_stated(candidates: pd.DataFrame, period: str) -> pd.Series:
    """The period that the source states, where it contradicts the one of the round; otherwise the row's period."""
    contradicting = [text for text in candidates["period_text"].unique() if contradicts(text, period)]
    stated = candidates["period"].mask(candidates["period_text"].isin(contradicting), candidates["period_text"])
    return stated.astype("category")


def contradicts(text: str, period: str) -> bool:
    """Return whether a period as written cannot mean a period. A text that names no year contradicts nothing.

    >>> [contradicts(text, "2020-08") for text in ("tháng 8/2020", "Năm 2020", "", "2020-09", "tháng 8 năm 2019")]
    [False, False, False, True, True]
    """
    year, _, month = period.partition("-")
    numbers = _NUMBER.findall(text)
    years = [number for number in numbers if len(number) == len("2020")]
    months = [int(number) for number in numbers if number not in years]
    if not years:
        return False
    return year not in years or (bool(month) and len(months) == 1 and months[0] != int(month))
