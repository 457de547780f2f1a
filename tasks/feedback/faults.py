"""From rows of the quarantine to cells to mend: one fault a cell, with all its reasons."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from tasks.feedback.words import PARTS, action, spoken
from tasks.sources.messages import shown
from tasks.sources.sheetscan import column_number
from warehouse.frames import records
from warehouse.frameworks.model import Framework

_CELL = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_LINE = re.compile(r"line (\d{1,9})(?: column (\d{1,5}))?")


@dataclass(frozen=True)
class Place:
    """Where a fault stands.

    Attributes:
        sheet: Name of the sheet as the reader shows it; empty for a CSV.
        row: Row or line, from 1.
        column: Column, from 1; None: the whole line.
    """

    sheet: str
    row: int
    column: int | None


@dataclass(frozen=True)
class Fault:
    """One refused cell.

    Attributes:
        place: Where it stands; None where the locator names no cell.
        locator: The locator.
        criterion: Code, name and part of the criterion, or what stood in its place.
        value_text: The figure as written.
        reasons: Why it was refused, in Vietnamese.
        action: What to do.
    """

    place: Place | None
    locator: str
    criterion: str
    value_text: str
    reasons: tuple[str, ...]
    action: str


def faults(refused: pd.DataFrame, framework: Framework) -> list[Fault]:
    """Return the cells to mend, in the order of the rows.

    Args:
        refused: QUARANTINE rows of one file; of one locator the first rule decides what to do.
        framework: The framework of the criteria.
    """
    found: dict[str, list[dict[str, str]]] = {}
    for row in records(refused):
        found.setdefault(row["locator"], []).append(row)
    return [_fault(locator, rows, framework) for locator, rows in found.items()]


def place_of(locator: str) -> Place | None:
    """Return the place that a locator names.

    >>> place_of("A!B (1)!E12")
    Place(sheet='A!B (1)', row=12, column=5)
    >>> place_of("line 7 column 3"), place_of("line 7").column
    (Place(sheet='', row=7, column=3), None)
    """
    if line := _LINE.fullmatch(locator):
        return Place("", int(line[1]), int(line[2]) if line[2] else None)
    sheet, mark, cell = locator.rpartition("!")
    found = _CELL.fullmatch(cell)
    return Place(sheet, int(found[2]), column_number(found[1]) + 1) if mark and found else None


def _fault(locator: str, rows: Sequence[dict[str, str]], framework: Framework) -> Fault:
    first = rows[0]
    reasons = dict.fromkeys(spoken(row["reason_vi"]) for row in rows)
    return Fault(
        place=place_of(locator),
        locator=shown(locator),
        criterion=_criterion(first["item"], first["part"], framework),
        value_text=first["value_text"],
        reasons=tuple(reasons),
        action=action(first["rule"]),
    )


def _criterion(item: str, part: str, framework: Framework) -> str:
    node = framework.by_code.get(item)
    if node is None:
        return f"Không có trong bộ chỉ số: “{shown(item)}”"
    of_ratio = f" ({PARTS[part]})" if part in PARTS else ""
    return f"{node.code} – {node.name}{of_ratio}"
