"""Measure: from observations to measurements with a standard error."""

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.evidence import appraisal, reports
from tasks.job import Job
from warehouse.frames import MEASUREMENT, OBSERVATION


@task(name="measure", cache_policy=NO_CACHE)
def measure_observations(job: Job) -> int:
    """Turn the observations in force into measurements and write the MEASUREMENT frame.

    Args:
        job: The round at hand.

    Returns:
        Number of measurements.
    """
    observations = job.workspace.read(OBSERVATION)
    framework = job.loaded_framework
    measurements = appraisal.settle(reports.measure(observations, framework), observations, framework)
    job.workspace.write(MEASUREMENT, measurements)
    return len(measurements)
