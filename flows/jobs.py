"""From the parameters of a run to its job, proved before any work is done."""

from flows.parameters import AnnualParameters
from tasks.job import Job
from tasks.sources.rounds import bundled_round
from warehouse.errors import InputError


def job_of(parameters: AnnualParameters, run_id: str = "") -> Job:
    """Prove that framework, period and round fit each other.

    Args:
        parameters: What is to be measured, from which round.
        run_id: Identity of the run.

    Raises:
        DtiError: They do not fit, or one of them does not exist; the sentence says which.
    """
    folder = parameters.round_folder or bundled_round().folder
    job = Job(framework=parameters.framework, period=parameters.period, round_folder=str(folder), run_id=run_id)
    periods = job.loaded_framework.description.periods
    if periods and job.period not in periods:
        raise InputError(
            f"The framework {job.framework} is for {', '.join(periods)}, not for {job.period}.",
            "Choose the edition of the period: `dti framework list`.",
        )
    if not job.round.entries(job.loaded_framework.name):
        raise InputError(
            f"The round {job.round.round} has no source for {job.loaded_framework.name}.",
            "Give the folder of another round: --round DIR; `dti demo make-round DIR` writes a synthetic one.",
        )
    if job.round.period != job.period:
        raise InputError(
            f"The round in {folder} is of {job.round.period}, not of {job.period}.",
            f"Run it with --period {job.round.period}.",
        )
    return job
