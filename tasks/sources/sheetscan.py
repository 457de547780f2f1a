"""A first look at the XML of a workbook: how far each sheet reaches, and what a reader of values does not tell.

The reader of values allocates the whole rectangle of a sheet at once, shows a formula without a stored value and an
error (#REF!) as empty cells, and a cell formatted as a percentage as its bare number. This scan finds all four. It uses
the expat parser, which reads without building a tree, and refuses documents that declare entities.
"""

import re
import xml.parsers.expat
from collections.abc import Callable
from dataclasses import dataclass, field

from tasks.sources.messages import shown
from warehouse.errors import BatchRefused

_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_RANGE = re.compile(rf"{_REFERENCE.pattern}:{_REFERENCE.pattern}")
_PERCENT_FORMATS = frozenset({9, 10})  # built-in formats 0% and 0.00%
_QUOTED = re.compile(r'"[^"]*"|\\.')
_MAX_ELEMENTS = 1_000_000
_SEND_AGAIN = "Ask the sender for the file again."

Place = tuple[int, int]
Attributes = dict[str, str]


@dataclass
class SheetFacts:
    """What the scan found on one sheet; rows and columns count from 0.

    Attributes:
        rows: Rows down to the last cell with content.
        columns: Columns up to the last cell with content.
        texts: Formulas without a stored value (`=SUM(A1:A3)`) and errors (`#REF!`), by place.
        percents: Places of numbers that are shown as percentages.
        merged: First and last place of each merged range.
    """

    rows: int = 0
    columns: int = 0
    texts: dict[Place, str] = field(default_factory=dict)
    percents: set[Place] = field(default_factory=set)
    merged: list[tuple[Place, Place]] = field(default_factory=list)

    @property
    def merged_area(self) -> int:
        """Cells of all merged ranges together, as far as they lie among the cells with content."""
        return sum(
            max(0, min(bottom + 1, self.rows) - top) * max(0, min(right + 1, self.columns) - left)
            for (top, left), (bottom, right) in self.merged
        )


def parse_xml(
    part: str,
    content: bytes,
    start: Callable[[str, Attributes], None] | None = None,
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Run through an XML document.

    Args:
        part: Name of the part, for messages.
        content: Its bytes.
        start: Called with name (without prefix) and attributes of each element that begins.
        end: Called with the name of each element that ends.
        text: Called with pieces of text.

    Raises:
        BatchRefused: It is not well-formed, has a document type declaration, or more elements than any return.
    """
    parser = xml.parsers.expat.ParserCreate()
    seen = 0

    def begin(name: str, attributes: Attributes) -> None:
        nonlocal seen
        seen += 1
        if seen > _MAX_ELEMENTS:
            raise BatchRefused(
                f"The part {shown(part)} of the XLSX has more rows and cells than any return.",
                "Delete the empty rows and columns around the table, save it and send it again.",
            )
        if start:
            start(name.rpartition(":")[2] if ":" in name else name, attributes)

    def declared(*_: object) -> None:
        raise BatchRefused(
            f"The part {shown(part)} of the XLSX declares a document type, which no spreadsheet program writes.",
            _SEND_AGAIN,
        )

    parser.StartElementHandler = begin
    parser.StartDoctypeDeclHandler = declared
    if end:
        parser.EndElementHandler = lambda name: end(name.rpartition(":")[2] if ":" in name else name)
    if text:
        parser.CharacterDataHandler = text
        parser.buffer_text = True
    try:
        parser.Parse(content, True)
    except (xml.parsers.expat.ExpatError, ValueError, LookupError):
        raise BatchRefused(f"The XLSX is damaged: its part {shown(part)} is not XML.", _SEND_AGAIN) from None


def percent_styles(part: str, content: bytes) -> frozenset[str]:
    """Return the style numbers (attribute `s` of a cell) that show a number as a percentage.

    Args:
        part: Name of the styles part.
        content: Its bytes.

    Raises:
        BatchRefused: It is not XML.
    """
    formats, styles, inside = set(_PERCENT_FORMATS), [], False

    def start(name: str, attributes: Attributes) -> None:
        nonlocal inside
        if name == "numFmt" and "%" in _QUOTED.sub("", attributes.get("formatCode", "")):
            formats.add(_number(attributes.get("numFmtId")))
        elif name == "cellXfs":
            inside = True
        elif name == "xf" and inside:
            styles.append(_number(attributes.get("numFmtId")))

    def end(name: str) -> None:
        nonlocal inside
        inside = inside and name != "cellXfs"

    parse_xml(part, content, start, end)
    return frozenset(str(at) for at, number in enumerate(styles) if number in formats)


def scan_sheet(part: str, content: bytes, percents: frozenset[str]) -> SheetFacts:
    """Look through one sheet.

    Args:
        part: Name of the sheet's part.
        content: Its bytes.
        percents: Styles of percentages.

    Raises:
        BatchRefused: It is not XML.
    """
    scanner = _Scanner(percents)
    parse_xml(part, content, scanner.start, scanner.end, scanner.text)
    return scanner.facts


class _Scanner:
    """Follows rows and cells; a row or cell without a reference comes after the one before."""

    def __init__(self, percents: frozenset[str]) -> None:
        self.facts = SheetFacts()
        self._percents = percents
        self._row = self._column = -1
        self._kind = self._style = ""
        self._formula: str | None = None
        self._value = ""
        self._inside = ""

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            self._begin_cell(attributes)
        elif name == "row":
            self._row = _number(attributes.get("r")) - 1 if "r" in attributes else self._row + 1
            self._column = -1
        elif name in ("v", "f", "is"):
            self.facts.rows = max(self.facts.rows, self._row + 1)
            self.facts.columns = max(self.facts.columns, self._column + 1)
            self._inside = name
            if name == "f":
                self._formula = self._formula or ""
        elif name == "mergeCell" and (found := _RANGE.fullmatch(attributes.get("ref", ""))):
            first = int(found[2]) - 1, column_number(found[1])
            self.facts.merged.append((first, (int(found[4]) - 1, column_number(found[3]))))

    def text(self, piece: str) -> None:
        if self._inside == "v":
            self._value += piece
        elif self._inside == "f" and self._formula is not None:
            self._formula += piece

    def end(self, name: str) -> None:
        if name in ("v", "f", "is"):
            self._inside = ""
        elif name == "c":
            self._end_cell()

    def _begin_cell(self, attributes: Attributes) -> None:
        found = _REFERENCE.fullmatch(attributes.get("r", ""))
        if found:
            self._column, self._row = column_number(found[1]), int(found[2]) - 1
        else:
            self._column += 1
        self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "")
        self._formula, self._value = None, ""

    def _end_cell(self) -> None:
        place = (self._row, self._column)
        if self._kind == "e" and self._value:
            self.facts.texts[place] = self._value
        elif self._formula is not None and not self._value and self._kind != "str":
            self.facts.texts[place] = f"={self._formula.strip()}"
        elif self._kind == "n" and self._value and self._style in self._percents:
            self.facts.percents.add(place)


def column_number(letters: str) -> int:
    """Return the number of a column, from 0.

    >>> column_number("A"), column_number("AB")
    (0, 27)
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def column_letters(number: int) -> str:
    """Return the letters of a column counted from 0.

    >>> column_letters(0), column_letters(27)
    ('A', 'AB')
    """
    letters, number = "", number + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else 0
