"""From the parameters of a run to its job, proved before any work is done."""

from flows.parameters import AnnualParameters
from tasks.job import Job, refuse_period_of
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
    return proved(
        Job(framework=parameters.framework, period=parameters.period, round_folder=str(folder), run_id=run_id)
    )


def proved(job: Job) -> Job:
    """Prove that the framework, the period and the round of a job fit each other.

    Raises:
        DtiError: They do not fit, or one of them does not exist; the sentence says which.
    """
    if not job.round.entries(job.loaded_framework.name):
        raise InputError(
            f"The round {job.round.round} has no source for {job.loaded_framework.name}.",
            "Give the folder of another round: --round DIR; `dti demo make-round DIR` writes a synthetic one.",
        )
    refuse_period_of(job)
    return job
