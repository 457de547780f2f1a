"""The months of online public services for people: shares, growth and targets, who is late, what a revision changed."""

from typing import Any

import pandas as pd
from prefect.artifacts import create_markdown_artifact

from flows.artifacts import inert, table
from flows.charts import data_url, league_chart
from flows.labels import counted
from tasks.harmonise.registries import unit_name
from tasks.job import Job
from tasks.load import open_warehouse
from tasks.scoring.dashboard import dashboard, sentences
from tasks.scoring.revision import changes
from tasks.scoring.rounding import round_half_up
from warehouse.frames import is_missing
from warehouse.queries import choose_vintage, online_services, values

_NAMED = 5  # agencies that a sentence still names
_DECIMALS = 2
# What measuring wrote down beside the measurements.
_ACCOUNTS = {
    "punctuality": "Agencies that were late or sent nothing.",
    "differences": "Figures of which two sources differ.",
    "underived": "Shares that could not be computed, and why.",
}


def is_dashboard(job: Job) -> bool:
    """Whether the framework of a job is a dashboard of shares by month, which follow from counts."""
    return job.loaded_framework.is_dashboard


def told(job: Job) -> list[str]:
    """What the month says, in sentences; none for a framework that is no dashboard.

    Args:
        job: The round whose vintage was written.
    """
    if not is_dashboard(job):
        return []
    node = job.loaded_framework.headline_node
    shown = dashboard(online_services(open_warehouse(), job.round.round, job.period), node.code, job.period)
    revised = _revised(job)
    said = [f"{node.name}: {line}" for line in sentences(shown)]
    if not revised.empty:
        of = revised["agency"].nunique()
        said.append(f"This vintage revises {counted(len(revised), 'figure')} of {counted(of, 'agency')}.")
    return said


def doubted(job: Job) -> list[str]:
    """Who was late or sent nothing, in sentences, where the round asks for returns."""
    rows = job.workspace.read_json("punctuality") if is_dashboard(job) else []
    said = []
    for state, what in (("late", "sent a return after its day"), ("missing", "sent no readable return")):
        names = [_name(job, row["agency"]) for row in rows if row["state"] == state]
        if names:
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            said.append(f"{counted(len(names), 'agency')} {what} ({', '.join(names[:_NAMED])}{more}).")
    return said


def show(job: Job, label: str) -> None:
    """Publish the month: each share with its growth and its target, a picture of the headline, who was late, revisions.

    Args:
        job: The round whose vintage was written.
        label: What kind of numbers these are; empty for official ones.
    """
    if not is_dashboard(job):
        return
    framework = job.loaded_framework
    rows = online_services(open_warehouse(), job.round.round, job.period)
    headline = dashboard(rows, framework.headline_node.code, job.period)
    title = f"{framework.headline_node.name}, {job.period}"
    table("online-services", _rounded(headline), f"{label} {title}: shares in %, differences in points.".strip())
    _picture(headline, title, label)
    others = [node for node in framework.leaves if node.rule == "ratio" and node.code != framework.headline_node.code]
    for node in others:
        key = f"share-{node.code.lower().replace('.', '-').replace('_', '-')}"
        shown = dashboard(rows, node.code, job.period)
        if shown["share_percent"].notna().any():
            table(key, _rounded(shown), f"{label} {node.name}, {job.period}: in %, differences in points.".strip())
    for name, what in _ACCOUNTS.items():
        _account(name, pd.DataFrame(job.workspace.read_json(name)), f"{what} {job.period}.")
    _account("revisions", _revised(job), f"What this vintage of {job.period} changed against the one before it.")


def _account(name: str, rows: pd.DataFrame, what: str) -> None:
    if not rows.empty:
        table(name, rows, what)


def _picture(headline: pd.DataFrame, title: str, label: str) -> None:
    ranked = headline[headline["rank"].notna()]
    if ranked.empty:
        return
    targets = ranked["target_percent"].dropna().unique()
    svg = league_chart(
        pd.DataFrame(
            {
                "agency": list(ranked["agency_name"]),
                "share": list(ranked["share_percent"] / 100),
                "rank": list(ranked["rank"]),
                "group": list(ranked["group"]),
            }
        ),
        title,
        label,
        target=float(targets[0]) / 100 if len(targets) == 1 else None,
    )
    create_markdown_artifact(f"![{inert(title)}]({data_url(svg)})", key="online-services-chart", description=title)


def _rounded(rows: pd.DataFrame) -> pd.DataFrame:
    """Shares and points with two decimals, as they are printed."""
    shown = rows.drop(columns=["agency"])
    for name in shown.columns:
        if name.endswith(("_percent", "_points")):
            shown[name] = ["" if is_missing(one) else str(round_half_up(one, _DECIMALS)) for one in shown[name]]
    return shown


def _revised(job: Job) -> pd.DataFrame:
    """What the newest vintage says otherwise than the one before it."""
    number = job.workspace.read_json("vintage")["vintage"]
    if number == 1:
        return pd.DataFrame(columns=["agency", "node", "earlier", "later", "change"])
    engine, name = open_warehouse(), job.loaded_framework.name
    both = [choose_vintage(engine, name, job.period, job.round.round, one) for one in (number - 1, number)]
    return changes(*(values(engine, one) for one in both))


def _name(job: Job, agency: Any) -> str:
    return unit_name(job.loaded_framework.description, str(agency), job.period)
