"""Whom a post is about: mentions of agencies with how sure each is, and the words that go with each."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from tasks.evidence.tone.context import context
from tasks.evidence.tone.names import ABBREVIATION, APP, BODY, Name, Names
from tasks.evidence.tone.normalise import fold, place_tones

THRESHOLD = 0.5  # below it a post is not linked, and counted as such

_CERTAIN = 0.95
_LIST = 0.3  # a name in a list of names of agencies
_JOINTS = frozenset({"", ",", "va", "-", ";", "/", "hay", "voi", "den", ", va"})


@dataclass(frozen=True)
class Mention:
    """One place where a text names an agency.

    Attributes:
        agency: Durable id.
        start: Where it begins in the composed text; -1: the page says so, not the text.
        end: Where it ends.
        confidence: How sure it is that the agency is meant, from 0 to 1.
    """

    agency: str
    start: int
    end: int
    confidence: float


def mentions(text: str, at: date, names: Names) -> list[Mention]:
    """Return the mentions of agencies in a text, in their order, the doubtful ones too.

    Args:
        text: A composed text (`normalise.compose`).
        at: The day on which it was written.
        names: The names to look for.
    """
    folded = fold(text)
    named = names.find(folded)
    if not named:
        return []
    plain = text.isascii()
    lower = folded if plain else text.lower()
    rules = context(not plain)
    topic = rules.topic(lower)
    found = []
    for start, end, candidates in named:
        named_at = [(agency, name) for name in candidates if (agency := names.agency_at(name, at))]
        if len({agency for agency, _ in named_at}) != 1:
            continue  # nobody on that day, or several bodies of one name: never a guess
        written = text[start:end]
        base, agency, name = max(
            ((_base(text, written, name), agency, name) for agency, name in named_at), key=lambda tried: tried[0]
        )
        if base > 0:
            beside = rules.beside(lower, start, end, _folded(name.written), own_only=name.kind in (APP, BODY))
            found.append(Mention(agency, start, end, _confidence(base, beside, topic, name)))
    return _listed(folded, found)


def linked(found: Iterable[Mention], threshold: float = THRESHOLD) -> dict[str, float]:
    """Return the agencies that are named surely enough, each with its surest mention."""
    best: dict[str, float] = {}
    for mention in found:
        best[mention.agency] = max(best.get(mention.agency, 0.0), mention.confidence)
    return {agency: confidence for agency, confidence in best.items() if confidence >= threshold}


def _confidence(base: float, beside: float, topic: float, name: Name) -> float:
    if name.kind in (APP, BODY):
        topic = 0.0  # a ministry is one whatever the text is about
    against = min(beside, topic) if beside < 0 or topic < 0 < 0.8 - beside else 0.0
    return round(min(_CERTAIN, max(0.0, base + (against or beside + topic))), 2)


def _base(text: str, written: str, name: Name) -> float:
    """How sure a name is by the way it is written alone; 0 where the marks make it another word."""
    plain = written.isascii() and not name.written.isascii()
    if not plain and _letters(written) != _letters(name.written):
        return 0.0
    shouting = text.isupper()
    words = [word for word in written.split() if word[0].isalpha()]
    capital = not shouting and all(word[0].isupper() for word in words)
    doubtful = name.without_marks if plain else name.with_marks
    if name.kind == APP or (name.kind == BODY and len(words) > 1):
        return _CERTAIN
    if name.kind == ABBREVIATION:
        upper = written == name.written and not shouting
        return (0.3 if upper else 0.0) if doubtful else (0.8 if upper else 0.55)
    if capital:
        return 0.6 if doubtful else 0.9
    if doubtful:
        return 0.3 if plain else 0.2
    return 0.75 if plain else 0.85


@lru_cache(maxsize=16_384)
def _folded(name: str) -> str:
    return fold(name)


@lru_cache(maxsize=65_536)
def _letters(text: str) -> str:
    """A spelling without what makes no difference: case, place of the tone, dashes, "và" and "&"."""
    return "".join(letter for letter in place_tones(text.lower()).replace(" và ", " ") if letter.isalnum())


def _listed(folded: str, found: list[Mention]) -> list[Mention]:
    """Let names of a list stand by each other: "binh duong, long an, dong nai" are provinces."""
    raised = list(found)
    for at, mention in enumerate(found):
        beside = [other for other in (at - 1, at + 1) if 0 <= other < len(found)]
        if 0 < mention.confidence < THRESHOLD and any(_joined(folded, mention, found[other]) for other in beside):
            raised[at] = replace(mention, confidence=round(mention.confidence + _LIST, 2))
    return raised


def _joined(folded: str, one: Mention, other: Mention) -> bool:
    first, second = sorted((one, other), key=lambda mention: mention.start)
    return other.confidence > 0 and folded[first.end : second.start].strip() in _JOINTS
