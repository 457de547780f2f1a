"""The engine on 63 provinces and 306 criteria: in process, and `dti score` as a whole process."""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from tasks.scoring.engine import score
from warehouse.frameworks.loader import load_framework

RUNS = 7


def measurements():
    framework = load_framework("province_2020")
    draw = np.random.default_rng(1)
    rows = [
        (f"{agency:02d}", leaf.code, float(draw.integers(0, 2)) if leaf.rule == "binary" else _value(draw, leaf))
        for agency in range(63)
        for leaf in framework.leaves
    ]
    return framework, pd.DataFrame(rows, columns=["agency", "node", "value"])


def _value(draw, leaf):
    low, high = leaf.bounds
    return float(draw.uniform(low, min(high, low + 100)))


def seconds(work, runs=RUNS):
    taken = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken[1:])


def bench():
    framework, rows = measurements()
    in_process = seconds(lambda: score(framework, rows)) * 1000
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "inputs.csv"
        rows.to_csv(file, index=False)
        command = [sys.executable, "-m", "flows.cli", "score", "--framework", "province_2020", "--inputs", str(file)]
        command += ["--out", str(Path(folder) / "scores.csv")]
        whole = seconds(lambda: subprocess.run(command, check=True, capture_output=True), runs=5)
    return [
        ("engine, 63 agencies x 306 criteria, in process", in_process, 50, "ms"),
        ("dti score on it, whole process", whole, 1.5, "s"),
    ]
