"""Posts to mentions: whom a post is about, what it is about, and its tone. A pure function over Arrow batches.

The same function runs in this process, in a pool of processes and on a cluster; nothing in it knows where it is.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from ahocorasick_rs import AhoCorasick

from tasks.evidence.tone.features import words_of
from tasks.evidence.tone.language import is_vietnamese
from tasks.evidence.tone.link import THRESHOLD, linked, mentions
from tasks.evidence.tone.lists import lists_digest
from tasks.evidence.tone.local import LocalModel
from tasks.evidence.tone.model import ASPECTS, IRRELEVANT, ToneModel
from tasks.evidence.tone.names import Names, names_digest
from tasks.evidence.tone.normalise import STOPS, clean, clean_composed, compose, fold, tokens
from tasks.evidence.tone.spans import words_with
from warehouse.frameworks.tone import ToneCriterion

NEWS = "news"
_SIGNS = STOPS | {"emojipositive", "emojinegative", "emojilaughing", "emojiother"}

# Posts as they stand in the lake: authors are pseudonyms, telephone numbers and addresses are gone.
POSTS = pa.schema(
    {
        "post_id": pa.string(),
        "channel": pa.string(),
        "author": pa.string(),  # pseudonym; empty: unknown
        "day": pa.date32(),  # null: unknown
        "title": pa.string(),
        "text": pa.string(),
        "about": pa.string(),  # application or agency on whose page it stands; empty: none
        "snapshot": pa.string(),  # sha256 of the bytes that it came in
    }
)
MENTIONS = pa.schema(
    {
        "post_id": pa.string(),
        "agency": pa.string(),
        "channel": pa.string(),
        "author": pa.string(),
        "day": pa.date32(),  # null: unknown
        "confidence": pa.float32(),  # of the link
        "negative": pa.float32(),  # probabilities
        "neutral": pa.float32(),
        "positive": pa.float32(),
        "label": pa.int8(),  # place in POLARITIES
        "aspect": pa.int8(),  # place in ASPECTS
        "criteria": pa.uint64(),  # one bit a criterion that it tells of, in the order of the declaration
        "folded": pa.string(),  # what near-duplicates are found by
        "snapshot": pa.string(),
    }
)


class Classified(NamedTuple):
    """What came of some posts: mentions, grain post x agency, and how many posts were left out, by reason."""

    mentions: pa.Table
    left_out: Counter[str]


@dataclass(frozen=True, eq=False)
class Reader:
    """Everything that reading posts needs; it can be sent to another process.

    Attributes:
        model: Model of polarity.
        local: The local model, which says what a post is about, whatever model judges its tone.
        criteria: Code of a criterion to the posts that tell of it.
        kinds: Kinds of agencies that count; empty: all.
        period_start: First day that counts.
        period_end: Last day that counts; the names in a post without a date are those of that day.
        threshold: Confidence from which a post is linked.
    """

    model: ToneModel
    local: LocalModel
    criteria: Mapping[str, ToneCriterion]
    kinds: tuple[str, ...]
    period_start: date
    period_end: date
    threshold: float = THRESHOLD

    @cached_property
    def names(self) -> Names:
        """The names of agencies."""
        return Names.bundled()

    @cached_property
    def _phrases(self) -> tuple[Any, list[int]]:
        """The phrases of all criteria as one automaton, and the bit of each."""
        found = [
            (said(tokens(clean(words))), 1 << bit)
            for bit, criterion in enumerate(self.criteria.values())
            for words in criterion.words
        ]
        return AhoCorasick([phrase for phrase, _ in found] or ["\0"]), [bit for _, bit in found]

    @cached_property
    def _bits_of_aspects(self) -> list[int]:
        """For each aspect the bits of the criteria that it tells of by itself."""
        return [
            sum(1 << bit for bit, one in enumerate(self.criteria.values()) if aspect in one.aspects and not one.within)
            for aspect in ASPECTS
        ]

    @cached_property
    def _bits_within(self) -> list[int]:
        """For each aspect the bits of the criteria that want a phrase too."""
        return [
            sum(1 << bit for bit, one in enumerate(self.criteria.values()) if aspect in one.aspects and one.within)
            for aspect in ASPECTS
        ]

    @cached_property
    def _prefixes(self) -> tuple[str, ...]:
        return tuple(f"{kind.replace('_', '-')}-" for kind in self.kinds)

    @cached_property
    def _bits_of_within(self) -> int:
        return sum(1 << bit for bit, one in enumerate(self.criteria.values()) if one.within)

    def __reduce__(self) -> tuple[Any, ...]:
        state = (self.model, self.local, dict(self.criteria), self.kinds, self.period_start, self.period_end)
        return type(self), (*state, self.threshold)

    def identity(self) -> dict[str, Any]:
        """Return everything that the mentions of a post depend on, as plain values."""
        return {
            "model": self.model.card.as_dict(),
            "local": self.local.card.as_dict(),
            "criteria": {code: one.model_dump(mode="json") for code, one in self.criteria.items()},
            "kinds": list(self.kinds),
            "period": [self.period_start.isoformat(), self.period_end.isoformat()],
            "threshold": self.threshold,
            "names": names_digest(),
            "lists": lists_digest(),
        }

    def bits(self, aspect: int, folded: str) -> int:
        """Return the criteria that a post tells of, as bits."""
        if ASPECTS[aspect] == IRRELEVANT:
            return 0
        automaton, of = self._phrases
        by_words = 0
        for which, start, end in automaton.find_matches_as_indexes(folded, overlapping=True):
            if (not start or folded[start - 1] == " ") and (end == len(folded) or folded[end] == " "):
                by_words |= of[which]
        within = self._bits_within[aspect]
        return self._bits_of_aspects[aspect] | (by_words & ~self._bits_of_within) | (by_words & within)

    def kind(self, agency: str) -> bool:
        """Whether an agency is of a kind that counts."""
        return not self.kinds or agency.startswith(self._prefixes)


def classify(posts: pa.Table, reader: Reader) -> Classified:
    """Find out whom posts are about, what about, and with what tone.

    Args:
        posts: Rows of `POSTS`.
        reader: What reading needs.

    Returns:
        Rows of `MENTIONS`, and the number of posts left out: empty, future, too_old, foreign, unlinked, doubtful.
    """
    left_out: Counter[str] = Counter()
    found = list(_found(posts, reader, left_out))
    if not found:
        return Classified(MENTIONS.empty_table(), left_out)
    rows, texts, words, folded = (list(column) for column in zip(*found, strict=True))
    if reader.model is reader.local:
        polarity, about = reader.local.both(words)
    else:
        polarity, about = reader.model.polarity(texts, words), reader.local.aspect(words)
    aspects = about.argmax(axis=1)
    bits = [reader.bits(int(aspect), one) for aspect, one in zip(aspects, folded, strict=True)]
    post_id, agency, channel, author, day, confidence, snapshot = zip(*rows, strict=True)
    table = pa.table(
        {
            "post_id": post_id,
            "agency": agency,
            "channel": channel,
            "author": author,
            "day": day,
            "confidence": np.array(confidence, dtype=np.float32),
            "negative": polarity[:, 0],
            "neutral": polarity[:, 1],
            "positive": polarity[:, 2],
            "label": polarity.argmax(axis=1).astype(np.int8),
            "aspect": aspects.astype(np.int8),
            "criteria": np.array(bits, dtype=np.uint64),
            "folded": folded,
            "snapshot": snapshot,
        },
        schema=MENTIONS,
    )
    return Classified(table, left_out)


def _found(posts: pa.Table, reader: Reader, left_out: Counter[str]) -> Iterator[tuple[Any, str, list[str], str]]:
    """One row a post and agency: what identifies it, its cleaned words as text, as list, and folded."""
    columns = [posts.column(name).to_pylist() for name in POSTS.names]
    for post_id, channel, author, day, title, body, about, snapshot in zip(*columns, strict=True):
        news = channel == NEWS
        text = compose(f"{title}. {body}" if news and title and body else body or title)
        at = day or reader.period_end
        if reason := _unusable(text, at, reader):
            left_out[reason] += 1
            continue
        named = mentions(text, at, reader.names)
        if about:
            page = mentions(compose(about), at, reader.names)
            named += [replace(mention, start=-1, end=-1) for mention in page if mention.confidence >= THRESHOLD]
        agencies = {agency: sure for agency, sure in linked(named, reader.threshold).items() if reader.kind(agency)}
        if not agencies:
            left_out["doubtful" if any(reader.kind(mention.agency) for mention in named) else "unlinked"] += 1
            continue
        cleaned_text = clean_composed(text)
        found = tokens(cleaned_text)
        plain = fold("\n".join(found)).split("\n")
        if not is_vietnamese(found, plain):
            left_out["foreign"] += 1
            continue
        sure_ones = [mention for mention in named if mention.agency in agencies]
        for agency, confidence in agencies.items():
            span = words_with(text, sure_ones, agency, news=news)
            cleaned = cleaned_text if span == text else clean_composed(span)
            own = found if span == text else tokens(cleaned)
            yield (
                (post_id, agency, channel, author, day, confidence, snapshot),
                cleaned,
                words_of(own),
                _without_signs(plain) if own is found else said(own),
            )


def _unusable(text: str, at: date, reader: Reader) -> str:
    if not text:
        return "empty"
    if at > reader.period_end:
        return "future"
    return "too_old" if at < reader.period_start else ""


def said(words: Collection[str]) -> str:
    """Return words (`normalise.tokens`) as one folded text without stops and signs: what copies and phrases share."""
    return _without_signs(fold("\n".join(words)).split("\n"))


def _without_signs(folded: Collection[str]) -> str:
    return " ".join([word for word in folded if word not in _SIGNS])
