"""What every round shares, whichever flow runs it: the stages in order, the report, a state that tells the truth."""

from contextlib import suppress
from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows import artifacts, services
from flows.league import league_table
from flows.parameters import Publication
from flows.progress import Progress
from flows.report import Report, report_of
from flows.stages import STAGES, publish, simulate
from tasks.job import Job
from tasks.load import finish_run, open_run
from tasks.ranks import Draws
from warehouse.errors import DtiError
from warehouse.settings import get_settings

NOTHING = Draws()  # is drawn of monthly shares: nobody gives their errors
WITH_WARNINGS = "CompletedWithWarnings"


def run_round(job: Job, *, flow: str, publication: Publication, drawn: Draws = NOTHING) -> Report:
    """Run the stages in order and say what came of it; call it while holding the round.

    Args:
        job: The round at hand.
        flow: Name of the flow, for the ledger.
        publication: Whether the vintage is published at the end.
        drawn: How often and what is drawn to learn how sure the ranks are.

    Raises:
        DtiError: A stage failed or refused.
    """
    progress = Progress("round-progress", f"{job.framework} {job.period}")
    open_run(job, flow)
    try:
        for number, stage in enumerate(STAGES):
            progress.step(stage.name, 100 * number / (len(STAGES) + 2))
            _finished(stage(job, return_state=True))
        progress.step(simulate.name, 100 * len(STAGES) / (len(STAGES) + 2))
        _finished(simulate(job, drawn, return_state=True))
        progress.step(publish.name, 100 * (len(STAGES) + 1) / (len(STAGES) + 2))
        _finished(publish(job, publication is Publication.NOW, return_state=True))
        report = report_of(job)
    except Exception as error:
        with suppress(DtiError):  # the ledger may be what cannot be written: the first error is the one to tell
            finish_run(job, "failed", {"reason": _of_people(error)})
        raise
    finish_run(job, "completed", report.model_dump())
    league_table(job, report.label)
    services.show(job, report.label)
    artifacts.summary(report, get_settings().data_docs / "index.html")
    progress.step("done", 100.0)
    return report


def _of_people(error: Exception) -> str:
    """The reason as it may stand in the warehouse: what an unexpected error says may hold anything."""
    return str(error) if isinstance(error, DtiError) else f"An unexpected error ({type(error).__name__})."


def state_of(report: Report) -> State[Any]:
    """The state of a run that came to its end: another one where something is missing or looks wrong.

    Args:
        report: What came of the round.
    """
    name = WITH_WARNINGS if report.warnings else "Completed"
    return Completed(name=name, message=report.verdict, data=report.model_dump())


def _finished(state: State[Any]) -> None:
    """Raise the stage's own error, if it has one."""
    if not state.is_completed():
        state.result()
