"""What respondents of a synthetic survey think and write: latent marks, their expectation, and their spelling."""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from tasks.demo.latent import seeded
from warehouse.frameworks.survey import Scale

Numbers = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]

# Spread of agencies as in the returns, so that an agency that reports well is judged well too.
_AGENCY_SPREAD = 0.45
_STRATUM_SPREAD = 0.2
_CRITERION_SPREAD = 0.5
_CLUSTER_SPREAD = 0.35
_PERSON_SPREAD = 1.0
_LIMITS = (-1.2, -0.4, 0.4, 1.2)  # between five marks of a latent opinion around 0
_DEVIATION = math.hypot(_CLUSTER_SPREAD, _PERSON_SPREAD)


@dataclass(frozen=True)
class Opinion:
    """What an agency's respondents in one stratum think of one criterion, as a latent mean around 0."""

    mean: float

    def expected(self, kind: str) -> float:
        """Expected mark: a share of the scale for `likert`, the share of yes for `proportion`.

        The exact expectation over clusters and persons: a latent normal opinion cut at fixed limits.
        """
        limits = _LIMITS if kind == "likert" else (0.0,)
        above = [1 - NormalDist(self.mean, _DEVIATION).cdf(limit) for limit in limits]
        return sum(above) / len(limits)

    def draw(self, kind: str, clusters: Codes, rng: np.random.Generator) -> Numbers:
        """Draw marks as shares of the scale; respondents of one cluster resemble each other."""
        shared = rng.normal(0, _CLUSTER_SPREAD, int(clusters.max()) + 1)[clusters]
        latent = self.mean + shared + rng.normal(0, _PERSON_SPREAD, len(clusters))
        limits = np.asarray(_LIMITS if kind == "likert" else (0.0,))
        return np.asarray((latent[:, None] > limits).mean(axis=1), dtype=np.float64)


def opinion_of(seed: int, framework: str, agency: str, stratum: str, code: str) -> Opinion:
    """Return the opinion of a stratum; the same arguments always give the same one."""
    # The first draw under this name is the quality behind the agency's own return (tasks/demo/latent.py).
    quality = seeded(seed, framework, agency).gauss(0.0, _AGENCY_SPREAD)
    ease = seeded(seed, framework, code).gauss(0.15, _CRITERION_SPREAD)
    own = seeded(seed, framework, agency, stratum, code).gauss(0.0, _STRATUM_SPREAD)
    return Opinion(quality + ease + own)


def written(share: float, scale: Scale) -> str:
    """Spell a mark, given as a share of the scale, as the form stores it; NaN is a don't-know."""
    if math.isnan(share):
        return min(scale.dont_know, default="")
    if scale.kind == "proportion":
        return min(scale.yes_answers if share > 0 else scale.no_answers, default="")
    low, high = scale.low or 0.0, scale.high or 1.0
    mark = low + (1 - share if scale.reverse else share) * (high - low)
    return next((text for text, value in scale.codes.items() if value == mark), f"{mark:g}")


def spell(shares: Numbers, scale: Scale) -> Texts:
    """Spell many marks."""
    values, place = np.unique(shares, return_inverse=True)
    return np.asarray([written(float(value), scale) for value in values], dtype=object)[place]
