"""Standardise: from snapshots to candidates, the observations that validation has not yet judged."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.harmonise.agencies import Registry
from tasks.harmonise.standardise import standardise, supersede
from tasks.job import Job
from tasks.sources.registry import sources
from warehouse.errors import BatchRefused, SnapshotError
from warehouse.frames import BATCH, CANDIDATE, records


def read_batch(job: Job, batch: Mapping[str, Any]) -> pd.DataFrame:
    """Read one snapshot into candidates.

    Args:
        job: The round at hand.
        batch: A BATCH row that names the snapshot and its source.

    Returns:
        CANDIDATE rows.

    Raises:
        BatchRefused: The file as a whole is unusable.
    """
    source = sources()[batch["source"]]
    readings = source.read(job.store.get(batch["snapshot_sha256"]), job.loaded_framework)
    return standardise(
        readings,
        framework=job.loaded_framework,
        round_name=job.round.round,
        period=job.period,
        source=batch["source"],
        snapshot_sha256=batch["snapshot_sha256"],
        registry=Registry.bundled(),
        kinds=job.loaded_framework.description.population or None,
        evidence_needed=source.evidence_needed,
    )


@task(name="standardise", task_run_name="standardise {part}", cache_policy=NO_CACHE)
def standardise_source(job: Job, part: str, told: Callable[[int, int], None] | None = None) -> int:
    """Read all snapshots of one source; a file that is unusable is refused by name and the others go on.

    Writes the CANDIDATE frame of the part and completes its BATCH frame.

    Args:
        job: The round at hand.
        part: Name of the workspace partition.
        told: Called with the number of files done and of all files.

    Returns:
        Number of refused files.
    """
    batches = job.workspace.read(BATCH, part)
    candidates = [CANDIDATE.empty()]
    outcomes = []
    for number, batch in enumerate(records(batches), start=1):
        outcome, rows = _outcome(job, batch)
        outcomes.append(outcome)
        candidates.append(rows)
        if told:
            told(number, len(batches))
    job.workspace.write(CANDIDATE, _in_force(job, part, pd.concat(candidates, ignore_index=True)), part)
    job.workspace.write(BATCH, pd.DataFrame(outcomes), part)
    return sum(outcome["outcome"] == "refused" for outcome in outcomes)


def _outcome(job: Job, batch: dict[str, Any]) -> tuple[dict[str, Any], pd.DataFrame]:
    """What becomes of one file: its completed BATCH row, and its rows."""
    if batch["outcome"] == "unavailable":
        return batch, CANDIDATE.empty()
    try:
        rows = read_batch(job, batch)
    except (BatchRefused, SnapshotError) as refusal:
        return {**batch, "outcome": "refused", "message": str(refusal)}, CANDIDATE.empty()
    return {**batch, "outcome": "read", "rows_read": len(rows), "agency": _one_agency(rows)}, rows


def _in_force(job: Job, part: str, candidates: pd.DataFrame) -> pd.DataFrame:
    """Mark what later returns replace; files of a source that are not returns of one agency each add to each other."""
    batches = job.workspace.read(BATCH, part)
    if not any(sources()[name].later_replaces for name in batches["source"].unique()):
        return candidates
    return supersede(candidates, dict(zip(batches["snapshot_sha256"], batches["origin"], strict=True)))


def _one_agency(rows: pd.DataFrame) -> str:
    """The agency of a return; empty where the file speaks of several."""
    agencies = rows["agency"].unique()
    return str(agencies[0]) if len(agencies) == 1 else ""
