"""Reading the project's own CSV tables: UTF-8 in NFC, every cell a text, days as ISO dates."""

import csv
import unicodedata
from datetime import date
from pathlib import Path

from warehouse.errors import InputError


def rows(file: Path) -> list[tuple[int, dict[str, str]]]:
    """Return line number and cells of each row.

    Raises:
        InputError: A text is not in NFC, so that names would not compare and print alike everywhere.
    """
    with file.open(encoding="utf-8", newline="") as handle:
        reader = csv.DictReader(handle, strict=True)
        found = [(reader.line_num, {key: value or "" for key, value in row.items()}) for row in reader]
    for line, row in found:
        for column, text in row.items():
            if not unicodedata.is_normalized("NFC", text):
                raise InputError(f"Line {line} of {file.name}: {column} is not in Unicode NFC.", "Save it in NFC.")
    return found


def day(text: str, line: int, file: Path) -> date | None:
    """Return the day that a cell says, None where it is empty.

    Raises:
        InputError: It is no ISO date.
    """
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InputError(f"Line {line} of {file.name}: {text!r} is no date.", "Dates are written 2025-07-01.") from None
