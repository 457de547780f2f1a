"""Counting labels: tables of true and predicted ones, and what unequal weights and unlike posts make them worth."""

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
_FEWEST_WRITERS = 3


def table(
    truth: npt.NDArray[np.int64], predicted: npt.NDArray[np.int64], weights: npt.NDArray[np.float64] | None = None
) -> npt.NDArray[np.float64]:
    """Return posts by true (rows) and predicted label (columns), shape (3, 3)."""
    counted = np.bincount(truth * 3 + predicted, weights=weights, minlength=9)
    return counted.reshape(3, 3).astype(float)


def design_effect(weights: npt.NDArray[np.float64]) -> float:
    """Return by how much unequal weights make posts worth less (Kish)."""
    return float(len(weights) * (weights**2).sum() / weights.sum() ** 2)


def transfer(tables: FloatArray) -> FloatArray:
    """Return what a labelled post of one kind is worth for posts of another, by true label, from 0 to 1.

    The errors of a model differ from one kind of posts to another by more than chance. How much is seen between the
    writers of the corpus: as between clusters of a survey.

    Args:
        tables: Posts by true and predicted label of several writers, shape (writers, 3, 3).

    Returns:
        Shape (3,): 1 where writers do not differ by more than chance, or are too few to tell.
    """
    posts = tables.sum(axis=2)
    worth = np.ones(3)
    for label in range(3):
        own = posts[:, label] > 0
        size = posts[own, label]
        if own.sum() < _FEWEST_WRITERS:
            continue
        rates = tables[own, label, label] / size
        chance = float((rates * (1 - rates) / size).mean())
        between = max(0.0, float(rates.var(ddof=1)) - chance)
        middle = float(np.average(rates, weights=size))
        single = middle * (1 - middle)
        # Of n posts of one writer the rate of another is known with the error between + single / n.
        worth[label] = 1.0 if not single else single / (single + between * float(size.mean()))
    return worth
