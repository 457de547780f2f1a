"""Partial pooling: what is known of all agencies steadies what few posts say of one (empirical Bayes).

Ranking by raw shares puts agencies with few posts at both ends. The shares of the agencies are taken as draws from one
Dirichlet distribution, which is estimated from all of them (Dirichlet-multinomial); an agency with many posts keeps its
own shares, one with few moves towards the middle, and its interval says so.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.special import gammaln

from tasks.evidence.tone.prevalence import NET, Shares

FloatArray = npt.NDArray[np.float64]
_FEWEST = 5  # agencies from which pooling says anything
_FLAT = 1e-9
_ROUNDS = 50


@dataclass(frozen=True)
class Pooled:
    """Shares of all agencies in one channel.

    Attributes:
        shares: Shape (agencies, 3).
        variance: Of each agency's tone, its own: sampling, classification and pooling.
        common: Of each agency's tone by the correction, an error that all share.
        strength: Posts that the other agencies are worth; 0 where nothing was pooled.
        absent: What is known of an agency without posts in the channel: the middle of the others, and how far they
            differ; None where nothing was pooled.
    """

    shares: FloatArray
    variance: FloatArray
    common: FloatArray
    strength: float
    absent: Shares | None = None

    @property
    def tone(self) -> FloatArray:
        """Positive minus negative, by agency."""
        return np.asarray(self.shares @ NET)


def pool(found: list[Shares]) -> Pooled:
    """Pool the corrected shares of agencies in one channel.

    Args:
        found: Corrected shares, one an agency.
    """
    shares = np.array([one.shares for one in found]).reshape(-1, 3)
    variance = np.array([one.variance for one in found])
    common = np.array([one.common for one in found])
    if len(found) < _FEWEST:
        return Pooled(shares, variance, common, 0.0)
    worth = _worth(shares, variance)
    mean, strength = _estimate(shares * worth[:, None], worth)
    total = worth + strength
    pooled = (shares * worth[:, None] + mean * strength) / total[:, None]
    tone = pooled @ NET
    own = (pooled[:, 0] + pooled[:, 2] - tone**2) / (total + 1)
    # The middle itself is estimated: its error reaches an agency by the share that it takes from the middle.
    # An agency's shares vary about it by spread * total / (worth * (strength + 1)) (Dirichlet-multinomial).
    spread = float(mean[0] + mean[2] - (mean @ NET) ** 2)
    middle = spread / float(np.sum(worth * (strength + 1) / total))
    taken = strength / total
    # Of the middle's correction an agency that needs none itself takes its share too.
    shared = np.maximum(common, taken**2 * common.mean())
    absent = Shares(mean, spread / (strength + 1) + middle, float(common.mean()))
    return Pooled(pooled, own + taken**2 * middle, shared, strength, absent)


def _worth(shares: FloatArray, variance: FloatArray) -> FloatArray:
    """How many posts with a known label an agency's corrected shares are worth."""
    middle = shares.mean(axis=0)
    spread = middle[0] + middle[2] - (middle @ NET) ** 2
    tone = shares @ NET
    own = np.maximum(shares[:, 0] + shares[:, 2] - tone**2, spread / 4)
    return np.asarray(own / np.maximum(variance, _FLAT))


def _estimate(counts: FloatArray, worth: FloatArray) -> tuple[FloatArray, float]:
    """Mean and strength (sum of parameters) of the Dirichlet distribution that makes the counts most likely."""
    mean = counts.sum(axis=0) / worth.sum()
    strength = 10.0
    for _ in range(_ROUNDS):
        before = strength
        mean = np.maximum(mean, 1e-4) / np.maximum(mean, 1e-4).sum()
        strength = _strength(counts, worth, mean)
        weights = worth / (worth + strength)
        mean = (counts / worth[:, None] * weights[:, None]).sum(axis=0) / weights.sum()
        if abs(strength - before) < 1e-3 * before:
            break
    return mean, strength


def _strength(counts: FloatArray, worth: FloatArray, mean: FloatArray) -> float:
    def unlikely(log_strength: float) -> float:
        total = np.exp(log_strength)
        alpha = total * mean
        each = gammaln(total) - gammaln(worth + total) + (gammaln(counts + alpha) - gammaln(alpha)).sum(axis=1)
        return -float(each.sum())

    best = minimize_scalar(unlikely, bounds=(np.log(0.5), np.log(1e5)), method="bounded")
    return float(np.exp(best.x))
