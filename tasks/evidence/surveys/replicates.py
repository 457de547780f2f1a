"""Jackknife replicate weights: standard errors and covariances that need no formula for the statistic."""

from typing import Literal

import numpy as np

from tasks.evidence.surveys.design import SampleDesign
from tasks.evidence.surveys.linearised import Floats


def jackknife_means(
    design: SampleDesign, values: Floats, *, centre: Literal["estimate", "replicate_mean"] = "estimate"
) -> tuple[Floats, Floats]:
    """Estimate means with JK1: each replicate leaves out one cluster (Wolter 2007, ch. 4; svy makes the replicates).

    The sampled share of the clusters narrows the standard errors as in R's `survey`: by the root of 1 - f.

    Args:
        design: A sample of one stratum.
        values: Respondents x variables; NaN: no answer.
        centre: Deviations of the replicates from the `estimate` (R: mse=TRUE) or from their own mean (mse=FALSE).

    Returns:
        The means, in the unit of the values; and replicates x variables, of which the products of two columns are the
        covariance of two means and the length of one is its standard error (`tasks.evidence.shared.directions` takes
        them as causes).
    """
    import polars as pl
    import svy

    data = pl.DataFrame({"cluster": design.clusters, "weight": design.weights})
    sample = svy.Sample(data, svy.Design(psu="cluster", wgt="weight")).weighting.create_jk_wgts()
    columns = [name for name in sample.data.columns if name.removeprefix("weight").isdigit()]
    replicates = sample.data.select(columns).to_numpy().T
    answered = ~np.isnan(values)
    known = np.where(answered, values, 0.0)
    whole = (design.weights @ known) / (design.weights @ answered)
    parts = (replicates @ known) / (replicates @ answered)
    scale = (1 - float(design.sampled_share[0])) * (len(parts) - 1) / len(parts)
    return whole, np.sqrt(scale) * (parts - (whole if centre == "estimate" else parts.mean(axis=0)))
