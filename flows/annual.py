"""The annual round of an index: from what the sources offer to a published vintage.

It has the steps of the calendar: open (the forms are made), remind (who has not reported), close and appraise (what is
there is scored, provisionally), publish (scored, shown, and published once somebody has approved it).
"""

from contextlib import suppress
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.approval import ask, has_asked
from flows.jobs import job_of
from flows.league import ranking_without
from flows.notify import HOOKS
from flows.parameters import AnnualParameters, Publication, Step
from flows.report import Report
from flows.rounds import run_round, state_of
from flows.states import stopped
from flows.steps import open_round, remind
from flows.when import period_of_year
from tasks.decide import carry_out, outcome_of, sentence
from tasks.job import Job
from tasks.load import finish_run, locked, open_warehouse
from tasks.ranks import Draws
from tasks.secrets import warehouse_of_block
from warehouse.decisions import Decision
from warehouse.errors import DecisionRefused, DtiError
from warehouse.runs import WAITING, waiting_for
from warehouse.runs import finish_run as finish
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

    run_id = str(flow_run.id)
    # Only a run of a deployment can wait without a process; from the terminal the vintage waits for `dti approve`.
    asks = parameters.publication is Publication.ASK and deployment.id is not None
    try:
        with warehouse_of_block():
            if asks and (shown := _shown(run_id)):
                return _settled(run_id, shown, ask(shown, parameters.approval_days))
            dated = parameters.model_copy(update={"period": parameters.period or period_of_year()})
            return _step(job_of(dated, run_id=run_id), dated, asks)
    except DtiError as error:
        return stopped(error)


def _shown(run_id: str) -> Report | None:
    """What this run showed before it was suspended: a run that goes on computes nothing and needs no source."""
    found = waiting_for(open_warehouse(), run_id) if has_asked() else None
    return Report.model_validate(found) if found else None


def _step(job: Job, parameters: AnnualParameters, asks: bool) -> State[Any]:
    """Do what the calendar says."""
    if parameters.step is Step.OPEN:
        return open_round(job)
    if parameters.step is Step.REMIND:
        return remind(job)
    final = parameters.step is Step.PUBLISH
    with locked(job):
        report = run_round(
            job,
            flow="annual",
            publication=parameters.publication if final else Publication.NO,
            drawn=Draws(draws=parameters.draws, seed=parameters.seed, perturb=tuple(parameters.perturb)),
        )
        waits = final and asks and report.state != PUBLISHED and not report.blocked
        if waits:
            finish_run(job, WAITING, report.model_dump())
    return _settled(job.run_id, report, ask(report, parameters.approval_days)) if waits else state_of(report)


def _settled(run_id: str, report: Report, decision: Decision) -> State[Any]:
    """Carry out the decision and say what came of it.

    What fails for the moment leaves the run waiting: when it is retried, the answer is still there.
    """
    engine = open_warehouse()
    try:
        vintage = carry_out(report.shown, decision, run_id)
    except DecisionRefused as error:
        with suppress(DtiError):
            finish(engine, run_id, "failed", {"reason": str(error)})
        raise
    done = report.model_copy(update={"state": vintage.state, "next_steps": [], "decision": sentence(decision, vintage)})
    finish(engine, run_id, "completed", done.model_dump())
    outcome = outcome_of(decision, vintage)
    if decision.outcome == "rejected":
        return Completed(name=REJECTED, message=outcome, data=done.model_dump())
    if decision.excluded:
        ranking_without(engine, vintage, decision.reason)
        done.verdict = outcome
    else:
        done.verdict = f"{outcome} {done.verdict}"
    return state_of(done)
