"""Periods: a year or a month."""

from datetime import date

import pytest

from tasks.harmonise.periods import parse_period, period_end, read_period
from warehouse.errors import InputError


@pytest.mark.parametrize(("text", "period"), [("2020", "2020"), (2020, "2020"), (" 2020-08 ", "2020-08")])
def test_parse_period__year_or_month(text, period):
    assert parse_period(text) == period


@pytest.mark.parametrize("text", ["", "20", "2020-13", "2020-8", "2020-08-01", "năm 2020", "2020.0", "3020"])
def test_parse_period__anything_else_is_refused(text):
    with pytest.raises(InputError, match="is not a period"):
        parse_period(text)


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("Năm 2020", "2020"),
        ("Tháng 8 năm 2020", "2020-08"),
        ("8/2020", "2020-08"),
        ("kỳ 2020", "2020"),
        ("2020-08", "2020-08"),
    ],
)
def test_read_period__as_forms_write_it(text, period):
    assert read_period(text) == period


@pytest.mark.parametrize("text", ["", "quý IV/2020", "13/2020", "2019-2020", "15/08/2020", "ba"])
def test_read_period__not_understood(text):
    assert read_period(text) == ""


@pytest.mark.parametrize(
    ("period", "day"),
    [
        ("2020", date(2020, 12, 31)),
        ("2020-02", date(2020, 2, 29)),
        ("2021-02", date(2021, 2, 28)),
        ("2025-06", date(2025, 6, 30)),
    ],
)
def test_period_end__last_day(period, day):
    assert period_end(period) == day
