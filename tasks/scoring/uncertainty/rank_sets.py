"""Confidence sets for ranks: between which places a unit truly is, with a promise of how often that is so.

Written from M. Mogstad, J. P. Romano, A. M. Shaikh and D. Wilhelm, "Inference for Ranks with Applications to Mobility
across Neighbourhoods and Academic Achievement across Countries", Review of Economic Studies 91(1), 2024, 476-518. The
true rank of unit j is r_j = 1 + number of k with theta_k > theta_j, so ties share the better rank.

    D_jk = estimate_j - estimate_k,  s_jk = root of the mean over draws of (e_j - e_k)^2,  T_jk = D_jk / s_jk
    c(I) = quantile `level` over draws of max over (j, k) in I of (e_j - e_k) / s_jk
    k is surely better than j if T_kj > c:  r_j >= 1 + number of k surely better,  r_j <= p - number of k surely worse

The hypotheses are one-sided, theta_j <= theta_k, and both directions of each pair are in I; so the first c(I) is that
of the greatest absolute studentised difference. Stepwise (J. P. Romano and M. Wolf, Econometrica 73(4), 2005,
1237-1282): rejected hypotheses leave I, and c(I) is taken again until none more is rejected. The opposite direction of
a rejected pair stays in I: it may be true, and until the first false rejection I must hold all true hypotheses. For the
marginal set of a unit I holds the pairs with it, for the simultaneous sets all pairs.

- The quantile is the draw at place ceil(level (draws + 1)) in ascending order, and a draw is studentised by the root
  mean square of the other draws, as the estimates are by one that they had no part in. If t is a draw's ratio to the
  root mean square of all n draws, that is t root((n - 1) / (n - t^2)): a correction of c. With normal errors of known
  covariance the promise then holds with few draws, too. With fewer than level / (1 - level) nothing is rejected.
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
        estimates: Scores as shares, higher is better, shape (units,); what differs by less than `TIE` is equal.
        errors: Centred draws of the joint errors of the estimates, as shares, shape (units, draws).
        level: Probability of covering the true rank, or all of them at once.
        stepwise: Whether to take the critical value again without what was rejected.

    Raises:
        InputError: A level outside 0 to 1, shapes that do not fit, or a unit without a finite score.
    """
    _check(estimates, errors, level)
    order = np.argsort(-estimates, kind="stable")
    pairs = _Pairs(estimates[order], np.ascontiguousarray(errors[order], dtype=np.float64), level, stepwise)
    told, better = pairs.decide()
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
        self.moved: BoolArray = scales > TIE
        self.inverse: FloatArray = np.divide(1.0, scales, out=np.zeros_like(scales), where=self.moved)
        self.ratios: FloatArray = gaps * self.inverse
        self.differ: BoolArray = ~self.moved & (gaps > TIE)
        self.tied: BoolArray = ~self.moved & (gaps <= TIE) & ~np.eye(units, dtype=np.bool_)

    def places(self, above: BoolArray, below: BoolArray) -> tuple[IntArray, IntArray]:
        """Best and worst place by the number of units surely above and below the row's unit."""
        return 1 + above.sum(axis=1), len(above) - below.sum(axis=1) - self.tied.sum(axis=1)

    def decide(self) -> tuple[BoolArray, BoolArray]:
        """Tell units apart.

        Returns:
            Whether the row's unit is told apart from the column's in the marginal set of the row's unit, and whether it
            is surely better, all pairs at once; both of shape (units, units).
        """
        told, better = self.differ.copy(), self.differ & self.ahead
        all_wrong, all_right = np.zeros((2, self.errors.shape[1]))
        for unit in np.flatnonzero(self.moved.any(axis=1)).tolist():
            others = self.moved[[unit]]
            wrong, right = self._greatest(unit, np.flatnonzero(others))
            np.maximum(all_wrong, wrong, out=all_wrong)
            np.maximum(all_right, right, out=all_right)
            told[unit] |= self._told([unit], others, wrong, right)[0]
        better |= self._told(list(range(len(told))), self.moved & self.ahead, all_wrong, all_right)
        return told, better

    def _told(self, units: list[int], pairs: BoolArray, wrong: FloatArray, right: FloatArray) -> BoolArray:
        """Which pairs of units with others are told apart, shape (units, others), given the maxima over all of them."""
        ratios = self.ratios[units]
        told: BoolArray = pairs & (ratios > self._critical(wrong, right))
        while self.stepwise and told.any() and (pairs & ~told).any():
            right = np.zeros_like(right)
            for unit, others in zip(units, pairs & ~told, strict=True):
                if others.any():
                    np.maximum(right, self._greatest(unit, np.flatnonzero(others))[1], out=right)
            more: BoolArray = pairs & (ratios > self._critical(wrong, right))
            if more.sum() == told.sum():
                break
            told = more
        return told

    def _critical(self, wrong: FloatArray, right: FloatArray) -> float:
        draws = len(wrong)
        if self.place > draws:
            return np.inf
        greatest = float(np.partition(np.maximum(wrong, right), self.place - 1)[self.place - 1])
        others = draws - greatest**2  # mean square of the other draws, in that of all, times their number
        return greatest * float(np.sqrt((draws - 1) / others)) if others > 0 else np.inf

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
