"""What came of a round, in sentences: for the state message, the summary artifact and the terminal."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import pandas as pd
from pydantic import BaseModel, Field

from flows import services
from flows.answers import judged, surveyed
from flows.inspected import looked_at
from flows.labels import KIND_LABELS, counted
from flows.merged import merged
from flows.printed import among_printed
from flows.spoken import heard
from tasks.harmonise.groups import unranked_units
from tasks.harmonise.registries import full_unit_name
from tasks.job import Job
from warehouse.frames import BATCH, MEASUREMENT, OBSERVATION, QUARANTINE, SCORE, SIMULATION, WARNING
from warehouse.vintages import PROVISIONAL, Vintage

_NAMED = 5  # agencies that a sentence still names


class Report(BaseModel):
    """What came of a round.

    Attributes:
        label: What kind of numbers these are.
        verdict: One sentence for the state of the run.
        lines: Sentences for people, most important first.
        counts: What is counted to how many, in words.
        warnings: What is missing or looks wrong; the round went on.
        next_steps: What a person is to do now.
        vintage: Number of the vintage that was written or found unchanged.
        state: State of that vintage.
        digest: sha256 over what the vintage says.
        decision: What was decided about it, in a sentence.
        blocked: Why it must not be published, whoever approves: corrections that do not fit their source; or empty.
        vintage_row: The vintage as it was written, as JSON.
    """

    framework: str
    period: str
    round: str
    label: str
    verdict: str
    lines: list[str]
    counts: dict[str, str] = Field(default_factory=dict)
    warnings: list[str] = Field(default_factory=list)
    next_steps: list[str] = Field(default_factory=list)
    vintage: int
    state: str = ""
    digest: str = ""
    decision: str = ""
    blocked: str = ""
    vintage_row: dict[str, Any] = Field(default_factory=dict, repr=False)

    @property
    def shown(self) -> Vintage:
        """The vintage as it was when the report was made."""
        return Vintage(**{**self.vintage_row, "created_at": datetime.fromisoformat(self.vintage_row["created_at"])})


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
    rejected = work.read_json("rejection")
    warnings = [
        *([rejected] if rejected else []),
        *_missing(job, batches, scores),
        *corrections["faults"],
        *_doubtful(work.read(WARNING)),
        *services.doubted(job),
    ]
    left_out = unranked_units(job.loaded_framework, job.period)
    ranked = _ranked(job, scores)
    cells = measurements.drop_duplicates(["agency", "node"])  # in whatever stage
    framework = job.loaded_framework
    of_headline = scores[scores["node"] == framework.headline_node.code]
    expected = len((job.league or frozenset()) - left_out.keys()) or ranked
    lines = [
        f"{counted(ranked, 'agency')} ranked from {counted(len(cells), 'measurement')}.",
        *filter(None, [among_printed(framework, job.period, job.round.kind, of_headline)]),
        f"Vintage {vintage['vintage']} is {vintage['state']}; it is {vintage['change']}.",
        *_kept(vintage, work.read(SIMULATION)),
        f"{counted(len(batches), 'file')}: {_outcomes(batches)}.",
        f"{counted(len(observations), 'observation')} accepted, {_refused(quarantine)}.",
        *services.told(job),
        *_left_out(job, left_out),
        *merged(work.read_json("mergers"), framework, job.period),
        *_corrected(corrections),
        *_appraised(measurements),
        *surveyed(work.read_json("surveys")),
        *judged(work.read_json("experts")),
        *heard(work.read_json("tone")),
        *looked_at(work.read_json("inspection"), work.read_json("inspection_claims")),
        *warnings,
    ]
    if framework.is_reconstructed:
        lines.append(f"The tree of {framework.name} is partly our reconstruction: see dti framework list.")
    return Report(
        framework=framework.name,
        period=job.period,
        round=job.round.round,
        label="" if job.round.kind == "official" else KIND_LABELS[job.round.kind],
        verdict=_verdict(ranked, expected, warnings),
        lines=lines,
        counts={
            "agencies ranked (cơ quan được xếp hạng)": f"{ranked} of {expected}",
            "measurements (số đo)": str(len(cells)),
            "files (tệp)": f"{len(batches)}: {_outcomes(batches)}",
            "observations accepted (quan sát)": str(len(observations)),
            "rows in quarantine (dòng bị từ chối)": str(_rows(quarantine)),
            "vintage (phiên bản số liệu)": f"{vintage['vintage']}, {vintage['state']}",
        },
        warnings=warnings,
        next_steps=_next_steps(job, quarantine, vintage),
        vintage=vintage["vintage"],
        state=vintage["state"],
        digest=vintage["digest"],
        vintage_row=vintage,
        blocked=" ".join(corrections["faults"]),
    )


def _kept(vintage: Mapping[str, Any], simulation: pd.DataFrame) -> list[str]:
    """One sentence where the intervals of this run are others than those that were published."""
    if vintage["ranks"] != "kept":
        return []
    return [
        f"Its ranks keep the intervals that were published ({simulation['draws'].iloc[0]:,} draws, seed "
        f"{simulation['seed'].iloc[0]}): those that this run drew are others, and were not stored."
    ]


def _verdict(ranked: int, expected: int, warnings: list[str]) -> str:
    verdict = f"Completed: {ranked} of {counted(expected, 'agency')} ranked."
    return f"{verdict} Missing: {' '.join(warnings)}" if warnings else verdict


def _next_steps(job: Job, quarantine: pd.DataFrame, vintage: dict[str, Any]) -> list[str]:
    """What a person is to do after the run: hand back what was refused, decide, read the ranking."""
    where = f"--framework {job.loaded_framework.name} --period {job.period} --round {job.round.round}"
    steps = []
    if not quarantine.empty:
        steps.append(f"Hand back to each agency what was refused: dti returns feedback {where} --all --out DIR.")
    if vintage["state"] == PROVISIONAL:
        steps.append(
            f"Decide about vintage {vintage['vintage']}: dti approve {where}, or the form of the run that asks."
        )
    return [*steps, f"Read the ranking: dti rank {where}."]


def _ranked(job: Job, scores: pd.DataFrame) -> int:
    """Number of agencies with a rank; of a dashboard, whose shares are ranked one by one, of those with any score."""
    if services.is_dashboard(job):
        return int(scores["agency"].nunique())
    return int(scores.loc[scores["node"] == job.loaded_framework.headline_node.code, "rank"].notna().sum())


def _left_out(job: Job, left_out: Mapping[str, str]) -> list[str]:
    """One sentence for the agencies that the framework leaves out of the ranking."""
    names = [full_unit_name(job.loaded_framework.description, agency, job.period) for agency in sorted(left_out)]
    return [f"Not ranked, as unranked.csv says: {', '.join(names)}."] if names else []


def _missing(job: Job, batches: pd.DataFrame, scores: pd.DataFrame) -> list[str]:
    lines = not_received(batches)
    if job.round.kind == "press":
        return lines  # the press prints what it prints; who is not in it is not missing
    scored, sent = set(scores["agency"]) - set(job.families), set(batches["agency"])
    absent = (job.ranked_agencies or frozenset()) - scored - unranked_units(job.loaded_framework, job.period).keys()
    lines += _named(job, absent & sent, "not ranked: nothing of the return was accepted")
    lines += _named(job, absent - sent, "not ranked: no readable return came")
    if any(entry.source == "agency_report" for _, entry in job.round.entries(job.loaded_framework.name)):
        lines += _named(job, scored - sent, "ranked without a readable return: its criteria count as missing")
    return lines


def not_received(batches: pd.DataFrame) -> list[str]:
    """A sentence for each source that did not answer and each file that was refused.

    Args:
        batches: BATCH rows.
    """
    lines = [
        f"Not everything of {batch['source']} came: {batch['message']}"
        for _, batch in batches[batches["outcome"] == "unavailable"].iterrows()
    ]
    return lines + [
        f"{batch['origin']} was refused: {batch['message']}"
        for _, batch in batches[batches["outcome"] == "refused"].iterrows()
    ]


def _named(job: Job, agencies: Collection[str], what: str) -> list[str]:
    """One sentence for all agencies of which something is true; the first ones by name."""
    if not agencies:
        return []
    description = job.loaded_framework.description
    names = [full_unit_name(description, agency, job.period) for agency in sorted(agencies)]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    of_all = len(job.ranked_agencies or agencies)
    return [f"{len(names)} of {counted(of_all, 'agency')} {what} ({', '.join(names[:_NAMED])}{more})."]


def _doubtful(warnings: pd.DataFrame) -> list[str]:
    if warnings.empty:
        return []
    rules = ", ".join(f"{count} {rule}" for rule, count in warnings["rule"].value_counts().items())
    return [f"{counted(len(warnings), 'figure')} counted although doubtful ({rules}): dti quarantine list --warnings."]


def _outcomes(batches: pd.DataFrame) -> str:
    counts = batches["outcome"].value_counts()
    return ", ".join(f"{count} {outcome}" for outcome, count in counts.items())


def _rows(quarantine: pd.DataFrame) -> int:
    """Rows that were refused, whatever the number of reasons."""
    return len(quarantine.drop_duplicates(["snapshot_sha256", "locator"]))


def _refused(quarantine: pd.DataFrame) -> str:
    rows = _rows(quarantine)
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


def _corrected(corrections: dict[str, list[Any]]) -> list[str]:
    lines = []
    if corrections["applied"]:
        lines.append(f"Declared corrections mended {counted(len(corrections['applied']), 'figure')}.")
    if corrections["faults"]:
        lines.append("Not published: a declared correction does not fit its source.")
    return lines
