"""From counts of labels to shares of opinions: counting what a classifier says is not measuring what people say.

A classifier that mistakes one label for another shifts every share. Two corrections are known to be sound: the adjusted
count, which inverts the confusion matrix, and prediction-powered inference, which adds what audited posts say of the
classifier's errors (Angelopoulos et al. 2023).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tasks.evidence.shared import directions

FloatArray = npt.NDArray[np.float64]
NET = np.array([-1.0, 0.0, 1.0])  # the tone of a negative, a neutral and a positive post
DRAWS = 1_000
_FLAT = 1e-12
_PRIOR = 0.5  # of a post, in each row of the matrix: for the right label, and as much again spread over all three


@dataclass(frozen=True)
class Shares:
    """Corrected shares of one stratum: an agency's posts of one channel.

    Attributes:
        shares: Negative, neutral and positive, within [0, 1] and with sum 1.
        variance: Of the tone (positive minus negative) by the sampling of posts.
        common: Of the tone by not knowing the classifier's errors exactly; the same matrix for all agencies.
        way: That error by what is not known of the matrix, shape (3,): products of two strata are the covariance of
            their errors, the square is `common`. None: all strata are off by the same.
    """

    shares: FloatArray
    variance: float
    common: float
    way: FloatArray | None = None

    @property
    def common_way(self) -> FloatArray:
        """The common error by its causes, shape (3,)."""
        return np.array([np.sqrt(self.common), 0.0, 0.0]) if self.way is None else self.way

    @property
    def tone(self) -> float:
        """Positive minus negative."""
        return float(self.shares @ NET)


class Confusion:
    """How often a classifier takes one label for another, and how well that is known.

    Args:
        counts: Posts by true (rows) and predicted label (columns), shape (3, 3); weighted counts are effective ones.
        seed: Seed of the draws.
        prior: What is believed before, as posts like `counts`; beside it the usual small one.
    """

    def __init__(self, counts: FloatArray, seed: int = 2020, prior: FloatArray | float = 0.0) -> None:
        self.counts = np.asarray(counts, dtype=float)
        rates = self.counts + prior + _PRIOR * np.eye(3) + _PRIOR / 3
        self.rates: FloatArray = rates / rates.sum(axis=1, keepdims=True)
        draws = np.random.default_rng(seed).standard_gamma(rates, size=(DRAWS, 3, 3))
        self._inverses = np.linalg.pinv((draws / draws.sum(axis=2, keepdims=True)).transpose(0, 2, 1))
        self._inverse = np.linalg.pinv(self.rates.T)
        # The tone is linear in the labels: NET times the inverse says what a label of each kind is off by in a draw.
        by_label = NET @ self._inverses
        ways = directions(by_label - by_label.mean(axis=0)) * by_label.std(axis=0, ddof=1)[:, None]
        self._ways: FloatArray = np.pad(ways, ((0, 0), (0, 3 - ways.shape[1])))

    @property
    def n(self) -> float:
        """Labelled posts behind it."""
        return float(self.counts.sum())

    def adjusted(self, predicted: FloatArray, effective_n: float) -> Shares:
        """Correct the labels of one stratum.

        Args:
            predicted: Weighted number of posts by predicted label, shape (3,).
            effective_n: Number of independent posts they are worth.
        """
        observed = predicted / predicted.sum()
        shares = to_simplex(self._inverse @ observed)
        expected = self.rates.T @ shares  # what the labels should look like: steadier than what few posts show
        spread = np.diag(expected) - np.outer(expected, expected)
        direction = NET @ self._inverse
        variance = float(direction @ spread @ direction) / effective_n
        common = float(np.var(self._inverses @ observed @ NET, ddof=1))
        return Shares(shares, variance, common, observed @ self._ways)


def prediction_powered(
    predicted: FloatArray,
    audited_predicted: FloatArray,
    audited_true: FloatArray,
    weights: FloatArray | None = None,
) -> Shares:
    """Correct the labels of one stratum by its own audited posts.

    Args:
        predicted: One row a post, its label as 0 and 1, shape (posts, 3).
        audited_predicted: The same of the audited posts, shape (audited, 3).
        audited_true: Their true labels, shape (audited, 3).
        weights: How many posts each audited one stands for, shape (audited,); None: all alike. A sample that is even
            over the labels of the classifier is not like the posts, and would shift the shares without them.

    Returns:
        The shares; their error is this stratum's own, so nothing is common.
    """
    machine, machine_audited, truth = (rows @ NET for rows in (predicted, audited_predicted, audited_true))
    stands_for = np.full(len(truth), 1 / len(truth)) if weights is None else weights / weights.sum()
    power = _power(machine, machine_audited, truth, stands_for)
    mended = power * predicted.mean(axis=0) + stands_for @ (audited_true - power * audited_predicted)
    errors = truth - power * machine_audited
    of_audit = stands_for**2 @ (errors - stands_for @ errors) ** 2
    return Shares(to_simplex(mended), float(power**2 * np.var(machine) / len(machine) + of_audit), 0.0)


def _power(machine: FloatArray, machine_audited: FloatArray, truth: FloatArray, stands_for: FloatArray) -> float:
    """How much the classifier is trusted: the weight with the smallest variance (PPI++, Angelopoulos et al. 2024)."""
    audited = 1 / float(stands_for @ stands_for)  # posts that the audited ones are worth
    everything = np.concatenate([machine, machine_audited])
    alike = np.concatenate([np.ones(len(machine)), stands_for * audited])
    spread = float(np.cov(everything, aweights=alike, ddof=0))
    if spread < _FLAT:
        return 0.0
    covariance = float(stands_for @ ((truth - stands_for @ truth) * (machine_audited - stands_for @ machine_audited)))
    return float(np.clip(covariance / ((1 + audited / len(machine)) * spread), 0, 1))


def to_simplex(shares: FloatArray) -> FloatArray:
    """Return the nearest shares that are not negative and sum to 1."""
    descending = np.sort(shares)[::-1]
    excess = (np.cumsum(descending) - 1) / np.arange(1, len(shares) + 1)
    cut = excess[np.flatnonzero(descending > excess)[-1]]
    nearest: FloatArray = np.maximum(shares - cut, 0.0)
    return nearest
