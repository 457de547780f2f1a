"""The annual round: from what the sources offer to a published vintage of the index."""

from contextlib import suppress
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
from prefect.states import Completed, Failed

from flows import artifacts
from flows.jobs import job_of
from flows.parameters import AnnualParameters
from flows.progress import Progress
from flows.report import Report, report_of
from flows.stages import STAGES, publish
from tasks.job import Job
from tasks.load import finish_run, locked, open_run
from warehouse.errors import DtiError
from warehouse.settings import get_settings


def run_name() -> str:
    """Name of a run: which framework and period it measures, and from which round."""
    from prefect.runtime import flow_run

    parameters = AnnualParameters.model_validate(flow_run.parameters["parameters"])
    folder = parameters.round_folder.name if parameters.round_folder else "press figures"
    return f"{parameters.framework} {parameters.period} ({folder})"


@flow(name="annual", flow_run_name=run_name, description=__doc__)
def annual(parameters: AnnualParameters) -> State[Any]:
    """Measure, score and publish one framework for one period.

    Args:
        parameters: What is to be measured, from which round, and whether to publish.

    Returns:
        Completed with a sentence on what is missing, or Failed with the reason.
    """
    from prefect.runtime import flow_run

    try:
        job = job_of(parameters, run_id=str(flow_run.id))
        with locked(job), temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
            report = run_stages(job, parameters.publish)
    except DtiError as error:
        return Failed(message=str(error))
    return Completed(message=report.verdict, data=report.model_dump())


def run_stages(job: Job, final: bool) -> Report:
    """Run the stages in order and say what came of it.

    Args:
        job: The round at hand.
        final: Publish the vintage at the end.

    Raises:
        DtiError: A stage failed or refused.
    """
    progress = Progress("round-progress", f"{job.framework} {job.period}")
    open_run(job, "annual")
    try:
        for number, stage in enumerate(STAGES):
            progress.step(stage.name, 100 * number / (len(STAGES) + 1))
            _finished(stage(job, return_state=True))
        progress.step(publish.name, 100 * len(STAGES) / (len(STAGES) + 1))
        _finished(publish(job, final, return_state=True))
        report = report_of(job)
    except Exception as error:
        with suppress(DtiError):  # the ledger may be what cannot be written: the first error is the one to tell
            finish_run(job, "failed", {"reason": str(error)})
        raise
    finish_run(job, "completed", report.model_dump())
    artifacts.league_table(job, report.label)
    artifacts.summary(report.lines, report.label, get_settings().data_docs / "index.html")
    progress.step("done", 100.0)
    return report


def _finished(state: State[Any]) -> None:
    """Raise the stage's own error, if it has one."""
    if not state.is_completed():
        state.result()
