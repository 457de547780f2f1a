"""The whole: writing the synthetic round, and what `make run` does once everything is installed."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tasks.demo.round import make_round
from warehouse.frameworks.loader import load_framework


def _demo(home):
    command = [sys.executable, "-m", "flows.cli", "demo", "run"]
    subprocess.run(command, env={**os.environ, "DTI_HOME": str(home)}, check=True, capture_output=True)


def _seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def bench():
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        frameworks = [load_framework(name) for name in ("province_2020", "ministry_2020")]
        made = _seconds(lambda: make_round(root / "round", seed=1, frameworks=frameworks))
        whole = _seconds(lambda: _demo(root / "demo"))
    return [
        ("synthetic round of 63 provinces and 25 bodies, writing it", made, 12, "s"),
        ("make run when installed: three rounds, server included", whole, 45, "s"),
    ]
