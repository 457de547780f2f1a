"""How well a model judges labelled posts, each number with its 95 % interval (bootstrap over posts)."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from tasks.evidence.tone.features import words_of
from tasks.evidence.tone.model import ASPECTS, POLARITIES, Probabilities, ToneModel
from tasks.evidence.tone.normalise import clean, compose, fold, tokens

DRAWS, SEED = 1_000, 2020
ABSTAIN = 0.5  # probability below which a model had better say nothing
BINS = 15  # of the calibration error
FEWEST = 10  # posts of a part below which nothing is said of it

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


class Estimate(NamedTuple):
    """A number with its interval.

    Attributes:
        value: The number; NaN where no post tells of it.
        low: Lower end of its 95 % interval.
        high: Upper end.
        posts: Posts behind it.
    """

    value: float
    low: float
    high: float
    posts: int


def bootstrap(
    rows: FloatArray, statistic: Callable[[FloatArray], FloatArray], draws: int = DRAWS, seed: int = SEED
) -> Estimate:
    """Estimate what can be computed from sums over posts.

    Args:
        rows: What each post adds to the sums, shape (posts, sums).
        statistic: Sums, shape (draws, sums), to numbers, shape (draws,).
        draws: Draws of the bootstrap.
        seed: Seed of the draws; the same for all parts, so that two numbers over the same posts may be compared.
    """
    count = len(rows)
    if not count:
        return Estimate(np.nan, np.nan, np.nan, 0)
    times = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=draws)
    drawn = statistic(times @ rows)
    low, high = np.nanquantile(drawn, (0.025, 0.975)) if np.isfinite(drawn).any() else (np.nan, np.nan)
    return Estimate(float(statistic(rows.sum(axis=0, keepdims=True))[0]), float(low), float(high), count)


def macro_f1(truth: IntArray, predicted: IntArray, labels: int = 3) -> Estimate:
    """Return the mean of the F1 of all labels; one that is neither true nor predicted of any post is left out.

    Args:
        truth: True label of each post, from 0.
        predicted: Label by the model.
        labels: Number of labels.
    """
    return bootstrap(np.eye(labels**2)[truth * labels + predicted], _f1_of(labels))


def difference(truth: IntArray, one: IntArray, other: IntArray, labels: int = 3) -> Estimate:
    """Return by how much the macro-F1 of `one` is above that of `other` on the same posts."""
    cells = np.hstack([np.eye(labels**2)[truth * labels + predicted] for predicted in (one, other)])
    f1 = _f1_of(labels)
    return bootstrap(cells, lambda sums: f1(sums[:, : labels**2]) - f1(sums[:, labels**2 :]))


def _f1_of(labels: int) -> Callable[[FloatArray], FloatArray]:
    def f1(sums: FloatArray) -> FloatArray:
        tables = sums.reshape(-1, labels, labels)
        right = np.diagonal(tables, axis1=1, axis2=2)
        both = tables.sum(axis=1) + tables.sum(axis=2)
        each = np.where(both > 0, 2 * right / np.maximum(both, 1), np.nan)
        return np.asarray(np.nanmean(each, axis=1))

    return f1


def share(held: npt.NDArray[np.bool_], among: npt.NDArray[np.bool_] | None = None) -> Estimate:
    """Return the share of posts for which something holds, of all or of some."""
    of = np.ones(len(held), dtype=bool) if among is None else among
    rows = np.stack([held & of, of], axis=1).astype(float)
    found = bootstrap(rows, lambda sums: np.where(sums[:, 1] > 0, sums[:, 0] / np.maximum(sums[:, 1], 1), np.nan))
    return found._replace(posts=int(of.sum()))


def calibration_error(probabilities: Probabilities, truth: IntArray) -> Estimate:
    """Return the expected calibration error: how far a model's certainty is from how often it is right.

    Args:
        probabilities: Shape (posts, labels).
        truth: True label of each post.
    """
    sure = probabilities.max(axis=1).astype(float)
    right = probabilities.argmax(axis=1) == truth
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    gaps = np.eye(BINS)[bins] * (right - sure)[:, None]
    count = len(truth)
    return bootstrap(gaps, lambda sums: np.abs(sums).sum(axis=1) / count)


def judged(model: ToneModel, texts: Iterable[str]) -> Probabilities:
    """Return the probabilities that a model gives to texts as they were written, shape (texts, 3)."""
    cleaned = [clean(text) for text in texts]
    return model.polarity(cleaned, [words_of(tokens(text)) for text in cleaned])


def unaccented(texts: Iterable[str]) -> list[str]:
    """Return texts as those write them who have no Vietnamese keyboard."""
    return [fold(compose(text)) for text in texts]


def quality(model: ToneModel, posts: pd.DataFrame) -> pd.DataFrame:
    """Measure a model on labelled posts that it has not seen.

    Args:
        model: The model.
        posts: Text and polarity; where they are there, register and phenomena too (joined by `|`).

    Returns:
        Grain measure: measure, part, value, low, high, posts. Measures are macro_f1 and accuracy (over all, by
        register and by phenomenon), f1_label, calibration_error, coverage, accuracy_when_sure, macro_f1_unaccented and
        unaccented_loss (macro-F1 as written minus without marks).
    """
    truth = places(posts["polarity"], POLARITIES)
    probabilities = judged(model, posts["text"])
    predicted = probabilities.argmax(axis=1)
    plain = judged(model, unaccented(posts["text"])).argmax(axis=1)
    sure = probabilities.max(axis=1) >= ABSTAIN
    found: dict[tuple[str, str], Estimate] = {("macro_f1", ""): macro_f1(truth, predicted)}
    for name, part in parts(posts).items():
        if part.sum() >= FEWEST:
            found[("macro_f1", name)] = macro_f1(truth[part], predicted[part])
            found[("accuracy", name)] = share(truth[part] == predicted[part])
    for at, label in enumerate(POLARITIES):
        binary = (truth == at).astype(np.int64), (predicted == at).astype(np.int64)
        found[("f1_label", label)] = bootstrap(np.eye(4)[binary[0] * 2 + binary[1]], _f1_of_one)
    found[("accuracy", "")] = share(truth == predicted)
    found[("calibration_error", "")] = calibration_error(probabilities, truth)
    found[("coverage", "")] = share(sure)
    found[("accuracy_when_sure", "")] = share(truth == predicted, sure)
    found[("macro_f1_unaccented", "")] = macro_f1(truth, plain)
    found[("unaccented_loss", "")] = difference(truth, predicted, plain)
    rows = [{"measure": measure, "part": part, **one._asdict()} for (measure, part), one in found.items()]
    return pd.DataFrame(rows)


def aspect_quality(predicted: IntArray, aspects: pd.Series) -> dict[str, Estimate]:
    """Measure aspects.

    Args:
        predicted: Place of the aspect that the model gives.
        aspects: True aspects; posts without one do not count.

    Returns:
        `aspect_accuracy`, and `relevance_accuracy`: whether a post is about public services at all.
    """
    known = (aspects != "").to_numpy()
    truth = places(aspects[known], ASPECTS)
    given = predicted[known]
    outside = ASPECTS.index("irrelevant")
    return {
        "aspect_accuracy": share(truth == given),
        "relevance_accuracy": share((truth == outside) == (given == outside)),
    }


def parts(posts: pd.DataFrame) -> Mapping[str, npt.NDArray[np.bool_]]:
    """Return which posts are of each register and phenomenon."""
    found: dict[str, npt.NDArray[np.bool_]] = {}
    if "register" in posts:
        found |= {f"register {name}": (posts["register"] == name).to_numpy() for name in sorted(set(posts["register"]))}
    if "phenomena" in posts:
        each = posts["phenomena"].str.split("|")
        names = sorted(set(each.explode()) - {""})
        found |= {f"phenomenon {name}": each.map(lambda own, name=name: name in own).to_numpy() for name in names}
    return found


def places(labels: pd.Series, order: tuple[str, ...]) -> IntArray:
    """Return the place of each label in an order."""
    found = labels.map({label: at for at, label in enumerate(order)})
    return np.asarray(found.to_numpy(dtype=np.int64), dtype=np.int64).reshape(len(labels))


def _f1_of_one(sums: FloatArray) -> FloatArray:
    both = 2 * sums[:, 3] + sums[:, 1] + sums[:, 2]
    return np.where(both > 0, 2 * sums[:, 3] / np.maximum(both, 1), np.nan)
