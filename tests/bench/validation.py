"""Speed and size of validation, each measured in a process of its own so that the peak memory is its own."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from warehouse.frames import CANDIDATE
from warehouse.frameworks.model import Description, Framework, Level, Node

LIMITS = {20_000: (1.0, None), 1_000_000: (15.0, 2.0)}  # rows: seconds, GB
LEAVES = 306
FAULTY = 0.01
BYTES_PER_KIB, BYTES_PER_GB = 1024, 1e9


def bench() -> list[tuple[str, float, float, str]]:
    """Measure and return rows of (name, measured, limit, unit)."""
    rows = []
    for count, (seconds, gigabytes) in LIMITS.items():
        measured = measure_apart(count)
        rows.append((f"validate {count:,} observations", measured["seconds"], seconds, "s"))
        if gigabytes:
            rows.append((f"validate {count:,} observations, peak memory", measured["gigabytes"], gigabytes, "GB"))
    return rows


def measure_apart(count: int) -> dict[str, float]:
    """Measure in a new process, which reads the rows from a file as a stage of the flow does."""
    root = Path(__file__).parents[2]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "candidates.parquet"
        candidates(count).to_parquet(file)
        command = [sys.executable, str(Path(__file__)), str(file)]
        environment = os.environ | {"PYTHONPATH": str(root)}
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return json.loads(done.stdout.splitlines()[-1])


def framework(leaves: int = LEAVES) -> Framework:
    """A framework of ratios of so many leaves."""
    nodes = [Node(code="INDEX", parent="", level="index", aggregation="sum")]
    nodes += [
        Node(code=f"C.{number}", parent="INDEX", level="criterion", rule="ratio", unit="%", evidence="report")
        for number in range(leaves)
    ]
    description = Description(framework="bench_2020", levels=(Level(level="index"), Level(level="criterion")))
    return Framework(description=description, nodes=tuple(nodes), groups={}, folder=Path(), digest="")


def candidates(count: int) -> pd.DataFrame:
    """Numerators and denominators of `count` rows, one in a hundred of them faulty."""
    random = np.random.default_rng(2020)
    pair = np.arange(count) // 2
    is_a = np.arange(count) % 2 == 0
    agency, item = pair // LEAVES, pair % LEAVES
    denominator = 100.0 + pair % 900
    numerator = np.floor(denominator * random.random(pair[-1] + 1)[pair])
    numerator = np.where(random.random(count) < FAULTY, -1.0, numerator)
    value = np.where(is_a, numerator, denominator)
    rows = {
        "observation_id": [f"{number:032x}" for number in range(count)],
        "agency": [f"province-{number}" for number in agency],
        "agency_text": [f"Tỉnh {number}" for number in agency],
        "item": [f"C.{number}" for number in item],
        "item_text": [f"C.{number}" for number in item],
        "part": np.where(is_a, "a", "b"),
        "value": value,
        "value_text": [f"{number:.0f}" for number in value],
        "counterpart": np.where(is_a, denominator, np.roll(numerator, 1)),
        "snapshot_sha256": [f"{number:064x}" for number in agency],
        "locator": [f"Sheet!E{number}" for number in range(count)],
        "evidence_text": np.where(random.random(count) < FAULTY, "", "Quyết định 1/QĐ-UBND"),
    }
    fixed = {
        "framework": "bench_2020",
        "round": "bench",
        "period": "2020",
        "stage": "self_reported",
        "source": "agency_report",
    }
    return CANDIDATE.conform(
        pd.DataFrame({**rows, **fixed, "evidence_needed": True, "valid_min": 0.0, "valid_max": np.inf, "unit": "hồ sơ"})
    )


def measure(file: Path) -> dict[str, float]:
    """Validate once, after the imports, in this process."""
    from expectations.runner import validate

    rows = pd.read_parquet(file)
    agencies = frozenset(f"province-{number}" for number in range(len(rows) // 2 // LEAVES + 1))
    start = time.perf_counter()
    outcome = validate(rows, framework(), round_name="bench", period="2020", ranked_agencies=agencies)
    seconds = time.perf_counter() - start
    if outcome.verdict != "quarantined":
        raise RuntimeError(f"The benchmark measures another thing than it should: {outcome.verdict}.")
    return {"seconds": seconds, "gigabytes": peak_memory(), "quarantined": len(outcome.quarantined)}


def peak_memory() -> float:
    """Largest resident memory of this process in GB. `ru_maxrss` would do, were it not inherited from the parent."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    kibibytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return int(kibibytes) * BYTES_PER_KIB / BYTES_PER_GB


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(Path(sys.argv[1]))) + "\n")
