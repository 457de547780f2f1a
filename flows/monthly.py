"""The monthly statistics of online public services: gather, check and publish the figures of one month."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.months import month_due, month_job
from flows.notify import HOOKS
from flows.parameters import Publication
from flows.parameters_of.months import MonthlyParameters
from flows.report import Report
from flows.rounds import run_round, state_of
from flows.states import stopped
from tasks.job import Job
from tasks.load import locked
from tasks.secrets import warehouse_of_block
from tasks.settled import remember
from warehouse.errors import DtiError


def run_name() -> str:
    """Name of a run: which statistics, and of which month."""
    from prefect.runtime import flow_run

    parameters = MonthlyParameters.model_validate(flow_run.parameters["parameters"])
    return f"{parameters.framework} {_month(parameters)}"


@flow(name="monthly", flow_run_name=run_name, description=__doc__, **HOOKS)
def monthly(parameters: MonthlyParameters) -> State[Any]:
    """Measure and publish one month.

    Args:
        parameters: Which month, from which round, and whether to publish; without a month the one before the
            scheduled start of the run, however late it starts.

    Returns:
        Completed, with or without warnings, or Failed with the reason.
    """
    from prefect.runtime import flow_run

    try:
        job = month_job(parameters.framework, _month(parameters), parameters.round_folder, run_id=str(flow_run.id))
        with warehouse_of_block():
            return state_of(run_month(job, parameters.publication))
    except DtiError as error:
        return stopped(error)


def run_month(job: Job, publication: Publication) -> Report:
    """Run the round of a month, and remember what it worked on, so that a backfill can pass over it.

    Raises:
        DtiError: A stage failed or refused.
    """
    with locked(job):
        report = run_round(job, flow="monthly", publication=publication)
        remember(job, report.model_dump())
    return report


def _month(parameters: MonthlyParameters) -> str:
    return parameters.period or month_due()
