"""What Prefect costs: the annual run of a synthetic round as a flow, against the same functions called plainly."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tasks.demo.round import make_round
from warehouse.frameworks.loader import load_framework

ROUNDS = 3
CHILD = """
import sys, time
from pathlib import Path
import flows.launch
from tests.bench.orchestration import as_flow, plainly
for _ in range(int(sys.argv[2])):
    print(plainly(Path(sys.argv[1])), as_flow(Path(sys.argv[1])), flush=True)
"""


def bench():
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        make_round(root / "round", seed=7, frameworks=[load_framework("province_2020")])
        pairs = _measured(root)
    # The first pair warms up imports and caches; the least of each is what the machine's other work disturbed least.
    plain, flow = (min(column) for column in zip(*pairs[1:], strict=True))
    return [("annual run of 63 provinces as a flow, against plain calls", flow / plain, 1.3, "x")]


def _measured(root):
    from flows.server import prefect_server

    environment = {**os.environ, "DTI_HOME": str(root / "var"), "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "WARNING"}
    with prefect_server(root / "prefect") as url:
        command = [sys.executable, "-c", CHILD, str(root), str(ROUNDS + 1)]
        done = subprocess.run(
            command, env={**environment, "PREFECT_API_URL": url}, capture_output=True, text=True, check=True
        )
    return [tuple(map(float, line.split())) for line in done.stdout.splitlines() if line[:1].isdigit()]


def as_flow(root):
    """Seconds of the flow; the server is up."""
    from flows.annual import annual
    from flows.parameters import Publication

    shutil.rmtree(root / "var", ignore_errors=True)
    start = time.perf_counter()
    state = annual(_parameters(root, Publication.NOW), return_state=True)
    assert state.is_completed(), state
    return time.perf_counter() - start


def plainly(root):
    """Seconds of what the tasks of the flow do, and of its report."""
    from flows.jobs import job_of
    from flows.parameters import Publication
    from flows.report import report_of
    from tasks import correct, gather, load, measure, publish, score, simulate, standardise, validate
    from tasks.job import parts_of
    from tasks.ranks import Draws

    shutil.rmtree(root / "var", ignore_errors=True)
    start = time.perf_counter()
    parameters = _parameters(root, Publication.NOW)
    job = job_of(parameters, run_id="plain")
    parts = parts_of(job)
    with load.locked(job):
        load.open_run(job, "annual")
        for part, number in parts.items():
            gather.gather_source.fn(job, number, part)
        for part in parts:
            standardise.standardise_source.fn(job, part)
        correct.correct_candidates.fn(job, list(parts))
        validate.validate_candidates.fn(job, list(parts))
        load.load_round_facts.fn(job, list(parts))
        measure.measure_round.fn(job, list(parts))
        score.score_measurements.fn(job)
        simulate.simulate_ranks.fn(job, Draws(draws=parameters.draws, seed=parameters.seed))
        publish.write_and_publish.fn(job, True)
        load.finish_run(job, "completed", report_of(job).model_dump())
    return time.perf_counter() - start


def _parameters(root, publication):
    from flows.parameters import AnnualParameters

    return AnnualParameters(
        framework="province_2020", period="2020", round_folder=root / "round", publication=publication
    )
