"""What the estimates of a panel share: the same experts judged several agencies and criteria."""

import numpy as np
import pandas as pd

from tasks.evidence.shared import Block, Floats, directions, factor_rows, fitted, remainders

EXPERT = "expert"


def pull_of_raters(replicates: Floats, weights: Floats) -> Floats:
    """Return how far each rater moves an estimate: the part of its bootstrap replicates that is theirs.

    All cells have the same experts' weights in a replicate, so the covariance of two cells comes from the raters that
    they have in common. Replicates are followed by least squares on the weights of the raters of the cell (the
    projection of Hájek, Annals of Mathematical Statistics 39, 1968, 325-346, taken from the replicates); weights are
    independent with variance 1, so the products of the slopes of two cells are the covariance of these parts. What the
    replicates do beside (of a mean a share of about 1 / raters, of a median nearly half) hardly goes together.

    Args:
        replicates: The estimate in each replicate.
        weights: Replicates x raters: weight of each rater of the cell.

    Returns:
        Slope of each rater as a share of the standard deviation of the replicates; the squares sum to at most 1.
    """
    spread = float(np.std(replicates))
    if not spread:
        return np.zeros(weights.shape[1])
    about = weights - weights.mean(axis=0)
    slopes = np.linalg.pinv(about.T @ about, hermitian=True) @ (about.T @ (replicates - replicates.mean())) / spread
    return np.asarray(slopes / max(1.0, float(np.linalg.norm(slopes))))


def shared_errors(measurements: pd.DataFrame, pulls: Floats) -> pd.DataFrame:
    """Write what the measurements of a panel share as factors.

    The factors are no experts: of the slopes only the covariance is handed on, in the triangular form that follows from
    it and the order of the cells (`directions`). There are no more of them than experts.

    Args:
        measurements: MEASUREMENT rows of the panel, grain agency x criterion.
        pulls: Experts x measurements: slopes of `pull_of_raters`, 0 for who did not rate.

    Returns:
        ERROR_FACTOR rows; factors are `expert:1` and so on, and `expert:AGENCY:NODE` for what is left of the error of a
        cell. The squared loadings of a cell sum to the square of its standard error. A panel with one cell has none.
    """
    if len(measurements) < 2:
        return factor_rows(measurements, ())
    error = np.nan_to_num(measurements["standard_error"].to_numpy(dtype=float))
    part = np.linalg.norm(pulls, axis=0)
    shared = Block(EXPERT, np.arange(len(measurements)), fitted(directions(pulls), error * part))
    return factor_rows(measurements, [shared, *remainders(EXPERT, measurements, [shared])])
