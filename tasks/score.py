"""Score: from measurements to points, shares and ranks of every node."""

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.harmonise.groups import agency_groups, unranked_units
from tasks.harmonise.mergers import groups_of, merged, ranked_of
from tasks.job import Job
from tasks.scoring.engine import evaluated
from tasks.scoring.exclude import without
from warehouse.errors import InputError
from warehouse.frames import MEASUREMENT, SCORE


@task(name="score", cache_policy=NO_CACHE)
def score_measurements(job: Job) -> int:
    """Score the round and write the SCORE frame, and `treatment.json` where figures were treated before their rule.

    Who is left out by unranked.csv of the framework has no rank.

    Args:
        job: The round at hand.

    Returns:
        Number of agencies that were scored.

    Raises:
        InputError: There is not one measurement.
    """
    measurements = job.workspace.read(MEASUREMENT)
    if measurements.empty:
        raise InputError(
            "Nothing of the round was accepted, so there is nothing to score.",
            "`dti quarantine files` and `dti quarantine list` show what came and why it was refused.",
        )
    framework = job.loaded_framework
    families = job.families
    groups = agency_groups(framework, job.period)
    scoring = evaluated(framework, measurements, groups=groups | groups_of(families, groups), families=families)
    scores = scoring.scores()
    left_out = unranked_units(framework, job.period).keys() & set(scores["agency"])
    if left_out:
        scores = without(scores, left_out)
    job.workspace.write(SCORE, scores.assign(**job.scope))
    job.workspace.write_json("mergers", merged(families, set(scores["agency"])))
    if done := scoring.account():
        job.workspace.write_json("treatment", done)
    return len(ranked_of(families, set(scores["agency"])))
