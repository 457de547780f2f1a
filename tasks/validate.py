"""Validate: from candidates to observations, warnings and the quarantine, by the rules that expectations/ derives."""

import pandas as pd
from prefect import task
from prefect.cache_policies import NO_CACHE

from expectations.outcome import Outcome
from expectations.runner import validate
from tasks.job import Job
from tasks.load import open_warehouse
from tasks.sources.registry import inspection_sources, micro_sources
from warehouse.frames import BATCH, CANDIDATE, HISTORY, OBSERVATION, QUARANTINE, WARNING
from warehouse.frameworks.checks import load_cross_checks
from warehouse.history import earlier_figures
from warehouse.settings import get_settings


@task(name="validate", cache_policy=NO_CACHE)
def validate_candidates(job: Job, parts: list[str]) -> Outcome:
    """Judge every candidate of the round.

    Writes the OBSERVATION, QUARANTINE, WARNING and BATCH frames of the round.

    Args:
        job: The round at hand.
        parts: Workspace partitions of the sources.

    Returns:
        The outcome of the checks.
    """
    workspace = job.workspace
    candidates = workspace.read(CANDIDATE)
    batches = pd.concat([workspace.read(BATCH, part) for part in parts], ignore_index=True)
    framework, checks = job.loaded_framework, load_cross_checks(job.loaded_framework.folder)
    history = (
        earlier_figures(open_warehouse(), framework.name, job.round.round, job.period)
        if checks.need_history
        else HISTORY.empty()
    )
    outcome = validate(
        candidates,
        framework,
        round_name=job.round.round,
        period=job.period,
        ranked_agencies=job.ranked_agencies,
        data_docs=get_settings().data_docs,
        may_be_empty=has_answers(batches),
        checks=checks,
        history=history,
    )
    workspace.write(OBSERVATION, outcome.accepted)
    workspace.write(QUARANTINE, outcome.quarantined)
    workspace.write(WARNING, outcome.warnings)
    workspace.write(BATCH, count_rows(batches, outcome))
    return outcome


def has_answers(batches: pd.DataFrame) -> bool:
    """Whether answers of persons or portals could be read: they are no candidates, and evidence all the same."""
    read = set(batches.loc[batches["outcome"] == "read", "source"])
    return not read.isdisjoint({*micro_sources(), *inspection_sources()})


def count_rows(batches: pd.DataFrame, outcome: Outcome) -> pd.DataFrame:
    """Complete the BATCH rows: accepted and quarantined rows, and the outcome of the file."""
    counted = batches.copy()
    accepted = outcome.accepted.groupby("snapshot_sha256").size()
    refused = outcome.quarantined.drop_duplicates(["snapshot_sha256", "locator"]).groupby("snapshot_sha256").size()
    replaced = (outcome.accepted["superseded_by"] != "").groupby(outcome.accepted["snapshot_sha256"]).all()
    superseded = set(replaced.index[replaced])
    counted["rows_accepted"] = counted["snapshot_sha256"].map(accepted).fillna(0).astype("Int64")
    counted["rows_quarantined"] = counted["snapshot_sha256"].map(refused).fillna(0).astype("Int64")
    read = counted["outcome"] == "read"
    counted.loc[read, "outcome"] = "accepted"
    counted.loc[read & (counted["rows_quarantined"] > 0), "outcome"] = "quarantined"
    counted.loc[read & counted["snapshot_sha256"].isin(superseded), "outcome"] = "superseded"
    return counted
