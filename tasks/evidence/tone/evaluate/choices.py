"""What each choice in the default model is worth, on the validation posts: nothing is ever chosen on the test posts."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tasks.evidence.tone.evaluate.quality import (
    Estimate,
    IntArray,
    difference,
    judged,
    macro_f1,
    places,
    unaccented,
)
from tasks.evidence.tone.features import Vectoriser, words_of
from tasks.evidence.tone.lexicon import BLAME, PRAISE
from tasks.evidence.tone.linear import fit
from tasks.evidence.tone.local import _C_POLARITY as C
from tasks.evidence.tone.local import train, words_in
from tasks.evidence.tone.model import POLARITIES
from tasks.evidence.tone.normalise import NOT, clean, tokens

Words = Callable[[Sequence[str]], list[list[str]]]
Judge = Callable[[Sequence[str]], IntArray]
Learn = Callable[[pd.DataFrame], Judge]


def compare(training: pd.DataFrame, held_out: pd.DataFrame) -> pd.DataFrame:
    """Train the default model in several ways and compare them.

    Args:
        training: Posts to learn from: text, polarity, aspect and writer.
        held_out: Posts to judge: text and polarity.

    Returns:
        Grain choice: choice, macro_f1 and macro_f1_unaccented with `_low` and `_high`, gain (over the first row, on the
        texts as written) with the same, and seconds (training and judging).
    """
    truth = places(held_out["polarity"], POLARITIES)
    rows: list[dict[str, Any]] = []
    first: IntArray | None = None
    for name, learn in _WAYS.items():
        start = time.perf_counter()
        judge = learn(training)
        written, plain = judge(held_out["text"].tolist()), judge(unaccented(held_out["text"]))
        seconds = time.perf_counter() - start
        first = written if first is None else first
        found = {
            "macro_f1": macro_f1(truth, written),
            "macro_f1_unaccented": macro_f1(truth, plain),
            "gain": difference(truth, written, first),
        }
        rows.append({"choice": name, **_flat(found), "seconds": seconds})
    return pd.DataFrame(rows)


def _flat(found: dict[str, Estimate]) -> dict[str, float]:
    return {
        f"{name}{end}": number
        for name, one in found.items()
        for end, number in (("", one.value), ("_low", one.low), ("_high", one.high))
    }


def _words(texts: Sequence[str]) -> list[list[str]]:
    return [words_in(text) for text in texts]


def _without_negation(texts: Sequence[str]) -> list[list[str]]:
    return [[word.removeprefix(NOT) for word in words_in(text)] for text in texts]


def _without_lexicon(texts: Sequence[str]) -> list[list[str]]:
    return [[word for word in words_in(text) if word.removeprefix(NOT) not in (PRAISE, BLAME)] for text in texts]


def _segmented(texts: Sequence[str]) -> list[list[str]]:
    from underthesea import word_tokenize

    return [words_of(word_tokenize(" ".join(tokens(clean(text))), format="text").split()) for text in texts]


def _local(training: pd.DataFrame) -> Judge:
    model = train(training)
    return lambda texts: judged(model, texts).argmax(axis=1)


def _linear(words: Words, *, twice: bool = True) -> Learn:
    """Logistic regression over words and pairs; `twice`: over copies without marks too."""

    def learn(training: pd.DataFrame) -> Judge:
        texts = training["text"].tolist()
        learned = words(texts + unaccented(texts) if twice else texts)
        labels = training["polarity"].tolist() * (2 if twice else 1)
        vectoriser = Vectoriser.learn(learned, least=1)
        classifier = fit(vectoriser.transform(learned), labels, POLARITIES, np.ones(len(labels)), C)
        return lambda held_out: classifier.probabilities(vectoriser.transform(words(held_out))).argmax(axis=1)

    return learn


def _rust(training: pd.DataFrame) -> Judge:
    """The classifier of underthesea's Rust core: the same features, a linear support vector machine."""
    from underthesea_core import TextClassifier

    def joined(texts: Sequence[str]) -> list[str]:
        return [" ".join(post) for post in _words(texts)]

    written = training["text"].tolist()
    classifier = TextClassifier(max_features=200_000, ngram_range=(1, 2))
    classifier.fit(joined(written) + joined(unaccented(written)), training["polarity"].tolist() * 2)
    return lambda texts: places(pd.Series(classifier.predict_batch(joined(texts))), POLARITIES)


_WAYS: dict[str, Learn] = {
    "local, as it is": _local,
    "without copies that lack diacritics": _linear(_words, twice=False),
    "without negation marks": _linear(_without_negation),
    "without the lists of praise and blame": _linear(_without_lexicon),
    "with word segmentation (underthesea)": _linear(_segmented),
    "TextClassifier of underthesea_core": _rust,
}
