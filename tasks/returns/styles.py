"""How the cells of the form look, and which of them are for input."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side

_LINE = Side(style="thin", color="BFBFBF")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_REGULAR = Font()
_TOP = Alignment(wrap_text=True, vertical="top")
_MIDDLE = Alignment(wrap_text=True, vertical="center", horizontal="center")
_PLAIN = Alignment(vertical="top")
DATE = "dd/mm/yyyy"
_LINE_HEIGHT, _HIGHEST = 15.0, 409.0
WHOLE, DECIMAL = "#,##0", "#,##0.######"


@dataclass(frozen=True)
class Look:
    """How a cell looks.

    Attributes:
        font: Its font.
        alignment: How its text stands.
        fill: Colour of its ground in hexadecimal, empty for none.
        boxed: Whether it has lines around it.
        is_input: Whether agencies write into it.
        number_format: Format of its number.
    """

    font: Font = _REGULAR
    alignment: Alignment = _TOP
    fill: str = ""
    boxed: bool = True
    is_input: bool = False
    number_format: str = "General"

    def dress(self, cell: Cell) -> None:
        """Give a cell this look."""
        cell.font, cell.alignment, cell.number_format = self.font, self.alignment, self.number_format
        cell.protection = Protection(locked=not self.is_input)
        if self.boxed:
            cell.border = _BOX
        if self.fill:
            cell.fill = PatternFill("solid", fgColor=self.fill)


TITLE = Look(Font(bold=True, size=14), _PLAIN, boxed=False)
LABEL = Look(Font(bold=True), _PLAIN, boxed=False)
FIXED = Look(alignment=_PLAIN, boxed=False)
PARAGRAPH = Look(boxed=False)
HEADER = Look(Font(bold=True), _MIDDLE, "DDEBF7")
SECTION = Look(Font(bold=True), fill="F2F2F2")
TEXT = Look()
SHUT = Look(fill="E7E6E6")
RESULT = Look(fill="F2F2F2", number_format="#,##0.00")
INPUT = Look(fill="FFF9E5", is_input=True)
WORDS_INPUT = Look(fill="FFF9E5", is_input=True, number_format="@")
DATE_INPUT = Look(fill="FFF9E5", is_input=True, number_format=DATE)
WHOLE_INPUT = Look(fill="FFF9E5", is_input=True, number_format=WHOLE)
NUMBER_INPUT = Look(fill="FFF9E5", is_input=True, number_format=DECIMAL)
SIGNATURE = Look(Font(italic=True), _PLAIN, boxed=False, is_input=True)


def height(texts: Iterable[tuple[str, int]]) -> float:
    r"""Return the height of a row in points; not every program finds it for wrapped texts.

    Args:
        texts: Each text of the row with the width of its column, in letters.

    >>> height([("x" * 25, 10), ("a\nb", 10)])
    45.0
    """
    lines = (sum(math.ceil(len(line) / width) or 1 for line in text.split("\n")) for text, width in texts)
    return min(_HIGHEST, _LINE_HEIGHT * max(lines, default=1))
