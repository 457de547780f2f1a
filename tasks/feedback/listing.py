"""The sheet that lists what is to be mended."""

from collections.abc import Sequence
from dataclasses import dataclass

from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import quote_sheetname
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from tasks.feedback.cells import set_text
from tasks.feedback.faults import Fault
from tasks.feedback.words import HEADLINE, STEPS, STEPS_WITHOUT_RETURN, inert, quoted, refusal
from tasks.returns.styles import Look, height
from tasks.sources.messages import shown
from tasks.sources.sheetscan import column_letters

# No heading is one that the reader knows from a table of figures.
HEADINGS = ("Thứ tự", "Ô cần sửa", "Mục cần sửa (mã và tên)", "Đang ghi", "Vì sao không nhận", "Cần làm gì")
_FILES = ("Thứ tự", "Tệp không đọc được", "", "", "Vì sao không nhận")
_WIDTHS = (8, 34, 48, 18, 60, 60)
_FONT = "Calibri"
_BOLD, _TITLE = Font(_FONT, 11, bold=True), Font(_FONT, 14, bold=True)
_REGULAR, _LINK = Font(_FONT, 11), Font(_FONT, 11, color="FF0563C1", underline="single")
_PLAIN = Alignment(vertical="top")
_TOP_LEFT = Alignment(wrap_text=True, vertical="top", horizontal="left")  # numbers too: they are quoted, not counted
_TEXT, _HEADING = Look(_REGULAR, _TOP_LEFT), Look(_BOLD, _TOP_LEFT, "E2EFDA")
_LOST = 3  # letters of a line that words which are not cut leave empty


@dataclass(frozen=True)
class Listed:
    """A fault with the cell of the handed back workbook that was marked for it.

    Attributes:
        fault: The fault.
        sheet: Title of the sheet; empty where no cell could be marked.
        row: Row, from 1.
        column: Column, from 1.
    """

    fault: Fault
    sheet: str = ""
    row: int = 0
    column: int = 0

    @property
    def reference(self) -> str:
        """The cell, as in `E12`."""
        return f"{column_letters(self.column - 1)}{self.row}"


def write_list(
    sheet: Worksheet, about: str, origin: str, listed: Sequence[Listed], refused_files: Sequence[tuple[str, str]]
) -> None:
    """Write the list.

    Args:
        sheet: An empty sheet.
        about: Agency, period and round.
        origin: Url or path of the return; empty where there is none.
        listed: What is to be mended in it, in order.
        refused_files: Origin and message of each file that was refused as a whole.
    """
    for letters, width in enumerate(_WIDTHS):
        sheet.column_dimensions[column_letters(letters)].width = width
    _put(sheet, 1, [HEADLINE]).font = _TITLE
    _put(sheet, 2, [shown(about)]).font = _BOLD
    steps = STEPS if origin else STEPS_WITHOUT_RETURN
    opening = [f"Tệp “{shown(origin)}” có {len(listed)} ô cần sửa."] if origin else []
    for number, line in enumerate([*opening, *steps], start=3):
        _put(sheet, number, [line])
    row = 4 + len(opening) + len(steps)
    if listed:
        row = _cells(sheet, row, listed)
    if refused_files:
        _files(sheet, row, refused_files)


def _cells(sheet: Worksheet, row: int, listed: Sequence[Listed]) -> int:
    """The table of cells; returns the row in which more may follow."""
    _heading(sheet, row, HEADINGS)
    sheet.freeze_panes = f"A{row + 1}"
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    for number, one in enumerate(listed, start=1):
        fault = one.fault
        where = f"Ô {one.reference}, trang “{one.sheet}”" if one.sheet else f"Vị trí “{fault.locator}”"
        told = [where, fault.criterion, quoted(fault.value_text), "\n".join(fault.reasons), fault.action]
        _put(sheet, row + number, [number, *told], _TEXT)
        if one.sheet:
            _link(_cell(sheet, row + number, 2), one)
    return row + len(listed) + 2


def _link(cell: Cell, one: Listed) -> None:
    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"{quote_sheetname(one.sheet)}!{one.reference}")
    cell.font = _LINK


def _files(sheet: Worksheet, row: int, refused_files: Sequence[tuple[str, str]]) -> None:
    _heading(sheet, row, _FILES)
    for number, (origin, message) in enumerate(refused_files, start=1):
        _put(sheet, row + number, [number, f"Tệp “{shown(origin)}”", "", "", refusal(message)], _TEXT)


def _heading(sheet: Worksheet, row: int, texts: Sequence[str]) -> None:
    _put(sheet, row, texts, _HEADING)


def _put(sheet: Worksheet, row: int, values: Sequence[str | float], look: Look | None = None) -> Cell:
    """Write values from the first column on, text as text; returns the first cell."""
    for column, value in enumerate(values, start=1):
        cell = _cell(sheet, row, column)
        if isinstance(value, str):
            set_text(cell, inert(value))
        else:
            cell.value = value
        if look:
            look.dress(cell)
        else:
            cell.alignment = _PLAIN
    if look:
        texts = zip(map(str, values), _WIDTHS, strict=False)
        sheet.row_dimensions[row].height = height((text, width - _LOST) for text, width in texts)
    return _cell(sheet, row, 1)


def _cell(sheet: Worksheet, row: int, column: int) -> Cell:
    cell = sheet.cell(row, column)
    if not isinstance(cell, Cell):
        raise TypeError("the list has no merged cells")
    return cell
