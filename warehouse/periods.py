"""Periods as days: a year (`2020`) or a month (`2020-08`) has a first and a last day."""

import re
from calendar import monthrange
from datetime import date

from warehouse.errors import InputError

# A year or a month; the groups are the year and the month.
PERIOD = re.compile(r"((?:19|20)\d\d)(?:-(0[1-9]|1[0-2]))?")


def period_days(period: str) -> tuple[date, date]:
    """Return the first and the last day of a period.

    Args:
        period: `2020` or `2020-08`.

    Raises:
        InputError: It is neither a year nor a month.

    >>> period_days("2020-02")
    (datetime.date(2020, 2, 1), datetime.date(2020, 2, 29))
    """
    match = PERIOD.fullmatch(period)
    if not match:
        raise InputError(f"{period!r} is not a period.", "A period is a year, 2020, or a month, 2020-08.")
    year, first, last = int(match[1]), int(match[2] or 1), int(match[2] or 12)
    return date(year, first, 1), date(year, last, monthrange(year, last)[1])


def month_number(period: str) -> int | None:
    """Return the number of a month, counted on from the year 0; None for anything but a month.

    >>> month_number("2021-01") - month_number("2020-12"), month_number("2020"), month_number("2020/08")
    (1, None, None)
    """
    match = PERIOD.fullmatch(period)
    return int(match[1]) * 12 + int(match[2]) - 1 if match and match[2] else None


def months_before(period: str, count: int) -> list[str]:
    """Return the months before a month, the last one first; none where the period is no month.

    >>> months_before("2020-02", 3)
    ['2020-01', '2019-12', '2019-11']
    """
    number = month_number(period)
    if number is None:
        return []
    return [f"{earlier // 12:04d}-{earlier % 12 + 1:02d}" for earlier in range(number - 1, number - 1 - count, -1)]
