"""Measure: from observations to measurements with a standard error."""

import pandas as pd
from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.answers import measure_experts, measure_surveys
from tasks.evidence import appraisal, reports
from tasks.job import Job
from warehouse.frames import MEASUREMENT, OBSERVATION


@task(name="measure", cache_policy=NO_CACHE)
def measure_round(job: Job, parts: list[str]) -> int:
    """Turn the observations in force and the answers of persons into measurements; write the MEASUREMENT frame.

    Writes the accounts of the surveys and of the expert panel as `surveys.json` and `experts.json` too.

    Args:
        job: The round at hand.
        parts: Workspace partitions of the sources.

    Returns:
        Number of measurements.
    """
    observations = job.workspace.read(OBSERVATION)
    framework = job.loaded_framework
    measurements = appraisal.settle(reports.measure(observations, framework), observations, framework)
    accounts = {}
    for name, measured in (("surveys", measure_surveys), ("experts", measure_experts)):
        estimates, accounts[name] = measured(job, parts)
        measurements = pd.concat([measurements, estimates], ignore_index=True)
    measurements = reports.single(measurements)
    job.workspace.write(MEASUREMENT, measurements)
    for name, account in accounts.items():
        job.workspace.write_json(name, account)
    return len(measurements)
