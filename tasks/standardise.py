"""Standardise: from snapshots to candidates, the observations that validation has not yet judged."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.answers import keep_answers
from tasks.harmonise.registries import registry_of
from tasks.harmonise.revisions import supersede_revisions
from tasks.harmonise.standardise import standardise, supersede
from tasks.inspect import keep_checks
from tasks.job import Job, source_of
from tasks.snapshots.store import SnapshotStore
from tasks.sources.registry import is_inspection, is_micro, revises_figures, sources
from warehouse.errors import BatchRefused, SnapshotError
from warehouse.frames import BATCH, CANDIDATE, READING, records
from warehouse.frameworks.model import Framework


@task(name="standardise", task_run_name="standardise {part}", cache_policy=NO_CACHE)
def standardise_source(job: Job, part: str, told: Callable[[int, int], None] | None = None) -> int:
    """Read all snapshots of one source; a file that is unusable is refused by name and the others go on.

    Writes the CANDIDATE frame of the part and completes its BATCH frame. Answers of persons give no candidates: they
    go to the lake under pseudonyms. Neither do inspected portals: they become checks.

    Args:
        job: The round at hand.
        part: Name of the workspace partition.
        told: Called with the number of files done and of all files.

    Returns:
        Number of refused files.
    """
    source = source_of(job, part)
    if is_micro(source):
        job.workspace.write(CANDIDATE, CANDIDATE.empty(), part)
        return keep_answers(job, part, source)
    if is_inspection(source):
        job.workspace.write(CANDIDATE, CANDIDATE.empty(), part)
        return keep_checks(job, part, source)
    batches, framework, store = records(job.workspace.read(BATCH, part)), job.loaded_framework, job.store
    readings = [READING.empty()]
    outcomes = []
    for number, batch in enumerate(batches, start=1):
        outcome, rows = read_batch(batch, framework, store)
        outcomes.append(outcome)
        readings.append(rows)
        if told:
            told(number, len(batches))
    snapshots = [sha256 for outcome in outcomes for sha256 in [outcome["snapshot_sha256"]] * outcome["rows_read"]]
    candidates = _candidates(job, part, pd.concat(readings, ignore_index=True), snapshots)
    agencies = candidates.groupby("snapshot_sha256")["agency"].agg(_one_agency)
    finished = BATCH.conform(pd.DataFrame(outcomes))
    job.workspace.write(CANDIDATE, _in_force(candidates, finished), part)
    job.workspace.write(
        BATCH, finished.assign(agency=[agencies.get(sha256, "") for sha256 in finished["snapshot_sha256"]]), part
    )
    return int((finished["outcome"] == "refused").sum())


def read_batch(
    batch: Mapping[str, Any], framework: Framework, store: SnapshotStore
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Read one snapshot.

    Args:
        batch: A BATCH row that names the snapshot and its source.
        framework: The framework whose nodes the figures are for.
        store: Where the bytes are.

    Returns:
        The completed BATCH row, and its READING rows; none where the file is unusable or never came.
    """
    if batch["outcome"] == "unavailable":
        return {**batch, "rows_read": 0}, READING.empty()
    try:
        rows = sources()[batch["source"]].read(store.get(batch["snapshot_sha256"]), framework)
    except (BatchRefused, SnapshotError) as refusal:
        return {**batch, "outcome": "refused", "message": str(refusal), "rows_read": 0}, READING.empty()
    return {**batch, "outcome": "read", "rows_read": len(rows)}, rows


def _candidates(job: Job, part: str, readings: pd.DataFrame, snapshots: list[str]) -> pd.DataFrame:
    source = sources()[source_of(job, part).name]
    kinds = job.loaded_framework.description.population
    return standardise(
        readings,
        framework=job.loaded_framework,
        round_name=job.round.round,
        period=job.period,
        source=source.name,
        snapshot_sha256=snapshots,
        registry=registry_of(job.loaded_framework.description),
        kinds=kinds,
        evidence_needed=source.evidence_needed,
    )


def _in_force(candidates: pd.DataFrame, batches: pd.DataFrame) -> pd.DataFrame:
    """Mark what later returns, or revisions of single figures, replace; files of other sources add to each other."""
    if any(revises_figures(sources()[name]) for name in batches["source"].unique()):
        return supersede_revisions(candidates)
    if not any(sources()[name].later_replaces for name in batches["source"].unique()):
        return candidates
    return supersede(candidates, dict(zip(batches["snapshot_sha256"], batches["origin"], strict=True)))


def _one_agency(agencies: "pd.Series[str]") -> str:
    """The agency of a return; empty where the file speaks of several."""
    found = agencies.unique()
    return str(found[0]) if len(found) == 1 else ""
