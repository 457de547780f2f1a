"""Measure: from observations to measurements with a standard error."""

from collections.abc import Callable
from typing import Any

import pandas as pd
from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.answers import measure_experts, measure_surveys
from tasks.evidence import appraisal, reports
from tasks.evidence.derived import derive
from tasks.evidence.inspection.criteria import prevail
from tasks.evidence.punctuality import punctuality
from tasks.inspect import keep_claims, measure_portals
from tasks.job import Job, source_of
from tasks.tone import measure_tone
from warehouse.frames import CANDIDATE, MEASUREMENT, OBSERVATION, records


@task(name="measure", cache_policy=NO_CACHE)
def measure_round(job: Job, parts: list[str], told: Callable[[int, int], None] | None = None) -> int:
    """Turn the observations in force and the answers of persons into measurements; write the MEASUREMENT frame.

    Writes the accounts of the surveys, of the expert panel, of the tone of cyberspace and of the inspection of portals
    as `surveys.json`, `experts.json`, `tone.json` and `inspection.json` too; and who was late or sent nothing, where
    sources differ, and which shares could not be derived, as `punctuality.json`, `differences.json`, `underived.json`.

    Args:
        job: The round at hand.
        parts: Workspace partitions of the sources.
        told: Called with the number of pieces of posts done and of all.

    Returns:
        Number of measurements.
    """
    observations = job.workspace.read(OBSERVATION)
    framework = job.loaded_framework
    counted, differences = reports.prefer(reports.measure(observations, framework), framework)
    measurements = appraisal.settle(counted, observations, framework)
    accounts: dict[str, Any] = {"punctuality": records(_punctuality(job, parts))}
    for name, measured in (("surveys", measure_surveys), ("experts", measure_experts)):
        estimates, accounts[name] = measured(job, parts)
        measurements = pd.concat([measurements, estimates], ignore_index=True)
    spoken, accounts["tone"] = measure_tone(job, parts, told=told)
    measurements = pd.concat([measurements, spoken], ignore_index=True)
    inspected, accounts["inspection"] = measure_portals(job, parts)
    keep_claims(job, measurements, inspected)
    measurements = reports.single(prevail(measurements, inspected, framework))
    derived = derive(measurements, framework)
    measurements = pd.concat([measurements, derived.measurements], ignore_index=True)
    accounts["differences"] = [*records(differences), *records(derived.differences)]
    accounts["underived"] = records(derived.skipped)
    job.workspace.write(MEASUREMENT, measurements)
    for name, account in accounts.items():
        job.workspace.write_json(name, account)
    return len(measurements)


def _punctuality(job: Job, parts: list[str]) -> pd.DataFrame:
    """Who was late or sent nothing, among the agencies whose returns the round asks for."""
    returned = [part for part in parts if getattr(source_of(job, part), "later_replaces", False)]
    if not returned:
        return punctuality(CANDIDATE.empty(), (), None)
    candidates = pd.concat([job.workspace.read(CANDIDATE, part) for part in returned], ignore_index=True)
    return punctuality(candidates, job.ranked_agencies or (), job.round.due_on(job.period))
