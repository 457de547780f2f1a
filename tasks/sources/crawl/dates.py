"""Dates as portals write them, as ISO 8601 in UTC."""

import email.utils
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

VIETNAM = timezone(timedelta(hours=7))
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?")
_DAY = re.compile(r"(?<![\d/.-])(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?!\d)")
_CLOCK = re.compile(r"(?<!\d)([01]?\d|2[0-3])[:h]([0-5]\d)(?::([0-5]\d))?(?!\d)")
_MILLISECONDS = 100_000_000_000  # beyond this a count of seconds would be in the year 5138
_LONGEST = 200


def utc_text(value: Any) -> str:
    """Return a time in UTC, empty where it is not understood.

    Times without a zone are Vietnamese; a mere date is midnight UTC, which is the same day there and here.

    Args:
        value: ISO 8601, RFC 2822, seconds or milliseconds since 1970, or a Vietnamese date with or without a clock.

    >>> utc_text("2020-05-04T08:30:00+07:00"), utc_text("Thứ hai, 4/5/2020, 08:30 (GMT+7)"), utc_text("04/05/2020")
    ('2020-05-04T01:30:00Z', '2020-05-04T01:30:00Z', '2020-05-04T00:00:00Z')
    >>> utc_text(1588555800), utc_text("hôm qua"), utc_text(True)
    ('2020-05-04T01:30:00Z', '', '')
    """
    found = moment(value)
    return found.strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0") if found else ""


def moment(value: Any) -> datetime | None:
    """Return a time in UTC, None where it is not understood; see `utc_text`."""
    try:
        found = _moment(value)
        return found.astimezone(UTC) if found else None
    except (ValueError, OverflowError, OSError, TypeError):
        return None


def _moment(value: Any) -> datetime | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float) or (isinstance(value, str) and re.fullmatch(r"\d{9,13}", value.strip())):
        seconds = float(value)
        return datetime.fromtimestamp(seconds / 1000 if seconds > _MILLISECONDS else seconds, UTC)
    text = str(value).strip()[:_LONGEST]
    if iso := _ISO.match(text):
        said = iso[0].replace(" ", "T", 1).replace(" ", "")
        found = datetime.fromisoformat(said)
        return found if found.tzinfo else found.replace(tzinfo=VIETNAM if iso[1] else UTC)
    if day := _DAY.search(text):
        clock = _CLOCK.search(text.replace(day[0], " "))
        date = datetime(int(day[3]), int(day[2]), int(day[1]), tzinfo=VIETNAM if clock else UTC)
        return date.replace(hour=int(clock[1]), minute=int(clock[2]), second=int(clock[3] or 0)) if clock else date
    found = email.utils.parsedate_to_datetime(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
