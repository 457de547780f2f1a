"""Writing the sheets of a return as bytes that depend on nothing but the sheets."""

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill

from tasks.demo.sheet import Grid, Value
from tasks.returns.archive import rezip, unzip

if TYPE_CHECKING:
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

_BOLD = Font(bold=True)
_SHADE = PatternFill("solid", fgColor="DDEBF7")
_WRAP = Alignment(wrap_text=True, vertical="center")


def xlsx_bytes(grids: Sequence[Grid]) -> bytes:
    """Return the sheets as an XLSX; the same sheets give the same bytes."""
    book = Workbook(write_only=True)
    book.properties.creator = "SYNTHETIC"
    for grid in grids:
        sheet = book.create_sheet(grid.title)
        for letters, width in grid.widths.items():
            sheet.column_dimensions[letters].width = width
        for merged in grid.merged:
            sheet.merged_cells.add(merged)
        for at, row in enumerate(grid.rows):
            styled = at in grid.header or any((at, column) in grid.formats for column in range(len(row)))
            sheet.append([_cell(sheet, grid, at, column) for column in range(len(row))] if styled else row)
    written = io.BytesIO()
    book.save(written)
    return rezip(unzip(written.getvalue()))


def csv_bytes(grid: Grid) -> bytes:
    """Return one sheet as a spreadsheet program in Vietnamese saves a CSV: semicolons, UTF-8 with byte order mark."""
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    writer.writerows([[_csv_text(value) for value in row] for row in grid.rows])
    return written.getvalue().encode("utf-8-sig")


def _csv_text(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, float):
        return f"{value:.10f}".rstrip("0").rstrip(".").replace(".", ",")
    return str(value)


def _cell(sheet: "WriteOnlyWorksheet", grid: Grid, row: int, column: int) -> Cell:
    value = grid.rows[row][column]
    if isinstance(value, date):
        value = datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a cell knows no time zone
    cell = WriteOnlyCell(sheet, value)
    if row in grid.header:
        cell.font, cell.fill, cell.alignment = _BOLD, _SHADE, _WRAP
    if pattern := grid.formats.get((row, column)):
        cell.number_format = pattern
    return cell
