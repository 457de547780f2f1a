"""Whether a round has anything new to say since its last run: then the rest of the way can be saved."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

import expectations
import tasks
import warehouse
from tasks.gather import gather_source
from tasks.job import Job, parts_of
from tasks.load import open_warehouse
from warehouse.engine import reading
from warehouse.frames import BATCH, SNAPSHOT
from warehouse.frameworks.checks import load_cross_checks
from warehouse.history import earlier_figures
from warehouse.vintages import PUBLISHED, Vintage, contents_of, find_vintage

RECORD = "settled"
_CODE = ("*.py", "*.csv", "*.yaml")  # tables of agencies, aliases and words decide as much as programs do


def remember(job: Job, report: dict[str, Any]) -> None:
    """Keep what a finished run worked on and what came of it.

    Args:
        job: The round whose stages are done.
        report: What a person is told of it.
    """
    newest = _newest(job)
    if newest is not None:
        record = {"inputs": inputs(job), "digest": newest.digest, "state": newest.state, "report": report}
        job.workspace.write_json(RECORD, record)


def unchanged(job: Job, *, final: bool) -> dict[str, Any] | None:
    """Ask the sources whether anything came since the last finished run; call it while holding the round.

    Args:
        job: The round at hand.
        final: Whether its vintage is to be published in the end.

    Returns:
        What the last run reported, where bytes, framework, corrections and code are the same and the warehouse holds
        what that run wrote; otherwise None, and the round has to be run.

    Raises:
        SourceUnavailable: A critical source is missing.
    """
    try:
        record = job.workspace.read_json(RECORD)
    except (OSError, ValueError):
        return None
    newest = _newest(job)
    if newest is None or record.get("digest") not in _contents(newest) or (final and newest.state != PUBLISHED):
        return None
    outcomes = {part: job.workspace.read(BATCH, part) for part in parts_of(job)}
    for part, number in parts_of(job).items():
        gather_source.fn(job, number, part)
    if inputs(job) != record.get("inputs"):
        return None
    for part, batches in outcomes.items():  # gathering notes what came; what became of it is the same as before
        job.workspace.write(BATCH, batches, part)
    report: dict[str, Any] = record["report"]
    return report


def inputs(job: Job) -> str:
    """sha256 over everything that decides the numbers of a round, and what is said of them.

    That is the bytes, the framework, corrections, seed and code, and the earlier periods that figures are held against.

    Args:
        job: The round, whose sources were gathered.

    Raises:
        InputError: They were not.
    """
    digest = hashlib.sha256(f"{code_digest()}\0{job.loaded_framework.digest}\0{job.round!r}\0".encode())
    for part in parts_of(job):
        cards, batches = job.workspace.read(SNAPSHOT, part), job.workspace.read(BATCH, part)
        missing = batches.loc[batches["outcome"] == "unavailable", "origin"]
        came = sorted(zip(cards["origin"], cards["sha256"], strict=True))
        digest.update(repr((part, came, sorted(missing))).encode())
    file = job.round.corrections_file
    digest.update(file.read_bytes() if file else b"")
    digest.update(_earlier(job))
    return digest.hexdigest()


def _earlier(job: Job) -> bytes:
    if not load_cross_checks(job.loaded_framework.folder).need_history:
        return b""
    found = earlier_figures(open_warehouse(), job.loaded_framework.name, job.round.round, job.period)
    return found.sort_values(list(found.columns)).to_csv(index=False).encode()


@lru_cache(maxsize=1)
def code_digest() -> str:
    """sha256 over the code and the tables of the rooms that make numbers."""
    digest = hashlib.sha256()
    for room in (tasks, expectations, warehouse):
        root = Path(str(room.__file__)).parent
        for file in sorted(file for pattern in _CODE for file in root.rglob(pattern)):
            digest.update(f"{file.relative_to(root)}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def _newest(job: Job) -> Vintage | None:
    with reading(open_warehouse()) as connection:
        return find_vintage(connection, job.scope)


def _contents(vintage: Vintage) -> set[str]:
    with reading(open_warehouse()) as connection:
        return contents_of(connection, vintage)
