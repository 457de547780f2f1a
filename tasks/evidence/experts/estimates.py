"""Estimates by agency and criterion, with standard errors from a bootstrap over the experts.

**Target**: the mean (or median) opinion of the population from which the panel is drawn, not of these experts. An
expert judges many cells, so the experts are drawn, not the ratings: every replicate gives each expert one weight, which
holds in all cells. The weights are exponential (the Bayesian bootstrap, D. B. Rubin, The Annals of Statistics 9, 1981),
so that, unlike with whole numbers of draws, a cell has the same raters in every replicate, and none goes without.

**Correction for few raters.** With p_i the share of rater i in the weights, replicates of a weighted mean have about
the variance (sum p_i^2 (r_i - m)^2) / (1 + sum p_i^2), and the expectation of the sum is s^2 (sum p_i^2) k with
k = 1 - 2 sum p_i^3 / sum p_i^2 + sum p_i^2 under equal variances s^2. So the standard deviation of the replicates is
multiplied by sqrt((1 + sum p_i^2) / k); with equal weights that is sqrt((n + 1) / (n - 1)), and the standard error of a
plain mean is s / sqrt(n). Medians and trimmed means get no correction: their replicates already vary more than they do.

**Rounds depend on each other.** In a Delphi round the experts see the median and move towards it. Their spread shrinks,
but they all follow one random median: the spread of the last round says how far they have come together, not how far
the panel is from its population. Each replicate therefore moves the raters who revised by lambda times the change of
the first round's median: theta* = T*(last) + lambda q (med*(first) - med(first)), q the weight of those who revised.
lambda, the part of the way to the median that was gone, is the slope through the origin of (last - first) on
(med - first) over all cells, kept within [0, 1].

Intervals are estimate +- t SE, cut to the scale, with n - 1 degrees of freedom (trimmed mean: n - 2g - 1 with
g = floor(trim n); weighted mean: 1 / sum p_i^2 - 1, from Kish's effective number of raters).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from tasks.evidence.experts.coding import CELL
from tasks.evidence.experts.joint import Panel, pull_of_raters
from tasks.evidence.shared import DIGITS
from warehouse.frameworks.experts import Estimate, ExpertDeclaration

Floats = npt.NDArray[np.float64]

ESTIMATE_COLUMNS = (
    "agency",
    "criterion",
    "estimate",
    "standard_error",
    "low",
    "high",
    "n",
    "degrees_of_freedom",
    "iqr",
    "rounds",
)
_TIE = 1e-12


@dataclass(frozen=True)
class Cell:
    """The ratings of one agency and criterion that count, in the order of the experts.

    Attributes:
        last: What counts.
        first: What the same experts said first.
        revised: Whether they were asked again.
        confidence: Their confidence, as shares.
        experts: Number of the expert in the panel.
    """

    last: Floats
    first: Floats
    revised: npt.NDArray[np.bool_]
    confidence: Floats
    experts: npt.NDArray[np.int64]


def estimate(rows: pd.DataFrame, declaration: ExpertDeclaration) -> pd.DataFrame:
    """Estimate all cells, as `estimate_jointly` does, without what their errors share."""
    return estimate_jointly(rows, declaration)[0]


def estimate_jointly(rows: pd.DataFrame, declaration: ExpertDeclaration) -> tuple[pd.DataFrame, Panel]:
    """Estimate all cells.

    Args:
        rows: Coded ratings, as `code_ratings` gives them.
        declaration: The panel.

    Returns:
        ESTIMATE_COLUMNS on the rating scale, grain agency x criterion, sorted; NaN standard error where one expert
        alone rated a cell. And how far each expert moves each of them. The order of the rows and the pseudonyms make no
        difference.
    """
    if rows.empty:
        return pd.DataFrame(columns=list(ESTIMATE_COLUMNS)), Panel(np.empty((0, 0)), np.empty((0, 0)))
    cells, experts = cells_of(rows)
    draws = np.random.default_rng(declaration.bootstrap.seed).standard_exponential(
        (declaration.bootstrap.replicates, experts)
    )
    followed = feedback(list(cells.values()))
    rounds = rows.groupby(CELL)["round"].nunique()
    found = []
    pulls, shares = np.zeros((2, experts, len(cells)))
    for at, (place, cell) in enumerate(cells.items()):
        drawn = draws[:, cell.experts]
        weights = _weights(cell, declaration.estimate)
        shares[cell.experts, at] = own = weights / weights.sum()
        replicates = _replicates(cell, declaration.estimate, weights, own, drawn, followed)
        pulls[cell.experts, at] = _pulls(declaration.estimate, own, replicates, drawn)
        where = {"agency": place[0], "criterion": place[1], "rounds": int(rounds[place])}
        found.append(where | _estimate_cell(cell, declaration, weights, own, replicates))
    return pd.DataFrame(found, columns=list(ESTIMATE_COLUMNS)), Panel(pulls, shares)


def statistic_of(estimate: Estimate, values: Floats, weights: Floats) -> Floats:
    """A statistic under each row of weights.

    The trimmed mean cuts the share `trim` of the weight at each end, a part of a rating too; a median between two
    ratings is their mean.

    Args:
        estimate: Which one.
        values: Ratings.
        weights: Replicates x ratings.
    """
    least = values.min()  # so that equal ratings give exactly that rating
    if estimate.statistic == "confidence_weighted_mean":
        return np.asarray(least + np.einsum("bi,i->b", weights, values - least) / weights.sum(axis=1))
    order = np.argsort(values, kind="stable")
    values, shares = values[order], np.cumsum(weights[:, order], axis=1)
    shares /= shares[:, -1:]
    if estimate.statistic == "median":
        lower = np.argmax(shares >= 0.5 - _TIE, axis=1)
        upper = np.argmax(shares > 0.5 + _TIE, axis=1)
        return np.asarray((values[lower] + values[upper]) / 2)
    kept = np.diff(np.clip(shares, estimate.trim, 1 - estimate.trim), axis=1, prepend=estimate.trim)
    return np.asarray(least + np.einsum("bi,i->b", kept, values - least) / (1 - 2 * estimate.trim))


def feedback(cells: list[Cell]) -> float:
    """The part of the way to the first round's median that the experts went when they were asked again."""
    way = np.concatenate([(np.median(cell.first) - cell.first)[cell.revised] for cell in cells])
    gone = np.concatenate([(cell.last - cell.first)[cell.revised] for cell in cells])
    total = float(np.dot(way, way))
    return min(max(float(np.dot(way, gone)) / total, 0.0), 1.0) if total else 0.0


def cells_of(rows: pd.DataFrame) -> tuple[dict[tuple[str, str], Cell], int]:
    """Return the cells, sorted by agency and criterion, and the number of experts.

    Experts are numbered by what they said, not by their pseudonyms, which another key changes; those who said the same
    everywhere are interchangeable.
    """
    said = ["agency", "criterion", "round", "rating", "confidence"]
    ordered = rows.sort_values(said, kind="stable")
    profiles = {expert: own[said].to_numpy().tolist() for expert, own in ordered.groupby("expert", sort=False)}
    number = {expert: at for at, expert in enumerate(sorted(profiles, key=lambda expert: profiles[expert]))}
    first_round = rows.groupby(["expert", *CELL])["round"].transform("min")
    rows = rows.assign(number=rows["expert"].map(number), revised=rows["round"] > first_round)
    counted = rows[rows["last_round"]].sort_values([*CELL, "number"])
    cells = {
        (str(place[0]), str(place[1])): Cell(
            last=own["rating"].to_numpy(dtype=np.float64),
            first=own["first"].to_numpy(dtype=np.float64),
            revised=own["revised"].to_numpy(dtype=bool),
            confidence=own["confidence"].to_numpy(dtype=np.float64),
            experts=own["number"].to_numpy(dtype=np.int64),
        )
        for place, own in counted.groupby(CELL, sort=True)
    }
    return cells, len(number)


def _estimate_cell(
    cell: Cell, declaration: ExpertDeclaration, weights: Floats, shares: Floats, replicates: Floats
) -> dict[str, float]:
    said, scale = declaration.estimate, declaration.scale
    point = float(statistic_of(said, cell.last, weights[None, :])[0])
    error = _standard_error(said, shares, replicates)
    freedom = _degrees_of_freedom(said, shares)
    reach = float(stats.t.ppf(0.975, freedom)) * error if freedom > 0 else np.nan
    upper, lower = np.percentile(cell.last, [75, 25])
    return {
        "estimate": point,
        "standard_error": error,
        "low": float(np.clip(point - reach, scale.low, scale.high)),
        "high": float(np.clip(point + reach, scale.low, scale.high)),
        "n": len(cell.last),
        "degrees_of_freedom": freedom,
        "iqr": float(upper - lower),
    }


def _weights(cell: Cell, said: Estimate) -> Floats:
    return cell.confidence if said.statistic == "confidence_weighted_mean" else np.ones(len(cell.last))


def _pulls(said: Estimate, shares: Floats, replicates: Floats, draws: Floats) -> Floats:
    """How far each rater moves the estimate.

    Replicates of a mean are a quotient, which keeps 1 / (1 + sum p_i^2) of its variance on the weights (with equal
    weights n / (n + 1)); the mean itself, also a trimmed one, is moved by its raters alone.
    """
    pulls = pull_of_raters(replicates, draws)
    if said.statistic == "median":
        return pulls
    pulls = pulls * np.sqrt(1 + float((shares**2).sum()))
    return np.asarray(pulls / max(1.0, float(np.linalg.norm(pulls))))


def _replicates(cell: Cell, said: Estimate, weights: Floats, shares: Floats, draws: Floats, followed: float) -> Floats:
    """The estimate under each draw, before the correction for few raters."""
    shift = statistic_of(Estimate(statistic="median"), cell.first, draws) - np.median(cell.first)
    return statistic_of(said, cell.last, draws * weights) + followed * float(shares[cell.revised].sum()) * shift


def _standard_error(said: Estimate, shares: Floats, replicates: Floats) -> float:
    """Standard deviation over the draws; NaN for one rater."""
    if len(shares) < 2:
        return np.nan
    correction = _correction(shares) if said.statistic == "confidence_weighted_mean" else 1.0
    return float(f"{np.std(replicates) * correction:.{DIGITS}g}")


def _correction(shares: Floats) -> float:
    squares = float((shares**2).sum())
    return float(np.sqrt((1 + squares) / (1 - 2 * float((shares**3).sum()) / squares + squares)))


def _degrees_of_freedom(said: Estimate, shares: Floats) -> float:
    n = len(shares)
    if said.statistic == "trimmed_mean":
        return float(n - 2 * int(said.trim * n) - 1)
    if said.statistic == "confidence_weighted_mean":
        return float(1 / (shares**2).sum() - 1)
    return float(n - 1)
