"""Aggregation: the shares of children become the share of their parent.

Formulas: OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 7 (additive and geometric aggregation).

Weights and shares are split into a part on a coarse grid, whose products and sums are exact, and a small rest, and what
a sum loses by rounding is handed on to the next level. A total is that of exact arithmetic, rounded once: the same on
every machine and in every order of the children, and on the right side of a printed digit (0.4 x 0.522 + 0.3 x 0.304 +
0.3 x 0.3655 is 0.40965, printed as 0.4097; plain sums fall short of it).
"""

from dataclasses import dataclass

import numpy as np

from tasks.scoring.arrays import BoolArray, FloatArray, Panels, expand
from tasks.scoring.combine import combine
from tasks.scoring.scratch import Scratch
from tasks.scoring.tree import ARITHMETIC, GRID, Step

# Adding and taking away this number leaves a share rounded to GRID: it has no bits to spare for finer parts.
_ROUNDER = 1.5 * 2.0**52 * float(GRID)


@dataclass(frozen=True)
class Combined:
    """What the children of one step make of their parents.

    Attributes:
        shares: Aggregates, shape (p, units, ...).
        rests: What rounding took from them, shape (p, units, ...): share + rest is the aggregate to some 80 bits.
    """

    shares: FloatArray
    rests: FloatArray


@dataclass(frozen=True)
class DrawnWeights:
    """Weights that differ from draw to draw.

    Attributes:
        steps: For each step of the tree the part of its parent that a child makes, shape (c, draws); those of one
            parent add up to 1.
    """

    steps: tuple[FloatArray, ...]


def aggregate(
    shares: FloatArray,
    there: BoolArray,
    step: Step,
    panels: Panels,
    weights: FloatArray | None = None,
    scratch: Scratch | None = None,
) -> FloatArray:
    """Aggregate the children of one step that have a share, in plain floating-point sums.

    A child without one is left out, and its siblings carry its points or weight.

    Args:
        shares: Shares of all nodes, shape (nodes, units, ...).
        there: Which children count, shape (c, units).
        step: The parents and children, none of whose shares is outside the domain of the aggregation.
        panels: Units that are compared with each other.
        weights: Part of its parent that a child makes, shape (c, draws); left out, that of the framework.
        scratch: Memory to use.

    Returns:
        Shape (p, units, ...), perhaps in `scratch`; it means nothing where no child counts.
    """
    if step.kind not in (ARITHMETIC, "geometric_mean"):
        parts_of = expand(step.weights, shares.ndim) if weights is None else weights[:, None, :]
        return combine(shares[step.children], parts_of, there, step, panels)
    drawn = expand(step.weights[step.layers], shares.ndim) if weights is None else weights[step.layers][:, None, :]
    children = (scratch or Scratch()).take("children", shares, step.children[step.layers])
    parts: FloatArray | None = None
    if not there.all():
        counts = there[step.layers]
        children[~counts] = 1.0 if step.is_geometric else 0.0
        sums = step.total(drawn * expand(counts, shares.ndim))
        parts = np.where(sums > 0, sums, 1.0)
    if step.is_geometric:
        return _geometric(children, drawn, parts, step)
    children *= drawn
    total = step.total(children)
    return total if parts is None else total / parts


def aggregate_exactly(shares: FloatArray, rests: FloatArray, there: BoolArray, step: Step, panels: Panels) -> Combined:
    """Aggregate the children of one step as `aggregate` does, in sums that are rounded once.

    Args:
        shares: Shares of all nodes, shape (nodes, units, ...).
        rests: What rounding took from them, shape of `shares`.
        there: Which children count, shape (c, units).
        step: The parents and children, none of whose shares is outside the domain of the aggregation.
        panels: Units that are compared with each other.
    """
    if step.kind != ARITHMETIC:
        made = aggregate(shares, there, step, panels)
        return Combined(made, np.zeros_like(made))
    sums = np.add.reduceat(step.weights[:, None] * there, step.starts, axis=0)
    is_whole = np.logical_and.reduceat(there, step.starts, axis=0)
    parts = expand(np.where(is_whole | ~(sums > 0), 1.0, sums), shares.ndim)
    children, finer = shares[step.children], rests[step.children]
    children[~there] = 0.0
    finer[~there] = 0.0
    total, rest = _arithmetic(children, finer, step)
    return Combined(total / parts, np.where(expand(is_whole, shares.ndim), rest, 0.0))


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


def _geometric(children: FloatArray, weights: FloatArray, parts: FloatArray | None, step: Step) -> FloatArray:
    """Weighted geometric mean of children in the order of the step's layers."""
    is_zero = step.total(((children == 0.0) & (weights > 0)).astype(np.float64)) > 0
    total = step.total(np.log(np.where(children > 0, children, 1.0)) * weights)
    product = np.exp(total if parts is None else total / parts)
    return np.where(is_zero, 0.0, product)
