"""Aggregation: the shares of children become the share of their parent.

Formulas: OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 7 (additive and geometric aggregation).

Weights and shares are split into a part on a coarse grid, whose products and sums are exact, and a small rest. The result is
that of exact arithmetic, rounded once: the same on every machine, whatever the order of the children, and on the right side
where a total lies between two printed decimals (0.4 x 0.522 + 0.3 x 0.304 + 0.3 x 0.3655 is 0.40965, and plain sums are less).
"""

import numpy as np

from tasks.scoring.arrays import BoolArray, FloatArray, expand
from tasks.scoring.tree import GRID, Step

# Adding and taking away this number leaves a share rounded to GRID: it has no bits to spare for finer parts.
_ROUNDER = 1.5 * 2.0**52 * float(GRID)


def aggregate(shares: FloatArray, known: BoolArray, step: Step) -> tuple[FloatArray, BoolArray]:
    """Aggregate the children of one step that have a share.

    A child without one is left out, and its siblings carry its points or weight.

    Args:
        shares: Shares of all nodes, shape (nodes, units, ...).
        known: Which of them are there, shape (nodes, units).
        step: The parents and children. No child of a geometric mean may be negative.

    Returns:
        Aggregates of the parents, shape (p, units, ...), and whether anything that counts was left, shape (p, units).
    """
    there = known[step.children]
    sums = np.add.reduceat(step.weights[:, None] * there, step.starts, axis=0)
    is_left = sums > 0
    is_whole = np.logical_and.reduceat(there, step.starts, axis=0)
    parts = expand(np.where(is_whole | ~is_left, 1.0, sums), shares.ndim)
    children = shares[step.children]
    if step.is_geometric:
        children[~there] = 1.0
        return _geometric(children, parts, step), is_left
    children[~there] = 0.0
    return _arithmetic(children, step) / parts, is_left


def _arithmetic(children: FloatArray, step: Step) -> FloatArray:
    """Sum of weight x share, to some 80 bits before the last rounding; `children` is used up."""
    on_grid = (children + _ROUNDER) - _ROUNDER
    exact = np.add.reduceat(on_grid * expand(step.coarse, children.ndim), step.starts, axis=0)
    children -= on_grid
    children *= expand(step.weights, children.ndim)
    on_grid *= expand(step.fine, children.ndim)
    children += on_grid
    summed: FloatArray = exact + np.add.reduceat(children, step.starts, axis=0)
    return summed


def _geometric(children: FloatArray, parts: FloatArray, step: Step) -> FloatArray:
    weights = expand(step.weights, children.ndim)
    is_zero = (children == 0.0) & (weights > 0)
    logarithms = np.log(np.where(children > 0, children, 1.0)) * weights
    product = np.exp(np.add.reduceat(logarithms, step.starts, axis=0) / parts)
    return np.where(np.logical_or.reduceat(is_zero, step.starts, axis=0), 0.0, product)
