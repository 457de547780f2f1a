"""Rows of `dti rank`: unrounded for programs, rounded as the ministry prints them for people."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tasks.scoring.rank import competition_ranks
from tasks.scoring.rounding import points_shown
from warehouse.frames import is_missing, records
from warehouse.frameworks.model import Framework, Node
from warehouse.frameworks.rules import COUNT

if TYPE_CHECKING:
    import pandas as pd

    from warehouse.vintages import Vintage

_INTERVALS = (
    "ranked_in",
    *("simulated_low", "simulated_high", "marginal_low", "marginal_high", "simultaneous_low", "simultaneous_high"),
    *("alike", "share_error", "share_low", "share_high", "top10_probability", "above_next_probability"),
    "interval_level",
)


def scored_rows(found: "pd.DataFrame", node: Node, within: str | None) -> list[dict[str, Any]]:
    """Rows of the league table; figures without a rank of their own in the order of the figures.

    Args:
        found: Columns of `mart_score`.
        node: The node that they are scores of.
        within: A group that other groups lie within: who has a rank is ranked among its members, on unrounded shares.
    """
    if node.rule == COUNT:
        return records(found.sort_values(["value", "agency"], ignore_index=True))
    if within is None:
        return records(found)
    shares = found["share"].where(found["rank"].notna()).to_numpy(dtype=np.float64, na_value=np.nan)
    ranks = competition_ranks(shares[None, :], np.zeros(len(shares), dtype=np.intp))[0].tolist()
    return [
        row | {"within": within, "within_rank": place or None} for row, place in zip(records(found), ranks, strict=True)
    ]


def exact_intervals(intervals: "pd.DataFrame") -> list[dict[str, Any]]:
    """The intervals for programs: every number with all its digits."""
    return [{name: row[name] for name in _INTERVALS} for row in records(intervals)]


def with_reasons(rows: Sequence[dict[str, Any]], left_out: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The league table with the reason why somebody is not ranked; who has no score stands at its end."""
    reasons = {row["agency"]: row["reason"] for row in left_out}
    scored = {row["agency"] for row in rows}
    names = ("agency", "agency_name", "group", "reason")
    alone = [{name: row[name] for name in names} for row in left_out if row["agency"] not in scored]
    return [row | {"reason": reasons.get(row["agency"], "")} for row in rows] + alone


def for_programs(row: dict[str, Any], chosen: "Vintage", framework: Framework) -> dict[str, Any]:
    """A row for programs.

    Args:
        row: What `scored_rows` gives, with the intervals and the reason.
        chosen: The vintage, which every row names.
        framework: The framework.
    """
    names = ("agency", "agency_name", "node", "value", "share", "points", "max_points", "group", "group_rank")
    shown = {name: row.get(name) for name in ("rank", *names, "within", "within_rank", *_INTERVALS, "status", "reason")}
    return {
        **{name: None if is_missing(value) else value for name, value in shown.items()},
        "band": _band(row, framework),
        "round": chosen.round,
        "kind": chosen.kind,
        "vintage": chosen.vintage,
        "state": chosen.state,
    }


def for_people(row: dict[str, Any], framework: Framework, node: Node) -> dict[str, Any]:
    """A row for people, without intervals.

    Args:
        row: What `scored_rows` gives.
        framework: The framework.
        node: The node that ranks.
    """
    if node.rule == COUNT:
        return {"agency": row["agency_name"], node.unit or "figure": f"{row['value']:.15g}", "group": row["group"]}
    shown = {
        "rank": row["rank"],
        "agency": row["agency_name"],
        "share": row["share"],
        "points": points_shown(row["points"], row["max_points"]) if not is_missing(row["points"]) else None,
    }
    if "within" in row:
        shown = {f"rank in {row['within']}": row["within_rank"]} | shown
    if framework.description.bands and row["node"] == framework.root.code:
        shown["band"] = _band(row, framework)
    if framework.groups or framework.description.groups:
        shown |= {"group": row["group"], "rank in group": row["group_rank"]}
    return shown


def _band(row: dict[str, Any], framework: Framework) -> int | str:
    """The published result group; only the whole index has one."""
    if row.get("node") != framework.root.code or is_missing(row["share"]):
        return ""
    return next((band.band for band in framework.description.bands if band.holds(row["share"])), "")
