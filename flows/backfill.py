"""Months of the past, one after the other: what is done and unchanged is passed over, a failed month stops no other."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

import pandas as pd
from prefect import flow
from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
from prefect.states import Completed, Failed
from pydantic import BaseModel

from flows import artifacts
from flows.labels import counted
from flows.monthly import run_month
from flows.months import month_job, months_between
from flows.notify import HOOKS, reason_of
from flows.parameters import Publication
from flows.parameters_of.months import BackfillParameters
from flows.report import Report
from flows.rounds import WITH_WARNINGS, state_of
from flows.states import stopped
from tasks.job import Job
from tasks.load import locked
from tasks.secrets import warehouse_of_block
from tasks.settled import unchanged
from warehouse.errors import DtiError
from warehouse.frameworks.editions import refuse_future

Outcome = Literal["done", "unchanged", "warnings", "failed"]
_NAMED = 3  # warnings of a month that its line repeats


class Line(BaseModel):
    """What became of one month.

    Attributes:
        period: The month.
        outcome: `done`, `unchanged`, `warnings` (done, and somebody should look), or `failed`.
        text: One sentence: what came of it, or the reason.
    """

    period: str
    outcome: Outcome
    text: str


Listener = Callable[[Line, int, int], None]
_listeners: list[Listener] = []


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """Call `listener(line, number, of)` after every month of the backfills of this process."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def run_name() -> str:
    """Name of a run: which statistics, from which month to which."""
    from prefect.runtime import flow_run

    parameters = BackfillParameters.model_validate(flow_run.parameters["parameters"])
    return f"{parameters.framework} {parameters.first} to {parameters.last}"


@flow(name="backfill", flow_run_name=run_name, description=__doc__, **HOOKS)
def backfill(parameters: BackfillParameters) -> State[Any]:
    """Measure every month of a range. Run again, also after being killed, it goes on where something is left to do.

    Args:
        parameters: From which month to which, from which round, and whether to publish.

    Returns:
        Completed, with or without warnings, or Failed where a month failed; the data are the lines.
    """
    try:
        refuse_future(parameters.last)
        # The months live in the process of this flow, whose heartbeat already says whether it is alive.
        with warehouse_of_block(), temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
            lines = _all_months(parameters)
    except DtiError as error:
        return stopped(error)
    rows = pd.DataFrame([line.model_dump() for line in lines])
    artifacts.table("backfill", rows, "Each month and what became of it.")
    return _state(lines)


def _all_months(parameters: BackfillParameters) -> list[Line]:
    from prefect.runtime import flow_run

    months = months_between(parameters.first, parameters.last)
    told: Any = create_progress_artifact(progress=0.0, key="backfill-progress", description=f"{len(months)} months")
    lines = []
    for number, period in enumerate(months, start=1):
        line = _one_month(parameters, period, f"{flow_run.id}-{period}")
        lines.append(line)
        get_run_logger().info("%s: %s: %s", line.period, line.outcome, line.text)
        counts = Counter(one.outcome for one in lines)
        what = f"{number} of {len(months)} months: " + ", ".join(f"{n} {outcome}" for outcome, n in counts.items())
        update_progress_artifact(getattr(told, "id", told), progress=100 * number / len(months), description=what)
        for listener in _listeners:
            listener(line, number, len(months))
    return lines


def _one_month(parameters: BackfillParameters, period: str, run_id: str) -> Line:
    try:
        job = month_job(parameters.framework, period, parameters.round_folder, run_id=run_id)
        with locked(job):
            before = unchanged(job, final=parameters.publication is Publication.NOW)
    except DtiError as error:
        return Line(period=period, outcome="failed", text=str(error))
    if before:
        return Line(period=period, outcome="unchanged", text=Report.model_validate(before).verdict)
    state: State[Any] = month(job, parameters.publication, return_state=True)
    if not state.is_completed():
        return Line(period=period, outcome="failed", text=reason_of(state))
    report = Report.model_validate(state.result())
    if report.warnings:
        return Line(period=period, outcome="warnings", text=" ".join(report.warnings[:_NAMED]))
    return Line(period=period, outcome="done", text=report.verdict)


@flow(name="month", flow_run_name="{job.framework} {job.period}")
def month(job: Job, publication: Publication) -> State[Any]:
    """One month of a backfill."""
    try:
        report = run_month(job, publication)
    except DtiError as error:
        return stopped(error)
    return state_of(report)


def _state(lines: list[Line]) -> State[Any]:
    counts = Counter(line.outcome for line in lines)
    said = ", ".join(f"{number} {outcome}" for outcome, number in counts.items())
    data = [line.model_dump() for line in lines]
    failed = [line for line in lines if line.outcome == "failed"]
    if failed:
        first = f"{failed[0].period}: {failed[0].text}"
        message = f"{counted(len(failed), 'month')} of {len(lines)} failed ({said}). First {first}"
        return Failed(message=message, data=data)
    name = WITH_WARNINGS if counts["warnings"] else "Completed"
    return Completed(name=name, message=f"{counted(len(lines), 'month')}: {said}.", data=data)
