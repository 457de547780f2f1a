"""Numbers in both conventions, with what stands around them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.harmonise.numbers import ParsedNumber, numeric_cell, parse_number, parse_yes_no


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.234,5", 1234.5),
        ("1,234.5", 1234.5),
        ("1 234,5", 1234.5),
        ("1\u00a0234\u202f567", 1234567),
        ("1.234.567,89", 1234567.89),
        ("1,234,567.89", 1234567.89),
        ("1,234,567", 1234567),
        ("98,5", 98.5),
        ("12.5", 12.5),
        ("0,985", 0.985),
        ("0.985", 0.985),
        ("1.2345", 1.2345),
        ("000.123", 0.123),
        ("120.", 120),
        ("−5", -5),
        ("- 5,5", -5.5),
        ("+5", 5),
        ("(5)", -5),
        ("(1.234,5)", -1234.5),
        ("1.2E+05", 120000),
        ("1e-3", 0.001),
        ("\u200b42\u200b", 42),
    ],
)
def test_parse_number__conventions(text, value):
    assert parse_number(text) == ParsedNumber(value)


@pytest.mark.parametrize(("text", "value"), [("1.234", 1234), ("12.345", 12345), ("1,234", 1.234)])
def test_parse_number__the_ambiguous_form_is_read_the_vietnamese_way(text, value):
    assert parse_number(text).value == value


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("98,5%", ParsedNumber(98.5, "%")),
        ("98.5 %", ParsedNumber(98.5, "%")),
        ("985‰", ParsedNumber(985, "‰")),
        ("85% (ước)", ParsedNumber(85, "%", "(ước)")),
        ("85% ước đạt", ParsedNumber(85, "%", "ước đạt")),
        ("(5)%", ParsedNumber(-5, "%")),
        ("120 người*", ParsedNumber(120, "người", "*")),
        ("120 người* (ước)", ParsedNumber(120, "người", "* (ước)")),
        ("5 (Quyết định 12/QĐ-UBND)", ParsedNumber(5, "", "(Quyết định 12/QĐ-UBND)")),
        ("2,5 tỷ đồng", ParsedNumber(2.5, "tỷ đồng")),
        ("12 người/10.000 dân", ParsedNumber(12, "người/10.000 dân")),
        ("35,5 thuê bao/100 dân", ParsedNumber(35.5, "thuê bao/100 dân")),
        ("120 m²", ParsedNumber(120, "m²")),
        ("120²", ParsedNumber(120, "", "²")),
        ("5 hồ sơ/năm.", ParsedNumber(5, "hồ sơ/năm")),
    ],
)
def test_parse_number__unit_and_notes(text, parsed):
    assert parse_number(text) == parsed


NOT_NUMBERS = (
    *("", "-", "n/a", "NaN", "inf", "-inf", "#DIV/0!", "#N/A", "không có", "1e999", "=nan", "=inf", "=A1+B2"),
    *("1_000", "=1_000", "1.23.45", "1,23,4", "1.234.5", "12 34", "1 2345", "1'234", "12 345.678.901", "٣"),
    *(
        "12/15",
        "10-20",
        "85%-90%",
        "5 %5",
        "12 trên 15",
        "12 hồ sơ/15",
        "12 hồ sơ/1.500 hồ sơ",
        "15/01/2021",
        "> 30",
        "~5",
        "khoảng 5",
        "5: 3",
    ),
)


@pytest.mark.parametrize("text", NOT_NUMBERS)
def test_parse_number__not_a_number(text):
    assert parse_number(text).value is None


def test_numeric_cell__is_not_read_as_thousands():
    assert parse_number(numeric_cell(1.234)).value == 1.234


@pytest.mark.parametrize(
    ("value", "text"), [(120, "=120"), (120.0, "=120"), (0.5, "=0.5"), (-3.0, "=-3"), (1e20, "=1e+20")]
)
def test_numeric_cell__prints_as_people_read(value, text):
    assert numeric_cell(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numeric_cell__reads_back_exactly(value):
    assert parse_number(numeric_cell(value)).value == value


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_numeric_cell__what_is_no_figure_stays_none(value):
    assert parse_number(numeric_cell(value)).value is None


AMOUNTS = st.decimals(min_value=-(10**9), max_value=10**9, places=2)


@given(AMOUNTS)
def test_parse_number__reads_english_figures_back(amount):
    assert parse_number(f"{amount:,.2f}").value == float(amount)


@given(AMOUNTS)
def test_parse_number__reads_vietnamese_figures_back(amount):
    written = f"{amount:,.2f}".translate(str.maketrans(".,", ",."))
    assert parse_number(written).value == float(amount)


@given(st.integers(min_value=-(10**12), max_value=10**12))
def test_parse_number__reads_grouped_counts_back(count):
    assert parse_number(f"{count:,}".replace(",", ".")).value == count
    assert parse_number(f"{count:,}".replace(",", " ")).value == count


@given(st.text())
def test_parse_number__is_finite_or_nothing(text):
    value = parse_number(text).value
    assert value is None or math.isfinite(value)


@pytest.mark.parametrize(
    "text", ["có", "Có", "CO\u0301", "x", "X", "✓", "v", "đạt", "Đã ban hành", "có (QĐ 12)", "có*", "TRUE"]
)
def test_parse_yes_no__yes(text):
    assert parse_yes_no(text) == 1.0


@pytest.mark.parametrize("text", ["không", "chưa", "Chưa có", "KHÔNG ĐẠT", "chưa (đang trình)", "✗", "false"])
def test_parse_yes_no__no(text):
    assert parse_yes_no(text) == 0.0


@pytest.mark.parametrize("text", ["", "1", "0", "đang xây dựng", "có một phần", "-"])
def test_parse_yes_no__neither(text):
    assert parse_yes_no(text) is None
