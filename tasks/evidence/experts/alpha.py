"""Krippendorff's alpha: how far raters agree beyond chance, with any number of raters and with missing ratings.

A small function of our own, written from K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), because
the library for it is GPL, which does not go with Apache-2.0. In its words: units u are what is rated, m_u the number of
ratings of a unit, and only units with two ratings or more (pairable values) count.

    o_ck = sum over u of (pairs c, k of different raters in u) / (m_u - 1)      coincidences
    n_c  = sum over k of o_ck,  n = sum over c of n_c
    alpha = 1 - D_o / D_e
    D_o = (1 / n) sum over c, k of o_ck d_ck^2
    D_e = 1 / (n (n - 1)) sum over c, k of n_c n_k d_ck^2, where a value is not paired with itself

The metric d^2 is 1 for c != k (nominal); (R_c - R_k)^2 with R_c = sum of n_g over g < c, plus n_c / 2 (ordinal: the sum
of n_g from c to k less half of both ends); (c - k)^2 (interval); ((c - k) / (c + k))^2 (ratio, values of at least 0).

Where all pairable values are equal, D_e is 0 and alpha is undefined: nothing shows whether the raters can tell units
apart. The interval draws units again with replacement (A. Zapf et al., "Measuring inter-rater reliability for nominal
data", BMC Medical Research Methodology 16:93, 2016); raters are not drawn, because one drawn twice agrees with himself.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from warehouse.frameworks.experts import Metric

Floats = npt.NDArray[np.float64]
_LEVEL = (2.5, 97.5)


@dataclass(frozen=True)
class Alpha:
    """Agreement of raters.

    Attributes:
        value: Alpha; None where it is undefined: no unit with two ratings, or all of them equal.
        low: Lower end of the 95 % interval; None without one.
        high: Upper end.
        units: Units with two ratings or more.
        ratings: Ratings of those units.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    units: int = 0
    ratings: int = 0


def krippendorff(ratings: Floats, metric: Metric, *, replicates: int = 0, seed: int = 0) -> Alpha:
    """Calculate alpha.

    Args:
        ratings: Raters x units; NaN: not rated.
        metric: How far two values are apart.
        replicates: Draws for the interval; 0: none.
        seed: Seed of the draws.

    >>> krippendorff(np.array([[1.0, 2.0, 3.0], [1.0, 2.0, np.nan]]), "nominal").value
    1.0
    """
    counts, values = _counts(ratings)
    if not len(counts):
        return Alpha(None)
    size = (len(counts), int(counts.sum()))
    value = float(_alphas(counts, values, metric, np.ones((1, len(counts))))[0])
    if np.isnan(value):
        return Alpha(None, units=size[0], ratings=size[1])
    low, high = _interval(counts, values, metric, replicates, seed) if replicates else (None, None)
    return Alpha(value, low, high, *size)


def _counts(ratings: Floats) -> tuple[Floats, Floats]:
    """Units x values with the number of times that the unit was given the value; units of one rating are left out."""
    pairable = ratings[:, (~np.isnan(ratings)).sum(axis=0) > 1]
    given = ~np.isnan(pairable)
    values, codes = np.unique(pairable[given], return_inverse=True)
    counts = np.zeros((pairable.shape[1], len(values)))
    np.add.at(counts, (np.nonzero(given)[1], codes), 1.0)
    return counts, values


def _alphas(counts: Floats, values: Floats, metric: Metric, weights: Floats) -> Floats:
    """Alpha under each row of unit weights; NaN where undefined."""
    margins = weights @ counts
    n = margins.sum(axis=1)
    if metric == "ordinal":  # the metric itself depends on the margins
        parts = [
            _disagreement(counts, _squares(values, metric, m), w, m) for w, m in zip(weights, margins, strict=True)
        ]
        observed, expected = (np.array(part) for part in zip(*parts, strict=True))
    else:
        observed, expected = _disagreement(counts, _squares(values, metric), weights, margins)
    defined = expected > 0
    return np.where(defined, 1 - (n - 1) * observed / np.where(defined, expected, 1.0), np.nan)


def _disagreement(counts: Floats, squares: Floats, weights: Floats, margins: Floats) -> tuple[Floats, Floats]:
    """Return n D_o and n (n - 1) D_e; a value paired with itself adds nothing, because its distance is 0."""
    within = np.einsum("uc,uc->u", counts @ squares, counts) / (counts.sum(axis=1) - 1)
    return weights @ within, np.einsum("...c,...c->...", margins @ squares, margins)


def _squares(values: Floats, metric: Metric, margins: Floats | None = None) -> Floats:
    if metric == "nominal":
        return 1.0 - np.eye(len(values))
    if metric == "ordinal" and margins is not None:
        values = np.cumsum(margins) - margins / 2
    apart: Floats = values[:, None] - values[None, :]
    if metric == "ratio":
        total = values[:, None] + values[None, :]
        apart = np.divide(apart, total, out=np.zeros_like(apart), where=total != 0)
    return apart**2


def _interval(counts: Floats, values: Floats, metric: Metric, replicates: int, seed: int) -> tuple[float, float]:
    units = len(counts)
    drawn = np.random.default_rng(seed).multinomial(units, np.full(units, 1 / units), replicates).astype(np.float64)
    low, high = np.nanpercentile(_alphas(counts, values, metric, drawn), _LEVEL)
    return float(low), float(high)
