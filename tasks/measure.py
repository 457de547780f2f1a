"""Measure: from observations to measurements with a standard error."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pandas as pd
from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.answers import Measured, measure_experts, measure_surveys
from tasks.evidence import appraisal, reports
from tasks.evidence.derived import derive
from tasks.evidence.inspection.criteria import prevail
from tasks.evidence.punctuality import punctuality
from tasks.evidence.shared import of_measured
from tasks.inspect import keep_claims, measure_portals
from tasks.job import Job, source_of
from tasks.tone import measure_tone
from warehouse.frames import CANDIDATE, ERROR_FACTOR, MEASUREMENT, OBSERVATION, records


@task(name="measure", cache_policy=NO_CACHE)
def measure_round(job: Job, parts: list[str], told: Callable[[int, int], None] | None = None) -> int:
    """Turn the observations in force and the answers of persons into measurements; write the MEASUREMENT frame.

    Errors that measurements share are written as the frame ERROR_FACTOR, for the measurements that count in the end.
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
    shared = [ERROR_FACTOR.empty()]
    kinds: dict[str, Callable[[Job, list[str]], Measured]] = {
        "surveys": measure_surveys,
        "experts": measure_experts,
        "tone": partial(measure_tone, told=told),
    }
    for name, measured in kinds.items():
        estimates, factors, accounts[name] = measured(job, parts)
        measurements = pd.concat([measurements, estimates], ignore_index=True)
        shared.append(factors)
    inspected, accounts["inspection"] = measure_portals(job, parts)
    keep_claims(job, measurements, inspected)
    measurements = reports.single(prevail(measurements, inspected, framework))
    derived = derive(measurements, framework)
    measurements = pd.concat([measurements, derived.measurements], ignore_index=True)
    accounts["differences"] = [*records(differences), *records(derived.differences)]
    accounts["underived"] = records(derived.skipped)
    job.workspace.write(ERROR_FACTOR, of_measured(pd.concat(shared, ignore_index=True), measurements))
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
