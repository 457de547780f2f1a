"""Measure: from observations to measurements with a standard error."""

from collections.abc import Callable

import pandas as pd
from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.answers import measure_experts, measure_surveys
from tasks.evidence import appraisal, reports
from tasks.evidence.inspection.criteria import prevail
from tasks.inspect import keep_claims, measure_portals
from tasks.job import Job
from tasks.tone import measure_tone
from warehouse.frames import MEASUREMENT, OBSERVATION


@task(name="measure", cache_policy=NO_CACHE)
def measure_round(job: Job, parts: list[str], told: Callable[[int, int], None] | None = None) -> int:
    """Turn the observations in force and the answers of persons into measurements; write the MEASUREMENT frame.

    Writes the accounts of the surveys, of the expert panel, of the tone of cyberspace and of the inspection of portals
    as `surveys.json`, `experts.json`, `tone.json` and `inspection.json` too.

    Args:
        job: The round at hand.
        parts: Workspace partitions of the sources.
        told: Called with the number of pieces of posts done and of all.

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
    spoken, accounts["tone"] = measure_tone(job, parts, told=told)
    measurements = pd.concat([measurements, spoken], ignore_index=True)
    inspected, accounts["inspection"] = measure_portals(job, parts)
    keep_claims(job, measurements, inspected)
    measurements = reports.single(prevail(measurements, inspected, framework))
    job.workspace.write(MEASUREMENT, measurements)
    for name, account in accounts.items():
        job.workspace.write_json(name, account)
    return len(measurements)
