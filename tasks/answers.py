"""Answers of persons: from snapshots to pseudonymous Parquet in the lake, and from there to estimates.

They never enter the warehouse, an artifact or a result: the tasks hand on counts and MEASUREMENT rows only.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from tasks.evidence.surveys.measure import measure
from tasks.evidence.surveys.pseudonyms import load_pseudonyms, pseudonymise
from tasks.evidence.surveys.values import Round
from tasks.job import Job
from tasks.sources.base import MicroSource, Page
from tasks.sources.registry import all_sources, is_micro
from warehouse.errors import BatchRefused, SnapshotError
from warehouse.files import writing
from warehouse.frames import BATCH, MEASUREMENT, records
from warehouse.frameworks.survey import load_surveys
from warehouse.settings import get_settings


def answers_file(job: Job, source: str, part: str) -> Path:
    """Where the answers of one entry of a round stand in the lake, by source and period."""
    scope = job.scope
    name = f"{scope['framework']}-{scope['round']}-{part}.parquet"
    return get_settings().lake / "answers" / source / job.period / name


def keep_answers(job: Job, part: str, source: MicroSource) -> int:
    """Read the pages of one entry, make them pseudonymous and write them to the lake.

    Completes the BATCH frame of the part: the pages are of use together or not at all.

    Args:
        job: The round at hand.
        part: Name of the workspace partition.
        source: The micro source.

    Returns:
        Number of refused pages.
    """
    batches = job.workspace.read(BATCH, part)
    arrived = batches["outcome"] != "unavailable"
    file = answers_file(job, source.name, part)
    file.unlink(missing_ok=True)
    refused = 0
    if arrived.any():
        outcome, message = "read", ""
        try:
            pages = [Page(row["origin"], job.store.get(row["snapshot_sha256"])) for row in records(batches[arrived])]
            answers = pseudonymise(
                source.read_answers(pages), load_surveys(job.loaded_framework.folder), load_pseudonyms(get_settings())
            )
            _write(answers, file)
            message = f"{len(answers)} answers came in {len(pages)} pages."
        except (BatchRefused, SnapshotError) as refusal:
            outcome, message, refused = "refused", str(refusal), int(arrived.sum())
        batches = batches.assign(
            outcome=batches["outcome"].mask(arrived, outcome), message=batches["message"].mask(arrived, message)
        )
    job.workspace.write(BATCH, batches.assign(rows_read=0), part)
    return refused


def measure_surveys(job: Job, parts: Sequence[str]) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Measure what the answers of a round's surveys say, whatever tools they came from.

    Args:
        job: The round at hand.
        parts: Workspace partitions of all entries of the round.

    Returns:
        MEASUREMENT rows, grain agency x criterion, and the account of what became of the answers; both empty where no
        answers came.
    """
    files, pages = [], set()
    for part in parts:
        source = all_sources()[job.round.sources[int(part.split("-")[0])].source]
        if (
            is_micro(source)
            and source.evidence == "survey"
            and (file := answers_file(job, source.name, part)).is_file()
        ):
            files.append(file)
            pages |= set(job.workspace.read(BATCH, part)["snapshot_sha256"]) - {""}
    if not files:
        return MEASUREMENT.empty(), {}
    answers = pd.concat([pd.read_parquet(file) for file in files], ignore_index=True).fillna("")
    where = Round(job.round.round, job.period, snapshots=tuple(sorted(pages)))
    framework = job.loaded_framework
    found, account = measure(answers, framework, load_surveys(framework.folder), where)
    return found, account.as_dict()


def _write(answers: pd.DataFrame, file: Path) -> None:
    unfinished = file.with_suffix(f".{os.getpid()}.tmp")
    with writing(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        answers.to_parquet(unfinished, index=False)
        unfinished.replace(file)
