"""What goes wrong in real returns: each kind of dirt, and what validation should make of it.

The rules named here are those of expectations/rules.py; a test holds the two together.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from random import Random

from tasks.demo.latent import Figures
from tasks.demo.sheet import Row, Value
from tasks.harmonise.text import fold
from tasks.harmonise.units import unit_key
from warehouse.frameworks.model import Node
from warehouse.reference.units import load_units

ACCEPTED, QUARANTINED, CORRECTED, MISSING = "accepted", "quarantined", "corrected", "missing"
_NOT_NUMBERS = ("đang triển khai", "chưa thống kê", "đang tổng hợp số liệu", "n/a")
_UNDECLARED = "điểm"
_IN_THOUSANDS = (
    ("hoso", "nghìn hồ sơ"),
    ("thuebao", "nghìn thuê bao"),
    ("hogiadinh", "nghìn hộ"),
    ("doanhnghiep", "nghìn doanh nghiệp"),
    ("nguoi", "nghìn người"),
    ("danso", "nghìn người"),
    ("hocsinh", "nghìn người"),
)


@dataclass(frozen=True)
class Mark:
    """One dirty cell.

    Attributes:
        row: The row it stands in.
        part: The part whose cell it is.
        kind: Kind of dirt.
        outcome: What should become of the figure.
        rule: Rule that should refuse it; empty where it is not refused, or where several may come first.
    """

    row: Row
    part: str
    kind: str
    outcome: str
    rule: str = ""


# Where a kind of dirt shows: the row, the part, and the rule that should refuse it (empty: it goes with another one).
Hit = tuple[Row, str, str]


@dataclass(frozen=True)
class Stain:
    """One kind of dirt.

    Attributes:
        kind: Its name.
        fits: Whether a criterion can have it.
        apply: Changes the row, or makes another one that is to follow it; returns where it shows.
        outcome: What should become of the figures.
    """

    kind: str
    fits: Callable[[Figures], bool]
    apply: Callable[[Row, Figures, Random], list[Hit]]
    outcome: str = QUARANTINED


def soil(rows: list[Row], figures: dict[str, Figures], share: float, turn: int, rng: Random) -> list[Mark]:
    """Dirty some rows of a return.

    Args:
        rows: Rows of the return, changed in place; each criterion gets at most one kind of dirt.
        figures: True figures by code.
        share: Share of the rows to dirty.
        turn: Number of the return; kinds take turns, so that all occur in a round.
        rng: Random generator.

    Returns:
        What was done.
    """
    clean = [(row, figures[row.node.code]) for row in rows if row.node]
    rng.shuffle(clean)
    marks: list[Mark] = []
    for number in range(round(len(clean) * share)):
        stain = STAINS[(turn * 5 + number) % len(STAINS)]
        place = next((place for place in clean if stain.fits(place[1])), None)
        if place is None:
            continue
        clean.remove(place)
        row, true = place
        hits = stain.apply(row, true, rng)
        extra = [other for other, _, _ in hits if other is not row]
        if extra:
            rows.insert(rows.index(row) + 1, extra[0])
        marks += [Mark(hit, part, stain.kind, stain.outcome, rule) for hit, part, rule in hits]
    return marks


def _is_ratio(figures: Figures) -> bool:
    return figures.b is not None


def _is_value(figures: Figures) -> bool:
    return figures.value is not None


def _always(_: Figures) -> bool:
    return True


def _all(row: Row, figures: Figures, rule: str = "") -> list[Hit]:
    return [(row, part, rule) for part in figures.parts]


def _first(row: Row, figures: Figures, rule: str) -> list[Hit]:
    """The rule refuses the first part; the other one goes with it."""
    return [(row, part, rule if at == 0 else "") for at, part in enumerate(figures.parts)]


def _put(row: Row, figures: Figures, rule: str, value: Value) -> list[Hit]:
    row.cells[next(iter(figures.parts))] = value
    return _first(row, figures, rule)


def _blank(row: Row, figures: Figures, _: Random) -> list[Hit]:
    row.cells |= dict.fromkeys(figures.parts)
    return _all(row, figures)


def _no_evidence(row: Row, figures: Figures, _: Random) -> list[Hit]:
    row.cells["evidence"] = None
    return _all(row, figures, "evidence_is_named")


def _text(row: Row, figures: Figures, rng: Random) -> list[Hit]:
    return _put(row, figures, "value_is_a_number", rng.choice(_NOT_NUMBERS))


def _date(row: Row, figures: Figures, rng: Random) -> list[Hit]:
    return _put(row, figures, "value_is_a_number", date(2020, rng.randint(1, 12), rng.randint(1, 12)))


def _formula(row: Row, figures: Figures, _: Random) -> list[Hit]:
    return _put(row, figures, "value_is_a_number", "=SUM(J1:J9)")


def _negative(row: Row, figures: Figures, rng: Random) -> list[Hit]:
    return _put(row, figures, "value_not_below_minimum", -rng.randint(1, 9))


def _above_b(row: Row, figures: Figures, rng: Random) -> list[Hit]:
    return _put(row, figures, "numerator_not_above_denominator", (figures.b or 0) * 2 + rng.randint(1, 9))


def _zero_b(row: Row, _: Figures, __: Random) -> list[Hit]:
    row.cells["b"] = 0
    return [(row, "b", "denominator_is_positive"), (row, "a", "")]


def _above_maximum(row: Row, figures: Figures, rng: Random) -> list[Hit]:
    high = figures.node.bounds[1]
    return _put(row, figures, "value_not_above_maximum", int(high) + rng.randint(1, 9) * (10 if high > 50 else 1))


def _undeclared_unit(row: Row, figures: Figures, _: Random) -> list[Hit]:
    row.cells["unit"] = _UNDECLARED
    return _all(row, figures, "unit_is_expected")


def _declared_unit(row: Row, figures: Figures, rng: Random) -> list[Hit]:
    unit, factor = rng.choice(_conversions(figures.node))
    row.cells |= {"unit": unit, "value": float(Fraction(str(figures.value)) / factor)}
    return _all(row, figures)


def _thousands(row: Row, figures: Figures, _: Random) -> list[Hit]:
    row.cells |= {part: float(Decimal(int(figure)) / 1000) for part, figure in figures.parts.items()}
    row.cells["unit"] = _unit_in_thousands(figures.node)
    return _all(row, figures)


def _percent_format(row: Row, figures: Figures, _: Random) -> list[Hit]:
    row.cells["value"] = float(Decimal(str(figures.value)) / 100)
    row.formats["value"] = "0.0%"
    return _all(row, figures)


def _twice(row: Row, figures: Figures, _: Random) -> list[Hit]:
    return _all(Row(row.node, dict(row.cells)), figures, "observation_is_unique")


def _twice_differently(row: Row, figures: Figures, _: Random) -> list[Hit]:
    part, figure = next(iter(figures.parts.items()))
    other = Row(row.node, {**row.cells, part: figure + 1})
    return [hit for which in (row, other) for hit in _first(which, figures, "observation_is_unique")]


def _unknown_code(row: Row, figures: Figures, _: Random) -> list[Hit]:
    names: dict[str, Value] = {"code": f"{row.cells['code']}.99", "name": "Chỉ tiêu bổ sung của đơn vị"}
    return _all(Row(None, {**row.cells, **names}), figures, "item_is_known")


def _conversions(node: Node) -> list[tuple[str, Fraction]]:
    """Units that are declared to convert into the unit of a node."""
    key = unit_key(node.unit)
    return [(row.unit, row.factor) for row in load_units() if unit_key(row.base) == key and row.factor != 1]


def _unit_in_thousands(node: Node) -> str:
    counted = fold(node.denominator_vi)
    return next((unit for word, unit in _IN_THOUSANDS if word in counted), "")


STAINS = (
    Stain("blank", _always, _blank, MISSING),
    Stain("missing_evidence", _always, _no_evidence),
    Stain("numerator_above_denominator", lambda f: _is_ratio(f) and f.node.is_percent, _above_b),
    Stain("text_for_number", _always, _text),
    Stain("declared_unit", lambda f: _is_value(f) and bool(_conversions(f.node)), _declared_unit, ACCEPTED),
    Stain("undeclared_unit", lambda f: _is_value(f) and bool(f.node.unit), _undeclared_unit),
    Stain("above_maximum", lambda f: _is_value(f) and f.node.bounds[1] < 1e6, _above_maximum),
    Stain("counted_in_thousands", lambda f: _is_ratio(f) and bool(_unit_in_thousands(f.node)), _thousands, ACCEPTED),
    Stain("negative", lambda f: f.node.bounds[0] >= 0, _negative),
    Stain("formula_without_value", _always, _formula),
    Stain("zero_denominator", _is_ratio, _zero_b),
    Stain("percent_format", lambda f: _is_value(f) and f.node.is_percent, _percent_format, ACCEPTED),
    Stain("date_for_number", _is_value, _date),
    Stain("duplicate_row", _always, _twice),
    Stain("conflicting_row", _always, _twice_differently),
    Stain("unknown_criterion", _always, _unknown_code),
)
