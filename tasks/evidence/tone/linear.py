"""Linear classifiers over weighted words: learned in seconds, kept as plain arrays, the same bytes every time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.optimize import minimize_scalar

from tasks.evidence.tone.features import FloatArray

_DIGITS = 4  # kept of a weight: what differs behind them between processors changes no label worth having


@dataclass(frozen=True, eq=False)
class Linear:
    """One classifier.

    Attributes:
        labels: Labels in the order of the columns.
        weights: Shape (features, labels).
        bias: Shape (labels,).
        temperature: What scores are divided by, so that a probability of 0.8 is right 8 times of 10.
    """

    labels: tuple[str, ...]
    weights: FloatArray
    bias: FloatArray
    temperature: float = 1.0

    def probabilities(self, features: sp.csr_array) -> FloatArray:
        """Return probabilities, shape (rows of features, labels)."""
        scores = (np.asarray(features @ self.weights) + self.bias) / self.temperature
        scores -= scores.max(axis=1, keepdims=True)
        powers = np.exp(scores)
        return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float32)


def fit(
    features: sp.csr_array,
    labels: Sequence[str],
    order: tuple[str, ...],
    weights: npt.NDArray[np.float64],
    c: float,
    *,
    balanced: bool = False,
) -> Linear:
    """Learn a classifier: a linear support vector machine, one label against the others.

    Args:
        features: Shape (posts, features).
        labels: Label of each post.
        order: All labels in the order wanted; one that no post has is never said.
        weights: Weight of each post.
        c: Inverse strength of the penalty on large weights.
        balanced: Whether labels weigh the same in all, however rare.
    """
    from sklearn.svm import LinearSVC

    model = LinearSVC(C=c, class_weight="balanced" if balanced else None, random_state=0, max_iter=5_000)
    model.fit(features, np.asarray(labels), sample_weight=weights)
    coefficients, intercepts = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # of two labels the library keeps the scores of the second
        coefficients, intercepts = np.vstack([-coefficients, coefficients]), np.hstack([-intercepts, intercepts])
    table = np.zeros((features.shape[1], len(order)), dtype=np.float32)
    bias = np.full(len(order), -50.0, dtype=np.float32)
    for row, label in enumerate(model.classes_):
        at = order.index(str(label))
        table[:, at] = np.round(coefficients[row], _DIGITS)
        bias[at] = np.round(intercepts[row], _DIGITS)
    return Linear(order, table, bias)


def temperature(scores: npt.NDArray[np.float64], truth: npt.NDArray[np.int64]) -> float:
    """Return the temperature under which held-out labels are most likely.

    Args:
        scores: Log-probabilities of posts that the classifier had not seen, shape (posts, labels).
        truth: Column of the true label, shape (posts,).
    """

    def loss(candidate: float) -> float:
        scaled = scores / candidate
        scaled = scaled - scaled.max(axis=1, keepdims=True)
        logs = scaled - np.log(np.exp(scaled).sum(axis=1, keepdims=True))
        return float(-logs[np.arange(len(truth)), truth].mean())

    return round(float(minimize_scalar(loss, bounds=(0.05, 3.0), method="bounded").x), 3)
