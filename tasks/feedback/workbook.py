"""The workbook that goes back to an agency."""

import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import Cell

from tasks.feedback.cells import set_text
from tasks.feedback.faults import Fault, faults
from tasks.feedback.listing import Listed, write_list
from tasks.feedback.marks import AUTHOR, TO_MEND, mark, mark_what_to_renew, remove_old_marks
from tasks.feedback.opened import Opened, open_return
from tasks.feedback.titles import free_title
from tasks.feedback.words import LIST_TITLE
from tasks.sources.workbook import plain_text
from warehouse.frameworks.model import Framework


@dataclass(frozen=True)
class Refusal:
    """A file of the agency that was refused as a whole.

    Attributes:
        origin: Its url or path.
        message: Why, as recorded.
    """

    origin: str
    message: str


@dataclass(frozen=True)
class Subject:
    """What the feedback is about.

    Attributes:
        agency: Name of the agency.
        period: The period.
        round: Name of the round.
        origin: Url or path of the return; empty where only refused files came.
    """

    agency: str
    period: str
    round: str
    origin: str = ""


def feedback_workbook(
    content: bytes,
    refused: pd.DataFrame,
    framework: Framework,
    subject: Subject,
    refusals: Sequence[Refusal] = (),
) -> bytes:
    """Mark every refused cell of a return and list them on a sheet of their own, which comes first.

    Each marked cell has a comment with the reasons in Vietnamese and what to do. The reader reads the result as it read
    the original: mended, dated later and sent again it supersedes the original.

    Args:
        content: Bytes of the return as received.
        refused: QUARANTINE rows of it.
        framework: The framework of its criteria.
        subject: What the feedback is about.
        refusals: Files of the agency that were refused as a whole.

    Returns:
        Bytes of an XLSX, without macros, links to other files, and formulas other than those of the form.

    Raises:
        BatchRefused: The return cannot be opened within the limits of the reader.
    """
    with warnings.catch_warnings():
        # The library warns of every format that it leaves behind.
        warnings.simplefilter("ignore", UserWarning)
        opened = open_return(content)
    remove_old_marks(opened)
    mark_what_to_renew(opened)
    listed = [_mark(fault, opened) for fault in faults(refused, framework)]
    order = {sheet.title: number for number, sheet in enumerate(opened.book.worksheets)}
    listed.sort(key=lambda one: (order.get(one.sheet, len(order)), one.row, one.column))
    return _finished(opened.book, listed, subject, refusals)


def refusal_workbook(subject: Subject, refusals: Sequence[Refusal]) -> bytes:
    """Return a workbook with nothing but the list: why files could not be read at all.

    Args:
        subject: What the feedback is about.
        refusals: The refused files.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    return _finished(book, [], subject, refusals)


def _finished(book: Workbook, listed: Sequence[Listed], subject: Subject, refusals: Sequence[Refusal]) -> bytes:
    for sheet in book.worksheets:
        # Two selected sheets would be edited together.
        sheet.sheet_view.tabSelected = False
    sheet = book.create_sheet(free_title(LIST_TITLE, book.sheetnames), 0)
    about = f"{subject.agency}, kỳ {subject.period}, đợt {subject.round}"
    files = [(refusal.origin, refusal.message) for refusal in refusals]
    write_list(sheet, about, subject.origin, listed, files)
    book.active = 0
    sheet.sheet_view.tabSelected = True
    book.properties.creator = AUTHOR
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _mark(fault: Fault, opened: Opened) -> Listed:
    """Mark the cell of a fault."""
    place = fault.place or opened.places.get(fault.locator)
    cells = opened.cells(place) if place else []
    if not place or not cells:
        return Listed(fault)
    for cell in cells:
        _undo_date(cell)
    reasons = [f"Lý do: {reason}" for reason in fault.reasons]
    mark(cells, TO_MEND, [*reasons, f"Cách sửa: {fault.action}"])
    first = cells[0]
    sheet = opened.sheets[place.sheet]
    sheet.sheet_state = "visible"
    sheet.row_dimensions[first.row].hidden = False
    return Listed(fault, sheet.title, first.row, first.column)


def _undo_date(cell: Cell) -> None:
    """Show a date as text: the number that is typed over it would become a date again."""
    if cell.is_date:
        value: Any = cell.value
        cell.number_format = "General"
        set_text(cell, plain_text(value))
