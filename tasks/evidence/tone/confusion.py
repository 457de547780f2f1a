"""How often a model takes one label for another in each channel, from posts whose true label is known."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from tasks.evidence.tone.counting import design_effect, table, transfer
from tasks.evidence.tone.features import words_of
from tasks.evidence.tone.model import POLARITIES, ToneModel
from tasks.evidence.tone.normalise import clean, tokens
from tasks.evidence.tone.prevalence import Confusion

FEWEST_AUDITED = 50  # posts of a channel from which audits speak for themselves
_FEWEST_OF_CHANNEL = 60  # labelled posts below which a channel takes the matrix of all
_PRIOR = 5.0  # posts of each true label that the corpus is worth beside audited ones
VALIDATION, AUDIT = "validation", "audit"
# Audited posts: the criteria they tell of (joined by |), the label of the model, that of an annotator, the weight.
AUDITED = ("post_id", "agency", "channel", "month", "criteria", "model", "predicted", "true", "weight")


def confusions(
    model: ToneModel,
    validation: pd.DataFrame,
    audited: pd.DataFrame,
    channels: Sequence[str],
    held_out: npt.NDArray[np.float64] | None = None,
) -> dict[str, tuple[Confusion, str]]:
    """Return the confusion matrix of each channel and where it comes from.

    Args:
        model: The model.
        validation: Labelled posts that the model did not learn from: text, polarity, channel.
        audited: Rows of `AUDITED` whose label this model gave; of a channel with enough of them they are used alone,
            because they are posts of the kind that is measured.
        channels: The channels wanted.
        held_out: Posts by true and predicted label of several writers that the model did not learn from, shape
            (writers, 3, 3): validation posts are worth less by how much writers differ, audited ones are not. None:
            not known.

    Returns:
        Channel to matrix and `audit` or `validation`.
    """
    predicted = predict(model, validation["text"].tolist())
    truth = validation["polarity"].map(POLARITIES.index).to_numpy(dtype=np.int64)
    worth = np.ones((3, 1)) if held_out is None else transfer(held_out)[:, None]
    whole = table(truth, predicted)
    found = {}
    for channel in channels:
        own = audited[audited["channel"] == channel]
        read = own.groupby("post_id")["weight"].sum().to_numpy(dtype=float)
        if len(read) >= FEWEST_AUDITED:
            # Weights say how many posts one stands for; together they are worth no more than the posts that were read.
            weights = own["weight"].to_numpy(dtype=float) * len(read) / read.sum() / design_effect(read)
            judged, labelled = (own[name].map(POLARITIES.index).to_numpy(np.int64) for name in ("true", "predicted"))
            found[channel] = Confusion(table(judged, labelled, weights), prior=_weak(whole)), AUDIT
            continue
        here = (validation["channel"] == channel).to_numpy()
        enough = here.sum() >= _FEWEST_OF_CHANNEL
        found[channel] = Confusion(worth * (table(truth[here], predicted[here]) if enough else whole)), VALIDATION
    return found


def _weak(counts: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Posts of the corpus as `_PRIOR` of each label: they steady a label that hardly any audited post has."""
    weak: npt.NDArray[np.float64] = _PRIOR * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1.0)
    return weak


def by_writer(model: ToneModel, posts: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Return posts by true and predicted label of each writer, shape (writers, 3, 3).

    Args:
        model: A model that learned from none of them.
        posts: Labelled posts: text, polarity, writer.
    """
    truth = posts["polarity"].map(POLARITIES.index).to_numpy(dtype=np.int64)
    predicted = predict(model, posts["text"].tolist())
    writers = posts["writer"].to_numpy()
    return np.stack([table(truth[writers == one], predicted[writers == one]) for one in sorted(set(writers))])


def predict(model: ToneModel, texts: list[str]) -> npt.NDArray[np.int64]:
    """Return the place of the likeliest polarity of each text."""
    cleaned = [clean(text) for text in texts]
    words = [words_of(tokens(text)) for text in cleaned]
    return np.asarray(model.polarity(cleaned, words).argmax(axis=1), dtype=np.int64)
