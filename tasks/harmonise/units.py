"""Units: one key for a unit however it is spelled, and the conversions of `warehouse/reference/units.csv`."""

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from tasks.harmonise.text import fold
from warehouse.reference.units import load_units

_SYMBOLS = {"%": " phần trăm ", "‰": " phần nghìn "}
_HEADINGS = ("donvitinh", "dvt")


@dataclass(frozen=True)
class Conversion:
    """How a value in the unit written becomes a value in the unit expected.

    Attributes:
        factor: Exact factor.
        unit: The unit of the result.
    """

    factor: Fraction
    unit: str


def unit_key(unit: str) -> str:
    """Return the key under which spellings of one unit meet.

    >>> unit_key("%") == unit_key("Phần trăm") == unit_key("ĐVT: %")
    True
    """
    for symbol, words in _SYMBOLS.items():
        unit = unit.replace(symbol, words)
    key = fold(unit)
    for heading in _HEADINGS:
        key = key.removeprefix(heading)
    return key


@lru_cache(maxsize=4096)
def conversion(unit_written: str, unit_expected: str) -> Conversion | None:
    """Return how to convert, or None where no conversion is declared.

    Args:
        unit_written: Unit as written; empty means the expected one.
        unit_expected: Unit of the node. Empty means any count (a part of a ratio): a multiple such as "nghìn người"
            becomes its base "người", so that both parts are counted alike; a share (%, ‰) is no count.
    """
    written, expected = unit_key(unit_written), unit_key(unit_expected)
    if not written or (expected and written == expected):
        return Conversion(Fraction(1), unit_expected)
    base, factor = _base(written)
    if not expected:
        if base == unit_key("%"):
            return None
        return Conversion(factor, unit_written if base == written else _base_names()[base])
    expected_base, expected_factor = _base(expected)
    return Conversion(factor / expected_factor, unit_expected) if base == expected_base else None


def convert(value: float, unit_written: str, unit_expected: str) -> float | None:
    """Return a value in the unit expected, or None where no conversion is declared.

    >>> convert(2.5, "tỷ đồng", "triệu đồng"), convert(985, "‰", "%"), convert(5, "người", "%")
    (2500.0, 98.5, None)
    """
    found = conversion(unit_written, unit_expected)
    return None if found is None else rescale(value, found.factor)


def rescale(value: float, factor: Fraction) -> float:
    """Return the float nearest to value x factor: 985 ‰ are 98.5 %, not 98.50000000000001 %."""
    if factor == 1 or not math.isfinite(value):
        return value
    try:
        return float(Fraction(str(value)) * factor)
    except OverflowError:
        return math.copysign(math.inf, value)


def _base(key: str) -> tuple[str, Fraction]:
    """Base unit of a unit and the factor to it; a unit without a declared conversion is its own base."""
    return _to_base().get(key, (key, Fraction(1)))


@lru_cache(maxsize=1)
def _to_base() -> dict[str, tuple[str, Fraction]]:
    return {unit_key(row.unit): (unit_key(row.base), row.factor) for row in load_units()}


@lru_cache(maxsize=1)
def _base_names() -> dict[str, str]:
    return {unit_key(row.base): row.base for row in load_units()}
