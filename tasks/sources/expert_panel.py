"""Expert interviews and Delphi rounds as files (phỏng vấn chuyên gia): XLSX or CSV, one row a rating."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from tasks.harmonise.text import tokens
from tasks.sources.archive import is_archive, refuse_foreign
from tasks.sources.base import Page, Receipt
from tasks.sources.delimited import decode, delimiter_of, lines
from tasks.sources.http import gather_entry
from tasks.sources.rounds import Entry
from tasks.sources.workbook import Cell, Sheet, figure_text, plain_text, read_workbook
from warehouse.errors import BatchRefused

RATING_COLUMNS = ("expert", "employer", "agency", "criterion", "round", "rating", "confidence", "justification")
COLUMN_NAMES = {
    "expert": "Mã chuyên gia",
    "employer": "Cơ quan công tác",
    "agency": "Cơ quan được đánh giá",
    "criterion": "Mã tiêu chí",
    "round": "Vòng",
    "rating": "Điểm",
    "confidence": "Độ tin cậy",
    "justification": "Lý giải",
}
# In this order: "Cơ quan công tác" is an employer before "Cơ quan ..." is an agency.
_LABELS = (
    ("expert", r"(ma|ma so|so) (cua )?(chuyen gia|nguoi danh gia)|chuyen gia|expert( (id|code|no))?|rater( id)?"),
    ("name", r"(ho va ten|ho ten|ten)( (cua )?(chuyen gia|nguoi danh gia))?|nguoi danh gia|(expert )?name"),
    ("employer", r"(co quan|don vi|noi) (dang )?(cong tac|lam viec|chu quan)( .*)?|employer|affiliation|workplace"),
    ("criterion", r"ma( so)?( (tieu chi|chi tieu|chi so))?|tieu chi|criterion( code)?|code"),
    ("round", r"(so )?vong( (thu|danh gia|khao sat|delphi|phong van))*|delphi round|round( no)?"),
    ("confidence", r"((do|muc( do)?) )?(tin cay|chac chan|tu tin)( .*)?|confidence( .*)?"),
    ("rating", r"(so )?diem( so)?( (danh gia|cham|chuyen gia))*( \d+ \d+)?|muc diem|rating|score|mark"),
    (
        "justification",
        r"(ly|li) (giai|do)( .*)?|nhan xet( .*)?|giai trinh( .*)?|y kien( .*)?|justification|comments?|reason",
    ),
    ("agency", r"(ten )?(co quan|don vi|dia phuong|tinh|bo)( .*)?|agency( judged)?|(judged|rated) agency"),
)
_PATTERNS = tuple((field, re.compile(pattern)) for field, pattern in _LABELS)
_NEEDED = frozenset({"expert", "agency", "criterion", "rating"})
_HEADER_WITHIN = 60
_ROUND_OF_SHEET = re.compile(r"(?:vong|round|delphi|v|r) ?(\d+)")
_SEND_TABLE = "A table of ratings has the columns " + ", ".join(COLUMN_NAMES.values()) + "; see docs/rounds.md."


class ExpertPanel:
    """Ratings of experts: one row an expert, judged agency, criterion and round."""

    name = "expert_panel"
    title_vi = "Phỏng vấn chuyên gia"
    title_en = "Expert panel"
    evidence = "expert"

    def gather(
        self,
        entry: Entry,
        folder: Path,
        earlier: Sequence[Page] = (),  # noqa: ARG002 - files are always read whole
    ) -> Iterator[Receipt]:
        """Yield the files; see `tasks.sources.base.MicroSource.gather`."""
        return gather_entry(entry, folder)

    def read_answers(self, pages: Sequence[Page]) -> pd.DataFrame:
        """Read the files; see `tasks.sources.base.MicroSource.read_answers`.

        Columns that are no part of a rating are not read. A sheet without a column for the round belongs to the round
        in its name ("Vòng 2"). Hidden sheets are passed over.

        Returns:
            One row a rating, also one that was left blank, the columns of RATING_COLUMNS, text as written; numbers of a
            spreadsheet as `tasks.harmonise.numbers.numeric_cell` marks them.

        Raises:
            BatchRefused: A file is no table of ratings, or a table has no rating.
        """
        rows = [row for page in pages for row in _ratings(page.content)]
        return pd.DataFrame(rows, columns=list(RATING_COLUMNS), dtype="str")


SOURCE = ExpertPanel()


def _ratings(content: bytes) -> list[dict[str, str]]:
    """The ratings of one file."""
    refuse_foreign(content)
    sheets = read_workbook(content) if is_archive(content) else _delimited(content)
    found = [(sheet, header) for sheet in sheets if not sheet.is_hidden and (header := _header(sheet))]
    if not found:
        raise BatchRefused("The file holds no table of ratings.", _SEND_TABLE)
    rows = [row for sheet, (at, columns) in found for row in _rows(sheet, at, columns)]
    if not any(row["rating"] for row in rows):
        raise BatchRefused("The table of ratings has no rating in it.", _SEND_TABLE)
    return rows


def _delimited(content: bytes) -> list[Sheet]:
    text = decode(content)
    table = list(lines(text, delimiter_of(text, lambda cells: len(_columns(cells)))))
    return [Sheet("", [[*line.cells] for line in table], [line.number for line in table])]


def _header(sheet: Sheet) -> tuple[int, dict[str, int]] | None:
    """Position of the header and of its columns; None where the sheet is no table of ratings."""
    for row, cells in enumerate(sheet.rows[:_HEADER_WITHIN]):
        columns = _columns(cells)
        if set(columns) >= _NEEDED:
            return row, columns
    return None


def _columns(cells: Sequence[Cell]) -> dict[str, int]:
    """Column of each field; where there are no codes, the names say who the experts are."""
    columns: dict[str, int] = {}
    for at, cell in enumerate(cells):
        words = " ".join(tokens(plain_text(cell)[:80]))
        field = next((field for field, pattern in _PATTERNS if pattern.fullmatch(words)), "")
        if field:
            columns.setdefault(field, at)
    name = columns.pop("name", None)
    if name is not None:
        columns.setdefault("expert", name)
    return columns


def _rows(sheet: Sheet, header: int, columns: dict[str, int]) -> Iterator[dict[str, str]]:
    round_of_sheet = _ROUND_OF_SHEET.search(" ".join(tokens(sheet.name)))
    for cells in sheet.rows[header + 1 :]:
        row = {field: _text(cells, at, field) for field, at in columns.items()}
        if not (row["criterion"] or row["rating"]):  # signatures and notes
            continue
        if "round" not in columns and round_of_sheet:
            row["round"] = round_of_sheet[1]
        yield {field: row.get(field, "") for field in RATING_COLUMNS}


def _text(cells: Sequence[Cell], at: int, field: str) -> str:
    cell = cells[at] if at < len(cells) else ""
    return figure_text(cell) if field in ("rating", "confidence") else plain_text(cell)
