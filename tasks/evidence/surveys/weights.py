"""Survey weights: base weights are trimmed, post-stratified to the strata and raked to margins, within agencies."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from warehouse.frames import records
from warehouse.frameworks.survey import Survey, Trimming

_ALL = "*"  # category of a margin that an agency cannot be fitted to
_TOLERANCE = 1e-6  # relative misfit at which raking has converged
_SWEEPS = 200


@dataclass
class WeightReport:
    """What was done to the weights.

    Attributes:
        trimmed: Number of base weights that were cut to the bounds.
        empty_strata: `agency: stratum` of the population without a respondent; the agency's other strata stand for it.
        margins_left_out: `agency: margin` that could not be used, because a category has no respondent.
        misfit: Largest relative difference between a fitted margin and its target; 0 without raking.
        misfitting: Agencies whose margins contradict each other given who answered: misfit above 1 %.
        largest_ratio: Largest ratio of a final weight to the median of its agency.
        weighting_effect: Kish's 1 + cv^2 of the final weights over all agencies, each scaled to mean 1.
    """

    trimmed: int = 0
    empty_strata: tuple[str, ...] = ()
    margins_left_out: tuple[str, ...] = ()
    misfit: float = 0.0
    misfitting: tuple[str, ...] = ()
    largest_ratio: float = 1.0
    weighting_effect: float = 1.0


def fit_weights(
    rows: pd.DataFrame, survey: Survey, population: pd.DataFrame, margins: pd.DataFrame
) -> tuple[pd.Series, WeightReport]:
    """Work out the final weights.

    Base weights are trimmed to multiples of their agency's median, which keeps the agency's total; then fitted to the
    units of each stratum; then raked to the margins. Weights may pass the bounds of trimming again in the last two.

    Args:
        rows: Coded answers with agency, stratum, weight and `margin:NAME`; grain submission.
        survey: The survey.
        population: agency, stratum, units; grain agency x stratum; may be empty.
        margins: agency, margin, category, units; grain agency x margin x category; already checked to sum.

    Returns:
        Final weights, index as in `rows`, and what was done.
    """
    report = WeightReport()
    weights = rows["weight"].astype(float)
    if survey.trimming:
        weights = _trim(weights, rows["agency"], survey.trimming, report)
    if survey.poststratify and len(population):
        weights = _poststratify(weights, rows, population, report)
    if survey.rake:
        weights = _rake(weights, rows, margins, survey.rake, report)
    agency = weights.groupby(rows["agency"])
    if len(weights):
        report.largest_ratio = float((weights / agency.transform("median")).max())
        report.weighting_effect = float(((weights / agency.transform("mean")) ** 2).mean())
    return weights, report


def _trim(weights: pd.Series, agency: pd.Series, bounds: Trimming, report: WeightReport) -> pd.Series:
    middle = weights.groupby(agency).transform("median")
    cut = weights.clip(bounds.lower * middle, bounds.upper * middle)
    report.trimmed = int((cut != weights).sum())
    return cut * weights.groupby(agency).transform("sum") / cut.groupby(agency).transform("sum")


def _poststratify(weights: pd.Series, rows: pd.DataFrame, population: pd.DataFrame, report: WeightReport) -> pd.Series:
    units = population.set_index(["agency", "stratum"])["units"]
    keys = pd.MultiIndex.from_frame(rows[["agency", "stratum"]])
    target = pd.Series(units.reindex(keys).to_numpy(), index=rows.index)
    current = weights.groupby([rows["agency"], rows["stratum"]]).transform("sum")
    fitted = (weights * target / current).where(target.notna(), weights)
    answering = set(rows["agency"])
    empty = [key for key in units.index.difference(keys.unique()) if key[0] in answering]
    report.empty_strata = tuple(f"{agency}: {stratum}" for agency, stratum in empty)
    totals = rows["agency"].map(population.groupby("agency")["units"].sum())
    is_known = target.notna().groupby(rows["agency"]).transform("all")
    return fitted.where(~is_known, fitted * totals / fitted.groupby(rows["agency"]).transform("sum"))


def _rake(
    weights: pd.Series, rows: pd.DataFrame, margins: pd.DataFrame, names: tuple[str, ...], report: WeightReport
) -> pd.Series:
    """Fit to the margins with svy, all agencies in one go: a category is `agency|category`."""
    import polars as pl
    import svy

    known = margins.groupby(["agency", "margin"])["units"].sum().groupby("agency").first()
    current = weights.groupby(rows["agency"]).sum()
    totals = known.reindex(current.index).fillna(current)
    columns: dict[str, Any] = {"weight": weights.to_numpy()}
    controls: dict[str, Any] = {}
    left_out: list[str] = []
    for name in names:
        cell, targets, lost = _margin(weights, rows, margins[margins["margin"] == name], name, totals)
        columns[name], controls[name] = cell.astype(object).to_list(), targets
        left_out += lost
    sample = svy.Sample(pl.DataFrame(columns), svy.Design(wgt="weight"))
    raked: Any = sample.weighting.rake(
        controls=controls,
        wgt_name="fitted",
        update_design_wgts=False,
        tol=_TOLERANCE,
        max_iter=_SWEEPS,
        on_nonconvergence="ignore",
    )
    fitted = pd.Series(raked.data["fitted"].to_numpy(), index=weights.index)
    report.margins_left_out = tuple(left_out)
    _measure_misfit(fitted, columns, controls, report)
    return fitted


def _margin(
    weights: pd.Series, rows: pd.DataFrame, margin: pd.DataFrame, name: str, totals: pd.Series
) -> tuple[pd.Series, dict[str, float], list[str]]:
    """Cell of each respondent in a margin, targets by cell, and the agencies that cannot be fitted to it.

    Who did not say to which category it belongs keeps its share of the agency; the categories share the rest. An agency
    of which a category has no respondent is not fitted to the margin: nobody could stand for that category.
    """
    agency, category = rows["agency"], rows[f"margin:{name}"]
    target = margin.set_index(["agency", "category"])["units"]
    is_known = pd.Series(pd.MultiIndex.from_arrays([agency, category]).isin(target.index), index=rows.index)
    there = pd.MultiIndex.from_arrays([agency[is_known], category[is_known]]).unique()
    wanting = {key[0] for key in target.index.difference(there)} | (set(agency) - set(margin["agency"]))
    usable = ~agency.isin(wanting)
    cell = (agency + "|" + category).where(is_known, agency + "|?").where(usable, agency + "|" + _ALL)
    share_unknown = (weights * ~is_known).groupby(agency).sum() / weights.groupby(agency).sum()
    answering = [one for one in totals.index if one not in wanting]
    targets = {f"{one}|{_ALL}": float(totals[one]) for one in totals.index if one in wanting}
    targets |= {f"{one}|?": float(totals[one] * share_unknown[one]) for one in answering if share_unknown[one] > 0}
    for row in records(margin):
        one = row["agency"]
        if one in share_unknown.index and one not in wanting:
            targets[f"{one}|{row['category']}"] = float(row["units"] * (1 - share_unknown[one]))
    return cell, targets, [f"{one}: {name}" for one in totals.index if one in wanting]


def _measure_misfit(fitted: pd.Series, columns: dict[str, Any], controls: dict[str, Any], report: WeightReport) -> None:
    misfitting: set[str] = set()
    for name, targets in controls.items():
        reached = fitted.groupby(np.asarray(columns[name], dtype=object)).sum()
        misfit = (reached / pd.Series(targets).reindex(reached.index) - 1).abs()
        report.misfit = max(report.misfit, float(misfit.max()))
        misfitting |= {str(cell).rpartition("|")[0] for cell in misfit.index[misfit > 0.01]}
    report.misfitting = tuple(sorted(misfitting))
