"""Weights that follow from the data: first principal component, and equal influence.

Sources: OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 6 (weights based on principal components:
squared loadings, scaled to add up to 1); Becker, Saisana, Paruolo and Vandecasteele (2017), *Weights and importance in
composite indicators: Closing the gap*, Ecological Indicators 80 (weights found by optimisation so that every indicator
is as important as wanted, importance being the squared correlation with the aggregate, its linear correlation ratio).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tasks.scoring.arrays import FloatArray
from tasks.scoring.cells import Cells
from tasks.scoring.correlation import FEWEST, correlations
from tasks.scoring.evaluate import evaluate
from tasks.scoring.normalise import has_no_variation
from tasks.scoring.rank import TIE
from tasks.scoring.tree import Step, Tree
from warehouse.errors import InputError
from warehouse.frameworks.model import Node
from warehouse.frameworks.rules import COMPUTED_WEIGHTS

DIGITS = 9  # weights are rounded to so many decimals: all machines agree on these
_ROUNDS = 2000
_CANCELLED = 1e-12  # variance of the mean, relative to the children's, below which they cancel each other out
_LARGEST = 1e75  # share of which the fourth power is still a finite number
_REACHED = 1e-12  # largest distance of an importance from the wanted one at which the search ends


@dataclass(frozen=True)
class Found:
    """Weights of the children of one node.

    Attributes:
        weights: Shape (c,); they add up to 1 but for rounding.
        reached: Explained share of the variance (pca), or largest distance from equal importance (optimised).
        opposed: Positions of children that go against the others.
    """

    weights: FloatArray
    reached: float
    opposed: tuple[int, ...] = ()


def pca_weights(shares: FloatArray) -> Found:
    """Squared loadings of the first principal component of the correlations.

    Args:
        shares: Shape (c, units), whole and with variation in every row.
    """
    values, vectors = np.linalg.eigh(correlations(shares, shares)[0])
    first = vectors[:, -1]
    first = first if first.sum() >= 0 else -first
    return Found(_rounded(first**2), float(values[-1] / len(shares)), tuple(np.flatnonzero(first < -1e-6).tolist()))


def equal_influence(shares: FloatArray) -> Found:
    """Weights under which all children have the same squared correlation with their weighted mean.

    Args:
        shares: Shape (c, units), whole and with variation in every row.

    Returns:
        The weights; those of the search's best round where equal importance cannot be reached with weights above 0, as
        when a child goes against the others. `reached` is 1 where the children cancel each other out.
    """
    covariance = np.cov(shares)
    variance = np.diag(covariance)
    weights = 1.0 / np.sqrt(variance)
    weights /= weights.sum()
    best, least = weights, 1.0
    for _ in range(_ROUNDS):
        with_all = covariance @ weights
        total = float(weights @ with_all)
        if total <= _CANCELLED * variance.max():
            break
        found = with_all**2 / (variance * total)  # squared correlation with the weighted mean
        distance = float(np.abs(found / found.sum() - 1 / len(weights)).max())
        if distance < least:
            best, least = weights, distance
        if distance < _REACHED:
            break
        weights = weights * (found.mean() / np.maximum(found, 1e-6 * found.mean())) ** 0.25
        weights /= weights.sum()
    return Found(_rounded(best), least, tuple(np.flatnonzero(covariance @ best < 0).tolist()))


_METHODS: dict[str, Callable[[FloatArray], Found]] = {"pca": pca_weights, "optimised": equal_influence}


def _rounded(weights: FloatArray) -> FloatArray:
    rounded: FloatArray = np.round(weights / weights.sum(), DIGITS)
    return rounded


def weighted(tree: Tree, cells: Cells) -> tuple[Tree, list[dict[str, Any]]]:
    """Put weights that depend on the data into a tree, which is then one with given weights.

    The deepest first: a level is weighted once the levels below it are. Call it once, with the measured values, and let
    draws go through the tree that comes out.

    Args:
        tree: The framework.
        cells: The measurements, without draws.

    Returns:
        The tree, the same one where no weights are computed; and what was found, one entry a node: node, method,
        weights (by child), reached and opposed (Found).

    Raises:
        InputError: Too few units, or a child that does not vary.
    """
    account = []
    for number in range(len(tree.steps)):
        step = tree.steps[number]
        wanted = [place for place, node in enumerate(step.parents) if _method(tree, int(node)) in COMPUTED_WEIGHTS]
        if not wanted:
            continue
        shares = evaluate(tree, cells).shares
        replaced: dict[str, Node] = {}
        for place in wanted:
            entry, nodes = _weigh(tree, step, place, shares)
            account.append(entry)
            replaced |= {node.code: node for node in nodes}
        nodes_now = tuple(replaced.get(node.code, node) for node in tree.framework.nodes)
        tree = Tree.of(replace(tree.framework, nodes=nodes_now))
    return tree, account


def _method(tree: Tree, node: int) -> str:
    return str(tree.framework.nodes[node].parameter("weights"))


def _weigh(tree: Tree, step: Step, place: int, shares: FloatArray) -> tuple[dict[str, Any], list[Node]]:
    """Weigh the children of one parent; gives the entry of the account, and the parent and children as they are now."""
    parent = tree.framework.nodes[step.parents[place]]
    children = tree.framework.children[parent.code]
    method = str(parent.parameter("weights"))
    ends = [*step.starts[1:], len(step.children)]
    columns = shares[step.children[step.starts[place] : ends[place]]]
    whole = columns[:, ~np.isnan(columns).any(axis=0)]
    _refuse_flat(whole, parent, children, method)
    found = _METHODS[method](whole)
    entry = {
        "node": parent.code,
        "method": method,
        "weights": {child.code: float(weight) for child, weight in zip(children, found.weights, strict=True)},
        "reached": found.reached,
        "opposed": [children[at].code for at in found.opposed],
    }
    weighed = [replace(child, weight=float(weight)) for child, weight in zip(children, found.weights, strict=True)]
    return entry, [replace(parent, parameters={**parent.parameters, "weights": "given"}), *weighed]


def _refuse_flat(whole: FloatArray, parent: Node, children: Sequence[Node], method: str) -> None:
    hint = f"Write weights=given or weights=equal at {parent.code}, or leave the indicator out."
    if whole.shape[1] < FEWEST:
        known = "1 unit has" if whole.shape[1] == 1 else f"{whole.shape[1]} units have"
        raise InputError(
            f"The weights below {parent.code} are {method}, but only {known} all its children.",
            f"They need {FEWEST} units or more. {hint}",
        )
    for child, column in zip(children, whole, strict=True):
        most = column[np.abs(column).argmax()]
        if abs(most) > _LARGEST:
            raise InputError(f"{child.code} has the share {most:g}, of which no {method} weight can be computed.", hint)
        if has_no_variation(column.min(keepdims=True), column.max(keepdims=True), TIE)[0]:
            raise InputError(
                f"{child.code} has the share {column[0]:g} for all units, so no weight of it follows from the data "
                f"({parent.code} asks for {method} weights).",
                hint,
            )
