"""unranked.csv: agencies that a ranking leaves out by declaration, each with the reason that was given."""

from dataclasses import dataclass
from pathlib import Path

from warehouse.frameworks.faults import Report
from warehouse.frameworks.table import read_table
from warehouse.periods import PERIOD

FILE = "unranked.csv"
_COLUMNS = ("agency", "period", "reason_vi", "reason_en", "source", "address")
_NEEDED = ("agency", "reason_vi", "reason_en", "source")


@dataclass(frozen=True)
class Unranked:
    """One agency that is not ranked.

    Attributes:
        agency: The agency, in any spelling that resolves at the period, or the unit's name.
        period: Period that it is not ranked in; empty: every one.
        reason_vi: Why, in Vietnamese.
        reason_en: Why, in English.
        source: Where that was printed.
    """

    agency: str
    period: str
    reason_vi: str
    reason_en: str
    source: str

    @property
    def reason(self) -> str:
        """The reason in both languages, as it is shown."""
        return f"{self.reason_en} / {self.reason_vi}"


def read_unranked(file: Path, report: Report) -> tuple[Unranked, ...]:
    """Read unranked.csv if it is there.

    Args:
        file: The table: agency, period (may be left out or blank), reason_vi, reason_en, source.
        report: Takes the faults.
    """
    if not file.exists():
        return ()
    found: list[Unranked] = []
    lines: dict[tuple[str, str], int] = {}
    for row in read_table(file, _COLUMNS, _NEEDED, report):
        empty = [name for name in _NEEDED if not row[name]]
        if empty:
            report.add(row.line, f"the row lacks {' and '.join(empty)}; nobody is left out without a printed reason.")
            continue
        agency, period = row["agency"], row["period"]
        if period and not PERIOD.fullmatch(period):
            report.add(row.line, f"the period is {period!r}; write a year, 2019, or a month, 2020-08.")
        if (agency, period) in lines:
            report.add(row.line, f"{agency} stands already on line {lines[agency, period]}; keep one row.")
        lines.setdefault((agency, period), row.line)
        found.append(Unranked(agency, period, row["reason_vi"], row["reason_en"], row["source"]))
    return tuple(found)
