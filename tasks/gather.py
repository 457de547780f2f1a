"""Gather: from a source to snapshots of the bytes as received."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.job import Job
from tasks.secrets import secret_block
from tasks.sources.base import Page, Receipt
from tasks.sources.credentials import secrets_from
from tasks.sources.registry import all_sources, is_micro
from tasks.sources.rounds import Entry
from warehouse.errors import InputError, PartlyUnavailable, SnapshotError, SourceUnavailable
from warehouse.frames import BATCH, SNAPSHOT, records


@task(name="gather", task_run_name="gather {part}", cache_policy=NO_CACHE)
def gather_source(job: Job, number: int, part: str) -> str:
    """Fetch everything that one source of the round offers and keep the bytes.

    Writes the SNAPSHOT and BATCH frames of the part into the workspace. A source that does not answer becomes one batch
    with the outcome `unavailable`: the round goes on and says what is missing. Pages of a survey tool that an earlier
    run of the round brought stay; only what is new is asked for, and a run that was cut goes on from its last page.

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
    kept = _Kept(job, entry, part)
    failure = ""
    try:
        with secrets_from(secret_block):
            for receipt in _receipts(entry, job, kept):
                kept.put(receipt)
    except SourceUnavailable as error:
        failure = str(error)
        # A stray file beside good ones does not make a source missing; what did not come is named in any case.
        missing = not isinstance(error, PartlyUnavailable)
        if missing and (entry.critical or entry.source in job.loaded_framework.description.critical_sources):
            raise SourceUnavailable(
                f"The critical source {entry.source} is missing: {error.message}", error.hint
            ) from error
    kept.write(failure)
    return failure


def _receipts(entry: Entry, job: Job, kept: "_Kept") -> Iterator[Receipt]:
    source = all_sources()[entry.source]
    if not is_micro(source):
        yield from source.gather(entry, job.round.folder)
        return
    earlier = kept.earlier() if entry.addresses else []
    for receipt in source.gather(entry, job.round.folder, earlier):
        yield receipt
        kept.write("")  # a run that is killed now goes on from here


class _Kept:
    """The snapshots of one part.

    Args:
        job: The round at hand.
        entry: The entry of round.yaml.
        part: Name of the workspace partition.
    """

    def __init__(self, job: Job, entry: Entry, part: str) -> None:
        self._job, self._entry, self._part = job, entry, part
        self._cards: list[Mapping[str, Any]] = []

    def earlier(self) -> list[Page]:
        """The pages that earlier runs brought, in their order; they stay."""
        try:
            self._cards = list(records(self._job.workspace.read(SNAPSHOT, self._part)))
            return [Page(card["origin"], self._job.store.get(card["sha256"])) for card in self._cards]
        except (InputError, SnapshotError):
            self._cards = []  # nothing there, or damaged: everything is asked for again
            return []

    def put(self, receipt: Receipt) -> None:
        """Keep what arrived."""
        known = sum(card["origin"].partition("#again=")[0] == receipt.origin for card in self._cards)
        if known and is_micro(all_sources()[self._entry.source]):  # the same question, another answer: asked later
            receipt = replace(receipt, origin=f"{receipt.origin}#again={known}")
        whence = {"source": self._entry.source, "round_name": self._job.round.round}
        store = self._job.store
        sha256 = store.put(receipt, **whence, period=self._job.period)
        self._cards.append(store.card(sha256, **whence, origin=receipt.origin).row())

    def write(self, failure: str) -> None:
        """Write the frames of the part."""
        common = {**self._job.scope, "source": self._entry.source}
        batches = [
            {**common, "origin": card["origin"], "snapshot_sha256": card["sha256"], "outcome": "received"}
            for card in self._cards
        ]
        if failure:
            origin = self._entry.path or ", ".join(self._entry.addresses)
            batches.append({**common, "origin": origin, "outcome": "unavailable", "message": failure})
        self._job.workspace.write(SNAPSHOT, pd.DataFrame(self._cards), self._part)
        self._job.workspace.write(BATCH, pd.DataFrame(batches), self._part)
