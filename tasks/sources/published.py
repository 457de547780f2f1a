"""Figures printed by the press or by a ministry: a table of ours, with where each figure was printed."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from tasks.harmonise.numbers import numeric_cell
from tasks.sources.base import Receipt
from tasks.sources.delimited import Line, decode, lines
from tasks.sources.http import gather_entry
from tasks.sources.rounds import Entry
from warehouse.errors import BatchRefused
from warehouse.frames import READING
from warehouse.frameworks.model import Framework

_NEEDED = ("agency", "node", "value", "citation", "url")
_OPTIONAL = ("note", "period")


class Published:
    """CSV with the columns agency, node, value, citation, url and optionally note and period.

    A value is the share of the node's points as printed, with a decimal point; it may stand at any node.
    """

    name = "published"
    title_vi = "Số liệu đã công bố"
    title_en = "Published figures"
    evidence_needed = True
    later_replaces = False

    def gather(self, entry: Entry, folder: Path) -> Iterator[Receipt]:
        """Yield the tables; see `tasks.sources.base.Source.gather`."""
        return gather_entry(entry, folder)

    def read(self, content: bytes, framework: Framework) -> pd.DataFrame:  # noqa: ARG002 - the same for every framework
        """Read one table.

        Args:
            content: Bytes of the CSV.
            framework: Not needed: a figure may stand at any node, and validation knows which nodes there are.

        Returns:
            READING rows, one per line with a value, stage `final`; the citation and url are the evidence.

        Raises:
            BatchRefused: Not a CSV in UTF-8, or a column is missing.
        """
        rows = iter(lines(decode(content), ","))
        header = next(rows, None)
        columns = _columns(header)
        readings = [_reading(line, columns) for line in rows]
        return READING.conform(pd.DataFrame([reading for reading in readings if reading["value_text"]]))


def _columns(header: Line | None) -> dict[str, int]:
    names = [cell.strip().lower() for cell in header.cells] if header else []
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        raise BatchRefused(
            f"The table of published figures has no column {', '.join(missing)}.",
            f"Its columns are {', '.join(_NEEDED)} and, if wanted, {' and '.join(_OPTIONAL)}, separated by commas.",
        )
    return {name: names.index(name) for name in (*_NEEDED, *_OPTIONAL) if name in names}


def _reading(line: Line, columns: dict[str, int]) -> dict[str, str]:
    def cell(name: str) -> str:
        at = columns.get(name, len(line.cells))
        return line.cells[at].strip() if at < len(line.cells) else ""

    return {
        "agency_text": cell("agency"),
        "item_text": cell("node"),
        "part": "value",
        "value_text": _exact(cell("value")),
        "evidence_text": ", ".join(filter(None, (cell("citation"), cell("url")))) if cell("citation") else "",
        "period_text": cell("period"),
        "stage": "final",
        "locator": f"line {line.number}",
    }


def _exact(text: str) -> str:
    """Mark a number with a decimal point as exact: elsewhere `0.522` and `1.234` could be read as thousands."""
    plain = text.removeprefix("-")
    if plain.replace(".", "", 1).isdecimal() and plain.isascii():
        return numeric_cell(float(text))
    return text


SOURCE = Published()
