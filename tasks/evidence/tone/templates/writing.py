"""Filling one template for many posts: all draws are made at once, only formatting is per post."""

from collections.abc import Callable, Sequence
from random import Random
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from tasks.evidence.tone.templates import noise as typing_noise
from tasks.evidence.tone.templates.library import BY_AGENCY, NAMING, OTHER, PHENOMENA, Template, fillers_of, services
from tasks.evidence.tone.templates.names import is_province, services_key, spellings, usual_agencies
from tasks.evidence.tone.templates.noise import Noise, unmark

_FIRST_NAME = 0xE000  # private use: stands for a name while the rest of the text is typed in haste
_SHOWN_BY = {"unmark": "no_diacritics", "teencode": "teencode", "emoji": "emoji"}

Texts: TypeAlias = NDArray[np.object_]
Whole: TypeAlias = NDArray[np.int64]


class Writer:
    """Fills one template.

    Args:
        rng: Random generator.
        template: The template.
        whom: Id of the agency of each post, empty where the template names nobody.
        noise: How the posts are typed.
    """

    def __init__(self, rng: np.random.Generator, template: Template, whom: Texts, noise: Noise) -> None:
        self._rng, self._template, self._size = rng, template, len(whom)
        self._noise = noise
        self._whom = whom
        self._others = self._second() if OTHER in template.slots else np.full(self._size, "", dtype=object)

    def write(self) -> tuple[Texts, Texts, Texts]:
        """Return the texts, the ids of the agencies that each names, and its phenomena, both joined by `|`."""
        template = self._template
        once = {slot: self._filled(slot) for slot in template.slots if slot in NAMING}  # one name, written one way
        filled = (once.get(slot) or self._filled(slot) for slot in template.slots)
        columns = [
            [one[:1].upper() + one[1:] for one in column] if big else column
            for column, big in zip(filled, template.capitals, strict=True)
        ]
        rows = zip(*columns, strict=True) if columns else iter([()] * self._size)
        shown = "|".join(template.phenomena)
        texts, phenomena = np.full(self._size, "", dtype=object), np.full(self._size, shown, dtype=object)
        habits, starts = self._habits()
        bare = "no_diacritics" in template.phenomena
        for at, row in enumerate(rows):
            if habits[at]:
                texts[at], phenomena[at] = self._in_haste(row, habits[at], Random(int(starts[at])))  # noqa: S311
            else:
                texts[at] = template.pattern.format(*row)
            if bare:
                texts[at] = unmark(texts[at])
        agencies = self._whom.copy()
        second = self._others != ""
        agencies[second] = agencies[second] + "|" + self._others[second]
        return texts, agencies, phenomena

    def _filled(self, slot: str) -> list[str]:
        if slot in NAMING or slot == OTHER:
            whom = self._others if slot == OTHER else self._whom
            return self._by_key(whom, lambda one: spellings(one, slot, self._template.register))
        if slot in BY_AGENCY:
            known = services()[slot]
            keys = np.array([services_key(one, known) for one in self._whom], dtype=object)
            return self._by_key(keys, lambda key: known[key])
        ways = fillers_of(slot)
        return [ways[at] for at in self._rng.integers(len(ways), size=self._size).tolist()]

    def _by_key(self, keys: Texts, ways_of: Callable[[str], Sequence[str]]) -> list[str]:
        drawn = self._rng.random(self._size).tolist()
        ways = {key: ways_of(key) for key in dict.fromkeys(keys.tolist())}
        return [ways[key][int(one * len(ways[key]))] for key, one in zip(keys.tolist(), drawn, strict=True)]

    def _second(self) -> Texts:
        """Another agency of the same kind as the first."""
        pools = {
            one: [other for other in usual_agencies() if other != one and is_province(other) == is_province(one)]
            for one in dict.fromkeys(self._whom.tolist())
        }
        return np.array(self._by_key(self._whom, pools.__getitem__), dtype=object)

    def _habits(self) -> tuple[list[list[str]], Whole]:
        """The habits with which each post is typed, and a seed for each."""
        found: list[list[str]] = [[] for _ in range(self._size)]
        for habit, chance in self._noise.habits(self._template.register):
            # Drawn whatever the chance, so that the posts beneath the noise are the same ones.
            for at in np.flatnonzero(self._rng.random(self._size) < chance).tolist():
                found[at].append(habit)
        return found, self._rng.integers(2**62, size=self._size)

    def _in_haste(self, row: tuple[str, ...], habits: list[str], rng: Random) -> tuple[str, str]:
        """A post as it is typed with some habits; names stay recognisable."""
        template = self._template
        marks = {
            chr(_FIRST_NAME + at): value
            for at, (slot, value) in enumerate(zip(template.slots, row, strict=True))
            if slot in NAMING or slot == OTHER
        }
        back = {value: mark for mark, value in marks.items()}
        text = template.pattern.format(*(back.get(value, value) for value in row))
        shown = set(template.phenomena)
        for habit in habits:
            typed = typing_noise.apply(text, habit, template.polarity, rng)
            if typed != text and habit in _SHOWN_BY:
                shown.add(_SHOWN_BY[habit])
            text = typed
        for mark, name in marks.items():
            text = text.replace(mark, unmark(name) if "unmark" in habits else name)
        return text, "|".join(one for one in PHENOMENA if one in shown)
