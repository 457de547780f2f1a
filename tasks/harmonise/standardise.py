"""From what was read to what is meant: agencies, items, numbers and units understood, nothing judged.

What cannot be understood stays in its row as empty text or NaN beside the text as written; validation decides what
becomes of it.
"""

import math
from collections.abc import Callable, Collection, Sequence
from datetime import date
from typing import TypeVar

import pandas as pd

from tasks.harmonise.agencies import Registry
from tasks.harmonise.dates import parse_date
from tasks.harmonise.decisions import parse_decision
from tasks.harmonise.identity import counterparts, observation_ids
from tasks.harmonise.items import ItemIndex
from tasks.harmonise.numbers import parse_number, parse_yes_no
from tasks.harmonise.periods import period_end
from tasks.harmonise.returns import supersede
from tasks.harmonise.text import clean_cell
from tasks.harmonise.units import conversion, rescale
from warehouse.frames import CANDIDATE, READING
from warehouse.frameworks.model import Framework, Node
from warehouse.frameworks.rules import NONE

__all__ = ["standardise", "supersede"]

T = TypeVar("T")
RATIO_PARTS = ("a", "b")
POINTS = "điểm"
_LONGEST_TEXT = 2_000  # characters of a cell that are looked at; the snapshot keeps them all
_ANY_COUNT = (0.0, math.inf)
_CLEANED = tuple(column for column in READING.columns if column != "locator")


def standardise(
    readings: pd.DataFrame,
    *,
    framework: Framework,
    round_name: str,
    period: str,
    source: str,
    snapshot_sha256: str | Sequence[str],
    registry: Registry | None,
    kinds: Collection[str] | None = None,
    evidence_needed: bool = False,
) -> pd.DataFrame:
    """Understand the readings of one or several snapshots.

    Args:
        readings: READING rows, everything as written.
        framework: The framework whose nodes the items are.
        round_name: Name of the round.
        period: Period of the round; agencies are looked up on its last day.
        source: Name of the source.
        snapshot_sha256: Identity of the bytes that were read: one for all rows, or one for each.
        registry: The agencies; None where the units are others (countries, districts) and their names are the ids.
        kinds: Kinds of agencies that may stand in the source; None or empty for all.
        evidence_needed: Whether the source must name a document for each figure.

    Returns:
        CANDIDATE rows in the order of the readings, values in the unit of their node, each with its content address.
        A percentage stays a percentage (85 means 85 %); whether 0.985 was meant as 98.5 % is not guessed at.

    Raises:
        InputError: `period` is not a period.
    """
    rows = READING.conform(readings)
    for column in _CLEANED:
        rows[column] = each_text(rows[column], _cleaned)
    rows["part"] = rows["part"].where(rows["part"] != "", "value")
    agency = _agency_finder(registry, period_end(period), kinds)
    rows = rows.assign(
        framework=framework.name,
        round=round_name,
        period=period,
        source=source,
        snapshot_sha256=snapshot_sha256,
        evidence_needed=evidence_needed,
        agency=each_text(rows["agency_text"], agency),
        submitted_on=each_text(rows["submitted_text"], parse_date),
    )
    candidates = CANDIDATE.conform(pd.concat([rows, _figures(rows, ItemIndex(framework))], axis="columns"))
    candidates["counterpart"] = counterparts(candidates)
    candidates["observation_id"] = observation_ids(candidates)
    return candidates


def each_text(column: pd.Series, understand: Callable[[str], T]) -> list[T]:
    """Return what `understand` makes of every text of a column; each different text is looked at once."""
    texts = column.tolist()
    understood = {text: understand(text) for text in dict.fromkeys(texts)}
    return [understood[text] for text in texts]


def expectation(node: Node | None, part: str) -> tuple[str, float, float]:
    """Return the unit, the smallest and the largest valid value of a figure.

    Args:
        node: The node it was given for, None where the item is not known.
        part: `value`; `a` or `b` of a ratio: a count of anything; of an appraisal `points`, or `upheld`: 1 or 0.

    Returns:
        Unit (empty: any count) and bounds (NaN where the node is not known).
    """
    if node is None:
        return "", math.nan, math.nan
    if part in RATIO_PARTS:
        return "", *_ANY_COUNT
    if part == "points":
        return POINTS, 0.0, node.max_points
    if part == "upheld":
        return "", 0.0, 1.0
    return node.unit, *node.bounds


def understand_value(value_text: str, unit_text: str, unit_expected: str, is_binary: bool) -> tuple[float, str]:
    """Return a figure in the unit expected.

    The unit written behind the number goes before the unit of the form. Where no conversion is declared the value is
    NaN and the unit stays as written, so that validation can say what is wrong.

    Args:
        value_text: The cell as written.
        unit_text: The unit of the form, empty where it names none.
        unit_expected: Unit of the node, empty for any count.
        is_binary: Whether yes and no are answers.

    Returns:
        Value (NaN where it is not understood) and its unit.
    """
    answer = parse_yes_no(value_text) if is_binary else None
    if answer is not None:
        return answer, unit_expected
    parsed = parse_number(value_text)
    written = parsed.unit_hint or unit_text
    found = conversion(written, unit_expected)
    if found is None:
        return math.nan, written
    return (math.nan if parsed.value is None else rescale(parsed.value, found.factor)), found.unit


def _cleaned(text: str) -> str:
    """A cell as text; where it was cut a mark says so, so that no part of a number passes for the number."""
    return clean_cell(text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 1]}…")


def _agency_finder(registry: Registry | None, at: date, kinds: Collection[str] | None) -> Callable[[str], str]:
    if registry is None:
        return clean_cell

    def find(text: str) -> str:
        agency = registry.find(text, at, kinds)
        return agency.agency_id if agency else ""

    return find


def _figures(rows: pd.DataFrame, items: ItemIndex) -> pd.DataFrame:
    """Columns that follow from item, part, value and unit; each different combination is looked at once."""
    nodes = each_text(rows["item_text"], lambda text: _that_has_figures(items.find(text)))
    written = zip(nodes, *(rows[column].tolist() for column in ("part", "value_text", "unit_text")), strict=True)
    figures: dict[tuple[str, str, str, str], tuple[str, float, str, str, float, float]] = {}
    found = []
    for node, part, value_text, unit_text in written:
        key = (node.code if node else "", part, value_text, unit_text)
        if key not in figures:
            figures[key] = _figure(node, part, value_text, unit_text)
        found.append(figures[key])
    columns = ["item", "value", "unit", "unit_expected", "valid_min", "valid_max"]
    return pd.DataFrame(found, columns=columns, index=rows.index)


def _that_has_figures(node: Node | None) -> Node | None:
    """A node whose children stand side by side has no figure, so none can be meant for it."""
    return None if node is not None and node.aggregation == NONE else node


def _figure(node: Node | None, part: str, value_text: str, unit_text: str) -> tuple[str, float, str, str, float, float]:
    """One row of `_figures`."""
    unit_expected, low, high = expectation(node, part)
    if part == "upheld":
        decision = parse_decision(value_text)
        return node.code if node else "", math.nan if decision is None else decision, "", unit_expected, low, high
    is_binary = node is not None and node.rule == "binary" and part == "value"
    value, unit = understand_value(value_text, unit_text, unit_expected, is_binary)
    return node.code if node else "", value, unit, unit_expected, low, high
