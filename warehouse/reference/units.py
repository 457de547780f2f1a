"""Units of measurement that may be converted into each other, as declared in `units.csv`."""

import csv
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from warehouse.errors import InputError

UNITS_FILE = Path(__file__).parent / "units.csv"


@dataclass(frozen=True)
class UnitConversion:
    """One declared conversion: a value in `unit` times `factor` is the value in `base`.

    Attributes:
        unit: Unit as written.
        base: Unit of the same quantity that all its units are declared against.
        factor: Exact factor.
        note: Why, or whence.
    """

    unit: str
    base: str
    factor: Fraction
    note: str = ""


@lru_cache(maxsize=1)
def load_units() -> tuple[UnitConversion, ...]:
    """Return the conversions of `units.csv` (columns from, to, factor, note).

    Raises:
        InputError: A factor is not a positive number, naming the line.
    """
    with UNITS_FILE.open(encoding="utf-8", newline="") as handle:
        reader = csv.DictReader(handle, strict=True)
        return tuple(
            UnitConversion(row["from"], row["to"], _factor(row["factor"], reader.line_num), row["note"])
            for row in reader
        )


def _factor(text: str, line: int) -> Fraction:
    try:
        factor = Fraction(text)
    except (ValueError, ZeroDivisionError):
        factor = Fraction(0)
    if factor <= 0:
        raise InputError(
            f"Line {line} of {UNITS_FILE.name}: the factor {text!r} is not a positive number.",
            "Write a decimal number or a fraction, e.g. 1000 or 1/8.",
        )
    return factor
