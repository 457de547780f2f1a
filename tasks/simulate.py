"""Simulate: inputs and method are drawn again, to learn how sure each rank is."""

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.job import Job
from tasks.ranks import Draws, ranks_of, write_ranks
from tasks.scoring.uncertainty.intervals import Told
from warehouse.frames import SCORE
from warehouse.simulations import RankFrames


@task(name="simulate", cache_policy=NO_CACHE)
def simulate_ranks(job: Job, drawn: Draws, told: Told = lambda _: None) -> int:
    """Draw inputs and method again and write how sure each rank is: SIMULATION, RANK_INTERVAL and RANK_EFFECT.

    Args:
        job: The round at hand.
        drawn: How often and what is drawn.
        told: Called with what is being computed.

    Returns:
        Number of draws.

    Raises:
        FrameworkError: What is to be drawn is not known, or does not fit the framework.
    """
    work = job.workspace
    frames = RankFrames.empty()
    if drawn.draws:
        frames = ranks_of(job.loaded_framework, job.period, work, work.read(SCORE), drawn, told)
    write_ranks(work, frames.of(job.scope))
    return drawn.draws
