"""Confidence sets for the ranks of 63 provinces from 10,000 draws, and how their cost grows with units."""

import time
from functools import partial

import numpy as np

from tasks.scoring.uncertainty.rank_sets import rank_sets
from tasks.scoring.uncertainty.sobol import indices

RUNS = 5


def fastest(*works):
    """Seconds of each work, measured in turn so that the load of a shared machine falls on all of them."""
    taken = [[] for _ in works]
    for _ in range(RUNS):
        for work, times in zip(works, taken, strict=True):
            start = time.perf_counter()
            work()
            times.append(time.perf_counter() - start)
    return [min(times) for times in taken]


def league(units, draws=10_000):
    random = np.random.default_rng(1)
    errors = random.uniform(0.004, 0.02, (units, 1)) * random.standard_normal((units, draws))
    return random.uniform(0.2, 0.5, units) + errors[:, 0], errors


def bench():
    small, large = fastest(*(partial(rank_sets, *league(units)) for units in (63, 126)))
    random = np.random.default_rng(1)
    outputs = [random.standard_normal(shape) for shape in ((126, 2048), (126, 2048), (8, 126, 2048))]
    return [
        ("confidence sets, 63 units, 10,000 draws", small, 0.6, "s"),
        ("  twice the units, four times the pairs", large / small, 6, "times"),
        ("Sobol indices, 63 scores and ranks, 8 sources, 2,048 draws", *fastest(partial(indices, *outputs)), 1, "s"),
    ]
