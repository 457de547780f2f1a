"""Answers of persons: from snapshots to pseudonymous Parquet in the lake, and from there to estimates.

They never enter the warehouse, an artifact or a result: the tasks hand on counts, MEASUREMENT and ERROR_FACTOR rows
only.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from tasks.evidence.experts import measure as experts
from tasks.evidence.experts.places import Places
from tasks.evidence.experts.pseudonyms import pseudonymise_ratings
from tasks.evidence.surveys.mapping import report_mapping
from tasks.evidence.surveys.measure import measure
from tasks.evidence.surveys.pseudonyms import load_pseudonyms, pseudonymise
from tasks.evidence.surveys.values import Round
from tasks.harmonise.items import ItemIndex
from tasks.job import Job, source_of
from tasks.lake import keep_posts
from tasks.sources.base import MicroSource, Page
from tasks.sources.registry import gives_posts, is_micro
from warehouse.errors import BatchRefused, SnapshotError
from warehouse.files import write_parquet
from warehouse.frames import BATCH, ERROR_FACTOR, MEASUREMENT, SNAPSHOT, records
from warehouse.frameworks.experts import load_experts
from warehouse.frameworks.survey import load_surveys
from warehouse.settings import get_settings

Measured = tuple[pd.DataFrame, pd.DataFrame, dict[str, Any]]  # MEASUREMENT rows, ERROR_FACTOR rows, account


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
    unmapped: dict[str, tuple[str, ...]] = {}
    if arrived.any():
        outcome, message = "read", ""
        try:
            cards = records(job.workspace.read(SNAPSHOT, part))
            pages = [Page.of_card(card, job.store.get(card["sha256"])) for card in cards]
            if gives_posts(source):
                message = keep_posts(source, pages, {card["origin"]: card["sha256"] for card in cards}, file)
            else:
                answers = source.read_answers(pages)
                unmapped = _unmapped(job, answers) if source.evidence == "survey" else {}
                write_parquet(_pseudonymous(job, source, answers), file)
                message = f"{len(answers)} answers came in {len(pages)} pages."
        except (BatchRefused, SnapshotError) as refusal:
            outcome, message, refused = "refused", str(refusal), int(arrived.sum())
        batches = batches.assign(
            outcome=batches["outcome"].mask(arrived, outcome), message=batches["message"].mask(arrived, message)
        )
    job.workspace.write_json(f"unmapped.{part}", unmapped)
    job.workspace.write(BATCH, batches.assign(rows_read=0), part)
    return refused


def measure_surveys(job: Job, parts: Sequence[str]) -> Measured:
    """Measure what the answers of a round's surveys say, whatever tools they came from.

    Args:
        job: The round at hand.
        parts: Workspace partitions of all entries of the round.

    Returns:
        MEASUREMENT rows, grain agency x criterion; ERROR_FACTOR rows; and the account of what became of the answers.
        All empty where no answers came.
    """
    answers, where = _answers(job, parts, "survey")
    if answers is None:
        return MEASUREMENT.empty(), ERROR_FACTOR.empty(), {}
    framework = job.loaded_framework
    unmapped = {
        label: tuple(names)
        for part in _micro_parts(job, parts, "survey")
        for label, names in job.workspace.read_json(f"unmapped.{part}").items()
    }
    declared = load_surveys(framework.folder)
    found, factors, account = measure(answers, framework, declared, where, unmapped=unmapped)
    return found, factors, account.as_dict()


def measure_experts(job: Job, parts: Sequence[str]) -> Measured:
    """Measure what the ratings of a round's expert panels say.

    Args:
        job: The round at hand.
        parts: Workspace partitions of all entries of the round.

    Returns:
        MEASUREMENT rows, grain agency x criterion; ERROR_FACTOR rows; and the account of what became of the ratings.
        All empty where no ratings came.
    """
    ratings, where = _answers(job, parts, "expert")
    if ratings is None:
        return MEASUREMENT.empty(), ERROR_FACTOR.empty(), {}
    framework = job.loaded_framework
    found, factors, account = experts.measure(ratings, framework, load_experts(framework.folder), where)
    return found, factors, account.as_dict()


def _pseudonymous(job: Job, source: MicroSource, answers: pd.DataFrame) -> pd.DataFrame:
    """Answers without anything that says who gave them."""
    pseudonyms, framework = load_pseudonyms(get_settings()), job.loaded_framework
    if source.evidence == "expert":
        return pseudonymise_ratings(answers, pseudonyms, Places.of(framework, job.period), ItemIndex(framework))
    return pseudonymise(answers, load_surveys(framework.folder), pseudonyms)


def _unmapped(job: Job, answers: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """Columns that nobody mapped, by form version; the pseudonymous answers no longer have them."""
    reports = report_mapping(answers, load_surveys(job.loaded_framework.folder))
    return {label: report.unmapped for label, report in reports.items() if report.unmapped}


def _answers(job: Job, parts: Sequence[str], evidence: str) -> tuple[pd.DataFrame | None, Round]:
    """The answers of one kind of evidence in the order of round.yaml, None where none came; and where they belong."""
    tables: list[pd.DataFrame] = []
    pages: dict[str, set[str]] = {}
    for part in _micro_parts(job, parts, evidence):
        file = answers_file(job, source_of(job, part).name, part)
        if file.is_file():
            tables.append(pd.read_parquet(file))
            arrived = set(job.workspace.read(BATCH, part)["snapshot_sha256"]) - {""}
            for form in set(tables[-1]["form"]) if "form" in tables[-1] else {""}:
                pages.setdefault(form, set()).update(arrived)
    where = Round(job.round.round, job.period, evidence, {form: tuple(sorted(found)) for form, found in pages.items()})
    return (_once(pd.concat(tables, ignore_index=True).fillna("")) if tables else None), where


def _once(answers: pd.DataFrame) -> pd.DataFrame:
    """The same submission through two entries of round.yaml, a server and an export of it, counts as it came last."""
    if "submission_id" not in answers:
        return answers
    again = answers.duplicated(["form", "submission_id"], keep="last") & (answers["submission_id"] != "")
    return answers[~again].reset_index(drop=True)


def _micro_parts(job: Job, parts: Sequence[str], evidence: str) -> list[str]:
    """The partitions of answers of one kind of evidence."""
    found = [(part, source_of(job, part)) for part in parts]
    return [part for part, source in found if is_micro(source) and source.evidence == evidence]
