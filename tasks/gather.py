"""Gather: from a source to snapshots of the bytes as received."""

import pandas as pd
from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.job import Job
from tasks.sources.registry import all_sources
from warehouse.errors import PartlyUnavailable, SourceUnavailable
from warehouse.frames import BATCH, SNAPSHOT


@task(name="gather", task_run_name="gather {part}", cache_policy=NO_CACHE)
def gather_source(job: Job, number: int, part: str) -> str:
    """Fetch everything that one source of the round offers and keep the bytes.

    Writes the SNAPSHOT and BATCH frames of the part into the workspace. A source that does not answer becomes one batch
    with the outcome `unavailable`: the round goes on and says what is missing.

    Args:
        job: The round at hand.
        number: Position of the source's entry in round.yaml.
        part: Name of the workspace partition.

    Returns:
        Why the source is unavailable, or an empty text.

    Raises:
        SourceUnavailable: The entry or the framework calls the source critical.
    """
    entry = job.round.sources[number]
    source = all_sources()[entry.source]
    store, round_name, common = job.store, job.round.round, {**job.scope, "source": entry.source}
    cards, batches, failure = [], [], ""
    try:
        for receipt in source.gather(entry, job.round.folder):
            whence = {"source": entry.source, "round_name": round_name}
            sha256 = store.put(receipt, **whence, period=job.period)
            cards.append(store.card(sha256, **whence, origin=receipt.origin).row())
            batches.append({**common, "origin": receipt.origin, "snapshot_sha256": sha256, "outcome": "received"})
    except SourceUnavailable as error:
        failure = str(error)
        # A stray file beside good ones does not make a source missing; what did not come is named in any case.
        missing = not isinstance(error, PartlyUnavailable)
        if missing and (entry.critical or entry.source in job.loaded_framework.description.critical_sources):
            raise SourceUnavailable(
                f"The critical source {entry.source} is missing: {error.message}", error.hint
            ) from error
        origin = entry.path or ", ".join(entry.addresses)
        batches.append({**common, "origin": origin, "outcome": "unavailable", "message": failure})
    job.workspace.write(SNAPSHOT, pd.DataFrame(cards), part)
    job.workspace.write(BATCH, pd.DataFrame(batches), part)
    return failure
