"""Periods: a year (`2020`) or a month (`2020-08`), as text."""

import re
from datetime import date

from tasks.harmonise.text import clean_cell, tokens
from warehouse.errors import InputError
from warehouse.periods import PERIOD, period_days


def parse_period(text: str | int) -> str:
    """Return a period in its one form.

    Args:
        text: `2020` or `2020-08`; a year may be a number.

    Raises:
        InputError: It is neither a year nor a month.

    >>> parse_period(2020)
    '2020'
    """
    period = clean_cell(str(text))
    if not PERIOD.fullmatch(period):
        raise InputError(f"{str(text)!r} is not a period.", "A period is a year, 2020, or a month, 2020-08.")
    return period


def read_period(text: str) -> str:
    """Return the period that a form means, or empty text where it is not understood.

    >>> [read_period(text) for text in ("Năm 2020", "tháng 8/2020", "08-2020", "2020-08", "quý IV")]
    ['2020', '2020-08', '2020-08', '2020-08', '']
    """
    period = clean_cell(text)
    if PERIOD.fullmatch(period):
        return period
    match [word for word in tokens(period) if word not in {"nam", "thang", "year", "month", "ky", "dot"}]:
        case [year] if re.fullmatch(r"(?:19|20)\d\d", year):
            return year
        case [month, year] if re.fullmatch(r"\d{1,2}", month) and PERIOD.fullmatch(f"{year}-{month:0>2}"):
            return f"{year}-{month:0>2}"
    return ""


def period_end(period: str) -> date:
    """Return the last day of a period: the day at which agencies, names and codes are looked up.

    Raises:
        InputError: It is not a period.

    >>> period_end("2020-02")
    datetime.date(2020, 2, 29)
    """
    return period_days(parse_period(period))[1]


def period_start(period: str) -> date:
    """Return the first day of a period.

    Raises:
        InputError: It is not a period.

    >>> period_start("2020-02")
    datetime.date(2020, 2, 1)
    """
    return period_days(parse_period(period))[0]
