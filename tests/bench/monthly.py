"""The months: one month of all agencies, and what a backfill of sixty months takes, from six of them."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tasks.demo.months import make_months

FIRST, LAST, MONTHS = "2020-01", "2020-06", 6
ALONE = "2020-07"


def _dti(home, *words):
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "flows.cli", *words],
        env={**os.environ, "DTI_HOME": str(home)},
        check=True,
        capture_output=True,
    )
    return time.perf_counter() - start


def bench():
    with tempfile.TemporaryDirectory() as temporary:
        home = Path(temporary)
        make_months(home / "rounds" / "monthly", seed=1, first=FIRST, last=ALONE)
        months = _dti(home, "backfill", "monthly", "--from", FIRST, "--to", LAST)
        again = _dti(home, "backfill", "monthly", "--from", FIRST, "--to", LAST)
        alone = _dti(home, "run", "monthly", "--period", ALONE)
    return [
        ("a month of all agencies, Prefect server included", alone, 20, "s"),
        ("backfill of 60 months, from 6", months / MONTHS * 60, 600, "s"),
        ("the same months again, unchanged, from 6", again / MONTHS * 60, 600, "s"),
    ]
