"""What came of a round, in sentences: for the state message, the summary artifact and the terminal."""

import pandas as pd
from pydantic import BaseModel

from flows.labels import KIND_LABELS
from tasks.job import Job
from warehouse.frames import BATCH, MEASUREMENT, OBSERVATION, QUARANTINE, SCORE


class Report(BaseModel):
    """What came of a round.

    Attributes:
        label: What kind of numbers these are.
        verdict: One sentence for the state of the run.
        lines: Sentences for people, most important first.
        vintage: Number of the vintage that was written or found unchanged.
    """

    framework: str
    period: str
    round: str
    label: str
    verdict: str
    lines: list[str]
    vintage: int


def report_of(job: Job) -> Report:
    """Make the report from the frames of the finished stages.

    Args:
        job: The round at hand.
    """
    work = job.workspace
    batches, scores = work.read(BATCH), work.read(SCORE)
    quarantine, observations = work.read(QUARANTINE), work.read(OBSERVATION)
    vintage = work.read_json("vintage")
    corrections = work.read_json("corrections")
    missing = [*_missing(job, batches, scores), *corrections["faults"]]
    lines = [
        f"{scores['agency'].nunique()} agencies ranked from {len(work.read(MEASUREMENT))} measurements.",
        f"Vintage {vintage['vintage']} is {vintage['state']}; it is {vintage['change']}.",
        f"{len(batches)} files: {_outcomes(batches)}.",
        f"{len(observations)} observations accepted, {_rows(quarantine)} rows in quarantine{_rules(quarantine)}.",
        *missing,
    ]
    if corrections["applied"]:
        lines.insert(4, f"{len(corrections['applied'])} figures were mended by declared corrections.")
    if corrections["faults"]:
        lines.append("Not published: a declared correction does not fit its source.")
    framework = job.loaded_framework
    if framework.is_reconstructed:
        lines.append(
            f"The tree of {framework.name} is partly our reconstruction: `dti framework list` counts the rows."
        )
    verdict = (
        f"Completed, with {len(missing)} thing(s) missing: {missing[0]}"
        if missing
        else "Completed; nothing is missing."
    )
    return Report(
        framework=framework.name,
        period=job.period,
        round=job.round.round,
        label="" if job.round.kind == "official" else KIND_LABELS[job.round.kind],
        verdict=verdict,
        lines=lines,
        vintage=vintage["vintage"],
    )


def _missing(job: Job, batches: pd.DataFrame, scores: pd.DataFrame) -> list[str]:
    lines = [
        f"Source {batch['source']} was unavailable: {batch['message']}"
        for _, batch in batches[batches["outcome"] == "unavailable"].iterrows()
    ]
    lines += [
        f"{batch['origin']} was refused: {batch['message']}"
        for _, batch in batches[batches["outcome"] == "refused"].iterrows()
    ]
    absent = sorted((job.ranked_agencies or frozenset()) - set(scores["agency"]))
    if absent and job.round.kind != "press":
        shown = ", ".join(absent[:5]) + (f" and {len(absent) - 5} more" if len(absent) > 5 else "")
        lines.append(f"{len(absent)} agencies are not ranked, because nothing of theirs was accepted: {shown}.")
    return lines


def _outcomes(batches: pd.DataFrame) -> str:
    counts = batches["outcome"].value_counts()
    return ", ".join(f"{count} {outcome}" for outcome, count in counts.items())


def _rows(quarantine: pd.DataFrame) -> int:
    return len(quarantine.drop_duplicates(["snapshot_sha256", "locator"]))


def _rules(quarantine: pd.DataFrame) -> str:
    counts = quarantine["rule"].value_counts()
    return f" ({', '.join(f'{count} {rule}' for rule, count in counts.items())})" if len(counts) else ""
