"""What a weight does: nominal weights beside the influence that indicators really have.

Sources: Paruolo, Saisana and Saltelli (2013), *Ratings and rankings: voodoo or science?*, Journal of the Royal
Statistical Society A 176 (importance as the correlation ratio, here its linear form, the squared correlation);
Becker, Saisana, Paruolo and Vandecasteele (2017), Ecological Indicators 80. The weight in the total is what
COINr calls effective weight: the product of the weights on the way up to the index.
"""

import numpy as np

from tasks.scoring.arrays import FloatArray
from tasks.scoring.correlation import correlations
from tasks.scoring.normalise import has_no_variation
from tasks.scoring.rank import TIE
from tasks.scoring.tree import Tree


def importance(columns: FloatArray, aggregate: FloatArray) -> FloatArray:
    """Squared correlation of each column with the aggregate; NaN where either does not vary.

    Args:
        columns: Shape (c, units); NaN where a unit has no figure.
        aggregate: Shape (units,).
    """
    squared: FloatArray = correlations(columns, aggregate[None])[0][:, 0] ** 2
    return squared


def part_of_variance(columns: FloatArray, aggregate: FloatArray, weights: FloatArray) -> FloatArray:
    """Part of the aggregate's variance that a column makes: weight x covariance / variance.

    The parts add up to 1 where the aggregate is the weighted mean of the columns; NaN where it does not vary.

    Args:
        columns: Shape (c, units).
        aggregate: Shape (units,).
        weights: Part of the aggregate that a column makes, shape (c,).
    """
    common = ~np.isnan(columns).any(axis=0) & ~np.isnan(aggregate)
    whole, total = columns[:, common], aggregate[common]
    if not common.any():
        return np.full(len(columns), np.nan)
    is_flat = has_no_variation(total.min(keepdims=True), total.max(keepdims=True), TIE)[0]
    total = total - total.mean()
    variance = np.nan if is_flat else float((total * total).sum())
    covariance = ((whole - whole.mean(axis=1, keepdims=True)) * total).sum(axis=1)
    parts: FloatArray = weights * covariance / variance
    return parts


def weights_of(tree: Tree) -> FloatArray:
    """Part of its parent that each node makes, shape (nodes,); NaN where nothing is made of it, 1 at the root."""
    weights = np.full(len(tree.codes), np.nan)
    weights[0] = 1.0
    for step in tree.steps:
        weights[step.children] = step.weights
    return weights


def weights_in_total(tree: Tree, weights: FloatArray | None = None) -> FloatArray:
    """Product of the weights on the way up to the root or to a node that stands apart, shape (nodes,)."""
    own = weights_of(tree) if weights is None else weights
    total = np.where(np.isnan(own), 1.0, own)
    for children, parents in tree.generations:
        total[children] = np.where(np.isnan(own[children]), 1.0, total[parents] * own[children])
    return total
