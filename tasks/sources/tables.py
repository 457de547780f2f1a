"""Finding the table in a sheet: which row is its header, and which column means what.

Headers are spelled in many ways and often take two rows with merged cells; they are matched on their words without
marks. A sheet without such a header is a guide, a chart or a cover and is passed over.
"""

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from tasks.harmonise.text import tokens
from tasks.sources.messages import shown
from tasks.sources.workbook import Cell, Sheet, plain_text
from warehouse.errors import BatchRefused

COLUMN_NAMES = {
    "code": "Mã tiêu chí",
    "value": "Giá trị",
    "a": "Tử số (a)",
    "b": "Mẫu số (b)",
    "evidence": "Tài liệu minh chứng",
}
_LABELS = (
    ("code", r"ma( so)?( (tieu chi|chi tieu|chi so|tc))?( thanh phan)?|ky hieu( tieu chi)?"),
    ("ordinal", r"s?tt|so tt|so thu tu"),
    ("unit", r"dvt|don vi( tinh| do)?"),
    ("a", r"(.* )?tu so( .*)?|((so lieu|gia tri) )?a"),
    ("b", r"(.* )?mau so( .*)?|((so lieu|gia tri) )?b"),
    ("evidence", r"(ten |cac )?(tai lieu|van ban|ho so)?( )?(minh chung|kiem chung|chung minh)( .*)?"),
    ("note", r"ghi chu( .*)?"),
    ("value", r"(gia tri|so lieu|ket qua|muc dat|so luong)( .*)?"),
    ("name", r"(ten )?(tieu chi|chi tieu|chi so|noi dung)( .*)?"),
)
_PATTERNS = tuple((field, re.compile(pattern)) for field, pattern in _LABELS)
# Columns that stand beside the reported figure and are filled in by others, or are about another year.
_NOT_THE_FIGURE = re.compile(r"\b(toi da|ke hoach|muc tieu|nam truoc|ky truoc|tham dinh|kiem tra|tu cham)\b")
_GUIDE = re.compile(r"(huong dan|bieu do|danh muc|giai thich|bia|guide|chart|help|readme|list)\b.*")
_NUMBERING = re.compile(r"\(?(\d{1,2}|[a-z])\)?(=.*)?", re.IGNORECASE)
_LONGEST_LABEL = 80
_HEADER_WITHIN = 100  # rows in which the first header is looked for
_CODES_WITHIN = 4  # columns from the left in which codes are looked for where there is no header
_ENOUGH_CODES = 3
_FIGURES = ("value", "a", "b")
_ITEMS = ("code", "ordinal", "name")


@dataclass(frozen=True)
class Table:
    """A table of a sheet.

    Attributes:
        sheet: The sheet.
        columns: Meaning to the positions of its columns, from the left; only evidence may have several.
        header: Position of the header's first row in `sheet.rows`.
        first: Position of the first row below the header.
        end: Position after the last row.
    """

    sheet: Sheet
    columns: dict[str, tuple[int, ...]]
    header: int
    first: int
    end: int

    def cell(self, row: int, meaning: str) -> Cell:
        """Return the cell of a row in the column of a meaning; empty text where there is none."""
        at = self.columns.get(meaning, ())
        cells = self.sheet.rows[row]
        return cells[at[0]] if at and at[0] < len(cells) else ""

    def texts(self, row: int, meaning: str) -> list[str]:
        """Return the texts of a row in all columns of a meaning; a merged range has its text in each row."""
        found = []
        for column in self.columns.get(meaning, ()):
            top, left = self._merged_into.get((row, column), (row, column))
            cells = self.sheet.rows[top]
            found.append(plain_text(cells[left]) if left < len(cells) else "")
        return [text for text in found if text]

    @cached_property
    def _merged_into(self) -> dict[tuple[int, int], tuple[int, int]]:
        """First place of the merged range that a place below the header belongs to."""
        return {
            (row, column): (top, left)
            for (top, left), (bottom, right) in self.sheet.merged
            for row in range(max(top, self.first), min(bottom + 1, self.end))
            for column in range(left, min(right + 1, len(self.sheet.rows[row])))
        }

    def has(self, meaning: str) -> bool:
        """Whether the table has a column of that meaning."""
        return meaning in self.columns


def find_tables(sheet: Sheet) -> list[Table]:
    """Return the tables of figures in a sheet, from the top; none where the sheet is not part of a return.

    Raises:
        BatchRefused: A header has a column of criteria but none of figures, or two columns of one meaning.
    """
    grid = _with_merged_labels(sheet)
    found: list[tuple[int, int, dict[str, tuple[int, ...]]]] = []
    row = 0
    while row < len(grid):
        is_candidate = _repeats_header(grid[row], found[-1][2]) if found else row < _HEADER_WITHIN
        if is_candidate and (header := _header_at(sheet, grid, row)):
            found.append((row, *header))
            row = header[0]
        else:
            row += 1
    starts = [start for start, _, _ in found] + [len(grid)]
    return [Table(sheet, columns, start, first, starts[at + 1]) for at, (start, first, columns) in enumerate(found)]


def lists_codes_without_header(sheet: Sheet, codes: Container[str]) -> bool:
    """Whether a sheet without a table lists criteria all the same: then its header was lost."""
    if any(label_of(plain_text(cell)) == "code" for row in sheet.rows[:_HEADER_WITHIN] for cell in row):
        return False
    listed = (plain_text(cell) in codes for row in sheet.rows for cell in row[:_CODES_WITHIN])
    return sum(listed) >= _ENOUGH_CODES


def is_guide(sheet: Sheet) -> bool:
    """Whether a sheet by its name or because it is hidden is not meant to carry figures."""
    return sheet.is_hidden or bool(_GUIDE.fullmatch(" ".join(tokens(sheet.name))))


@lru_cache(maxsize=8192)
def label_of(text: str) -> str:
    """Return what a header cell means, or empty text.

    >>> [label_of(text) for text in ("Mã số", "ĐVT", "Tử số (a)", "Tài liệu kiểm chứng", "Điểm tối đa")]
    ['code', 'unit', 'a', 'evidence', '']
    """
    if not text or len(text) > _LONGEST_LABEL:
        return ""
    words = " ".join(tokens(text))
    if _NOT_THE_FIGURE.search(words):
        return ""
    return next((field for field, pattern in _PATTERNS if pattern.fullmatch(words)), "")


def _header_at(sheet: Sheet, grid: list[list[str]], row: int) -> tuple[int, dict[str, tuple[int, ...]]] | None:
    """First row below the header that begins at a row, and its columns; None where none begins there."""
    labels = [label_of(text) for text in grid[row]]
    if sum(map(bool, labels)) < 2:
        return None
    first = row + 1
    below = [label_of(text) for text in grid[first]] if first < len(grid) else []
    if any(below) and _continues(labels, below, grid[first]):
        labels = [lower or upper for lower, upper in _pairs(below, labels)]
        first += 1
    columns = _columns(labels)
    if not any(item in columns for item in _ITEMS):
        return None
    if not any(figure in columns for figure in _FIGURES):
        _refuse_without_figures(sheet, columns)
        return None
    _refuse_doubles(sheet, columns)
    if first < len(grid) and _is_numbering(grid[first]):
        first += 1
    return first, columns


def _columns(labels: list[str]) -> dict[str, tuple[int, ...]]:
    columns: dict[str, tuple[int, ...]] = {}
    for position, label in enumerate(labels):
        if label:
            columns[label] = (*columns.get(label, ()), position)
    return columns


def _pairs(below: list[str], above: list[str]) -> Iterator[tuple[str, str]]:
    width = max(len(below), len(above))
    padding = [""] * width
    return zip((below + padding)[:width], (above + padding)[:width], strict=True)


def _continues(labels: list[str], below: list[str], texts: list[str]) -> bool:
    """Whether the row below a header is its second row: where the criteria stand it is empty or says the same."""
    items = [at for at, label in enumerate(labels) if label in _ITEMS]
    return all(not texts[at] or below[at] == labels[at] for at in items)


def _repeats_header(texts: list[str], columns: dict[str, tuple[int, ...]]) -> bool:
    """Whether a row below the header is a header again, as on each printed page."""
    item = next(item for item in _ITEMS if item in columns)
    return label_of(texts[columns[item][0]]) == item


def _is_numbering(texts: list[str]) -> bool:
    """Whether a row only numbers the columns: (1), (2), (3) or A, B, 1, 2."""
    written = [text for text in texts if text]
    return len(written) > 2 and len(set(written)) == len(written) and all(map(_NUMBERING.fullmatch, written))


def _refuse_without_figures(sheet: Sheet, columns: dict[str, tuple[int, ...]]) -> None:
    if "code" in columns and ("unit" in columns or "evidence" in columns) and not is_guide(sheet):
        names = " or ".join(repr(COLUMN_NAMES[figure]) for figure in _FIGURES)
        raise BatchRefused(
            f"{the_sheet(sheet)} has no column {names}.",
            "Send the form back as it was sent out, with all its columns.",
        )


def _refuse_doubles(sheet: Sheet, columns: dict[str, tuple[int, ...]]) -> None:
    for meaning in ("code", *_FIGURES):
        if len(columns.get(meaning, ())) > 1:
            raise BatchRefused(
                f"{the_sheet(sheet)} has {len(columns[meaning])} columns {COLUMN_NAMES[meaning]!r}.",
                "Keep the one with the figures of the period.",
            )


def the_sheet(sheet: Sheet) -> str:
    """Return how a message names a sheet."""
    return f"The sheet {shown(sheet.name)!r}" if sheet.name else "The table"


def _with_merged_labels(sheet: Sheet) -> list[list[str]]:
    """Texts of the sheet; in merged ranges every cell carries the text of the first one."""
    width = max((len(row) for row in sheet.rows), default=0)
    grid = [[plain_text(cell) if cell != "" else "" for cell in row] + [""] * (width - len(row)) for row in sheet.rows]
    for (top, left), (bottom, right) in sheet.merged:
        if top < len(grid) and left < width and grid[top][left]:
            for row in grid[top : bottom + 1]:
                row[left : right + 1] = [grid[top][left]] * (min(right + 1, width) - left)
    return grid
