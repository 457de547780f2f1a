"""Periods as days: a year (`2020`) or a month (`2020-08`) has a first and a last day."""

import re
from calendar import monthrange
from datetime import date, timedelta

from warehouse.errors import InputError

# A year or a month; the groups are the year and the month.
PERIOD = re.compile(r"((?:19|20)\d\d)(?:-(0[1-9]|1[0-2]))?")
_FIELD = re.compile(r"\{([^{}]*)\}")
FIELDS = ("period", "year", "month")


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
    """Return year x 12 + month, which counts months without gaps; None for anything but a month.

    >>> month_number("2021-01") - month_number("2020-12"), month_number("2020"), month_number("2020/08")
    (1, None, None)
    """
    match = PERIOD.fullmatch(period)
    return int(match[1]) * 12 + int(match[2]) if match and match[2] else None


def months_before(period: str, count: int) -> list[str]:
    """Return the months before a month, the last one first; none where the period is no month.

    >>> months_before("2020-02", 3)
    ['2020-01', '2019-12', '2019-11']
    """
    number = month_number(period)
    if number is None:
        return []
    earlier = range(number - 2, number - 2 - count, -1)  # counted from January as 0
    return [f"{one // 12:04d}-{one % 12 + 1:02d}" for one in earlier]


def due_day(day: int, period: str) -> date:
    """Return a day of the month after a period.

    Args:
        day: Day of the month, 1 to 28.
        period: `2020` or `2020-08`.

    Raises:
        InputError: It is neither a year nor a month.

    >>> due_day(5, "2020-12")
    datetime.date(2021, 1, 5)
    """
    next_day = period_days(period)[1] + timedelta(days=1)
    return next_day.replace(day=day)


def unknown_fields(text: str) -> list[str]:
    """Fields of a text, in braces, that `filled` does not know.

    >>> unknown_fields("returns/{year}/{moth}")
    ['{moth}']
    """
    return [f"{{{name}}}" for name in _FIELD.findall(text) if name not in FIELDS]


def filled(text: str, period: str) -> str:
    """Fill `{period}`, `{year}` and `{month}` into a text.

    Raises:
        InputError: It is neither a year nor a month, or `{month}` is asked of a year.

    >>> filled("returns/{year}/{month}/{period}.csv", "2020-08")
    'returns/2020/08/2020-08.csv'
    """
    period_days(period)
    year, _, month = period.partition("-")
    if not month and "{month}" in text:
        raise InputError(f"{text} names a month, and {period} is a year.", "Run it for a month, such as 2020-08.")
    # One pass, so that nothing that was filled in is looked at again.
    values = {"period": period, "year": year, "month": month}
    return _FIELD.sub(lambda found: values.get(found[1], found[0]), text)
