"""Running the path from posts to counts on this machine: in this process, or in a pool of processes."""

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

import pandas as pd

from tasks.evidence.tone.classify import Reader
from tasks.evidence.tone.path import (
    BUCKETS,
    Piece,
    account_of,
    classify_piece,
    counted,
    pieces,
    weigh_bucket,
)

Told = Callable[[int, int], None]
Item = TypeVar("Item")
Result = TypeVar("Result")
_WORTH_A_PROCESS = 60_000  # posts that take longer than starting a process
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS")
_reader: Reader


def count_posts(
    files: Sequence[Path], reader: Reader, folder: Path, *, processes: int = 0, told: Told | None = None
) -> tuple[pd.DataFrame, dict[str, int], list[str]]:
    """Classify and count posts.

    Args:
        files: Parquet files of posts (`classify.POSTS`).
        reader: What reading needs.
        folder: Where the pieces are kept.
        processes: Number of processes; 0: as many as there are processors, and one for few posts.
        told: Called with the number of pieces done and of all.

    Returns:
        Rows of `weigh.COUNTS`; what became of the posts; names of the pieces' folders.
    """
    todo = pieces(files, reader)
    few = not processes and sum(piece.posts for piece in todo) < _WORTH_A_PROCESS
    count = 1 if few or len(todo) <= 1 else min(processes or os.cpu_count() or 1, len(todo))
    with _workers(count, reader) as run:
        folders = []
        for name in run(partial(_classify, folder=folder), todo):
            folders.append(name)
            if told:
                told(len(folders), len(todo))
        weighed = partial(weigh_bucket, folders=folders, folder=folder, criteria=list(reader.criteria))
        return counted(run(weighed, range(BUCKETS))), account_of(folders, folder), folders


@contextmanager
def _workers(
    count: int, reader: Reader
) -> Iterator[Callable[[Callable[[Item], Result], Sequence[Item]], Iterator[Result]]]:
    if count == 1:
        _begin(reader)
        yield lambda function, items: map(function, items)
        return
    context = multiprocessing.get_context("spawn")  # a fork of a process with threads may hang
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))  # processes, not threads: both together fight for the processors
    try:
        with ProcessPoolExecutor(count, mp_context=context, initializer=_begin, initargs=(reader,)) as pool:
            yield pool.map
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})


def _begin(reader: Reader) -> None:
    global _reader
    _reader = reader


def _classify(piece: Piece, folder: Path) -> str:
    return classify_piece(piece, _reader, folder)
