"""The annual round of an index: from what the sources offer to a published vintage.

It has the steps of the calendar: open (the forms are made), remind (who has not reported), close and appraise (what is
there is scored, provisionally), publish (scored, shown, and published once somebody has approved it).
"""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
from prefect.states import Completed

from flows.approval import ask
from flows.calendar import open_round, remind
from flows.jobs import job_of
from flows.notify import HOOKS
from flows.parameters import AnnualParameters, Publication, Step
from flows.report import Report
from flows.rounds import run_round, state_of
from flows.states import stopped
from flows.when import period_of_year
from tasks.decide import carry_out, sentence
from tasks.job import Job
from tasks.load import finish_run, locked, open_warehouse
from tasks.secrets import warehouse_of_block
from warehouse.decisions import Decision
from warehouse.errors import DtiError
from warehouse.runs import WAITING, waiting_for
from warehouse.vintages import PUBLISHED

REJECTED = "Rejected"


def run_name() -> str:
    """Name of a run: which framework and period it measures, at which step, and from which round."""
    from prefect.runtime import flow_run

    parameters = AnnualParameters.model_validate(flow_run.parameters["parameters"])
    folder = parameters.round_folder.name if parameters.round_folder else "press figures"
    return f"{parameters.framework} {parameters.period or period_of_year()}: {parameters.step} ({folder})"


@flow(name="annual", flow_run_name=run_name, description=__doc__, **HOOKS)
def annual(parameters: AnnualParameters) -> State[Any]:
    """Measure, score and publish one framework for one period.

    Args:
        parameters: What is to be measured, from which round, and who publishes it.

    Returns:
        Completed with a sentence on what came of it, under another name where something is missing or was rejected; or
        Failed with the reason.
    """
    from prefect.runtime import deployment, flow_run

    # Only a run of a deployment can wait without a process; from the terminal the vintage waits for `dti approve`.
    asks = parameters.publication is Publication.ASK and deployment.id is not None
    try:
        dated = parameters.model_copy(update={"period": parameters.period or period_of_year()})
        job = job_of(dated, run_id=str(flow_run.id))
        with warehouse_of_block(), temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
            return _step(job, dated, asks)
    except DtiError as error:
        return stopped(error)


def _step(job: Job, parameters: AnnualParameters, asks: bool) -> State[Any]:
    """Do what the calendar says."""
    if parameters.step is Step.OPEN:
        return open_round(job)
    if parameters.step is Step.REMIND:
        return remind(job)
    report = _result(job, parameters, asks)
    if asks and parameters.step is Step.PUBLISH and report.state != PUBLISHED:
        return _settled(job, report, ask(job, report, parameters.approval_days))
    return state_of(report)


def _result(job: Job, parameters: AnnualParameters, asks: bool) -> Report:
    """What is to be decided about: computed now, or what this run showed before it was suspended."""
    with locked(job):
        shown = waiting_for(open_warehouse(), job.run_id)
        if shown is not None:
            return Report.model_validate(shown)
        final = parameters.step is Step.PUBLISH
        report = run_round(job, flow="annual", publication=parameters.publication if final else Publication.NO)
        if final and asks and report.state != PUBLISHED:
            finish_run(job, WAITING, report.model_dump())
        return report


def _settled(job: Job, report: Report, decision: Decision) -> State[Any]:
    """Carry out the decision and say what came of it."""
    shown = report.shown
    try:
        with locked(job):
            vintage = carry_out(shown, decision, job.run_id)
    except DtiError as error:
        finish_run(job, "failed", {"reason": str(error)})
        raise
    done = report.model_copy(update={"state": vintage.state, "next_steps": [], "decision": sentence(decision, vintage)})
    finish_run(job, "completed", done.model_dump())
    if decision.outcome == "rejected":
        return Completed(name=REJECTED, message=done.decision, data=done.model_dump())
    done.verdict = f"{done.decision} {done.verdict}"
    return state_of(done)
