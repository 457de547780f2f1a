"""Estimates by domain from a complex sample: means, proportions, totals and ratios with Taylor standard errors.

svy makes them, and Taylor's formula vectorised in `linearised.py` where the sample is too large for svy to be quick: a
minute for 1,000,000 answers x 60 questions x 63 domains is the limit of the whole survey. Both give the same figures to
the last digits that floating point has (tests compare them); which of them is at work depends on the size of the sample
alone, so that the same bytes always go the same way.

Weights count as fixed: what raking gains in precision is not claimed, so that standard errors are rather too wide.
A respondent without an answer to a question is outside the domain of that question, not outside the sample.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from tasks.evidence.surveys.design import SampleDesign
from tasks.evidence.surveys.joint import JointErrors
from tasks.evidence.surveys.linearised import Floats, LinearisedDesign, Statistic

ESTIMATE_COLUMNS = (
    "domain",
    "variable",
    "statistic",
    "estimate",
    "standard_error",
    "n",
    "clusters",
    "degrees_of_freedom",
    "design_effect",
    "effective_n",
)
# Respondents x variables from which the vectorised formula takes over: svy needs about a microsecond for each.
SVY_LIMIT = 3_000_000


@dataclass(frozen=True)
class Variable:
    """What is estimated.

    Attributes:
        values: Value of each respondent; NaN: no answer. 1 and 0 for a proportion.
        statistic: `mean` (also for proportions), `total` or `ratio`.
        denominator: Value that a ratio divides by.
    """

    values: Floats
    statistic: Statistic = "mean"
    denominator: Floats | None = None


def estimate(
    design: SampleDesign,
    variables: Mapping[str, Variable],
    domains: pd.Series | None = None,
    *,
    engine: Literal["", "svy", "linearised"] = "",
) -> pd.DataFrame:
    """Estimate variables in all domains, as `estimate_jointly` does, without what their errors share."""
    return estimate_jointly(design, variables, domains, engine=engine)[0]


def estimate_jointly(
    design: SampleDesign,
    variables: Mapping[str, Variable],
    domains: pd.Series | None = None,
    *,
    engine: Literal["", "svy", "linearised"] = "",
) -> tuple[pd.DataFrame, JointErrors]:
    """Estimate variables in all domains.

    Args:
        design: The sample.
        variables: Variables by name.
        domains: Domain of each respondent, in the order of the design; left out: one domain named "".
        engine: Which implementation; empty: by the size of the sample.

    Returns:
        ESTIMATE_COLUMNS, grain domain x variable, sorted by domain within the order of the variables; a domain without
        an answer to a variable has no row. `design_effect` is Kish's (against a simple random sample with replacement),
        `effective_n` is n / design_effect; both NaN for totals and where all answers are equal. And what the errors of
        the estimates share; Taylor's formula gives it, whatever gave the standard errors.
    """
    if not len(design.weights) or not variables:
        return pd.DataFrame(columns=list(ESTIMATE_COLUMNS)), JointErrors()
    named = domains if domains is not None else pd.Series([""] * len(design.weights))
    codes, names = pd.factorize(named.to_numpy(dtype=object), sort=True)
    linear = LinearisedDesign(
        design.weights, design.strata, design.clusters, codes.astype(np.int64), design.sampled_share
    )
    use_svy = engine == "svy" or (not engine and len(design.weights) * len(variables) <= SVY_LIMIT)
    sample = _sample(design, codes) if use_svy else None
    found, scores = [], []
    for name, variable in variables.items():
        made = linear.estimate(variable.values, variable.statistic, variable.denominator)
        rows = pd.DataFrame(
            {
                "domain": names,
                "variable": name,
                "statistic": variable.statistic,
                "estimate": made.estimate,
                "standard_error": made.standard_error,
                "n": made.n,
                "clusters": made.clusters,
                "degrees_of_freedom": made.degrees_of_freedom,
                "design_effect": made.design_effect,
            }
        )
        if sample is not None and made.n.any():
            rows = _with_svy(rows, sample, variable)
        found.append(rows[rows["n"] > 0])
        scores.append(made.scores)
    whole = pd.concat(found, ignore_index=True)
    whole["effective_n"] = whole["n"] / whole["design_effect"]
    return whole[list(ESTIMATE_COLUMNS)], JointErrors(tuple(names), tuple(variables), linear, np.array(scores))


def _sample(design: SampleDesign, codes: Any) -> Any:
    """The sample as svy takes it."""
    import polars as pl
    import svy

    population = design.population
    columns = {"stratum": design.strata, "cluster": design.clusters, "weight": design.weights, "domain": codes}
    is_finite = bool(np.isfinite(population).any())
    if is_finite:
        # svy wants a size for every stratum: where it is unknown, one so large that the sampled share vanishes.
        columns["population"] = np.where(np.isfinite(population), population, 1e15)
    # Agencies of one cluster are suppressed later; here they must only not stop the others.
    plan = svy.Design(
        stratum="stratum",
        psu="cluster",
        wgt="weight",
        pop_size="population" if is_finite else None,
        singleton="skip",
    )
    return svy.Sample(pl.DataFrame(columns), plan)


def _with_svy(rows: pd.DataFrame, sample: Any, variable: Variable) -> pd.DataFrame:
    """Put svy's figures in place of ours."""
    import polars as pl

    data = sample.data.with_columns(pl.Series("y", variable.values).fill_nan(None))
    asked: dict[str, Any] = {"by": "domain", "drop_nulls": True, "deff": "wr"}
    if variable.statistic == "ratio":
        data = data.with_columns(pl.Series("x", variable.denominator).fill_nan(None))
        made = sample.set_data(data).estimation.ratio("y", "x", **asked)
    elif variable.statistic == "total":
        made = sample.set_data(data).estimation.total("y", **asked)
    else:
        made = sample.set_data(data).estimation.mean("y", **asked)
    table = made.to_polars()
    place = table["domain"].cast(pl.Int64).to_numpy()
    result = rows.copy()
    wanted = {"estimate": "est", "standard_error": "se", "degrees_of_freedom": "df", "design_effect": "deff"}
    for column, theirs in wanted.items():
        if column == "design_effect" and variable.statistic == "total":
            continue
        values = result[column].to_numpy(copy=True)
        values[place] = table[theirs].to_numpy()
        result[column] = values
    return result


def confidence_interval(
    estimates: pd.DataFrame, *, proportion: bool = False, level: float = 0.95
) -> tuple[Floats, Floats]:
    """Lower and upper ends with the quantiles of Student's t for the degrees of freedom of the design.

    Args:
        estimates: Rows of `estimate`.
        proportion: Whether they are proportions: the interval is then symmetric on the logit scale, so that it stays
            within 0 and 1 (Korn & Graubard 1999, Analysis of Health Surveys, sec. 3.4); where all answers are equal, it
            is Clopper and Pearson's for n answers, because a standard error of 0 says nothing about the next one.
        level: Probability that the interval covers the true value.

    Returns:
        The ends in the unit of the estimates; NaN where there is no degree of freedom.
    """
    from scipy import special, stats

    degrees = estimates["degrees_of_freedom"].to_numpy(dtype=float)
    quantile = stats.t.ppf((1 + level) / 2, np.where(degrees > 0, degrees, np.nan))
    half = quantile * estimates["standard_error"].to_numpy(dtype=float)
    middle = estimates["estimate"].to_numpy(dtype=float)
    if not proportion:
        return middle - half, middle + half
    inside = (middle > 0) & (middle < 1)
    safe = np.where(inside, middle, 0.5)
    reach, logit = half / (safe * (1 - safe)), special.logit(safe)
    tail = ((1 - level) / 2) ** (1 / estimates["n"].to_numpy(dtype=float))
    low = np.where(inside, special.expit(logit - reach), np.where(middle >= 1, tail, 0.0))
    high = np.where(inside, special.expit(logit + reach), np.where(middle <= 0, 1 - tail, 1.0))
    return low, high
