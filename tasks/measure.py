"""Measure: from observations to measurements with a standard error."""

import pandas as pd
from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.answers import measure_surveys
from tasks.evidence import appraisal, reports
from tasks.job import Job
from warehouse.frames import MEASUREMENT, OBSERVATION


@task(name="measure", cache_policy=NO_CACHE)
def measure_round(job: Job, parts: list[str]) -> int:
    """Turn the observations in force and the answers of the surveys into measurements; write the MEASUREMENT frame.

    Writes the account of the surveys as `surveys.json` too.

    Args:
        job: The round at hand.
        parts: Workspace partitions of the sources.

    Returns:
        Number of measurements.
    """
    observations = job.workspace.read(OBSERVATION)
    framework = job.loaded_framework
    measurements = appraisal.settle(reports.measure(observations, framework), observations, framework)
    estimates, account = measure_surveys(job, parts)
    measurements = reports.single(pd.concat([measurements, estimates], ignore_index=True))
    job.workspace.write(MEASUREMENT, measurements)
    job.workspace.write_json("surveys", account)
    return len(measurements)
