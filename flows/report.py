"""What came of a round, in sentences: for the state message, the summary artifact and the terminal."""

from typing import Any

import pandas as pd
from pydantic import BaseModel

from flows.labels import KIND_LABELS, counted
from tasks.harmonise.agencies import Registry
from tasks.harmonise.periods import period_end
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
    measurements = work.read(MEASUREMENT)
    vintage = work.read_json("vintage")
    corrections = work.read_json("corrections")
    missing = [*_missing(job, batches, scores), *corrections["faults"]]
    ranked = scores["agency"].nunique()
    cells = measurements.drop_duplicates(["agency", "node"])  # in whatever stage
    lines = [
        f"{counted(ranked, 'agency')} ranked from {counted(len(cells), 'measurement')}.",
        f"Vintage {vintage['vintage']} is {vintage['state']}; it is {vintage['change']}.",
        f"{counted(len(batches), 'file')}: {_outcomes(batches)}.",
        f"{counted(len(observations), 'observation')} accepted, {_refused(quarantine)}.",
        *_corrected(corrections),
        *_appraised(measurements),
        *_surveyed(work.read_json("surveys")),
        *_judged(work.read_json("experts")),
        *missing,
    ]
    framework = job.loaded_framework
    if framework.is_reconstructed:
        lines.append(f"The tree of {framework.name} is partly our reconstruction: see dti framework list.")
    expected = len(job.ranked_agencies or ()) or ranked
    verdict = f"Completed: {ranked} of {counted(expected, 'agency')} ranked."
    if missing:
        verdict += f" Missing: {' '.join(missing)}"
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
        f"Not everything of {batch['source']} came: {batch['message']}"
        for _, batch in batches[batches["outcome"] == "unavailable"].iterrows()
    ]
    lines += [
        f"{batch['origin']} was refused: {batch['message']}"
        for _, batch in batches[batches["outcome"] == "refused"].iterrows()
    ]
    absent = sorted((job.ranked_agencies or frozenset()) - set(scores["agency"]))
    if job.round.kind == "press":
        return lines  # the press prints what it prints; who is not in it is not missing
    at, sent = period_end(job.period), set(batches["agency"])
    for agency in absent:
        why = "nothing of its return was accepted" if agency in sent else "no readable return came"
        lines.append(f"{Registry.bundled().by_id(agency, at).full_name_vi} is not ranked: {why}.")
    return lines


def _outcomes(batches: pd.DataFrame) -> str:
    counts = batches["outcome"].value_counts()
    return ", ".join(f"{count} {outcome}" for outcome, count in counts.items())


def _refused(quarantine: pd.DataFrame) -> str:
    rows = len(quarantine.drop_duplicates(["snapshot_sha256", "locator"]))
    if not rows:
        return "0 rows in quarantine"
    rules = ", ".join(f"{count} {rule}" for rule, count in quarantine["rule"].value_counts().items())
    return f"{counted(rows, 'row')} in quarantine, for {counted(len(quarantine), 'reason')} ({rules})"


def _appraised(measurements: pd.DataFrame) -> list[str]:
    decided = measurements[measurements["stage"] == "appraised"]
    if decided.empty:
        return []
    rejected = int((decided["method"] == "appraisal:rejected").sum())
    upheld = int((decided["method"] == "appraisal:upheld").sum())
    return [
        f"The appraisal council decided on {counted(len(decided), 'figure')}: {upheld} upheld, {rejected} rejected, "
        f"{len(decided) - upheld - rejected} given another figure."
    ]


def _surveyed(account: dict[str, Any]) -> list[str]:
    """What became of each survey, and what its declaration does not know yet."""
    lines = []
    for survey in account.get("surveys", ()):
        kept_back, silent = len(survey["suppressed"]), len(survey["no_respondent"])
        lines.append(
            f"Survey {survey['survey']}: {survey['used']} of {counted(survey['submissions'], 'submission')} count"
            + (f", {counted(kept_back, 'cell')} below the minimum kept back" if kept_back else "")
            + (f", {counted(silent, 'agency')} without a respondent" if silent else "")
            + "."
        )
        lines += [f"Survey {survey['survey']}, {why}: {count} left out." for why, count in _unmapped_versions(survey)]
        for words, found in (("nobody mapped", survey["unmapped"]), ("nobody answered", survey["unused"])):
            lines += [
                f"Survey {survey['survey']}, {form}: {words} {', '.join(names)}." for form, names in found.items()
            ]
    forms = account.get("unknown_forms", {})
    return lines + [
        f"{counted(count, 'submission')} on the form {form}: no survey maps it." for form, count in forms.items()
    ]


def _unmapped_versions(survey: dict[str, Any]) -> list[tuple[str, int]]:
    return [(why, count) for why, count in survey["refused"].items() if why.startswith("form version not mapped")]


def _judged(account: dict[str, Any]) -> list[str]:
    """What became of the ratings of the experts."""
    if not account:
        return []
    refused, kept_back = sum(account["refused"].values()), len(account["suppressed"])
    who = f"{counted(account['experts'], 'expert')} in {counted(account['rounds'], 'round')}"
    return [
        f"Expert panel: {account['used']} of {counted(account['ratings'], 'rating')} by {who} count; {refused} cannot be "
        f"used, {account['own_agency']} on the own employer left out, {counted(kept_back, 'cell')} below the minimum."
    ]


def _corrected(corrections: dict[str, list[Any]]) -> list[str]:
    lines = []
    if corrections["applied"]:
        lines.append(f"Declared corrections mended {counted(len(corrections['applied']), 'figure')}.")
    if corrections["faults"]:
        lines.append("Not published: a declared correction does not fit its source.")
    return lines
