"""What became of the posts of cyberspace: tables for the Prefect UI, and sentences for the report. Never a post."""

import json
from typing import Any

import pandas as pd

from flows import artifacts
from flows.labels import counted
from tasks.harmonise.agencies import Registry
from tasks.harmonise.periods import period_end
from tasks.job import Job
from tasks.tone import series_file
from warehouse.frames import MEASUREMENT, records

_METHOD = "tone:"


def tone(job: Job) -> None:
    """Publish the tone of each agency with its interval, its monthly series, and what became of the posts.

    Args:
        job: The round that was measured.
    """
    account = job.workspace.read_json("tone")
    if not account:
        return
    artifacts.table(
        "tone",
        _by_agency(job),
        "Tone from -1 (all posts negative) to 1, corrected for the errors of the classifier and pooled over agencies; "
        "irony and who writes posts at all are not corrected.",
    )
    artifacts.table("tone-account", pd.DataFrame(_what_became(account)), "What became of the posts of the round.")
    monthly = pd.read_parquet(series_file(job))
    if len(monthly):
        wide = monthly.pivot_table(index="agency", columns="month", values="tone").round(2).astype(object)
        rows = wide.where(wide.notna(), "").reset_index()
        artifacts.table("tone-by-month", _named(job, rows), "Tone by month, where there are enough posts.")


def heard(account: dict[str, Any]) -> list[str]:
    """Say what became of the posts.

    Args:
        account: `tone.json` of the round; empty where no posts came.
    """
    if not account:
        return []
    left_out = ", ".join(f"{count} {why}" for why, count in account["left_out"].items())
    spam = sum(channel["removed_as_spam"] for channel in account["channels"].values())
    few = len({row["agency"] for row in account["too_few"]})
    lines = [
        f"Tone: {counted(account['mentions'], 'mention')} of agencies in {counted(account['posts'], 'post')}, "
        f"{spam} of them spam or campaigns; left out: {left_out or 'none'}.",
    ]
    if few:
        lines.append(f"Tone: {counted(few, 'agency')} without enough posts for one criterion or more.")
    return lines


def _by_agency(job: Job) -> pd.DataFrame:
    measurements = job.workspace.read(MEASUREMENT)
    rows = []
    for one in records(measurements[measurements["method"].str.startswith(_METHOD)]):
        detail = json.loads(one["detail"])
        low, high = detail["interval"]
        rows.append(
            {
                "agency": one["agency"],
                "criterion": one["node"],
                "tone": round(one["value"], 2),
                "from": round(low, 2),
                "to": round(high, 2),
                "posts": one["n"],
                "worth": round(detail["effective_n"]),
                "with spam": "" if detail["with_spam"] is None else round(detail["with_spam"], 2),
            }
        )
    table = pd.DataFrame(rows, columns=["agency", "criterion", "tone", "from", "to", "posts", "worth", "with spam"])
    return _named(job, table.sort_values(["criterion", "tone", "agency"], ascending=[True, False, True]))


def _what_became(account: dict[str, Any]) -> list[dict[str, Any]]:
    model = account["model"]
    return [
        {"what": "posts", "found": account["posts"]},
        {"what": "mentions of agencies", "found": account["mentions"]},
        *({"what": f"left out: {why}", "found": count} for why, count in account["left_out"].items()),
        *(
            {
                "what": f"channel {name}",
                "found": f"{one['mentions']} mentions, {one['stories']} different texts, {one['removed_as_spam']} "
                f"removed as spam or campaign; corrected by {one['corrected_by']}",
            }
            for name, one in account["channels"].items()
        ),
        {"what": f"cells with fewer than {account['minimum_n']:g} independent posts", "found": len(account["too_few"])},
        {"what": "model", "found": f"{model['name']} {model['version']}, sha256 {model['sha256'][:12]}"},
        {"what": "trained on", "found": model["training_sha256"][:12] or "not known"},
    ]


def _named(job: Job, rows: pd.DataFrame) -> pd.DataFrame:
    at, registry = period_end(job.period), Registry.bundled()
    return rows.assign(agency=[registry.by_id(agency, at).name_vi for agency in rows["agency"]])
