"""Words of praise and blame (`lists/lexicon.csv`): what a model knows of words that its corpus happens not to hold."""

from collections.abc import Sequence
from functools import lru_cache

from ahocorasick_rs import AhoCorasick, MatchKind

from tasks.evidence.tone.lists import rows
from tasks.evidence.tone.normalise import NEGATIONS, NOT, clean, fold, tokens

PRAISE, BLAME = "opinionpositive", "opinionnegative"
_NAMED = {"positive": PRAISE, "negative": BLAME}
_BEFORE = 2  # words in which a negation turns an opinion round


class _Lexicon:
    """Opinions by their words, for texts with marks or for those without."""

    def __init__(self, *, marked: bool) -> None:
        found: dict[str, str] = {}
        doubtful: set[str] = set()
        for row in rows("lexicon"):
            words = f" {' '.join(tokens(clean(row['words'])))} "
            words = words if marked else fold(words)
            if found.setdefault(words, row["polarity"]) != row["polarity"]:
                doubtful.add(words)  # without marks praise and blame look alike
        kept = [(words, polarity) for words, polarity in found.items() if words not in doubtful]
        self._polarities = [_NAMED[polarity] for _, polarity in kept]
        self._negates = [words.split()[0] in NEGATIONS for words, _ in kept]
        self._automaton = AhoCorasick([words for words, _ in kept], matchkind=MatchKind.LeftmostLongest)

    def find(self, text: str) -> list[str]:
        """Return the opinions in a text that has a space at each end."""
        found = []
        for which, start, _ in self._automaton.find_matches_as_indexes(text):
            before = text[max(0, start - 20) : start + 1].split()[-_BEFORE:]
            turned = not self._negates[which] and not NEGATIONS.isdisjoint(before)
            found.append(NOT + self._polarities[which] if turned else self._polarities[which])
        return found


def opinions(words: Sequence[str]) -> list[str]:
    """Return the opinions in words, one token each, the longest phrase first; with `NOT_` where they are negated.

    >>> opinions(["app", "mượt", ",", "không", "báo", "lỗi"])
    ['opinionpositive', 'NOT_opinionnegative']
    """
    text = f" {' '.join(words)} "
    return _lexicon(not text.isascii()).find(text)


@lru_cache(maxsize=2)
def _lexicon(marked: bool) -> _Lexicon:
    return _Lexicon(marked=marked)
