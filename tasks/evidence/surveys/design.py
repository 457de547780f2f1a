"""The sampling design of answers: strata, clusters and sampled shares as codes, with strata of one cluster treated."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tasks.evidence.surveys.linearised import Codes, Floats

DESIGN_COLUMNS = ("agency", "stratum", "cluster", "weight", "population")


@dataclass(frozen=True)
class SampleDesign:
    """A stratified, clustered sample; arrays have one entry a respondent unless said otherwise.

    Attributes:
        weights: Final weight, above 0.
        strata: Stratum for variances, codes from 0.
        clusters: Cluster, codes from 0, each within one stratum.
        sampled_share: Sampled share of the clusters, one entry a stratum; 0 where the population is unknown.
        lone: Strata of one cluster that were merged with another of their agency, as `agency: stratum`.
        oversampled: Strata with more sampled clusters than their population is said to have: without its correction.
    """

    weights: Floats
    strata: Codes
    clusters: Codes
    sampled_share: Floats
    lone: tuple[str, ...] = ()
    oversampled: tuple[str, ...] = ()

    @property
    def population(self) -> Floats:
        """Clusters in the population of each respondent's stratum; infinite where it is unknown."""
        sampled = np.bincount(pd.Series(self.strata).groupby(self.clusters).first(), minlength=len(self.sampled_share))
        with np.errstate(divide="ignore"):
            return np.asarray((sampled / self.sampled_share)[self.strata])


def build_design(answers: pd.DataFrame) -> SampleDesign:
    """Work out the design of answers.

    Strata lie within agencies, clusters within strata; without clusters each respondent is one. Within one cluster
    nothing says how far clusters differ, so a stratum of one cluster is merged with the stratum of its agency that has
    the fewest clusters (collapsed strata: Wolter 2007, Introduction to Variance Estimation, sec. 2.5; the standard
    error becomes too wide rather than too narrow). An agency with one cluster in all keeps it: its variance cannot be
    estimated, and `minimum_clusters` suppresses it.

    Args:
        answers: One row a respondent: agency, stratum and cluster as text (empty where there is none), weight, and
            population: clusters in the population of the stratum, NaN where unknown.
    """
    unit = pd.Series(np.arange(len(answers)).astype(str), index=answers.index)
    cluster = answers["cluster"].where(answers["cluster"] != "", unit)
    keys = pd.DataFrame({"agency": answers["agency"], "stratum": answers["stratum"], "cluster": cluster})
    stratum_of_row = keys.groupby(["agency", "stratum"], sort=True).ngroup()
    clusters: Codes = keys.groupby(["agency", "stratum", "cluster"], sort=True).ngroup().to_numpy().astype(np.int64)
    strata = keys.assign(code=stratum_of_row, cluster=clusters, population=answers["population"]).groupby("code")
    table = strata.agg(
        agency=("agency", "first"),
        stratum=("stratum", "first"),
        sampled=("cluster", "nunique"),
        population=("population", "first"),
    )
    over = table["sampled"] > table["population"]
    table["population"] = table["population"].mask(over)  # it cannot be true: nothing is claimed from it
    target = _merge_lone(table)
    lone = table[(table["sampled"] == 1) & (table["agency"].map(table.groupby("agency")["sampled"].sum()) > 1)]
    codes, merged = np.unique(target, return_inverse=True)
    sampled = np.bincount(merged, table["sampled"], minlength=len(codes))
    population = np.bincount(merged, table["population"], minlength=len(codes))  # NaN where any part is unknown
    return SampleDesign(
        weights=answers["weight"].to_numpy(dtype=float),
        strata=merged[stratum_of_row.to_numpy()].astype(np.int64),
        clusters=clusters,
        sampled_share=np.nan_to_num(sampled / population, nan=0.0),
        lone=tuple(f"{row.agency}: {row.stratum}" for row in lone.itertuples()),
        oversampled=tuple(f"{row.agency}: {row.stratum}" for row in table[over].itertuples()),
    )


def _merge_lone(table: pd.DataFrame) -> Codes:
    """Stratum that each stratum is counted with; itself, unless it has one cluster."""
    target = table.index.to_numpy(dtype=np.int64).copy()
    for _, own in table.groupby("agency"):
        lone = own[own["sampled"] == 1]
        if lone.empty or len(own) == 1:
            continue
        others = own.drop(lone.index)
        into = others["sampled"].to_numpy().argmin() if len(others) else 0
        target[lone.index.to_numpy()] = (others if len(others) else own).index.to_numpy()[into]
    return target
