"""Gather: from a source to snapshots of the bytes as received."""

import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pandas as pd
from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.harmonise.periods import period_end
from tasks.job import Job
from tasks.secrets import secret_block
from tasks.sources.base import Page, Receipt
from tasks.sources.credentials import secrets_from
from tasks.sources.registry import all_sources, asks_the_web, is_inspection, is_micro
from tasks.sources.rounds import Entry
from warehouse.errors import InputError, PartlyUnavailable, SnapshotError, SourceUnavailable
from warehouse.frames import BATCH, SNAPSHOT, records

_WRITE_AFTER = 50  # pages
_WRITE_SECONDS = 1.0


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
        with secrets_from(secret_block), kept.whatever_comes():
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
    if is_inspection(source):
        earlier = kept.earlier()
        settled = source.settled(earlier)
        kept.forget_others(settled)
        agencies = sorted(job.ranked_agencies or ())
        for receipt in source.gather(entry, job.round.folder, agencies, period_end(job.period), earlier):
            yield receipt
            kept.write_now_and_then()
        return
    if not is_micro(source):
        yield from source.gather(entry, job.round.folder)
        return
    earlier = kept.earlier() if entry.addresses or asks_the_web(source) else []
    for receipt in source.gather(entry, job.round.folder, earlier):
        yield receipt
        kept.write_now_and_then()  # a run that is killed now goes on from about here


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
        self._times: Counter[str] = Counter()  # an origin to how often something came from it
        self._unwritten = 0
        self._written_at = -float("inf")

    def earlier(self) -> list[Page]:
        """The pages that earlier runs brought, in their order; they stay."""
        try:
            self._cards = list(records(self._job.workspace.read(SNAPSHOT, self._part)))
            return [Page.of_card(card, self._job.store.get(card["sha256"])) for card in self._cards]
        except (InputError, SnapshotError):
            self._cards = []  # nothing there, or damaged: everything is asked for again
            return []
        finally:
            self._count_origins()

    def forget_others(self, settled: Collection[str]) -> None:
        """Leave out what does not belong to one of the finished inspections: a cut one begins anew."""
        self._cards = [card for card in self._cards if card["sha256"] in settled]
        self._count_origins()

    def _count_origins(self) -> None:
        self._times = Counter(card["origin"].partition("#again=")[0] for card in self._cards)

    def put(self, receipt: Receipt) -> None:
        """Keep what arrived."""
        known = self._times[receipt.origin]
        self._times[receipt.origin] += 1
        source = all_sources()[self._entry.source]
        if known and (is_micro(source) or is_inspection(source)):  # the same question, another answer: asked later
            receipt = replace(receipt, origin=f"{receipt.origin}#again={known}")
        whence = {"source": self._entry.source, "round_name": self._job.round.round, "period": self._job.period}
        store = self._job.store
        sha256 = store.put(receipt, **whence)
        self._cards.append(store.card(sha256, **whence, origin=receipt.origin).row())

    @contextmanager
    def whatever_comes(self) -> Iterator[None]:
        """Where something fails in the middle, what came before is written all the same."""
        try:
            yield
        except BaseException:
            if self._unwritten:
                self.write("")
            raise

    def write_now_and_then(self) -> None:
        """Write the frames of the part, unless that was done just before: each time costs all that is kept so far."""
        self._unwritten += 1
        if self._unwritten >= _WRITE_AFTER or time.monotonic() - self._written_at >= _WRITE_SECONDS:
            self.write("")

    def write(self, failure: str) -> None:
        """Write the frames of the part."""
        self._unwritten, self._written_at = 0, time.monotonic()
        common = {**self._job.scope, "source": self._entry.source}
        batches = [
            {**common, "origin": card["origin"], "snapshot_sha256": card["sha256"], "outcome": "received"}
            for card in self._cards
        ]
        if failure:
            origin = self._entry.path or self._entry.portals or ", ".join(self._entry.addresses)
            if any(card["origin"] == origin for card in self._cards):  # the declaration came, what it names did not
                origin += "#unavailable"
            batches.append({**common, "origin": origin, "outcome": "unavailable", "message": failure})
        self._job.workspace.write(SNAPSHOT, pd.DataFrame(self._cards), self._part)
        self._job.workspace.write(BATCH, pd.DataFrame(batches), self._part)
