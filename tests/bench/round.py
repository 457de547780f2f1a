"""The whole: the synthetic round of all provinces, and what Prefect costs on top of the same functions."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from warehouse.settings import get_settings


def _plain(job):
    """The stages' own functions, without Prefect."""
    from flows.stages import parts_of
    from tasks import correct, gather, load, measure, publish, score, standardise, validate

    parts = parts_of(job)
    with load.locked(job):
        for part, number in parts.items():
            gather.gather_source.fn(job, number, part)
        for part in parts:
            standardise.standardise_source.fn(job, part)
        correct.correct_candidates.fn(job, list(parts))
        validate.validate_candidates.fn(job, list(parts))
        measure.measure_observations.fn(job)
        score.score_measurements.fn(job)
        load.load_round_facts.fn(job, list(parts))
        publish.write_and_publish.fn(job, True)


def _demo(home):
    command = [sys.executable, "-m", "flows.cli", "demo", "run"]
    subprocess.run(command, env={**os.environ, "DTI_HOME": str(home)}, check=True, capture_output=True)


def _seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _use(home):
    os.environ["DTI_HOME"] = str(home)
    get_settings.cache_clear()


def bench():
    from flows.server import prefect_server
    from tasks.demo.round import make_round
    from warehouse.frameworks.loader import load_framework

    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "WARNING")
    before = os.environ.get("DTI_HOME")
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        whole = _seconds(lambda: _demo(root / "demo"))
        frameworks = [load_framework(name) for name in ("province_2020", "ministry_2020")]
        made = _seconds(lambda: make_round(root / "round", seed=1, frameworks=frameworks))
        with prefect_server(root / "prefect"):
            from flows.jobs import job_of
            from flows.launch import run_annual
            from flows.parameters import AnnualParameters

            parameters = AnnualParameters(framework="province_2020", period="2020", round_folder=root / "round")
            _use(root / "warm")
            _plain(job_of(parameters, "warm"))
            _use(root / "plain")
            plain = _seconds(lambda: _plain(job_of(parameters, "plain")))
            _use(root / "flow")
            flow = _seconds(lambda: run_annual(parameters, lambda text, percent: None))
    if before is None:
        os.environ.pop("DTI_HOME", None)
    else:
        _use(before)
    return [
        ("synthetic round of 63 provinces and 25 bodies, writing it", made, 12, "s"),
        ("annual round of 63 provinces, with Prefect against without", flow / plain, 1.3, "times"),
        ("make run when installed: three rounds, server included", whole, 45, "s"),
    ]
