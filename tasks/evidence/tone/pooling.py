"""Partial pooling: what is known of all agencies steadies what few posts say of one.

Ranking by raw shares puts agencies with few posts at both ends. The shares of the agencies are taken as draws from one
Dirichlet distribution, which is estimated from all of them (Dirichlet-multinomial); an agency with many posts keeps its
own shares, one with few moves towards the middle, and its interval says so.

How alike agencies are is the strength s of that distribution, the sum of its parameters: s / (s + n) of an agency with
n posts comes from the middle. Few agencies say little of s, and its likeliest value is then often far too large. So it
is not chosen, but integrated over, with the weight p(s | data) ~ p(data | s) p(s):

- p(data | s) is the likelihood of the Dirichlet-multinomial at the middle that goes with s, divided by
  A(s) = sum over agencies of n (s + 1) / (n + s): the middle, of two free shares, is integrated over too (Laplace);
  without that, as with variances divided by n, agencies look more alike than they are.
- p(s): agencies differ in tone by a standard deviation of sqrt(1 / (s + 1)) times that of single posts; of this factor
  every value from 0 to 1 is as likely as any other. It is the weak prior of Gelman, "Prior distributions for variance
  parameters in hierarchical models", Bayesian Analysis 1 (2006) 515-534, and of "Bayesian Data Analysis" (3rd ed.,
  section 5.3) for the same kind of model; it needs no scale, and rather says that agencies differ.

The tone is the mean over s; its variance the mean of the variances plus the variance of the means.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from tasks.evidence.shared import fitted
from tasks.evidence.tone.prevalence import NET, Shares

FloatArray = npt.NDArray[np.float64]
_FEWEST = 5  # agencies from which pooling says anything
_FLAT = 1e-9
_LEAST = 1e-4  # of a share of the middle
_STEPS = 200  # of the prior; the middles of as many parts of equal weight
_STRENGTHS: FloatArray = ((np.arange(_STEPS) + 0.5) / _STEPS) ** -2.0 - 1.0


@dataclass(frozen=True)
class Pooled:
    """Shares of all agencies in one channel.

    Attributes:
        shares: Shape (agencies, 3).
        variance: Of each agency's tone, its own: sampling, classification and pooling.
        common: Of each agency's tone by the correction, an error that all share.
        pulled: The part of `variance` that is there because the agency was moved towards the middle: one that is off
            the middle in this channel is so in others too, so these errors do not cancel over channels.
        sampled: The part of `variance` that the sampling of posts leaves; criteria that count the same posts share it.
        reached: The part of `pulled` that the error of the middle is, which all agencies share.
        ways: The common error by its causes, shape (agencies, 3); see `Shares`.
        strength: Posts that the other agencies are worth; 0 where nothing was pooled.
        absent: What is known of an agency without posts in the channel: the middle of the others, and how far they
            differ; None where nothing was pooled.
        absent_reached: The part of its variance that the error of the middle is.
    """

    shares: FloatArray
    variance: FloatArray
    common: FloatArray
    pulled: FloatArray
    sampled: FloatArray
    reached: FloatArray
    ways: FloatArray
    strength: float
    absent: Shares | None = None
    absent_reached: float = 0.0

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
    ways = np.array([one.common_way for one in found]).reshape(-1, 3)
    if len(found) < _FEWEST:
        nothing = np.zeros(len(found))
        return Pooled(shares, variance, common, nothing, variance, nothing, ways, 0.0)
    worth = _worth(shares, variance)
    # By strength (rows) and agency, as all that follows: what comes from the middle, and what is the agency's own.
    taken, kept = (part / (worth + _STRENGTHS[:, None]) for part in (_STRENGTHS[:, None], worth))
    middle = _middles(shares, kept)
    information = (kept * (_STRENGTHS[:, None] + 1)).sum(axis=1)  # single posts that the middle is known from
    likely = _likely(shares, worth, middle, information)
    pooled = taken[:, :, None] * middle[:, None] + kept[:, :, None] * shares
    tone = pooled @ NET
    own = (pooled[:, :, 0] + pooled[:, :, 2] - tone**2) / (worth + _STRENGTHS[:, None] + 1)
    # The middle itself is estimated: its error reaches an agency by the share that it takes from the middle.
    spread = middle[:, 0] + middle[:, 2] - (middle @ NET) ** 2
    of_middle = spread / information
    between = _STRENGTHS + 1
    reached = taken**2 * of_middle[:, None]
    unsure = likely @ (tone - likely @ tone) ** 2  # how far the tone hangs on the strength
    # Of the middle's correction an agency that needs none itself takes its share too.
    of_others = (likely @ taken) ** 2 * common.mean()
    shared = np.maximum(common, of_others)
    way = ways.mean(axis=0)
    ways = fitted(np.where((common < of_others)[:, None], way, ways), np.sqrt(shared))
    absent = Shares(
        shares=likely @ middle,
        variance=float(likely @ (spread / between + of_middle)),
        common=float(common.mean()),
        way=fitted(way[None], np.sqrt([common.mean()]))[0],
    )
    return Pooled(
        shares=np.einsum("s,sac->ac", likely, pooled),
        variance=likely @ (own + reached) + unsure,
        common=shared,
        pulled=likely @ (taken * own + reached),
        sampled=likely @ (kept * own),
        reached=likely @ reached,
        ways=ways,
        strength=float(1 / (likely @ (1 / between)) - 1),
        absent=absent,
        absent_reached=float(likely @ of_middle),
    )


def over_channels(weights: FloatArray, variance: FloatArray, pulled: FloatArray, common: FloatArray) -> float:
    """Return the variance of a weighted mean of an agency's tones in several channels.

    The errors of sampling and correction are those of each channel. What pooling took from an agency that is off the
    middle goes together: how far, is not known, and the most that is possible is assumed (Cauchy-Schwarz).

    Args:
        weights: Of the channels; together 1.
        variance: See `Pooled`, by channel; and so the others.
        pulled: The part of `variance` that does not cancel.
        common: By the correction.
    """
    return float(weights**2 @ (variance - pulled + common) + (weights @ np.sqrt(pulled)) ** 2)


def _worth(shares: FloatArray, variance: FloatArray) -> FloatArray:
    """How many posts with a known label an agency's corrected shares are worth."""
    middle = shares.mean(axis=0)
    spread = middle[0] + middle[2] - (middle @ NET) ** 2
    tone = shares @ NET
    own = np.maximum(shares[:, 0] + shares[:, 2] - tone**2, spread / 4)
    return np.asarray(np.maximum(own, _FLAT) / np.maximum(variance, _FLAT))  # all may say the same


def _middles(shares: FloatArray, kept: FloatArray) -> FloatArray:
    """Mean shares of the agencies, by strength: the more alike they are, the more an agency with many posts counts."""
    mean = np.maximum(kept @ shares / kept.sum(axis=1, keepdims=True), _LEAST)
    return np.asarray(mean / mean.sum(axis=1, keepdims=True))


def _likely(shares: FloatArray, worth: FloatArray, middle: FloatArray, information: FloatArray) -> FloatArray:
    """How likely each strength is, sum 1; all are equally so before."""
    alpha = (_STRENGTHS[:, None] * middle)[:, None]
    of_posts = gammaln(_STRENGTHS)[:, None] - gammaln(worth + _STRENGTHS[:, None])
    of_labels = (gammaln(shares * worth[:, None] + alpha) - gammaln(alpha)).sum(axis=2)
    logs = (of_posts + of_labels).sum(axis=1) - np.log(information)
    weights = np.exp(logs - logs.max())
    return np.asarray(weights / weights.sum())
