"""What a person reads of a run in the Prefect UI; what came from outside is made inert before it is shown."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from prefect.artifacts import create_markdown_artifact, create_table_artifact

from flows.labels import printable
from tasks.feedback.groups import group_rows
from tasks.harmonise.periods import period_end
from tasks.job import Job
from tasks.scoring.claims import claims, total
from warehouse.frames import MEASUREMENT, OBSERVATION, QUARANTINE, Frame, is_missing, records

if TYPE_CHECKING:
    from flows.report import Report

INERT = str.maketrans("<>[]|`", "‹›()/ˋ")
SAMPLE = 200  # rows of a table that a person still reads


def inert(value: object) -> Any:
    """Text in which neither HTML nor Markdown nor a link can act; numbers stay numbers.

    >>> inert("<b>[x](javascript:y)</b>|`z`")
    '‹b›(x)(javascript:y)‹/b›/ˋzˋ'
    """
    if is_missing(value):
        return ""
    if isinstance(value, bool | int | float):
        return value
    return printable(str(value)).translate(INERT)


def table(key: str, rows: pd.DataFrame, description: str) -> None:
    """Publish rows as a table artifact, at most a page of them.

    Args:
        key: Key of the artifact, lower case and dashes.
        rows: What to show; cut after `SAMPLE` rows, which the description then says.
        description: One or two sentences on what is shown.
    """
    if len(rows) > SAMPLE:
        description += f" The first {SAMPLE} of {len(rows)} rows."
    shown = [{name: inert(value) for name, value in row.items()} for row in records(rows.head(SAMPLE))]
    create_table_artifact(table=shown, key=key, description=description)


def judged(job: Job, kind: Frame, key: str, what: str) -> None:
    """Publish the rows that validation refused or doubts: in groups with counts and samples, then one by one.

    Args:
        job: The round that was validated.
        kind: The frame of the rows, QUARANTINE or WARNING.
        key: Key of the artifact.
        what: What rows these are.
    """
    rows = job.workspace.read(kind)
    if rows.empty and kind is not QUARANTINE:
        return
    table(f"{key}-by-rule", group_rows(rows), f"{what}, by rule and source: how many, of whom, and samples.")
    table(key, rows, f"{what}, with the rule, the value and the reason.")


def coverage(measurements: pd.DataFrame, criteria: dict[str, str], agencies: Sequence[str]) -> pd.DataFrame:
    """How much of what should be measured was measured.

    Args:
        measurements: MEASUREMENT rows of the round.
        criteria: Criterion code to its kind of evidence.
        agencies: Agencies that the framework ranks; those without any measurement are listed too.

    Returns:
        One row per agency: measured criteria in all, as a share, and by kind of evidence; the least covered first.
    """
    kinds = sorted(set(criteria.values()))
    measurements = measurements.drop_duplicates(["agency", "node"])  # in whatever stage
    of_criteria = measurements[measurements["node"].isin(criteria)]
    counts = (
        pd.crosstab(of_criteria["agency"], of_criteria["node"].map(criteria)) if len(of_criteria) else pd.DataFrame()
    )
    result = counts.reindex(index=pd.Index(sorted(agencies), name="agency"), columns=kinds, fill_value=0)
    result.insert(0, "measured", result.sum(axis=1))
    result.insert(1, "share", (result["measured"] / max(len(criteria), 1)).round(4))
    others = measurements[~measurements["node"].isin(criteria)].groupby("agency").size()
    result["entered_above"] = others.reindex(result.index, fill_value=0)
    return result.sort_values(["measured", "entered_above"], kind="stable").reset_index()


def appraisal(job: Job) -> None:
    """Publish how far self-report exceeds appraisal, by agency and by criterion, where the round was appraised.

    Args:
        job: The round that was measured.
    """
    from tasks.harmonise.agencies import Registry

    framework, at = job.loaded_framework, period_end(job.period)
    found = claims(framework, job.workspace.read(MEASUREMENT))
    if found.empty:
        return
    names = {node.code: node.name for node in framework.nodes}
    by_agency, by_criterion = total(found, "agency"), total(found, "node")
    decided = decisions(found, job.workspace.read(MEASUREMENT), job.workspace.read(OBSERVATION))
    for rows in (by_agency, decided):
        rows["agency"] = [Registry.bundled().name_of(agency, at) for agency in rows["agency"]]
    by_criterion.insert(1, "name", [names[code] for code in by_criterion["node"]])
    what = "Points that were claimed and granted; the largest excess of self-report over appraisal first."
    table("appraisal-by-agency", by_agency, what)
    table("appraisal-by-criterion", by_criterion, what)
    table(
        "appraisal-decisions",
        decided.round({"excess": 4}),
        "What was self-reported, appraised and counts in the end, with the reason; what lost most points first.",
    )


def decisions(found: pd.DataFrame, measurements: pd.DataFrame, observations: pd.DataFrame) -> pd.DataFrame:
    """The three stages of each figure on which the council decided, side by side.

    Args:
        found: What `tasks.scoring.claims.claims` gives.
        measurements: MEASUREMENT rows of all stages.
        observations: OBSERVATION rows, with the reasons of the council.

    Returns:
        agency, node, self_reported, appraised and final as text (points where points were given), excess in points,
        and reason; grain agency x decided criterion, the largest excess first.
    """
    cell = ["agency", "node"]
    figures = [
        f"{value:.10g}" if is_missing(points) else f"{points:g} points"
        for value, points in zip(measurements["value"], measurements["points"], strict=True)
    ]
    stages = measurements.assign(figure=figures).pivot(index=cell, columns="stage", values="figure")
    stages = stages.reindex(columns=["self_reported", "appraised", "final"]).dropna(subset=["appraised"]).reset_index()
    notes = observations[(observations["stage"] == "appraised") & (observations["superseded_by"] == "")]
    reasons = notes.groupby(["agency", "item"])["note"].first().rename_axis(cell).rename("reason").reset_index()
    merged = stages.merge(found[[*cell, "excess"]], how="left", on=cell).merge(reasons, how="left", on=cell)
    return merged.sort_values(["excess", *cell], ascending=[False, True, True], ignore_index=True)


def surveys(job: Job) -> None:
    """Publish what became of the answers of each survey: counts only, never a respondent."""
    accounts = job.workspace.read_json("surveys").get("surveys", ())
    if not accounts:
        return
    rows = [
        {
            "survey": account["survey"],
            "submissions": account["submissions"],
            "used": account["used"],
            "refused": _counts(account["refused"]),
            "flagged": _counts(account["flagged"]),
            "excluded": _counts(account["excluded"]),
            "form versions": _counts(account["form_versions"]),
            "unmapped questions": _names(account["unmapped"]),
            "unused questions": _names(account["unused"]),
            "cells below the minimum": len(account["suppressed"]),
            "agencies without respondent": len(account["no_respondent"]),
        }
        for account in accounts
    ]
    table(
        "surveys",
        pd.DataFrame(rows),
        "What became of the answers of each survey; estimates of small cells are kept back.",
    )


def experts(job: Job) -> None:
    """Publish what became of the ratings of the expert panel and how far the experts agree: never an expert."""
    account = job.workspace.read_json("experts")
    if not account:
        return
    rows = [
        {"what": "ratings that came", "found": account["ratings"]},
        {"what": "ratings used", "found": account["used"]},
        {"what": "experts", "found": account["experts"]},
        {"what": "rounds", "found": account["rounds"]},
        {"what": "refused", "found": _counts(account["refused"])},
        {"what": "replaced by a later rating of the same round", "found": account["duplicates"]},
        {"what": "left out: the expert works for the judged agency", "found": account["own_agency"]},
        {"what": "employer is no known agency", "found": account["employer_unknown"]},
        {"what": "confidence not understood", "found": account["confidence_unknown"]},
        {"what": "cells published", "found": account["cells"]},
        {"what": "cells below the minimum of experts", "found": len(account["suppressed"])},
        {"what": "share of cells with consensus", "found": account["consensus"]},
        *({"what": f"rounds {one['rounds']}", "found": _movement(one)} for one in account["movement"]),
        *({"what": f"Krippendorff's alpha: {name}", "found": _alpha(one)} for name, one in account["alpha"].items()),
    ]
    table("experts", pd.DataFrame(rows), "What became of the ratings of the expert panel, and how far experts agree.")


def _movement(one: dict[str, Any]) -> str:
    changed = f"{one['pairs']} pairs, mean change {one['mean_absolute_change']}"
    towards = "" if one["towards_median"] is None else f", {one['towards_median']:.0%} towards the median"
    return f"{changed}{towards}, IQR {one['iqr_before']} to {one['iqr_after']}"


def _alpha(one: dict[str, Any]) -> str:
    if one["value"] is None:
        return "undefined: no two ratings of a cell, or all equal"
    return f"{one['value']} ({one['low']} to {one['high']}), {one['metric']}, {one['units']} cells"


def _counts(found: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in found.items())


def _names(found: dict[str, list[str]]) -> str:
    return "; ".join(f"{version}: {', '.join(names)}" for version, names in found.items() if names)


def summary(report: "Report", data_docs: Path | None) -> None:
    """Publish the summary of a run, first thing to read: what came of it, and what is to be done.

    Args:
        report: What came of the round.
        data_docs: Index page of the validation reports.
    """
    text = [f"# {report.framework} {report.period}, round {inert(report.round)}", ""]
    text += [f"**{report.label}**", ""] if report.label else []
    text += [inert(report.verdict), "", "| what | how many |", "| --- | --- |"]
    text += [f"| {inert(what)} | {inert(found)} |" for what, found in report.counts.items()]
    for title, lines in (
        ("What to do next", report.next_steps),
        ("Look at these", report.warnings),
        ("In detail", report.lines),
    ):
        text += ["", f"## {title}", "", *(f"- {inert(line)}" for line in lines)] if lines else []
    if data_docs:
        text += ["", f"Validation reports (Data Docs): `{data_docs}`"]
    create_markdown_artifact(
        "\n".join(text), key="summary", description="What came in, what was refused, what was published, what is next."
    )
