from collections import Counter

import pytest

from expectations.rules import RULES
from tasks.demo.dirt import ACCEPTED, MISSING, QUARANTINED, STAINS, soil
from tasks.demo.latent import draw_figures, seeded
from tasks.demo.sheet import clean_row
from tasks.returns.layout import branches_of


@pytest.fixture
def figures(framework):
    return draw_figures(framework, "province-ha-noi", branches_of(framework), 1)


def rows_of(figures):
    return [clean_row(each, "12/BC") for each in figures.values()]


def stained(kind, figures, code):
    """Put one kind of dirt on one criterion."""
    (stain,) = (stain for stain in STAINS if stain.kind == kind)
    row = clean_row(figures[code], "12/BC")
    assert stain.fits(figures[code])
    return row, stain.apply(row, figures[code], seeded(1))


def test_soil__dirties_the_share_asked_for_each_criterion_once(figures):
    rows = rows_of(figures)
    marks = soil(rows, figures, 0.5, 0, seeded(1))
    kinds_of = Counter((mark.row.cells["code"].removesuffix(".99"), mark.kind) for mark in marks)
    codes = [code for code, _ in kinds_of]
    assert len(codes) == len(set(codes)) == round(len(figures) * 0.5)


def test_soil__leaves_all_other_rows_as_they_were(figures):
    rows = rows_of(figures)
    marks = soil(rows, figures, 0.3, 4, seeded(2))
    dirty = {mark.row.cells["code"].removesuffix(".99") for mark in marks}
    clean = {row.node.code: row for row in rows_of(figures)}
    for row in rows:
        if row.cells["code"] not in dirty and row.node:
            assert row == clean[row.node.code]


def test_soil__all_kinds_take_turns(figures):
    seen = {mark.kind for turn in range(60) for mark in soil(rows_of(figures), figures, 0.3, turn, seeded(turn))}
    assert seen == {stain.kind for stain in STAINS}


def test_stains__name_only_rules_of_validation(figures):
    known = {rule.name for rule in RULES}
    for stain in STAINS:
        for each in figures.values():
            if stain.fits(each):
                rules = {rule for _, _, rule in stain.apply(clean_row(each, "x"), each, seeded(1))}
                assert rules <= known | {""}
                assert (stain.outcome == QUARANTINED) == bool(rules - {""})


@pytest.mark.parametrize(
    ("kind", "code", "column", "check"),
    [
        ("blank", "A.1", "a", lambda cell, _: cell is None),
        ("missing_evidence", "A.1", "evidence", lambda cell, _: cell is None),
        ("numerator_above_denominator", "A.1", "a", lambda cell, true: cell > true.b),
        ("zero_denominator", "A.1", "b", lambda cell, _: cell == 0),
        ("counted_in_thousands", "A.1", "b", lambda cell, true: cell * 1000 == true.b),
        ("text_for_number", "A.6", "value", lambda cell, _: isinstance(cell, str)),
        ("above_maximum", "A.5", "value", lambda cell, _: cell > 3),
        ("negative", "A.6", "value", lambda cell, _: cell < 0),
        ("undeclared_unit", "A.6", "unit", lambda cell, _: cell == "điểm"),
        ("declared_unit", "A.6", "unit", lambda cell, _: cell.endswith("người") and cell != "người"),
        ("formula_without_value", "A.6", "value", lambda cell, _: cell.startswith("=")),
        ("percent_format", "B.1", "value", lambda cell, true: round(cell * 100, 6) == true.value),
        ("date_for_number", "B.1", "value", lambda cell, _: cell.year == 2020),
    ],
)
def test_stain__does_what_it_is_called(figures, kind, code, column, check):
    row, _ = stained(kind, figures, code)
    assert check(row.cells[column], figures[code])


@pytest.mark.parametrize("kind", ["duplicate_row", "conflicting_row", "unknown_criterion"])
def test_stain__that_adds_a_row_leaves_the_first_one(figures, kind):
    row, hits = stained(kind, figures, "A.1")
    (extra,) = {id(hit): hit for hit, _, _ in hits if hit is not row}.values()
    assert row == clean_row(figures["A.1"], "12/BC")
    assert (extra == row) is (kind == "duplicate_row")


def test_stains__have_every_outcome():
    assert {stain.outcome for stain in STAINS} == {ACCEPTED, QUARANTINED, MISSING}
