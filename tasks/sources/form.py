"""The block above the table of a return: who reports, for which period, on which form, when, and for which time."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from tasks.harmonise.text import clean_cell, tokens
from tasks.sources.messages import shown
from tasks.sources.workbook import Cell, Sheet, plain_text
from warehouse.errors import BatchRefused
from warehouse.frameworks.model import Framework

_LABELS = (
    (
        "agency",
        r"(ten )?((co quan|don vi|bo|nganh|dia phuong|tinh|thanh pho) ?)+((gui |lap )?bao cao|duoc danh gia)?",
    ),
    ("period", r"(ky|nam|thoi ky)( (bao cao|danh gia|so lieu))?"),
    ("form", r"(mau|bieu|bieu mau|mau bieu)( bao cao)?( so)?( phien ban)?|phien ban( (mau|bieu|bieu mau|mau bieu))?"),
    ("submitted", r"ngay (gui|lap|nop|bao cao|hoan thanh)( (bao cao|bieu))?"),
    ("revision", r"lan( (gui|bao cao|nop|thu))?"),
)
_PATTERNS = tuple((field, re.compile(pattern)) for field, pattern in _LABELS)
_NO_LABEL = frozenset({"don vi tinh", "don vi do"})
_OUR_FORM = re.compile(r"(?P<framework>[A-Za-z][\w.-]*)\s*/\s*(?P<version>\d+)")
_TIMES = re.compile(r"(?<!\d)\d{1,9}(?!\d)")
_BLOCK_ROWS = 60
_LONGEST_LABEL = 60


@dataclass(frozen=True)
class Block:
    """What a block says, as written; empty where it says nothing.

    Attributes:
        agency: The reporting agency.
        period: The period.
        form: Name and version of the form.
        submitted: Date of the return.
        revision: For which time the return is sent.
    """

    agency: str = ""
    period: str = ""
    form: str = ""
    submitted: str = ""
    revision: str = ""

    def filled_from(self, other: "Block") -> "Block":
        """Return this block, its gaps filled from another."""
        return Block(**{field: getattr(self, field) or getattr(other, field) for field in self.__dataclass_fields__})

    @property
    def form_version(self) -> str:
        """The form, and behind `#` for which time it is sent: `province_2020/1#2` comes after `province_2020/1`."""
        times = _TIMES.search(self.revision)
        repeated = f"#{int(times[0])}" if times and int(times[0]) > 1 else ""
        return clean_cell(self.form) + repeated


def read_block(sheet: Sheet, end: int) -> Block:
    """Read the block of a sheet.

    A label stands in a cell of its own with its value to the right, or before a colon in one cell.

    Args:
        sheet: The sheet.
        end: Row at which the table begins.

    Returns:
        The first value of each label.
    """
    found: dict[str, str] = {}
    for row in sheet.rows[: min(end, _BLOCK_ROWS)]:
        for field, value in _pairs(row, is_text=not sheet.name):
            found.setdefault(field, value)
    return Block(**found)


def refuse_other_framework(block: Block, framework: Framework) -> None:
    """Prove that a return is on a form of the framework; a form with a name of another kind is let pass.

    Raises:
        BatchRefused: It is on the form of another framework or edition.
    """
    named = _OUR_FORM.fullmatch(clean_cell(block.form))
    if named and named["framework"].casefold() != framework.name.casefold():
        raise BatchRefused(
            f"The return is on the form {shown(block.form)!r}, not on a form of {framework.name}.",
            f"Move the file to the returns of {shown(named['framework'])}, or ask for the form {framework.name}/1.",
        )


def _pairs(row: Sequence[Cell], *, is_text: bool) -> Iterator[tuple[str, str]]:
    """Field and value of every label in a row.

    Args:
        row: The cells.
        is_text: Whether the row comes from a CSV, where a comma in a name may have cut the value into several cells.
    """
    pieces = [piece for cell in row for piece in _pieces(cell)]
    position = 0
    while position < len(pieces):
        label, colon, rest = pieces[position].partition(":")
        field = _field(label)
        position += 1
        if not field or (not colon and position == len(pieces)):
            continue
        values = [rest.strip()] if rest.strip() else []
        while position < len(pieces) and (is_text or not values) and not _field(pieces[position].partition(":")[0]):
            values.append(pieces[position])
            position += 1
        if values:
            yield field, ", ".join(values)


def _pieces(cell: Cell) -> list[str]:
    """The lines of a cell that are not blank."""
    return [piece.strip() for piece in re.split(r"[\n;]", plain_text(cell)) if piece.strip()]


@lru_cache(maxsize=2048)
def _field(label: str) -> str:
    if len(label) > _LONGEST_LABEL:
        return ""
    words = " ".join(tokens(label))
    if words in _NO_LABEL:
        return ""
    return next((field for field, pattern in _PATTERNS if pattern.fullmatch(words)), "")
