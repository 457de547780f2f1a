"""Random numbers that depend on the seed, what is drawn and the block of draws: on nothing else.

Neither the number of draws, nor that of processors, nor what else is drawn changes them: a block can be drawn alone.
"""

import numpy as np

from warehouse.frameworks.uncertainty import PERTURBATIONS

_MOST = 64  # draws of a block
_CELLS = 2_000_000  # cells x draws that go through the engine together: they fit into the cache of a processor


def block_size(cells: int) -> int:
    """Draws of a block, for a number of cells (nodes x units): more of few cells, at least one.

    >>> block_size(439 * 63), block_size(439 * 10_000)
    (64, 1)
    """
    size = _MOST
    while size > 1 and cells * size > _CELLS:
        size //= 2
    return size


def stream(seed: int, perturbation: str, block: int, copy: int = 0) -> np.random.Generator:
    """Random numbers of one perturbation in one block of draws.

    Args:
        seed: Seed of the run.
        perturbation: One of `PERTURBATIONS`.
        block: Number of the block.
        copy: 0, or 1 for a second, independent set of draws.
    """
    key = (PERTURBATIONS.index(perturbation), copy, block)
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(seed, spawn_key=key)))
