"""Ranks with intervals: 63 provinces x 306 criteria, all of them with errors, decisions apart; and how the cost grows.

The yardstick is COINr 1.1, which takes about 190 ms a draw for 51 countries x 49 indicators on such a machine.
"""

import json
import subprocess
import sys
import time

import numpy as np

from tasks.scoring.uncertainty.intervals import rank_uncertainty
from tasks.scoring.uncertainty.sampler import Sampler
from tasks.scoring.uncertainty.simulate import Ranking, simulate
from tests.bench.engine import measurements
from warehouse.frames import ERROR_FACTOR
from warehouse.frameworks.uncertainty import Uncertainty

ERROR = 0.03  # standard error of a criterion, as a share of its range
UNITS = (100, 1_000, 10_000)
RUNS = 3


def bench():
    few, many = (measured(draws) for draws in (10_000, 100_000))
    effects = few["effects"] / few["seconds"]
    by_draws = many["seconds"] / (10 * few["seconds"])
    small, middle, large = (per_unit(units) for units in UNITS)
    return [
        ("10,000 draws on 63 x 306 with ranks and both intervals", few["seconds"], 2, "s"),
        ("the same: memory of the process", few["gigabytes"], 1, "GB"),
        ("100,000 draws", many["seconds"], 20, "s"),
        ("the same: memory of the process", many["gigabytes"], 1, "GB"),
        ("time of 100,000 draws over ten times that of 10,000", by_draws, 1.3, ""),
        ("Sobol indices of every rank over 10,000 draws", effects, 2, ""),
        (f"time per draw and unit, {UNITS[1]:,} units over {UNITS[0]:,}", middle / small, 1.5, ""),
        (f"time per draw and unit, {UNITS[2]:,} units over {UNITS[1]:,}", large / middle, 1.5, ""),
    ]


def with_errors():
    """The measurements of the engine's benchmark with a standard error each."""
    framework, rows = measurements()
    spans = {leaf.code: min(leaf.bounds[1] - leaf.bounds[0], 100.0) for leaf in framework.leaves}
    return framework, rows.assign(standard_error=rows["node"].map(spans) * ERROR, stage="final")


def measured(draws):
    """The least of some runs in a process of its own, whose memory is told."""
    command = [sys.executable, "-m", "tests.bench.uncertainty", str(draws)]
    runs = [json.loads(subprocess.run(command, check=True, capture_output=True).stdout) for _ in range(RUNS)]
    return {name: min(run[name] for run in runs) for name in runs[0]}


def once(draws):
    """Time and memory of the intervals of one round; the effects apart."""
    import resource

    from tasks.scoring.engine import score

    framework, rows = with_errors()
    scores = score(framework, rows)
    done = {}

    def told(part):
        done[part] = time.perf_counter()

    start = time.perf_counter()
    rank_uncertainty(framework, rows, ERROR_FACTOR.empty(), scores, Uncertainty(), draws=draws, seed=1, told=told)
    end = time.perf_counter()
    effects = done["looking for what moves the ranks"]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    return {"seconds": effects - start, "effects": end - effects, "gigabytes": peak}


def per_unit(units):
    """Seconds per draw and unit: the provinces again and again under other names."""
    framework, rows = with_errors()
    copies = -(-units // 63)
    values = {name: np.tile(rows[name].to_numpy(), copies) for name in ("node", "value", "standard_error", "stage")}
    agencies = np.concatenate([[f"{copy:03d}-{agency}" for agency in rows["agency"]] for copy in range(copies)])
    frame = rows.iloc[np.tile(np.arange(len(rows)), copies)].assign(agency=agencies, **values)
    kept = sorted(set(agencies))[:units]
    sampler = Sampler.of(framework, frame[frame["agency"].isin(kept)], ERROR_FACTOR.empty(), Uncertainty(), 1)
    everybody = Ranking(0, "", np.arange(units))
    draws = max(64_000 // units, 2 * sampler.size)
    taken = []
    for _ in range(RUNS):
        start = time.perf_counter()
        simulate(sampler, [0], draws, [everybody], drawn=sampler.drawn)
        taken.append(time.perf_counter() - start)
    return min(taken) / draws / units


if __name__ == "__main__":
    print(json.dumps(once(int(sys.argv[1]))))
