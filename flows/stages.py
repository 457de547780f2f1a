"""The stages of a round: gather, standardise, validate, load, measure, score, simulate, publish.

Each is a task of the round's flow, so that the artifacts of all stages stand in one place, that of the run.
"""

from functools import partial

import pandas as pd
from prefect import task
from prefect.cache_policies import NO_CACHE

from flows import artifacts, inspected, spoken
from flows.cluster import classify_on_cluster
from flows.progress import Progress
from flows.report import not_received
from tasks.correct import correct_candidates
from tasks.gather import gather_source
from tasks.job import Job, parts_of
from tasks.load import load_round_facts
from tasks.measure import measure_round
from tasks.publish import write_and_publish
from tasks.ranks import Draws
from tasks.score import score_measurements
from tasks.scoring.uncertainty.intervals import SHARE_DONE
from tasks.simulate import simulate_ranks
from tasks.standardise import standardise_source
from tasks.validate import validate_candidates
from warehouse.errors import BatchRefused, DtiError
from warehouse.frames import BATCH, MEASUREMENT, QUARANTINE, WARNING
from warehouse.settings import get_settings

CHECK_SOURCES = "Look at the outcome of each file: `dti quarantine files`."
REASONS = 3  # of sources that did not come, in the message of a round without rows
FILES_PER_STEP = 10  # progress is told to the server: not for each file


@task(name="gather", cache_policy=NO_CACHE)
def gather(job: Job) -> None:
    """Fetch what the sources offer; the bytes become snapshots."""
    runs = [gather_source.submit(job, number, part) for part, number in parts_of(job).items()]
    for run in runs:
        run.result()


@task(name="standardise", cache_policy=NO_CACHE)
def standardise(job: Job) -> None:
    """Read the snapshots: names, numbers and units are understood, nothing is judged."""
    progress = Progress("reading-progress", "Reading the files of the round", told=False)
    parts = list(parts_of(job))
    for part in parts:
        standardise_source(job, part, told=partial(_tell, progress, part))
    correct_candidates(job, parts)


def _tell(progress: Progress, part: str, done: int, total: int) -> None:
    if done == total or done % FILES_PER_STEP == 0:
        progress.step(f"{part}: file {done} of {total}", 100 * done / total)


def _tell_pieces(progress: Progress, done: int, total: int) -> None:
    progress.step(f"posts: piece {done} of {total}", 100 * done / total)


@task(name="validate", cache_policy=NO_CACHE)
def validate(job: Job) -> None:
    """Judge every row; refused rows go to the quarantine with rule, value and reason."""
    outcome = validate_candidates(job, list(parts_of(job)))
    artifacts.table("validation", outcome.checks, "Each rule, how many rows it looked at and how many it refused.")
    artifacts.judged(job, QUARANTINE, "quarantine", "Rows that were refused")
    artifacts.judged(job, WARNING, "warnings", "Rows that count, but look wrong")
    if outcome.batch_refusals:
        reasons = [*outcome.batch_refusals, *not_received(job.workspace.read(BATCH))[:REASONS]]
        raise BatchRefused(f"The rows of the round cannot be judged: {' '.join(reasons)}", CHECK_SOURCES)
    if outcome.crashed:
        raise DtiError(
            f"Checks crashed, so the rows they guard are not judged: {', '.join(outcome.crashed)}.",
            "Mend the check and run the round again; nothing was published.",
        )


@task(name="load", cache_policy=NO_CACHE)
def load(job: Job) -> None:
    """Snapshots, observations, batches and the quarantine go into the warehouse, in one transaction."""
    counts = load_round_facts(job, list(parts_of(job)))
    rows = pd.DataFrame([{"table": name, **count} for name, count in counts.items()]).astype(object).fillna("")
    artifacts.table("load", rows, "Rows inserted, updated, left unchanged and removed, by table.")


@task(name="measure", cache_policy=NO_CACHE)
def measure(job: Job) -> None:
    """Observations become measurements with a standard error."""
    if get_settings().dask_address:
        classify_on_cluster(job, list(parts_of(job)))
    progress = Progress("posts-progress", "Reading the posts of the round", told=False)
    measure_round(job, list(parts_of(job)), told=partial(_tell_pieces, progress))
    artifacts.surveys(job)
    artifacts.experts(job)
    spoken.tone(job)
    inspected.portals(job)
    framework = job.loaded_framework
    criteria = {leaf.code: leaf.evidence or "value" for leaf in framework.leaves}
    measurements = job.workspace.read(MEASUREMENT)
    agencies = sorted(job.ranked_agencies or set(measurements["agency"]))
    artifacts.table(
        "coverage",
        artifacts.coverage(measurements, criteria, agencies),
        "Measured criteria by agency and kind of evidence; the least covered first.",
    )
    artifacts.appraisal(job)


@task(name="score", cache_policy=NO_CACHE)
def score(job: Job) -> None:
    """Measurements become points, shares and ranks."""
    score_measurements(job)


@task(name="simulate", cache_policy=NO_CACHE)
def simulate(job: Job, drawn: Draws) -> None:
    """Inputs and method are drawn again: how sure each rank is."""
    progress = Progress("simulation-progress", f"{drawn.draws:,} draws", told=False)
    simulate_ranks(job, drawn, told=partial(_tell_parts, progress))


def _tell_parts(progress: Progress, part: str) -> None:
    progress.step(part, SHARE_DONE[part])


@task(name="publish", cache_policy=NO_CACHE)
def publish(job: Job, final: bool) -> None:
    """Measurements and scores become a vintage; a published vintage is never changed."""
    write_and_publish(job, final)


# The evidence is stored before it is used: what was refused can be looked up even where nothing can be scored.
STAGES = (gather, standardise, validate, load, measure, score)
