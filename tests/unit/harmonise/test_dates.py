"""Dates of Vietnamese documents."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.harmonise.dates import parse_date


@pytest.mark.parametrize(
    "text",
    [
        "15/01/2021",
        "15/1/2021",
        "15-01-2021",
        "15.1.2021",
        "2021-01-15",
        "2021-01-15 00:00:00",
        "2021-01-15T08:30:00.000",
        "15/01/2021 08:30",
        "ngày 15 tháng 01 năm 2021",
        "Hà Nội, ngày 15 tháng 1 năm 2021",
        "NGA\u0300Y 15 THA\u0301NG 01 N\u0102M 2021",
    ],
)
def test_parse_date__forms(text):
    assert parse_date(text) == "2021-01-15"


@pytest.mark.parametrize(
    "text",
    ["", "01/15/2021", "31/02/2021", "15/01/21", "15/01-2021", "2021", "44211", "sớm", "2021-13-01", "0000-01-01"],
)
def test_parse_date__never_guessed(text):
    assert parse_date(text) == ""


@given(st.dates(min_value=date(1000, 1, 1)))
def test_parse_date__reads_every_day_back(day):
    assert parse_date(f"{day.day}/{day.month}/{day.year}") == day.isoformat()
    assert parse_date(day.isoformat()) == day.isoformat()
