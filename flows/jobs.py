"""From the parameters of a run to its job, proved before any work is done."""

from flows.inputs import round_folder
from flows.parameters import AnnualParameters
from tasks.job import Job, refuse_period_of
from warehouse.errors import FrameworkError, InputError
from warehouse.frameworks.editions import framework_of, refuse_period
from warehouse.frameworks.loader import framework_folder, framework_names, load_framework
from warehouse.frameworks.uncertainty import load_uncertainty


def job_of(parameters: AnnualParameters, run_id: str = "") -> Job:
    """Prove that framework, period, round and what is to be drawn fit each other.

    Args:
        parameters: What is to be measured, from which round.
        run_id: Identity of the run.

    Raises:
        DtiError: They do not fit, or one of them does not exist; the sentence says which.
    """
    framework = edition(parameters.framework, parameters.period)
    if parameters.round_folder is None:
        refuse_period(load_framework(framework).description, parameters.period)
    if parameters.draws:
        load_uncertainty(framework_folder(framework), parameters.perturb)
    folder = parameters.round_folder or round_folder(framework, parameters.period)
    return proved(Job(framework=framework, period=parameters.period, round_folder=str(folder), run_id=run_id))


def edition(framework: str, period: str) -> str:
    """The framework of a period: itself where one is named, else the edition of its kind.

    Raises:
        FrameworkError: There is neither; the sentence says what there is.
    """
    try:
        framework_folder(framework)
    except FrameworkError:
        kinds = {name.rpartition("_")[0] for name in framework_names()}
        if framework not in kinds:
            raise
        return framework_of(framework, period)
    return framework


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
