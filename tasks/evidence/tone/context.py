"""What the words around a name say of it: `lists/link_context.csv`.

A name that is also an ordinary word ("hòa bình" is peace, "đã nâng cấp" without marks holds Đà Nẵng) is decided by the
words beside it and by what the text is about.
"""

from dataclasses import dataclass
from functools import lru_cache

from ahocorasick_rs import AhoCorasick

from tasks.evidence.tone.lists import rows
from tasks.evidence.tone.normalise import fold

_LOOK_BEFORE, _LOOK_AFTER = 60, 40  # characters
_WORDS = 4
_STOPS_BEFORE, _STOPS_AFTER = ",;:", ",.;:!?)"
_SIZES = {"sure": 0.8, "strong": 0.4, "weak": 0.2, "not": -0.7}
_TOPIC = 0.15  # a text about public services makes every name in it likelier


@dataclass(frozen=True)
class _Effect:
    size: float
    name: str  # folded name or its first word, empty: of every name


class Context:
    """The rules for texts with marks or for those without.

    Args:
        marked: Whether the texts have marks.
    """

    def __init__(self, *, marked: bool) -> None:
        self._before: dict[str, list[_Effect]] = {}
        self._after: dict[str, list[_Effect]] = {}
        topics: list[str] = []
        self._sizes: list[float] = []
        for row in rows("link_context"):
            words = row["words"] if marked else fold(row["words"])
            effect = _Effect(_SIZES[row["effect"]], fold(row["name"]))
            if row["side"] == "anywhere":
                topics.append(words)
                self._sizes.append(effect.size)
            else:
                side = self._before if row["side"] == "before" else self._after
                side.setdefault(words, []).append(effect)
        self._topics = AhoCorasick(topics)
        # The word next to a name decides whether any phrase can stand there: most of the time none does.
        self._ends = frozenset(words.split()[-1] for words in self._before)
        self._starts = frozenset(words.split()[0] for words in self._after)

    def topic(self, lower: str) -> float:
        """Return what the whole text says of any name in it.

        Args:
            lower: The text in lower case; folded if it has no marks.
        """
        sizes = {
            self._sizes[which]
            for which, start, end in self._topics.find_matches_as_indexes(lower, overlapping=True)
            if not (start and lower[start - 1].isalnum()) and not (end < len(lower) and lower[end].isalnum())
        }
        against = min(sizes, default=0.0)
        return against if against < 0 else (_TOPIC if sizes else 0.0)

    def beside(self, lower: str, start: int, end: int, name: str, *, own_only: bool) -> float:
        """Return what the words beside a name say; what is sure outweighs what speaks against it, and that the rest.

        Args:
            lower: The text as for `topic`.
            start: Where the name begins.
            end: Where it ends.
            name: Its folded form.
            own_only: Whether only rules for this very name count: a ministry is no dish and no street.
        """
        before = lower[max(0, start - _LOOK_BEFORE) : start].replace("(", " ").split()[-_WORDS:]
        after = lower[end : end + _LOOK_AFTER].split()[:2]
        effects: list[float] = []
        if before and before[-1].rstrip(_STOPS_BEFORE) in self._ends:
            tails = [" ".join(before[at:]).rstrip(_STOPS_BEFORE) for at in range(len(before))]
            effects += _longest(self._before, tails, name, own_only=own_only)
        if after and after[0].rstrip(_STOPS_AFTER) in self._starts:
            heads = [" ".join(after[:count]).rstrip(_STOPS_AFTER) for count in range(len(after), 0, -1)]
            effects += _longest(self._after, heads, name, own_only=own_only)
        best = max(effects, default=0.0)
        if best >= _SIZES["sure"]:
            return best
        return min(effects, default=0.0) if min(effects, default=0.0) < 0 else best


def _longest(table: dict[str, list[_Effect]], phrases: list[str], name: str, *, own_only: bool) -> list[float]:
    """The effects of the longest phrase that has any: "yêu cầu" is no bridge, though "cầu" is."""
    for phrase in phrases:
        effects = [effect for effect in table.get(phrase, ()) if effect.name or not own_only]
        found = [one.size for one in effects if not one.name or name == one.name or name.startswith(f"{one.name} ")]
        if found:
            return found
    return []


@lru_cache(maxsize=2)
def context(marked: bool) -> Context:
    """Return the rules, built once."""
    return Context(marked=marked)
