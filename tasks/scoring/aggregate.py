"""Aggregation: the shares of children become the share of their parent.

Formulas: OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 7 (additive and geometric aggregation).

Weights and shares are split into a part on a coarse grid, whose products and sums are exact, and a small rest, and what
a sum loses by rounding is handed on to the next level. A total is that of exact arithmetic, rounded once: the same on
every machine and in every order of the children, and on the right side of a printed digit (0.4 x 0.522 + 0.3 x 0.304 +
0.3 x 0.3655 is 0.40965, printed as 0.4097; plain sums fall short of it).
"""

from dataclasses import dataclass

import numpy as np

from tasks.scoring.arrays import BoolArray, FloatArray, expand
from tasks.scoring.tree import GRID, Step

# Adding and taking away this number leaves a share rounded to GRID: it has no bits to spare for finer parts.
_ROUNDER = 1.5 * 2.0**52 * float(GRID)


@dataclass(frozen=True)
class Combined:
    """What the children of one step make of their parents.

    Attributes:
        shares: Aggregates, shape (p, units, ...).
        rests: What rounding took from them, shape (p, units, ...): share + rest is the aggregate to some 80 bits.
        is_left: Whether any child that counts was there, shape (p, units); the aggregate means nothing where none was.
    """

    shares: FloatArray
    rests: FloatArray
    is_left: BoolArray


def aggregate(shares: FloatArray, rests: FloatArray, known: BoolArray, step: Step) -> Combined:
    """Aggregate the children of one step that have a share.

    A child without one is left out, and its siblings carry its points or weight.

    Args:
        shares: Shares of all nodes, shape (nodes, units, ...).
        rests: What rounding took from them, shape of `shares`.
        known: Which of them are there, shape (nodes, units).
        step: The parents and children. No child of a geometric mean may be negative.
    """
    there = known[step.children]
    sums = np.add.reduceat(step.weights[:, None] * there, step.starts, axis=0)
    is_left = sums > 0
    is_whole = expand(np.logical_and.reduceat(there, step.starts, axis=0), shares.ndim)
    parts = np.where(is_whole | ~expand(is_left, shares.ndim), 1.0, expand(sums, shares.ndim))
    children = shares[step.children]
    if step.is_geometric:
        children[~there] = 1.0
        product = _geometric(children, parts, step)
        return Combined(product, np.zeros_like(product), is_left)
    finer = rests[step.children]
    children[~there] = 0.0
    finer[~there] = 0.0
    total, rest = _arithmetic(children, finer, step)
    return Combined(total / parts, np.where(is_whole, rest, 0.0), is_left)


def _arithmetic(children: FloatArray, finer: FloatArray, step: Step) -> tuple[FloatArray, FloatArray]:
    """Sum of weight x share, and what rounding takes from it; `finer`, the rests of the children, is used up."""
    on_grid = (children + _ROUNDER) - _ROUNDER
    exact = np.add.reduceat(on_grid * expand(step.coarse, children.ndim), step.starts, axis=0)
    finer += children - on_grid
    finer *= expand(step.weights, children.ndim)
    on_grid *= expand(step.fine, children.ndim)
    finer += on_grid
    small = np.add.reduceat(finer, step.starts, axis=0)
    total = exact + small
    return total, small - (total - exact)


def _geometric(children: FloatArray, parts: FloatArray, step: Step) -> FloatArray:
    weights = expand(step.weights, children.ndim)
    is_zero = (children == 0.0) & (weights > 0)
    logarithms = np.log(np.where(children > 0, children, 1.0)) * weights
    product = np.exp(np.add.reduceat(logarithms, step.starts, axis=0) / parts)
    return np.where(np.logical_or.reduceat(is_zero, step.starts, axis=0), 0.0, product)
