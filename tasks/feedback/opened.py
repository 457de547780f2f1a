"""A return opened for marking: the workbook itself where it can be copied, else a plain one with the same cells."""

import io
import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from tasks.feedback.cells import filled_rows, set_text
from tasks.feedback.faults import Place
from tasks.feedback.package import UnusualError, reduced
from tasks.feedback.titles import sheet_titles
from tasks.sources.archive import is_archive
from tasks.sources.form import BLOCK_LABELS, read_block
from tasks.sources.limits import WorkbookLimits
from tasks.sources.messages import visible
from tasks.sources.return_file import read_return
from tasks.sources.sheetscan import column_letters
from tasks.sources.workbook import Cell as Read
from tasks.sources.workbook import Percent, Sheet

_LIMITS = WorkbookLimits()
_logger = logging.getLogger(__name__)
_WIDEST, _NARROWEST = 60, 8
# What the library raises at formats and numbers that it does not expect; the reader took the cells all the same.
_UNEXPECTED = (
    *(UnusualError, InvalidFileException, ValueError, TypeError, KeyError, IndexError, AttributeError),
    *(OverflowError, AssertionError, SyntaxError),
)


@dataclass(frozen=True)
class Opened:
    """A workbook that may be marked.

    Attributes:
        book: The workbook.
        sheets: Name of a sheet in locators to the sheet.
        rows: Line of a CSV to the row of its sheet; empty for a workbook.
        places: Locator of a figure in JSON to its place; empty for a workbook or a CSV.
    """

    book: Workbook
    sheets: dict[str, Worksheet]
    rows: Mapping[int, int]
    places: Mapping[str, Place] = field(default_factory=dict)

    def cells(self, place: Place) -> list[Cell]:
        """Return the cells of a place: one, or all that are filled in its line; none where it is not there."""
        sheet = self.sheets.get(place.sheet)
        row = self.rows.get(place.row) if self.rows else place.row
        if sheet is None or row is None or row > _LIMITS.rows or (place.column or 1) > _LIMITS.columns:
            return []
        if place.column is None:
            return [cell for cell in sheet[row] if isinstance(cell, Cell) and cell.value is not None]
        cell = sheet.cell(row, place.column)
        return [] if isinstance(cell, MergedCell) else [cell]


def open_return(content: bytes) -> Opened:
    """Open a return for marking. The reader reads the copy as it read the original.

    Args:
        content: Bytes of an XLSX, CSV or JSON, as received.

    Raises:
        BatchRefused: The reader of returns would not take it either.
    """
    sheets = read_return(content)
    if not is_archive(content):
        return _opened_json(sheets[0]) if sheets[0].places else _opened_csv(sheets[0])
    try:
        # The library warns of what it leaves behind; here that is the purpose.
        book = load_workbook(io.BytesIO(reduced(content, sheets)), keep_links=False)
    except _UNEXPECTED as error:
        _logger.info("A return is handed back without its formats: %s", error)
        book = _plain(sheets)
    found = zip(sheets, book.worksheets, strict=True)
    return Opened(book, {visible(sheet.name): worksheet for sheet, worksheet in found}, {})


def _opened_json(sheet: Sheet) -> Opened:
    """The form that the JSON would be: mended, it is sent again as a workbook."""
    book = _plain([sheet])
    places = {pointer: Place(sheet.name, row + 1, column + 1) for (row, column), pointer in sheet.places.items()}
    return Opened(book, {sheet.name: book.worksheets[0]}, {}, places)


def _opened_csv(sheet: Sheet) -> Opened:
    """Line 7 becomes row 7, unless empty lines would carry the table out of reach."""
    in_reach = sheet.line_numbers[-1] <= _LIMITS.rows
    numbers = sheet.line_numbers if in_reach else list(range(1, len(sheet.rows) + 1))
    widest = min(_LIMITS.columns, _LIMITS.area // numbers[-1])  # what comes back must be in reach of the reader
    rows: list[list[Read]] = [[] for _ in range(numbers[-1])]
    for number, cells in zip(numbers, sheet.rows, strict=True):
        rows[number - 1] = _one_cell_each(cells)[:widest]
    book = _plain([Sheet("", rows, list(range(1, len(rows) + 1)))])
    return Opened(book, {"": book.worksheets[0]}, dict(zip(sheet.line_numbers, numbers, strict=True)))


def _one_cell_each(cells: list[Read]) -> list[Read]:
    """A row whose names were cut at their commas, which only the reader of a CSV joins, with each name whole."""
    as_text, as_cells = (read_block(Sheet(name, [cells], [1]), 1) for name in ("", "XLSX"))
    if as_text == as_cells:
        return cells
    said = {field: getattr(as_text, field) for field in BLOCK_LABELS}
    return [cell for field, value in said.items() if value for cell in (f"{BLOCK_LABELS[field]}:", value)]


def _plain(sheets: list[Sheet]) -> Workbook:
    """A workbook with the cells of the sheets as they were read, and nothing else."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, sheet in zip(sheet_titles(sheets), sheets, strict=True):
        worksheet = book.create_sheet(title)
        worksheet.sheet_state = "hidden" if sheet.is_hidden else "visible"
        for row, cells in enumerate(sheet.rows, start=1):
            for column, value in enumerate(cells, start=1):
                if value != "":
                    _write(worksheet.cell(row, column), value)
        _widen(worksheet)
    return book


def _write(cell: Cell | MergedCell, value: Read) -> None:
    if not isinstance(cell, Cell):
        return
    if isinstance(value, float) and math.isfinite(value):
        cell.value = float(value)
        if isinstance(value, Percent):
            cell.number_format = "0.0##%"
    elif isinstance(value, bool | date | time | timedelta):
        cell.value = value
    else:
        set_text(cell, str(value))


def _widen(worksheet: Worksheet) -> None:
    longest: dict[int, int] = {}
    for cell in (cell for row in filled_rows(worksheet) for cell in row):
        longest[cell.column] = max(longest.get(cell.column, 0), len(str(cell.value)))
    for column, letters in longest.items():
        width = max(_NARROWEST, min(_WIDEST, letters + 2))
        worksheet.column_dimensions[column_letters(column - 1)].width = width
