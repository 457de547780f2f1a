"""Which words of a post go with which agency."""

import re
from bisect import bisect_left
from collections.abc import Sequence

from tasks.evidence.tone.link import Mention

_CLAUSE = re.compile(
    r"(?<![.!?;…\n])[.!?;…\n]+\s+|,\s+"
    r"|\s+(?=(?:nhưng|còn|trong khi|mà|song|tuy nhiên|nhung|con|trong khi|song|tuy nhien)\s)",
    re.I,
)
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")


def words_with(text: str, found: Sequence[Mention], agency: str, *, news: bool) -> str:
    """Return the part of a post that is about an agency.

    News: the sentences that name it. Else the whole post, and of a post on several agencies the clauses nearest to it:
    a clause goes with the agencies that it names, one that names none with those of the clause before it.

    Args:
        text: The composed text.
        found: The mentions that count.
        agency: The agency.
        news: Whether the post is news.
    """
    agencies = {mention.agency for mention in found}
    placed = sorted((mention.start, mention.agency) for mention in found)
    if news:
        pieces = _pieces(text, _SENTENCE)
        naming = [text[start:end] for start, end in pieces if agency in _named(placed, start, end)]
        if naming and len(agencies) == 1:
            return " ".join(naming)
    if len(agencies) <= 1 or all(start < 0 for start, one in placed if one == agency):
        return text  # it is the only one, or stands on the agency's own page and does not name it
    chosen: list[str] = []
    current: set[str] = set()
    for start, end in _pieces(text, _CLAUSE):
        named = _named(placed, start, end)
        current = named or current
        if agency in current or not current:
            chosen.append(text[start:end])
    return " ".join(chosen) or text


def _pieces(text: str, separator: re.Pattern[str]) -> list[tuple[int, int]]:
    pieces, start = [], 0
    for found in separator.finditer(text):
        if found.start() > start:
            pieces.append((start, found.start()))
        start = found.end()
    if start < len(text):
        pieces.append((start, len(text)))
    return pieces


def _named(placed: Sequence[tuple[int, str]], start: int, end: int) -> set[str]:
    """The agencies of the mentions that begin within a piece; by bisection, because a post may hold thousands."""
    return {agency for _, agency in placed[bisect_left(placed, (start, "")) : bisect_left(placed, (end, ""))]}
