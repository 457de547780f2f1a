"""The appraisal council's file (kết quả thẩm định): what it decided on each reported figure, and why."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tasks.harmonise.decisions import parse_decision
from tasks.harmonise.text import tokens
from tasks.sources.archive import is_archive, refuse_foreign
from tasks.sources.base import Receipt
from tasks.sources.http import gather_entry
from tasks.sources.return_file import read_delimited
from tasks.sources.rounds import Entry
from tasks.sources.workbook import Cell, Sheet, figure_text, plain_text, read_workbook
from warehouse.errors import BatchRefused
from warehouse.frames import READING
from warehouse.frameworks.model import Framework

COLUMN_NAMES = {
    "agency": "Cơ quan",
    "code": "Mã tiêu chí",
    "value": "Giá trị thẩm định",
    "points": "Điểm thẩm định",
    "decision": "Kết luận",
    "reason": "Lý do",
    "document": "Văn bản căn cứ",
}
_LABELS = (
    ("agency", r"(ten )?(co quan|don vi|dia phuong|tinh|bo|agency)( .*)?"),
    ("code", r"ma( so)?( (tieu chi|chi tieu|chi so))?|tieu chi|criterion|code"),
    ("points", r"(so )?diem( .*)?|(appraised )?points"),
    ("value", r"(gia tri|so lieu|ket qua)( .*)?|(appraised )?value"),
    ("decision", r"ket luan( .*)?|quyet dinh( cua .*)?|y kien( .*)?|decision"),
    ("reason", r"ly do( .*)?|giai trinh( .*)?|reason"),
    ("document", r"(van ban|can cu|tai lieu|document)( .*)?"),
)
_PATTERNS = tuple((field, re.compile(pattern)) for field, pattern in _LABELS)
_REPORTED = re.compile(r"\b(tu cham|tu danh gia|bao cao|toi da|reported|claimed)\b")  # columns repeated for comparison
_HEADER_WITHIN = 60
_SEND_TABLE = "A table of appraisals has the columns " + ", ".join(COLUMN_NAMES.values()) + "; see docs/rounds.md."


class Appraisal:
    """What the council appraised: one row per agency and criterion, with a figure, points, or only a decision."""

    name = "appraisal"
    title_vi = "Kết quả thẩm định"
    title_en = "Appraisal by the council"
    evidence_needed = False
    later_replaces = False

    def gather(self, entry: Entry, folder: Path) -> Iterator[Receipt]:
        """Yield the council's files; see `tasks.sources.base.Source.gather`."""
        return gather_entry(entry, folder)

    def read(self, content: bytes, framework: Framework) -> pd.DataFrame:  # noqa: ARG002 - the same for every framework
        """Read one file.

        Args:
            content: Bytes of an XLSX or CSV.
            framework: Not needed: validation knows which criteria there are.

        Returns:
            READING rows, stage `appraised`: part `points` where points are given, else `value` where a value is given,
            else `upheld` with the decision as written. A rejection that gives a figure too is read as `upheld` with
            both texts, which nothing understands: it is for the council to say which of the two it means.

        Raises:
            BatchRefused: Not a spreadsheet, damaged, or no table of appraisals in it.
        """
        refuse_foreign(content)
        sheets = read_workbook(content) if is_archive(content) else read_delimited(content)
        found = [(sheet, header) for sheet in sheets if (header := _header(sheet))]
        if not found:
            raise BatchRefused("The file holds no table of appraisals.", _SEND_TABLE)
        readings = [reading for sheet, (row, columns) in found for reading in _readings(sheet, row, columns)]
        if not readings:
            raise BatchRefused("The table of appraisals has no row with a decision in it.", _SEND_TABLE)
        return READING.conform(pd.DataFrame(readings))


SOURCE = Appraisal()


def _header(sheet: Sheet) -> tuple[int, dict[str, int]] | None:
    """Position of the header and of its columns; None where the sheet is no table of appraisals."""
    for row, cells in enumerate(sheet.rows[:_HEADER_WITHIN]):
        columns: dict[str, int] = {}
        for at, cell in enumerate(cells):
            field = _field(plain_text(cell))
            if field:
                columns.setdefault(field, at)
        if {"agency", "code"} <= set(columns) and {"value", "points", "decision"} & set(columns):
            return row, columns
    return None


def _field(label: str) -> str:
    words = " ".join(tokens(label[:80]))
    if not words or _REPORTED.search(words):
        return ""
    return next((field for field, pattern in _PATTERNS if pattern.fullmatch(words)), "")


@dataclass(frozen=True)
class _Row:
    """One row of the table."""

    cells: Sequence[Cell]
    columns: Mapping[str, int]

    def cell(self, field: str) -> Cell:
        at = self.columns.get(field, len(self.cells))
        return self.cells[at] if at < len(self.cells) else ""

    def text(self, field: str) -> str:
        return plain_text(self.cell(field))

    def decided(self) -> tuple[str, str, str]:
        """Part, text and column of what was decided; empty text where the row decides nothing."""
        points, value, decision = (
            figure_text(self.cell("points")),
            figure_text(self.cell("value")),
            self.text("decision"),
        )
        if (points or value) and parse_decision(decision) == 0.0:
            return "upheld", f"{decision}; {points or value}", "decision"
        if points:
            return "points", points, "points"
        return ("value", value, "value") if value else ("upheld", decision, "decision")


def _readings(sheet: Sheet, header: int, columns: Mapping[str, int]) -> Iterator[dict[str, str]]:
    for at, cells in enumerate(sheet.rows[header + 1 :], start=header + 1):
        row = _Row(cells, columns)
        part, written, field = row.decided()
        if not (written and row.text("agency") and row.text("code")):
            continue
        yield {
            "agency_text": row.text("agency"),
            "item_text": row.text("code"),
            "part": part,
            "value_text": written,
            "evidence_text": row.text("document"),
            "note": row.text("reason"),
            "stage": "appraised",
            "locator": sheet.locator(at, columns[field]),
        }
