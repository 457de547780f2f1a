"""Aggregation: the shares of children become the share of their parent.

Formulas: OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 7 (additive and geometric aggregation).
Sums run over the children in tree order by `reduceat`, never by matrix products, so they are the same on every machine.
"""

import numpy as np

from tasks.scoring.arrays import BoolArray, FloatArray, expand
from tasks.scoring.tree import Step


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
    weights = step.weights[:, None] * there
    sums = np.add.reduceat(weights, step.starts, axis=0)
    complete = np.logical_and.reduceat(there, step.starts, axis=0)
    totals = np.where(complete, step.totals[:, None], sums)
    is_left = sums > 0
    children = shares[step.children]
    children[~there] = 1.0
    combine = _geometric if step.is_geometric else _arithmetic
    totals = np.where(is_left, totals, 1.0)
    return combine(children, weights, expand(totals, shares.ndim), step), is_left


def _arithmetic(children: FloatArray, weights: FloatArray, totals: FloatArray, step: Step) -> FloatArray:
    children *= expand(weights, children.ndim)
    summed: FloatArray = np.add.reduceat(children, step.starts, axis=0)
    return summed / totals


def _geometric(children: FloatArray, weights: FloatArray, totals: FloatArray, step: Step) -> FloatArray:
    weighs = expand(weights, children.ndim)
    is_zero = (children == 0.0) & (weighs > 0)
    logarithms = np.log(np.where(children > 0, children, 1.0)) * weighs
    product = np.exp(np.add.reduceat(logarithms, step.starts, axis=0) / totals)
    return np.where(np.logical_or.reduceat(is_zero, step.starts, axis=0), 0.0, product)
