"""Dates as Vietnamese documents write them: the day first."""

import re
from datetime import date

from tasks.harmonise.text import clean_cell, tokens

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]\d{1,2}:\d\d.*)?")
_DAY_FIRST = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?: \d{1,2}:\d\d.*)?")
_IN_WORDS = re.compile(r"ngay (\d{1,2}) thang (\d{1,2}) nam (\d{4})")


def parse_date(text: str) -> str:
    """Return an ISO date, or empty text where no date is understood.

    Understood are `15/01/2021`, `15-1-2021`, `15.1.2021`, `2021-01-15`, a time after any of them, and "ngày 15 tháng 01
    năm 2021", also after a place ("Hà Nội, ngày ..."). A year of two digits, or the month first, is never guessed at.

    >>> parse_date("15/01/2021"), parse_date("Hà Nội, ngày 15 tháng 01 năm 2021"), parse_date("01/15/2021")
    ('2021-01-15', '2021-01-15', '')
    """
    written = clean_cell(text)
    if found := _ISO.fullmatch(written):
        return _iso(found[1], found[2], found[3])
    if found := _DAY_FIRST.fullmatch(written):
        return _iso(found[4], found[3], found[1])
    if found := _IN_WORDS.search(" ".join(tokens(written))):
        return _iso(found[3], found[2], found[1])
    return ""


def _iso(year: str, month: str, day: str) -> str:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""
