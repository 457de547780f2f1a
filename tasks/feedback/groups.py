"""Refused and doubted rows as people read them first: what went wrong where, how often, and a few examples.

Thousands of rows of a quarantine have a dozen causes. One line a cause says whether one agency slipped or a whole
source.
"""

from typing import Any

import pandas as pd

from tasks.sources.messages import shown, visible
from warehouse.frames import as_written, records

SAMPLES = 3
COLUMNS = ("rule", "source", "rows", "agencies", "share", "samples_vi", "samples_en")


def group_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Count rows by rule and source.

    Args:
        rows: QUARANTINE or WARNING rows, or those of `mart_quarantine` or `mart_warning`.

    Returns:
        One row per rule and source, most rows first: rule, source, `rows`, `agencies` (how many are concerned; a name
        that nobody knows counts as one), `share` of all rows given (0 to 1), and `samples_vi` and `samples_en`: on one
        line up to three times "• agency: item value -> reason", of as many agencies as there are, figures as written.
    """
    named = rows.assign(who=rows["agency"].where(rows["agency"] != "", rows["agency_text"]))
    groups = [_group(key, group, len(rows)) for key, group in named.groupby(["rule", "source"], sort=True)]
    found = pd.DataFrame(groups, columns=list(COLUMNS))
    return found.sort_values("rows", ascending=False, kind="stable", ignore_index=True)


def _group(key: Any, group: pd.DataFrame, total: int) -> dict[str, Any]:
    # One row an agency as long as there are agencies, then further ones in their order.
    order = group.groupby("who").cumcount().sort_values(kind="stable").index
    samples = records(group.loc[order[:SAMPLES]])
    return {
        "rule": key[0],
        "source": key[1],
        "rows": len(group),
        "agencies": group["who"].nunique(),
        "share": len(group) / total,
        "samples_vi": " ".join(_sample(row, row["reason_vi"]) for row in samples),
        "samples_en": " ".join(_sample(row, row["reason_en"]) for row in samples),
    }


def _sample(row: dict[str, Any], reason: str) -> str:
    """One row in a line; what people wrote is cut to what a line holds."""
    name = row.get("agency_full_name") or row["agency_text"] or row["agency"]
    what = f"{shown(row['item'])} {shown(as_written(row['value_text']))}".strip()
    return f"• {shown(name)}: {what} -> {' '.join(visible(reason, ' ').split())}"
