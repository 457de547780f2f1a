"""Numbers as agencies write them, in the Vietnamese and in the English convention, with units and notes around them.

How a text is read:

- Where both marks stand, the last one is the decimal mark: `1.234,5` and `1,234.5` are both 1234.5.
- A mark that stands twice or more separates thousands: `1.234.567`, `1,234,567`. So does a space: `1 234,5`.
- A single comma is the Vietnamese decimal mark: `98,5` is 98.5.
- A single dot before exactly three digits separates thousands, as in Vietnamese: `1.234` is 1234. Before any other
  number of digits, or after a zero, it is a decimal mark: `12.5`, `0.985`.

So the one ambiguous form, up to three digits, one mark and three digits, is always read as a Vietnamese writer means
it. A source that knows better, because a spreadsheet cell holds a number and not text, uses `numeric_cell`.
"""

import math
import re
from dataclasses import dataclass

from tasks.harmonise.text import clean_cell, fold

_MINUS = str.maketrans({"\u2212": "-", "\u2013": "-", "\u2014": "-", "\u2012": "-", "\ufe63": "-", "\uff0d": "-"})
_NUMBER = re.compile(r"[+-]? ?(?:\d{1,3}(?: \d{3})+(?:[.,]\d+)?(?![\d.,])|\d[\d.,]*)(?:[eE][+-]?\d+)?", re.ASCII)
_NOTE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|[*†‡]+|(?<!\w)[¹²³⁴⁵]+")  # but "m²" is a unit
_NEGATIVE = re.compile(r"\((?P<inner>[\d.,]+(?: \d{3})*(?:[.,]\d+)?)\)\s*(?P<rest>%?)", re.ASCII)
_DOT_GROUPS = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+", re.ASCII)
_COMMA_GROUPS = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+", re.ASCII)
_PLAIN = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
_SECOND_NUMBER = re.compile(
    r"(?:^|[\s-])\d|/(?!10{0,2}(?:[.,]?000)?(?![\d.,]))\d", re.ASCII
)  # but "người/10.000 dân" is a unit
_PERCENT = ("%", "‰")
_TICKS = frozenset("✓✔☑√")
_CROSSES = frozenset("✗✘☒")
_YES = ("có", "x", "v", "đạt", "đúng", "rồi", "yes", "true", "đã có", "đã đạt", "đã ban hành", "đã thực hiện")
_NO = ("không", "chưa", "sai", "no", "false", "không có", "không đạt", "chưa có", "chưa đạt", "chưa ban hành")
_ANSWERS = {fold(text): 1.0 for text in _YES} | {fold(text): 0.0 for text in _NO}


@dataclass(frozen=True)
class ParsedNumber:
    """What a cell says.

    Attributes:
        value: The number; None where none is understood.
        unit_hint: The unit written behind the number, as written (`%`, "triệu đồng"), or empty.
        note: What stands in brackets or behind the unit.
    """

    value: float | None
    unit_hint: str = ""
    note: str = ""


NOT_A_NUMBER = ParsedNumber(None)


def numeric_cell(value: float) -> str:
    """Return the text of a cell that holds a number and not text: `parse_number` reads it back exactly.

    >>> numeric_cell(1.234), parse_number(numeric_cell(1.234)).value, parse_number("1.234").value
    ('=1.234', 1.234, 1234.0)
    """
    exact = float(value)
    return f"={int(exact)}" if exact.is_integer() and abs(exact) < 1e15 else f"={exact!r}"


def parse_number(text: str) -> ParsedNumber:
    """Return the number in a cell, with the unit and the notes around it.

    Args:
        text: As written. A leading `=` marks the exact number of `numeric_cell`.

    Returns:
        The number, finite; or no value where the text holds no number, more than one, or one that is not understood.

    >>> parse_number("98,5%"), parse_number("120 người* (ước)")
    (ParsedNumber(value=98.5, unit_hint='%', note=''), ParsedNumber(value=120.0, unit_hint='người', note='* (ước)'))
    """
    written = clean_cell(text).translate(_MINUS)
    if written.startswith("="):
        return ParsedNumber(_finite(written[1:]))
    if negative := _NEGATIVE.fullmatch(written):
        value = _value(negative["inner"].replace(" ", ""))
        return NOT_A_NUMBER if value is None else ParsedNumber(-value, negative["rest"])
    found = _NUMBER.match(written)
    value = _value(found[0].replace(" ", "")) if found else None
    if found is None or value is None:
        return NOT_A_NUMBER
    return _with_rest(value, written[found.end() :])


def parse_yes_no(text: str) -> float | None:
    """Return 1 for yes, 0 for no and None for anything else: "có", "không", "x", "✓", "đạt", "chưa"; a note may follow.

    >>> parse_yes_no("Có (Quyết định 12/QĐ-UBND)"), parse_yes_no("chưa ban hành"), parse_yes_no("đang xây dựng")
    (1.0, 0.0, None)
    """
    written = _NOTE.sub(" ", clean_cell(text)).strip(" .,;:")
    if written in _TICKS:
        return 1.0
    if written in _CROSSES:
        return 0.0
    return _ANSWERS.get(fold(written))


def _with_rest(value: float, rest: str) -> ParsedNumber:
    """Understand what follows the number: a unit and notes; a second number means that nothing is understood."""
    notes = [found[0] for found in _NOTE.finditer(rest)]
    unit = _NOTE.sub(" ", rest).strip()
    for mark in _PERCENT:
        if unit.startswith(mark):
            unit, behind = mark, unit[len(mark) :].strip()
            notes = [behind, *notes] if behind else notes
            if re.search(r"\d", behind):
                return NOT_A_NUMBER
    unit = " ".join(unit.split()).strip(" .,;")
    if unit and not (unit in _PERCENT or unit[0].isalpha()):
        return NOT_A_NUMBER
    if _SECOND_NUMBER.search(unit):
        return NOT_A_NUMBER
    return ParsedNumber(value, unit, " ".join(notes))


def _value(written: str) -> float | None:
    """Value of digits, marks, sign and exponent without spaces."""
    sign = -1.0 if written.startswith("-") else 1.0
    digits = written.lstrip("+-").rstrip(".,")
    if "e" in digits.lower():
        magnitude = _finite(digits)
    else:
        plain = _plain(digits)
        magnitude = None if plain is None else _finite(plain)
    return None if magnitude is None else sign * magnitude


def _plain(digits: str) -> str | None:
    """The number with a decimal dot and without marks between thousands; None where the marks make no sense."""
    if "." in digits and "," in digits:
        decimal = max(".,", key=digits.rfind)
        whole, _, fraction = digits.rpartition(decimal)
        groups = _DOT_GROUPS if decimal == "," else _COMMA_GROUPS
        plain = whole.replace(".", "").replace(",", "") + "." + fraction if groups.fullmatch(whole) else ""
    elif _DOT_GROUPS.fullmatch(digits):
        plain = digits.replace(".", "")
    elif digits.count(",") > 1:
        plain = digits.replace(",", "") if _COMMA_GROUPS.fullmatch(digits) else ""
    else:
        plain = digits.replace(",", ".")
    return plain if _PLAIN.fullmatch(plain) else None


def _finite(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in text else None
