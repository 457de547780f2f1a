"""Jackknife replicate weights: standard errors that need no formula for the statistic."""

from typing import Literal

import numpy as np

from tasks.evidence.surveys.design import SampleDesign
from tasks.evidence.surveys.linearised import Floats


def jackknife_mean(
    design: SampleDesign, values: Floats, *, centre: Literal["estimate", "replicate_mean"] = "estimate"
) -> tuple[float, float]:
    """Estimate a mean with JK1: each replicate leaves out one cluster (Wolter 2007, ch. 4; svy makes the replicates).

    The sampled share of the clusters narrows the standard error as in R's `survey`: by the root of 1 - f.

    Args:
        design: A sample of one stratum.
        values: Value of each respondent; NaN: no answer.
        centre: Deviations of the replicates from the `estimate` (R: mse=TRUE) or from their own mean (mse=FALSE).

    Returns:
        The mean and its standard error, in the unit of the values.
    """
    import polars as pl
    import svy

    data = pl.DataFrame({"cluster": design.clusters, "weight": design.weights, "y": values}).with_columns(
        pl.col("y").fill_nan(None)
    )
    sample = svy.Sample(data, svy.Design(psu="cluster", wgt="weight")).weighting.create_jk_wgts()
    around: Literal["estimate", "rep_mean"] = "estimate" if centre == "estimate" else "rep_mean"
    made = sample.estimation.mean("y", method="replication", variance_center=around, drop_nulls=True).to_polars()
    finite = np.sqrt(1 - float(design.sampled_share[0]))
    return float(made["est"][0]), float(made["se"][0]) * float(finite)
