"""A round through every step in this process, from the bytes to a published vintage."""

from tasks.correct import correct_candidates
from tasks.gather import gather_source
from tasks.job import Job, parts_of
from tasks.load import load_round_facts, locked
from tasks.measure import measure_round
from tasks.publish import write_and_publish
from tasks.ranks import Draws
from tasks.score import score_measurements
from tasks.simulate import simulate_ranks
from tasks.standardise import standardise_source
from tasks.validate import validate_candidates


def run_round(job: Job) -> Job:
    """Gather, standardise, validate, load, measure, score and publish a round; returns its job."""
    parts = parts_of(job)
    with locked(job):
        for part, number in parts.items():
            gather_source.fn(job, number, part)
            standardise_source.fn(job, part)
        correct_candidates.fn(job, list(parts))
        assert not validate_candidates.fn(job, list(parts)).crashed
        load_round_facts.fn(job, list(parts))
        measure_round.fn(job, list(parts))
        score_measurements.fn(job)
        simulate_ranks.fn(job, Draws())
        write_and_publish.fn(job, True)
    return job
