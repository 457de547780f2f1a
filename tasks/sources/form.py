"""The block above the table of a return: who reports, for which period, on which form, when, and for which time."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from tasks.harmonise.text import clean_cell, tokens
from tasks.returns.versions import MAPPING_FILE, OldForm, form_name, old_form, parse_form
from tasks.sources.messages import shown
from tasks.sources.workbook import Cell, Sheet, plain_text
from warehouse.errors import BatchRefused
from warehouse.frameworks.model import Framework

BLOCK_LABELS = {  # the fields of a block as the forms that go out name them
    "agency": "Cơ quan báo cáo",
    "period": "Kỳ báo cáo",
    "form": "Mẫu biểu",
    "submitted": "Ngày gửi",
    "revision": "Lần gửi",
}
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


def older_form(block: Block, framework: Framework) -> OldForm | None:
    """Return how the codes of a return are mapped, or None where they are today's.

    A form with a name of another kind, such as `01/BC-DTI`, or without one passes for today's.

    Raises:
        BatchRefused: It is on the form of another framework or edition, or on a version that the framework never had,
            and the framework does not say what its codes are today.
    """
    named = parse_form(block.form)
    if named is None or named.is_current(framework):
        return None
    if known := old_form(framework, named):
        return known
    current = form_name(framework)
    if not named.is_of(framework):
        raise BatchRefused(
            f"The return is on the form {shown(block.form)!r}, not on a form of {framework.name}.",
            f"Move the file to the returns of {shown(named.framework)}, or ask for the form {current}.",
        )
    raise BatchRefused(
        f"The return is on the form {shown(block.form)!r}, a version that {framework.name} does not know.",
        f"Ask for the form {current} (`dti returns template`), or map its codes in {MAPPING_FILE} of the framework.",
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
        field = field_of(label)
        position += 1
        if not field or (not colon and position == len(pieces)):
            continue
        values = [rest.strip()] if rest.strip() else []
        while position < len(pieces) and (is_text or not values) and not field_of(pieces[position].partition(":")[0]):
            values.append(pieces[position])
            position += 1
        if values:
            yield field, ", ".join(values)


def _pieces(cell: Cell) -> list[str]:
    """The lines of a cell that are not blank."""
    return [piece.strip() for piece in re.split(r"[\n;]", plain_text(cell)) if piece.strip()]


@lru_cache(maxsize=2048)
def field_of(label: str) -> str:
    """Return what a label of a block means, or empty text.

    >>> field_of("Cơ quan báo cáo"), field_of("Ngày gửi"), field_of("Đơn vị tính")
    ('agency', 'submitted', '')
    """
    if len(label) > _LONGEST_LABEL:
        return ""
    words = " ".join(tokens(label))
    if words in _NO_LABEL:
        return ""
    return next((field for field, pattern in _PATTERNS if pattern.fullmatch(words)), "")
