"""Names of sheets that every spreadsheet program takes."""

import re
from collections.abc import Collection, Sequence
from itertools import chain, count

from tasks.sources.messages import visible
from tasks.sources.workbook import Sheet

_MARKS = re.compile(r"[\[\]:*?/\\]")
_LONGEST = 31
_OF_A_CSV = "Số liệu"


def sheet_titles(sheets: Sequence[Sheet]) -> list[str]:
    """Return a name for each sheet: its own, as far as a spreadsheet program takes it, and no name twice."""
    taken: list[str] = []
    for sheet in sheets:
        taken.append(free_title(sheet.name or _OF_A_CSV, taken))
    return taken


def free_title(name: str, taken: Collection[str]) -> str:
    """Return a name that may be given to a sheet.

    >>> free_title("A/B: c", []), free_title("CQS", ["cqs"])
    ('A B  c', 'CQS (2)')
    """
    plain = _MARKS.sub(" ", visible(name, " ")).strip("'")
    plain = plain if plain.strip() else "Trang"
    used = {title.casefold() for title in taken}
    endings = chain([""], (f" ({number})" for number in count(2)))
    titles = (plain[: _LONGEST - len(ending)] + ending for ending in endings)
    return next(title for title in titles if title.casefold() not in used)
