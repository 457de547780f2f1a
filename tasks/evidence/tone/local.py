"""The default model `local`: linear classifiers over words and pairs, trained from the project's own corpus.

Kept as a NumPy archive of plain arrays, never as a pickle: a file from elsewhere can be wrong, but it cannot run.
"""

import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp

from tasks.evidence.tone.archive import DAMAGES, prove_archive
from tasks.evidence.tone.counting import table
from tasks.evidence.tone.features import Vectoriser, words_of
from tasks.evidence.tone.linear import Linear, fit, temperature
from tasks.evidence.tone.model import ASPECTS, POLARITIES, ModelCard, Probabilities, ToneModelError
from tasks.evidence.tone.normalise import clean, fold, tokens
from warehouse.files import writing

NAME, VERSION = "local", "1"
_C_POLARITY, _C_ASPECT = 0.5, 0.3
_UNMARKED = 4.0  # weight of a text without diacritics against the text as written: it has less to say
_SEPARATOR = "\n"
_MAKE_AGAIN = (
    "Train your own again (`dti tone train`), or delete it: the next run trains the project's from its corpus."
)


@dataclass(frozen=True, eq=False)
class LocalModel:
    """The trained model.

    Attributes:
        card: What names it; the sha256 is empty until it is kept.
        vectoriser: Words to features.
        polarities: Classifier of polarity.
        aspects: Classifier of aspects.
        held_out: Training posts by true and predicted label, each writer judged by what was learned from the others,
            shape (writers, 3, 3): how much errors differ from one kind of posts to another.
    """

    card: ModelCard
    vectoriser: Vectoriser
    polarities: Linear
    aspects: Linear
    held_out: npt.NDArray[np.float64]

    def polarity(self, texts: Sequence[str], words: Sequence[Sequence[str]]) -> Probabilities:  # noqa: ARG002
        """Judge texts; see `tasks.evidence.tone.model.ToneModel.polarity`."""
        return self.polarities.probabilities(self.vectoriser.transform(words))

    def aspect(self, words: Sequence[Sequence[str]]) -> Probabilities:
        """Say what posts are about: probabilities, shape (posts, aspects), in the order of `ASPECTS`."""
        return self.aspects.probabilities(self.vectoriser.transform(words))

    def both(self, words: Sequence[Sequence[str]]) -> tuple[Probabilities, Probabilities]:
        """Return polarity and aspect with one look at the words."""
        features = self.vectoriser.transform(words)
        return self.polarities.probabilities(features), self.aspects.probabilities(features)


def words_in(text: str) -> list[str]:
    """Return what counts of one text as it was written."""
    return words_of(tokens(clean(text)))


def train(posts: pd.DataFrame) -> LocalModel:
    """Train a model.

    Every post is learned twice, as written and without diacritics, because many citizens write so.

    Args:
        posts: Labelled posts: text, polarity, writer, and aspect where it is known (else empty text). Posts of one
            writer are never learned from and judged at once when probabilities are calibrated.

    Raises:
        ToneModelError: A polarity is missing, so that nothing can be learned of it.
    """
    posts = posts.reset_index(drop=True)
    if missing := sorted(set(POLARITIES) - set(posts["polarity"])):
        raise ToneModelError(f"No training post is {missing[0]}.", "Give labelled posts of all three polarities.")
    twice = [words_in(text) for text in [*posts["text"], *map(fold, posts["text"])]]
    vectoriser = Vectoriser.learn(twice, least=1 if len(posts) < 20_000 else 2)
    features = vectoriser.transform(twice)
    both = pd.concat([posts.assign(weight=1.0), posts.assign(weight=_UNMARKED)], ignore_index=True)
    polarities = _fit(features, both, "polarity", POLARITIES, _C_POLARITY)
    warmth, held_out = _held_out(features, both, len(posts))
    polarities = replace(polarities, temperature=warmth)
    aspects = _fit(features, both, "aspect", ASPECTS, _C_ASPECT)
    return LocalModel(ModelCard(NAME, VERSION, "", training_digest(posts)), vectoriser, polarities, aspects, held_out)


def training_digest(posts: pd.DataFrame) -> str:
    """sha256 over texts and labels in their order."""
    digest = hashlib.sha256()
    for row in posts[["text", "polarity", "aspect", "writer"]].itertuples(index=False):
        digest.update(json.dumps(list(row), ensure_ascii=False).encode())
    return digest.hexdigest()


def save(model: LocalModel, file: Path) -> LocalModel:
    """Keep a model, with a card beside it; return it with the digest of its file."""
    content = io.BytesIO()
    np.savez(
        content,
        allow_pickle=False,
        words=np.frombuffer(_SEPARATOR.join(model.vectoriser.words).encode(), dtype=np.uint8),
        pairs=model.vectoriser.pairs,
        idf=model.vectoriser.weights,
        polarity_weights=model.polarities.weights,
        polarity_bias=model.polarities.bias,
        temperature=np.array([model.polarities.temperature]),
        aspect_weights=model.aspects.weights,
        aspect_bias=model.aspects.bias,
        held_out=model.held_out,
    )
    card = replace(model.card, sha256=hashlib.sha256(content.getvalue()).hexdigest())
    with writing(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        for place, bytes_ in ((file, content.getvalue()), (_card_of(file), json.dumps(card.as_dict()).encode())):
            unfinished = place.with_name(f"{place.name}.{id(model)}.tmp")
            unfinished.write_bytes(bytes_)
            unfinished.replace(place)
    return replace(model, card=card)


def load(file: Path, sha256: str = "") -> LocalModel:
    """Read a model that was kept.

    Args:
        file: Its file.
        sha256: The digest that it must have; empty: the one on its card.

    Raises:
        ToneModelError: It is not there, was altered, or is no model.
    """
    try:
        card = ModelCard(**json.loads(_card_of(file).read_text(encoding="utf-8")))
        if not all(isinstance(said, str) for said in card.as_dict().values()):
            raise TypeError
        content = file.read_bytes()
    except (OSError, ValueError, TypeError) as error:
        raise ToneModelError(f"The model {file} cannot be read with its card.", _MAKE_AGAIN) from error
    if card.version != VERSION:
        raise ToneModelError(f"The model {file} is of version {card.version}, not {VERSION}.", _MAKE_AGAIN)
    found = hashlib.sha256(content).hexdigest()
    if found != (sha256 or card.sha256):
        raise ToneModelError(
            f"The model {file} is not the one that was recorded: its sha256 is {found[:12]}…, "
            f"not {(sha256 or card.sha256)[:12]}….",
            _MAKE_AGAIN,
        )
    try:
        prove_archive(content)
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            names = arrays["words"].tobytes().decode().split(_SEPARATOR)
            words = {word: at for at, word in enumerate(names)}
            polarities = Linear(
                POLARITIES, arrays["polarity_weights"], arrays["polarity_bias"], float(arrays["temperature"][0])
            )
            aspects = Linear(ASPECTS, arrays["aspect_weights"], arrays["aspect_bias"])
            vectoriser = Vectoriser(words, arrays["pairs"], arrays["idf"])
            model = LocalModel(card, vectoriser, polarities, aspects, arrays["held_out"])
        _prove_fit(model)
    except DAMAGES as error:
        raise ToneModelError(f"{file} is no model of this version.", _MAKE_AGAIN) from error
    return model


def _prove_fit(model: LocalModel) -> None:
    """Prove that the arrays of a model belong together.

    Raises:
        ValueError: They do not.
    """
    width, pairs = model.vectoriser.width, model.vectoriser.pairs
    good = model.vectoriser.weights.shape == (width,) and pairs.ndim == 1 and pairs.dtype == np.int64
    for one in (model.polarities, model.aspects):
        good = good and one.weights.shape == (width, len(one.labels)) and one.bias.shape == (len(one.labels),)
        good = good and bool(np.isfinite(one.weights).all() and np.isfinite(one.bias).all())
    if not good or not 0 < model.polarities.temperature < float("inf"):
        raise ValueError("its arrays do not belong together")


def _card_of(file: Path) -> Path:
    return file.with_suffix(".json")


def _fit(features: sp.csr_array, posts: pd.DataFrame, label: str, order: tuple[str, ...], c: float) -> Linear:
    known = (posts[label] != "").to_numpy()
    if not known.any():
        return Linear(order, np.zeros((features.shape[1], len(order)), np.float32), np.zeros(len(order), np.float32))
    weights = posts.loc[known, "weight"].to_numpy(dtype=float)
    balanced = label == "aspect"  # aspects differ in number by ten
    return fit(features[known], posts.loc[known, label].tolist(), order, weights, c, balanced=balanced)


def _held_out(features: sp.csr_array, posts: pd.DataFrame, count: int) -> tuple[float, npt.NDArray[np.float64]]:
    """Judge each writer's posts by what was learned from the others.

    Returns:
        The temperature of polarity, and posts by true and predicted label, shape (writers, 3, 3).
    """
    writers = posts["writer"].to_numpy()
    truth = posts["polarity"].map(POLARITIES.index).to_numpy(dtype=np.int64)
    scores, seen, tables = [], [], []
    for writer in sorted(set(writers)):
        held = writers == writer
        if set(truth[~held]) != {0, 1, 2}:
            continue
        model = _fit(features[~held], posts[~held], "polarity", POLARITIES, _C_POLARITY)
        places = np.flatnonzero(held[:count])
        found = model.probabilities(features[places]).astype(float)
        scores.append(np.log(found + 1e-12))
        seen.append(truth[places])
        tables.append(table(truth[places], found.argmax(axis=1)))
    if not scores:
        return 1.0, np.zeros((0, 3, 3))
    return temperature(np.concatenate(scores), np.concatenate(seen)), np.stack(tables)
