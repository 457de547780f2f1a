"""Posts on a Dask cluster: the extra `scale` and `DTI_DASK_ADDRESS`. The workers share the folder of the lake.

Only the work is done there; its results are files that the measurement finds, whoever made them. So a cluster and one
machine give the same numbers, and a worker that dies in the middle costs time only.
"""

from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from tasks.evidence.tone.classify import Reader
from tasks.evidence.tone.path import BUCKETS, Piece, classify_piece, pieces, weigh_bucket
from tasks.job import Job
from tasks.tone import pieces_folder, post_files, reader_of
from warehouse.errors import InputError
from warehouse.frameworks.tone import FILE, load_tone
from warehouse.settings import get_settings

_TASKS = 16  # that count: a bucket is too little for one


def classify_on_cluster(job: Job, parts: list[str]) -> None:
    """Classify and count the posts of a round on the cluster of the settings.

    Args:
        job: The round at hand.
        parts: Workspace partitions of all entries of the round.

    Raises:
        InputError: The extra `scale` is not installed, or nothing answers at the address.
    """
    files = post_files(job, parts)
    if files and (job.loaded_framework.folder / FILE).is_file():
        _on_cluster.with_options(task_runner=_runner())(job, [str(file.resolve()) for file in files])


def _runner() -> Any:
    address = get_settings().dask_address
    try:
        from distributed import Client
        from prefect_dask.task_runners import DaskTaskRunner
    except ImportError:
        raise InputError(
            "DTI_DASK_ADDRESS is set, but the packages for a cluster are not installed.",
            "Install them: .venv/bin/python -m pip install 'dti-warehouse[scale]', or unset DTI_DASK_ADDRESS.",
        ) from None
    try:
        Client(address, timeout=10).close()
    except (OSError, ValueError) as error:
        raise InputError(f"No Dask cluster answers at {address}.", "Start it, or unset DTI_DASK_ADDRESS.") from error
    return DaskTaskRunner(address=address)


@flow(name="tone", flow_run_name="tone {job.framework} {job.period}")
def _on_cluster(job: Job, files: list[str]) -> None:
    reader = reader_of(job, load_tone(job.loaded_framework.folder))
    folder = pieces_folder().resolve()
    todo = pieces([Path(file) for file in files], reader)
    folders = [run.result() for run in [_piece.submit(piece, reader, folder) for piece in todo]]
    shares = [list(range(first, BUCKETS, _TASKS)) for first in range(_TASKS)]
    counts = [_buckets.submit(share, folders, folder, list(reader.criteria)) for share in shares]
    for run in counts:
        run.result()


@task(name="classify posts", cache_policy=NO_CACHE)
def _piece(piece: Piece, reader: Reader, folder: Path) -> str:
    return classify_piece(piece, reader, folder)


@task(name="count posts", cache_policy=NO_CACHE)
def _buckets(buckets: list[int], folders: list[str], folder: Path, criteria: list[str]) -> int:
    return sum(len(weigh_bucket(bucket, folders, folder, criteria)) for bucket in buckets)
