"""Publish: measurements and scores become a vintage; a published vintage is never changed."""

from dataclasses import asdict
from importlib.metadata import version

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.harmonise.groups import unranked_units
from tasks.job import Job
from tasks.load import open_warehouse
from tasks.ranks import read_ranks, write_ranks
from warehouse.decisions import rejection
from warehouse.frames import MEASUREMENT, SCORE
from warehouse.ranks import published_ranks
from warehouse.vintages import publish, write_vintage


@task(name="publish", cache_policy=NO_CACHE)
def write_and_publish(job: Job, final: bool) -> int:
    """Write the round's measurements and scores as a vintage, and publish it if asked.

    A round with corrections that no longer fit their source stays provisional, and so does what somebody rejected.

    Args:
        job: The round at hand.
        final: Publish the vintage.

    Returns:
        Number of the vintage.
    """
    work = job.workspace
    engine = open_warehouse()
    written = write_vintage(
        engine,
        framework=job.loaded_framework,
        round_name=job.round.round,
        kind=job.round.kind,
        period=job.period,
        measurements=work.read(MEASUREMENT),
        scores=work.read(SCORE),
        run_id=job.run_id,
        code_version=version("dti-warehouse"),
        seed=job.round.seed,
        ranks=read_ranks(work),
        may_add=final,
        unranked=unranked_units(job.loaded_framework, job.period),
    )
    if written.ranks == "kept":
        write_ranks(work, published_ranks(engine, written))  # what is shown is what was published
    state = written.state
    rejected = rejection(engine, written)
    if final and not rejected and not work.read_json("corrections")["faults"]:
        state = publish(engine, framework=written.framework, round_name=written.round, period=written.period).state
    work.write_json("vintage", {**asdict(written), "state": state})
    work.write_json("rejection", rejected)
    return written.vintage
