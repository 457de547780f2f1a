"""The cells of a sheet, and text in them that stays text."""

from collections.abc import Iterator
from itertools import groupby

from openpyxl.cell import Cell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.worksheet.worksheet import Worksheet

_COMPUTED = ("=", "+", "-", "@", "\t", "\r")


def filled_rows(sheet: Worksheet, last: int | None = None) -> Iterator[list[Cell]]:
    """Yield the cells that a sheet has, by row.

    The rows of the library would make a cell for each place between the first and the farthest.

    Args:
        sheet: The sheet.
        last: The last row; left out: all.
    """
    places = sorted(place for place in sheet._cells if last is None or place[0] <= last)
    for _, row in groupby(places, key=lambda place: place[0]):
        found = [sheet._cells[place] for place in row]
        yield [cell for cell in found if isinstance(cell, Cell)]


def set_text(cell: Cell, text: str) -> None:
    """Write a text that is shown as it is, also after somebody has opened the cell and closed it again."""
    cell.value = ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", text)
    cell.data_type = "s"
    keep_text(cell)


def keep_text(cell: Cell) -> None:
    """Mark a text that looks like a formula as text."""
    if cell.data_type == "s" and str(cell.value).startswith(_COMPUTED):
        cell.quotePrefix = True


def is_computed(text: str) -> bool:
    """Whether a spreadsheet would compute a text.

    >>> is_computed("=A1"), is_computed("A1")
    (True, False)
    """
    return text.startswith(_COMPUTED)
