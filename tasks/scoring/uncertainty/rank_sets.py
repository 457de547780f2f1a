"""Confidence sets for ranks: between which places a unit truly is, with a promise of how often that is so.

Written from M. Mogstad, J. P. Romano, A. M. Shaikh and D. Wilhelm, "Inference for Ranks with Applications to Mobility
across Neighbourhoods and Academic Achievement across Countries", Review of Economic Studies 91(1), 2024, 476-518. The
true rank of unit j is r_j = 1 + number of k with theta_k > theta_j, so ties share the better rank.

    D_jk = estimate_j - estimate_k,  s_jk = root of the mean over draws of (e_j - e_k)^2,  T_jk = D_jk / s_jk
    c(I) = quantile `level` over draws of max over (j, k) in I of (e_j - e_k) / s_jk
    k is surely better than j if T_kj > c:  r_j >= 1 + number of k surely better,  r_j <= p - number of k surely worse

The hypotheses are one-sided, theta_j <= theta_k, and both directions of each pair are in I; so the first c(I) is that of
the greatest absolute studentised difference. Stepwise (J. P. Romano and M. Wolf, Econometrica 73(4), 2005, 1237-1282):
hypotheses that were rejected leave I, and c(I) is taken again until none more is rejected. The opposite direction of a
rejected pair stays in I: that keeps the probability of any wrong direction below 1 - level, which removing pairs whole
does not. I holds the pairs with unit j for its marginal set, all pairs for the simultaneous sets.

- The quantile is the draw at place ceil(level (draws + 1)) in ascending order: with normal errors of known covariance
  the promise then holds exactly for every number of draws. With fewer than level / (1 - level) draws none is rejected.
- A difference that the errors cannot move (s_jk = 0) is known: it decides, and a known tie widens no set.
- With one c for all pairs "surely better" is transitive, because s_jl <= s_jk + s_kl.
- The same c decides a marginal set and takes its maximum over fewer pairs, so no marginal set is wider than the
  simultaneous one, no stepwise set wider than the one of a single step, and none narrower at a higher level.

Work grows with units^2 x draws, memory beyond the errors with units^2 and `_BLOCK`. Only differences, products, maxima
and sums along one axis in numpy's own fixed order are taken of the errors, never a product of matrices, whose order of
summation differs between machines: the same errors give the same sets.
"""

from dataclasses import dataclass

import numpy as np

from tasks.scoring.arrays import BoolArray, FloatArray, IntArray
from tasks.scoring.rank import TIE, competition_ranks
from warehouse.errors import InputError

_BLOCK = 1 << 17  # numbers that are worked on at once: they stay in the cache of a core (1 MB)


@dataclass(frozen=True)
class RankSets:
    """Confidence sets for the ranks of units; every array by unit, in the order of the estimates given.

    Attributes:
        ranks: Competition ranks of the estimates, shape (units,).
        low: Best place of the marginal set, shape (units,).
        high: Worst place of the marginal set, shape (units,).
        all_low: Best place of the simultaneous set, shape (units,).
        all_high: Worst place of the simultaneous set, shape (units,).
        better: Whether the row's unit is surely better than the column's, for all pairs at once, (units, units).
    """

    ranks: IntArray
    low: IntArray
    high: IntArray
    all_low: IntArray
    all_high: IntArray
    better: BoolArray

    def best(self, places: int) -> BoolArray:
        """Return which units may be among the best `places`: all that are truly, with the probability `level`."""
        return self.all_low <= places


def rank_sets(estimates: FloatArray, errors: FloatArray, level: float = 0.9, stepwise: bool = True) -> RankSets:
    """Return marginal and simultaneous confidence sets for the ranks of units that are ranked with each other.

    Args:
        estimates: Scores, higher is better, shape (units,).
        errors: Centred draws of the joint errors of the estimates, in their unit, shape (units, draws).
        level: Probability of covering the true rank, or all of them at once.
        stepwise: Whether to take the critical value again without what was rejected.

    Raises:
        InputError: A level outside 0 to 1, shapes that do not fit, or a unit without a finite score.
    """
    _check(estimates, errors, level)
    order = np.argsort(-estimates, kind="stable")
    pairs = _Pairs(estimates[order], np.ascontiguousarray(errors[order], dtype=np.float64), level, stepwise)
    told = pairs.marginal()
    better = pairs.simultaneous()
    low, high = pairs.places(told & pairs.ahead.T, told & pairs.ahead)
    all_low, all_high = pairs.places(better.T, better)
    back = np.argsort(order, kind="stable")
    return RankSets(
        competition_ranks(estimates[None], np.zeros(len(order), dtype=np.intp))[0],
        low[back],
        high[back],
        all_low[back],
        all_high[back],
        better[np.ix_(back, back)],
    )


def normal_errors(covariance: FloatArray, draws: int, seed: int) -> FloatArray:
    """Draw joint normal errors; the same numbers on every machine.

    The factor is Cholesky's, which is unique where eigenvectors are not, made and applied without products of matrices.

    Args:
        covariance: Of the errors of the estimates, shape (units, units); may be singular, or zero where all is known.
        draws: Number of draws.
        seed: Seed.

    Returns:
        Shape (units, draws).

    Raises:
        InputError: The matrix is no covariance: not square, not symmetric, not finite, or a variance below zero.
    """
    factor = _factor(covariance)
    errors = np.zeros((len(factor), draws))
    normal = np.random.default_rng(seed).standard_normal(errors.shape)
    for unit in np.flatnonzero(factor.diagonal()):
        errors[unit:] += factor[unit:, unit, None] * normal[unit]
    return errors


def _factor(covariance: FloatArray) -> FloatArray:
    """Lower triangle whose product with its transpose is the covariance; a unit without a rest of its own has no column."""
    rest = np.array(covariance, dtype=np.float64)
    scale = float(np.abs(rest).max(initial=0.0))
    if rest.ndim != 2 or rest.shape[0] != rest.shape[1] or not np.isfinite(scale):
        raise _no_covariance()
    if np.abs(rest - rest.T).max(initial=0.0) > TIE * scale:
        raise _no_covariance()
    factor = np.zeros_like(rest)
    for unit in range(len(rest)):
        own = rest[unit, unit]
        if own > TIE * scale:
            column = rest[unit:, unit] / np.sqrt(own)
            factor[unit:, unit] = column
            rest[unit:, unit:] -= column[:, None] * column
        elif own < -TIE * scale or np.abs(rest[unit:, unit]).max() > 2 * np.sqrt(TIE) * scale:
            raise _no_covariance()
    return factor


def _no_covariance() -> InputError:
    return InputError(
        "The matrix is no covariance of errors.",
        "Give a symmetric matrix without negative variances, finite throughout.",
    )


def _check(estimates: FloatArray, errors: FloatArray, level: float) -> None:
    if not 0 < level < 1:
        raise InputError(f"The level {level:g} is not between 0 and 1.", "Give a probability such as 0.9.")
    if errors.ndim != 2 or errors.shape[1] == 0 or estimates.shape != errors.shape[:1]:
        raise InputError(
            f"Scores of shape {estimates.shape} do not go with errors of shape {errors.shape}.",
            "Give one score and one row of one draw or more for each unit.",
        )
    unusable = np.flatnonzero(~(np.isfinite(estimates) & np.isfinite(errors).all(axis=1)))
    if unusable.size:
        raise InputError(f"Unit {unusable[0]} has no finite score or error.", "Leave out units that have no score.")


class _Pairs:
    """Differences of units that are sorted by estimate, best first: in a pair, the one that is ahead stands first."""

    def __init__(self, estimates: FloatArray, errors: FloatArray, level: float, stepwise: bool) -> None:
        units, draws = errors.shape
        self.errors = errors
        self.stepwise = stepwise
        self.place = int(np.ceil(level * (draws + 1) - 1e-9))
        self.ahead: BoolArray = np.triu(np.ones((units, units), dtype=np.bool_), 1)
        gaps = np.abs(estimates[:, None] - estimates)
        scales = self._scales()
        moved = scales > TIE
        self.inverse: FloatArray = np.divide(1.0, scales, out=np.zeros_like(scales), where=moved)
        self.ratios: FloatArray = gaps * self.inverse
        self.differ: BoolArray = ~moved & (gaps > TIE)
        self.tied: BoolArray = ~moved & (gaps <= TIE) & ~np.eye(units, dtype=np.bool_)
        self.open: BoolArray = moved
        self.wrong: FloatArray = np.zeros(draws)  # greatest of all pairs against the order of the estimates
        self.right: FloatArray = np.zeros(draws)  # greatest of all pairs in the order of the estimates

    def places(self, above: BoolArray, below: BoolArray) -> tuple[IntArray, IntArray]:
        """Best and worst place by the number of units surely above and below the row's unit."""
        return 1 + above.sum(axis=1), len(above) - below.sum(axis=1) - self.tied.sum(axis=1)

    def marginal(self) -> BoolArray:
        """Whether the row's unit is told apart from the column's in the marginal set of the row's unit."""
        told = self.differ.copy()
        for unit, is_open in enumerate(self.open):
            if is_open.any():
                told[unit] |= self._marginal(unit, is_open)
        return told

    def _marginal(self, unit: int, is_open: BoolArray) -> BoolArray:
        wrong, right = self._greatest(unit, np.flatnonzero(is_open))
        np.maximum(self.wrong, wrong, out=self.wrong)
        np.maximum(self.right, right, out=self.right)
        told = is_open & (self.ratios[unit] > self._critical(wrong, right))
        while self.stepwise and told.any():
            rest = np.flatnonzero(is_open & ~told)
            if not rest.size:
                break
            right = self._greatest(unit, rest)[1]
            more = is_open & (self.ratios[unit] > self._critical(wrong, right))
            if more.sum() == told.sum():
                break
            told = more
        return told

    def simultaneous(self) -> BoolArray:
        """Whether the row's unit is surely better than the column's, all pairs at once; `marginal` goes before it."""
        is_open = self.open & self.ahead
        told = is_open & (self.ratios > self._critical(self.wrong, self.right))
        while self.stepwise and told.any():
            rest = is_open & ~told
            if not rest.any():
                break
            right = np.zeros_like(self.right)
            for unit in np.flatnonzero(rest.any(axis=1)):
                np.maximum(right, self._greatest(unit, np.flatnonzero(rest[unit]))[1], out=right)
            more = is_open & (self.ratios > self._critical(self.wrong, right))
            if more.sum() == told.sum():
                break
            told = more
        return told | (self.differ & self.ahead)

    def _critical(self, wrong: FloatArray, right: FloatArray) -> float:
        if self.place > len(wrong):
            return np.inf
        return float(np.partition(np.maximum(wrong, right), self.place - 1)[self.place - 1])

    def _scales(self) -> FloatArray:
        """Root mean square over draws of the difference of the errors of each pair, shape (units, units)."""
        units, draws = self.errors.shape
        scales = np.zeros((units, units))
        step = max(_BLOCK // draws, 1)
        for unit in range(units):
            for start in range(unit + 1, units, step):
                others = slice(start, start + step)
                squares = self.errors[others] - self.errors[unit]
                np.square(squares, out=squares)
                scales[unit, others] = scales[others, unit] = np.sqrt(squares.sum(axis=1) / draws)
        return scales

    def _greatest(self, unit: int, others: IntArray) -> tuple[FloatArray, FloatArray]:
        """Greatest studentised error of the differences of one unit with others, by draw.

        Returns:
            Against the order of the estimates, and in their order, each of shape (draws,).
        """
        draws = self.errors.shape[1]
        weights = np.where(others > unit, self.inverse[unit, others], -self.inverse[unit, others])[:, None]
        wrong, right = np.empty(draws), np.empty(draws)
        step = max(_BLOCK // len(others), 64)
        for start in range(0, draws, step):
            block = slice(start, start + step)
            against = self.errors[others, block] - self.errors[unit, block]
            against *= weights
            against.max(axis=0, out=wrong[block])
            against.min(axis=0, out=right[block])
        return wrong, np.negative(right, out=right)
