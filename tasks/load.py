"""Load: the evidence of a round goes into the warehouse in one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pandas as pd
from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.inspect import round_checks
from tasks.job import Job
from warehouse import runs
from warehouse.engine import connect, upgrade
from warehouse.frames import BATCH, OBSERVATION, QUARANTINE, SNAPSHOT, WARNING
from warehouse.load import load_evidence, load_reference
from warehouse.locks import round_lock
from warehouse.reference.agencies import load_agencies
from warehouse.settings import get_settings
from warehouse.vintages import refuse_other_kind

if TYPE_CHECKING:
    from warehouse.engine import Engine


def open_warehouse() -> "Engine":
    """Connect to the warehouse of this process.

    Raises:
        WarehouseError: It cannot be reached.
    """
    return connect(get_settings().url)


@contextmanager
def locked(job: Job) -> Iterator[None]:
    """Hold the job's round, so that two runs of it never interleave, in a warehouse whose schema is up to date.

    Raises:
        RoundBusy: Another run holds it.
        WarehouseError: The warehouse cannot be used, or its schema is newer than this code.
    """
    engine = open_warehouse()
    upgrade(engine)
    refuse_other_kind(engine, job.scope, job.round.kind)
    with round_lock(engine, job.scope["framework"], job.scope["round"], job.period):
        yield


def open_run(job: Job, flow: str) -> None:
    """Note in the ledger that a run begins; call it while holding the round."""
    runs.start_run(open_warehouse(), job.run_id, flow, job.scope)


def finish_run(job: Job, state: str, summary: dict[str, Any]) -> None:
    """Note in the ledger how a run ended."""
    runs.finish_run(open_warehouse(), job.run_id, state, summary)


@task(name="load", cache_policy=NO_CACHE)
def load_round_facts(job: Job, parts: list[str]) -> dict[str, dict[str, int]]:
    """Load snapshots, observations, quarantine, warnings, batches and checks of portals, all or nothing.

    Args:
        job: The round at hand.
        parts: Workspace partitions of the sources.

    Returns:
        Table name to the numbers of rows inserted, updated, unchanged and removed.
    """
    work = job.workspace
    engine = open_warehouse()
    reference = load_reference(engine, load_agencies(), job.loaded_framework)
    evidence = load_evidence(
        engine,
        scope=job.scope,
        snapshots=pd.concat([work.read(SNAPSHOT, part) for part in parts], ignore_index=True),
        observations=work.read(OBSERVATION),
        quarantine=work.read(QUARANTINE),
        warnings=work.read(WARNING),
        batches=work.read(BATCH),
        checks=round_checks(job, parts),
    )
    return {name: asdict(counts) for name, counts in {**reference, **evidence}.items()}
