"""One source of a round: gather, read, check and load what it offers now. Nothing is scored, no vintage changes."""

from typing import Any

import pandas as pd
from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from expectations.outcome import Outcome
from flows import artifacts
from flows.inputs import round_folder
from flows.jobs import edition, proved
from flows.labels import counted
from flows.months import STANDING
from flows.notify import HOOKS
from flows.parameters_of.upkeep import IngestParameters
from flows.report import not_received
from flows.rounds import WITH_WARNINGS
from flows.states import stopped
from tasks.correct import correct_candidates
from tasks.gather import gather_source
from tasks.job import Job, parts_of
from tasks.load import load_round_facts, locked
from tasks.secrets import warehouse_of_block
from tasks.standardise import standardise_source
from tasks.validate import validate_candidates
from warehouse.errors import BatchRefused, DtiError, InputError
from warehouse.frames import BATCH, CANDIDATE, QUARANTINE, WARNING
from warehouse.frameworks.editions import refuse_future
from warehouse.settings import get_settings

LOOK = "Look at the outcome of each file: `dti quarantine files`."


def run_name() -> str:
    """Name of a run: which source, of which framework and period."""
    from prefect.runtime import flow_run

    parameters = IngestParameters.model_validate(flow_run.parameters["parameters"])
    return f"{parameters.source}, {parameters.framework} {parameters.period}"


@flow(name="ingest", flow_run_name=run_name, description=__doc__, **HOOKS)
def ingest(parameters: IngestParameters) -> State[Any]:
    """Bring in what one source offers now; the other sources keep what earlier runs brought.

    Args:
        parameters: Which source, of which round.

    Returns:
        Completed with what came, or Failed with the reason.
    """
    from prefect.runtime import flow_run

    try:
        job = ingest_job(parameters, run_id=str(flow_run.id))
        parts = parts_of_source(job, parameters.source)
        with warehouse_of_block(), locked(job):
            return _brought_in(job, parts)
    except DtiError as error:
        return stopped(error)


def ingest_job(parameters: IngestParameters, run_id: str = "") -> Job:
    """Prove that framework, period and round fit each other.

    Raises:
        DtiError: They do not; the sentence says why.
    """
    is_month = len(parameters.period) > len("2020")
    refuse_future(parameters.period)
    framework = edition(parameters.framework, parameters.period)
    usual = get_settings().rounds / STANDING if is_month else None
    folder = parameters.round_folder or usual or round_folder(framework, parameters.period)
    return proved(Job(framework=framework, period=parameters.period, round_folder=str(folder), run_id=run_id))


def parts_of_source(job: Job, source: str) -> dict[str, int]:
    """The entries of a round that are of one source, as `tasks.job.parts_of` gives them.

    Raises:
        InputError: The round has none.
    """
    parts = parts_of(job)
    chosen = {part: number for part, number in parts.items() if job.round.sources[number].source == source}
    if not chosen:
        there = ", ".join(sorted({job.round.sources[number].source for number in parts.values()}))
        raise InputError(
            f"The round {job.round.round} gathers nothing from {source!r} for {job.loaded_framework.name}.",
            f"It gathers from {there}.",
        )
    return chosen


def _brought_in(job: Job, parts: dict[str, int]) -> State[Any]:
    for run in [gather_source.submit(job, number, part) for part, number in parts.items()]:
        run.result()
    for part in parts:
        standardise_source(job, part)
    there = [part for part in parts_of(job) if _was_read(job, part)]
    correct_candidates(job, there)
    outcome = validate_candidates(job, there)
    _show(job, outcome)
    _refuse(outcome)
    load_round_facts(job, there)
    batches = job.workspace.read(BATCH)
    batches = batches[batches["source"].isin({job.round.sources[number].source for number in parts.values()})]
    missing = not_received(batches)
    rows = int(batches["rows_accepted"].fillna(0).sum())
    said = " ".join([f"{counted(len(batches), 'file')}, {counted(rows, 'row')} accepted.", *missing])
    return Completed(name=WITH_WARNINGS if missing else "Completed", message=said)


def _was_read(job: Job, part: str) -> bool:
    return all((job.workspace.root / f"{frame.name}.{part}.parquet").is_file() for frame in (CANDIDATE, BATCH))


def _show(job: Job, outcome: Outcome) -> None:
    artifacts.table("validation", outcome.checks, "Each rule, how many rows it looked at and how many it refused.")
    artifacts.judged(job, QUARANTINE, "quarantine", "Rows that were refused")
    artifacts.judged(job, WARNING, "warnings", "Rows that count, but look wrong")
    batches = job.workspace.read(BATCH)
    shown = batches[["source", "origin", "agency", "outcome", "rows_accepted", "rows_quarantined", "message"]]
    artifacts.table("files", pd.DataFrame(shown), "What became of each file.")


def _refuse(outcome: Outcome) -> None:
    if outcome.batch_refusals:
        raise BatchRefused(f"The rows cannot be judged: {' '.join(outcome.batch_refusals)}", LOOK)
    if outcome.crashed:
        raise DtiError(
            f"Checks crashed, so the rows they guard are not judged: {', '.join(outcome.crashed)}.",
            "Mend the check and run it again; nothing was loaded.",
        )
