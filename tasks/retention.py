"""What has piled up and may go: snapshots that nothing refers to, stored results of old runs."""

import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.load import open_warehouse
from warehouse.engine import upgrade
from warehouse.errors import InputError
from warehouse.files import writing
from warehouse.references import COLUMNS, SHA256, referenced_snapshots
from warehouse.settings import get_settings

DAY_SECONDS = 86_400
YOUNG_SECONDS = DAY_SECONDS  # a snapshot may belong to a run that has not written yet what it refers to
_TEXTS = ("*.json", "*.csv", "*.yaml", "*.jsonl")


@dataclass(frozen=True)
class Heap:
    """Files of one kind that may go.

    Attributes:
        kind: What they are.
        files: Where they are, in the order in which they are to be removed.
        count: How many things they stand for; a snapshot is its bytes and its cards.
        size: Bytes.
    """

    kind: str
    files: tuple[Path, ...]
    count: int
    size: int


@task(name="find unused snapshots", cache_policy=NO_CACHE)
def unused_snapshots(now: float | None = None) -> Heap:
    """Find the snapshots that neither the warehouse nor the lake refers to and that are older than a day.

    Args:
        now: The time, in seconds since 1970; None: this moment.

    Raises:
        InputError: A file of the lake cannot be read: then nothing can be called unused.
        WarehouseError: The warehouse cannot be read.
    """
    settings = get_settings()
    engine = open_warehouse()
    upgrade(engine)
    kept = referenced_snapshots(engine) | referenced_in(settings.lake)
    return _unused(settings.snapshots, kept, (time.time() if now is None else now) - YOUNG_SECONDS)


def _unused(root: Path, kept: set[str], before: float) -> Heap:
    files: list[Path] = []
    count = 0
    for content in sorted(root.glob("??/*")):
        if not SHA256.fullmatch(content.name) or content.name in kept:
            continue
        # The bytes go last: where the removal is cut off, the next one finds them again.
        parts = [*content.parent.glob(f"{content.name}.*.json"), content]
        if all(_changed(part) < before for part in parts):
            files += parts
            count += 1
    return Heap("snapshots that nothing refers to", tuple(files), count, _size(files))


def referenced_in(lake: Path) -> set[str]:
    """sha256 of every snapshot that a frame or a record of the lake refers to.

    Raises:
        InputError: A file cannot be read.
    """
    found: set[str] = set()
    for file in lake.rglob("*.parquet"):
        found.update(_of_frame(file))
    for file in (file for pattern in _TEXTS for file in lake.rglob(pattern)):
        try:
            found.update(SHA256.findall(file.read_text(encoding="utf-8", errors="replace")))
        except OSError as error:
            raise _unreadable(file) from error
    return found


def _of_frame(file: Path) -> Iterator[str]:
    try:
        names = [name for name in pq.read_schema(file).names if name in COLUMNS]
        table = pq.read_table(file, columns=names) if names else pa.table({})
    except (OSError, pa.ArrowException) as error:
        raise _unreadable(file) from error
    for name in names:
        for text in table.column(name).unique().to_pylist():
            yield from SHA256.findall(str(text or ""))


def _unreadable(file: Path) -> InputError:
    return InputError(
        f"{file} cannot be read, so nobody knows which snapshots it refers to; none is removed.",
        "Run its round again, or move the file away.",
    )


@task(name="find old results", cache_policy=NO_CACHE)
def old_results(before: float) -> Heap:
    """Find the stored results of task runs, and the notes of what was told, from before a time.

    Args:
        before: Seconds since 1970.
    """
    home = get_settings().prefect_home
    places = [home / "storage", home / "told"]
    files = [file for place in places for file in sorted(place.rglob("*")) if file.is_file()]
    old = [file for file in files if _changed(file) < before]
    return Heap("stored results of runs", tuple(old), len(old), _size(old))


@task(name="remove", cache_policy=NO_CACHE)
def remove(heap: Heap) -> None:
    """Remove the files of a heap; what is gone already is fine.

    Raises:
        WarehouseError: The operating system refuses it.
    """
    for file in heap.files:
        with writing(file):
            file.unlink(missing_ok=True)


def _changed(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except FileNotFoundError:
        return float("inf")  # it is being replaced just now


def _size(files: Iterable[Path]) -> int:
    return sum(os.path.getsize(file) for file in files if file.exists())  # noqa: PTH202 - many files, and fast
