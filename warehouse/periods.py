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
