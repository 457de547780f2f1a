"""Reading the sheets of an XLSX: safely, quickly, and with everything that a cell says."""

import io
import posixpath
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from tasks.harmonise.numbers import numeric_cell
from tasks.sources.archive import WORKBOOK, Archive
from tasks.sources.limits import WorkbookLimits
from tasks.sources.messages import shown, visible
from tasks.sources.sheetscan import (
    Attributes,
    Place,
    SheetFacts,
    column_letters,
    parse_xml,
    percent_styles,
    scan_sheet,
)
from warehouse.errors import BatchRefused

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

_RELATIONS = "xl/_rels/workbook.xml.rels"
_STYLES = "xl/styles.xml"
_SHARED_TEXTS = "xl/sharedStrings.xml"
_OTHER_PARTS = ("[Content_Types].xml", "_rels/.rels")
_SEND_AGAIN = "Open it in a spreadsheet program, save it as XLSX and send it again."


class Percent(float):
    """A number in a cell that is formatted as a percentage: 0.985 that people see as 98.5 %."""


Cell = str | float | bool | date | time | timedelta
Range = tuple[Place, Place]


@dataclass(frozen=True)
class Sheet:
    """One sheet.

    Attributes:
        name: Its name; empty for a CSV.
        rows: Cells from A1 on; an empty cell is empty text.
        line_numbers: Number of each row as people see it.
        is_hidden: Whether people do not see it.
        merged: Merged ranges, first and last place, counted from 0.
        places: Row and column, counted from 0, to where the cell stands in a file that is no table, such as JSON.
    """

    name: str
    rows: list[list[Cell]]
    line_numbers: list[int]
    is_hidden: bool = False
    merged: list[Range] = field(default_factory=list)
    places: Mapping[tuple[int, int], str] = field(default_factory=dict)

    def locator(self, row: int, column: int) -> str:
        """Return where a cell stands in the file.

        Args:
            row: Position of its row in `rows`.
            column: Position of the cell in its row.
        """
        if place := self.places.get((row, column)):
            return place
        line = self.line_numbers[row]
        if not self.name:
            return f"line {line} column {column + 1}"
        return f"{visible(self.name)}!{column_letters(column)}{line}"


def read_workbook(content: bytes, limits: WorkbookLimits | None = None) -> list[Sheet]:
    """Return the sheets of an XLSX in their order.

    Formulas without a stored value and errors come as the text people would see; numbers formatted as percentages come
    as `Percent`.

    Args:
        content: Bytes of the file.
        limits: How large it may be.

    Raises:
        BatchRefused: It is damaged, encrypted, not a workbook, or too large.
    """
    # The reader is compiled code of 4 MB that only this function needs.
    from python_calamine import CalamineError, CalamineWorkbook

    limits = limits or WorkbookLimits()
    archive = Archive(content, limits)
    names = _sheet_parts(archive)
    styles = archive.read(_STYLES) if _STYLES in archive else b""
    percents = percent_styles(_STYLES, styles) if styles else frozenset()
    parts = {part: archive.read(part) for part in dict.fromkeys(names.values())}
    facts = {part: scan_sheet(part, bytes_, percents) for part, bytes_ in parts.items()}
    for name, part in names.items():
        _check_extent(name, facts[part], limits)
    try:
        with CalamineWorkbook.from_filelike(_measured_copy(archive, styles, parts)) as book:
            hidden = {found.name: str(found.visible) != "SheetVisibleEnum.Visible" for found in book.sheets_metadata}
            return [
                _sheet(name, book.get_sheet_by_name(name), facts[part], hidden.get(name, False))
                for name, part in names.items()
            ]
    except (CalamineError, OSError, ValueError) as error:
        raise BatchRefused(f"The XLSX is damaged ({shown(str(error)).rstrip('.')}).", _SEND_AGAIN) from None


def plain_text(cell: Cell) -> str:
    """Return a cell as a label: numbers without `.0`, dates as ISO dates.

    >>> plain_text(2020.0), plain_text(date(2021, 1, 15)), plain_text(" CQS.1 ")
    ('2020', '2021-01-15', 'CQS.1')
    """
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float | int):
        return f"{cell:.15g}"
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ")
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)


def figure_text(cell: Cell) -> str:
    """Return a cell that should hold a figure: numbers exactly, a percentage as people see it, text as written.

    >>> figure_text(1.234), figure_text(Percent(0.985)), figure_text("1.234,5"), figure_text(True)
    ('=1.234', '98,5%', '1.234,5', 'TRUE')
    """
    if isinstance(cell, Percent):
        hundredfold = format((Decimal(repr(float(cell))) * 100).normalize(), "f")
        return hundredfold.replace(".", ",") + "%"
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        return numeric_cell(cell)
    return plain_text(cell)


def _sheet_parts(archive: Archive) -> dict[str, str]:
    """Name of each worksheet to its part; charts and macro sheets are left out."""
    targets: dict[str, str] = {}
    sheets: dict[str, str] = {}

    def relation(name: str, attributes: Attributes) -> None:
        if name == "Relationship" and attributes.get("Type", "").endswith("/worksheet"):
            target = posixpath.normpath(posixpath.join("/xl", attributes.get("Target", ""))).lstrip("/")
            targets[attributes.get("Id", "")] = target

    def sheet(name: str, attributes: Attributes) -> None:
        if name == "sheet":
            key = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "id"), "")
            if key in targets:
                sheets[attributes.get("name", "")] = targets[key]

    parse_xml(_RELATIONS, archive.read(_RELATIONS), relation)
    parse_xml(WORKBOOK, archive.read(WORKBOOK), sheet)
    if not sheets:
        raise BatchRefused("The workbook has no worksheet.", _SEND_AGAIN)
    return sheets


def _check_extent(name: str, facts: SheetFacts, limits: WorkbookLimits) -> None:
    area = facts.rows * facts.columns
    if facts.rows > limits.rows or facts.columns > limits.columns or area > limits.area:
        raise BatchRefused(
            f"The sheet {shown(name)!r} reaches to row {facts.rows} and column {facts.columns},"
            " further than any return.",
            "Delete all rows below and all columns beside the table, save it and send it again.",
        )
    if len(facts.merged) > limits.merged or facts.merged_area > limits.merged_area:
        raise BatchRefused(
            f"The sheet {shown(name)!r} has {len(facts.merged)} merged ranges, more or larger ones than any return.",
            "Unmerge the cells, save it and send it again.",
        )


def _measured_copy(archive: Archive, styles: bytes, parts: dict[str, bytes]) -> io.BytesIO:
    """An archive of only those parts that were measured: what the reader unpacks is what was looked at."""
    copied = {part: archive.read(part) for part in (WORKBOOK, _RELATIONS, *_OTHER_PARTS) if part in archive}
    if _SHARED_TEXTS in archive:
        copied[_SHARED_TEXTS] = archive.read(_SHARED_TEXTS)
        parse_xml(_SHARED_TEXTS, copied[_SHARED_TEXTS])
    if styles:
        copied[_STYLES] = styles
    copy = io.BytesIO()
    with zipfile.ZipFile(copy, "w") as target:
        for name, content in {**copied, **parts}.items():
            target.writestr(name, content)
    copy.seek(0)
    return copy


def _sheet(name: str, source: "CalamineSheet", facts: SheetFacts, is_hidden: bool) -> Sheet:
    rows: list[list[Cell]] = source.to_python(skip_empty_area=False)
    for (row, column), text in facts.texts.items():
        rows.extend([] for _ in range(row + 1 - len(rows)))
        rows[row].extend("" for _ in range(column + 1 - len(rows[row])))
        rows[row][column] = text
    for row, column in facts.percents:
        value = rows[row][column] if row < len(rows) and column < len(rows[row]) else ""
        if isinstance(value, float):
            rows[row][column] = Percent(value)
    merged = [(first, last) for first, last in source.merged_cell_ranges or [] if last[0] < len(rows)]
    return Sheet(name, rows, list(range(1, len(rows) + 1)), is_hidden, merged)
