"""Reading the CSV tables of a framework folder into rows that know their physical line."""

import csv
import io
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from warehouse.frameworks.faults import Report, one_of


@dataclass(frozen=True)
class Row:
    """One row of a table.

    Attributes:
        line: Physical line on which the row begins, from 1.
        cells: Text of every column of the header, without blanks at its ends.
    """

    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


def read_text(file: Path, report: Report) -> str | None:
    """Return the text of a UTF-8 file, or None after reporting why it cannot be read.

    Args:
        file: The file; a byte order mark is allowed.
        report: Takes the faults.
    """
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        report.add(1, "the file does not exist; a framework folder needs framework.yaml and nodes.csv.")
        return None
    except OSError as error:
        report.add(1, f"the file cannot be read ({error.strerror}).")
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        report.add(line, "the text is not UTF-8; save the file as UTF-8.")
        return None
    if not text.strip():
        report.add(1, "the file is empty.")
        return None
    return text


def read_table(file: Path, columns: tuple[str, ...], needed: tuple[str, ...], report: Report) -> list[Row]:
    """Return the rows of a CSV table whose header is sound; rows of the wrong width are reported and left out.

    Args:
        file: The table.
        columns: Columns that may stand in it.
        needed: Columns that must stand in it.
        report: Takes the faults.
    """
    text = read_text(file, report)
    if text is None:
        return []
    lines = _lines(text, report)
    first = next(lines, None)
    if first is None:
        return []
    header = [name.strip() for name in first[1]]
    if not _header_is_sound(header, first[0], columns, needed, report):
        return []
    rows = [_row(line, header, cells, report) for line, cells in lines]
    found = [row for row in rows if row is not None]
    if not rows:
        report.add(first[0], "the table has a header but no rows.")
    return found


def _lines(text: str, report: Report) -> Iterator[tuple[int, list[str]]]:
    """Yield the first physical line and the cells of every row that is not blank."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            report.add(
                line,
                f"the row cannot be read as CSV ({error}); a text with a comma, quotation mark or line break stands "
                'in "quotation marks", and a quotation mark inside it is written twice.',
            )
            return
        if any(cell.strip() for cell in cells):
            yield line, cells


def _header_is_sound(
    header: list[str], line: int, columns: tuple[str, ...], needed: tuple[str, ...], report: Report
) -> bool:
    if len(header) == 1 and ";" in header[0]:
        report.add(line, "the columns are separated by semicolons; save the table with commas.")
        return False
    sound = True
    for column in needed:
        if column not in header:
            report.add(line, f"the column {column} is missing; add it to the header row.")
            sound = False
    for name in dict.fromkeys(header):
        if name not in columns:
            report.add(line, f"the column {name!r} is not known; {one_of(name, columns)}.")
        elif header.count(name) > 1:
            report.add(line, f"the column {name} stands {header.count(name)} times in the header; keep one.")
            sound = False
    return sound


def _row(line: int, header: list[str], cells: list[str], report: Report) -> Row | None:
    if len(cells) != len(header):
        report.add(
            line,
            f"the row has {len(cells)} cells but the header has {len(header)} columns; a text with a comma stands "
            'in "quotation marks".',
        )
        return None
    for name, cell in zip(header, cells, strict=True):
        if not unicodedata.is_normalized("NFC", cell):
            report.add(
                line, f"the text in {name} is not in Unicode form NFC; type it again or convert the file to NFC."
            )
    return Row(line, {name: cell.strip() for name, cell in zip(header, cells, strict=True)})
