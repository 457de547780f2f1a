"""CSV as people save it: its encoding, its delimiter, and the line each row begins on."""

import codecs
import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from warehouse.errors import BatchRefused

DELIMITERS = (",", ";", "\t")
_SAMPLE = 200  # rows looked at to find the delimiter; the header stands among them
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True)
class Line:
    """One row of a CSV.

    Attributes:
        number: Physical line on which the row begins, from 1.
        cells: Text of the cells as written.
    """

    number: int
    cells: list[str]


def decode(content: bytes) -> str:
    """Return the text of a CSV in UTF-8 (with or without byte order mark) or UTF-16.

    Raises:
        BatchRefused: The file is empty, or in another encoding.
    """
    if not content.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise BatchRefused("The file is empty.", "Ask the sender for the file again.")
    try:
        if content.startswith(_UTF16):
            return content.decode("utf-16")
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BatchRefused(
            "The text is neither UTF-8 nor UTF-16; it may be in an old Vietnamese encoding (windows-1258, TCVN3).",
            "Save the table again as `CSV UTF-8` or as XLSX.",
        ) from None
    if "\0" in text:
        raise BatchRefused("The file is not a text: it holds zero bytes.", "Save the table as `CSV UTF-8` or as XLSX.")
    return text


def delimiter_of(text: str, header_likeness: Callable[[list[str]], int]) -> str:
    """Return what separates the columns: comma, semicolon or tab.

    Counting marks would be misled by names and documents, which carry commas; so the delimiter is the one with which
    some row looks most like a header.

    Args:
        text: Text of the CSV.
        header_likeness: How much the cells of a row look like a header; more is better.
    """
    likeness = {
        delimiter: max((header_likeness(line.cells) for line in islice(lines(text, delimiter), _SAMPLE)), default=0)
        for delimiter in DELIMITERS
    }
    return max(likeness, key=likeness.__getitem__)


def lines(text: str, delimiter: str) -> Iterator[Line]:
    """Yield the rows of a CSV that are not blank.

    Raises:
        BatchRefused: A row cannot be read as CSV.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise BatchRefused(
                f"Line {number} cannot be read as CSV ({error}).", "Look for a quotation mark that is not closed."
            ) from None
        if any(cell.strip() for cell in cells):
            yield Line(number, cells)
