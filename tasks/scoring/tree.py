"""A framework as index arrays: which nodes share a rule, and which children make which parent."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray

from tasks.scoring.arrays import BoolArray, FloatArray, IntArray
from tasks.scoring.rank import TIE
from tasks.scoring.rule_groups import RuleGroup, rule_groups
from warehouse.frameworks.model import Framework, Node
from warehouse.frameworks.rules import CAPS, NONE

GRID = Fraction(1, 2**26)  # numbers on it up to 1 have 26 bits: products of two, and sums of these up to 2, are exact

LINEAR = ("sum", "mean", "weighted_mean")
ARITHMETIC = "arithmetic"  # kind of step of the linear aggregations


@dataclass(frozen=True)
class Step:
    """Inner nodes of one depth and one kind of aggregation, with their children.

    Attributes:
        parents: Indices of the inner nodes, shape (p,).
        children: Indices of all their children, those of one parent side by side, shape (c,).
        starts: Position in `children` at which each parent's begin, shape (p,).
        weights: Part of its parent that a child makes: its points over the parent's under a `sum`, otherwise its weight
            over the sum of its siblings'; shape (c,).
        coarse: The weights rounded to GRID, so that a product with a share on GRID is exact; shape (c,).
        fine: What the rounding to GRID took from the weights, computed exactly, shape (c,).
        kind: How the children are aggregated: ARITHMETIC, or the name of the aggregation.
        needed: Part of the parent that children with a share must make for it to be aggregated, shape (p,).
        penalty: What the shares 0 and 1 are on the scale of a penalised mean, shape (p, 2).
        rules: The rules of those parents that rescale their aggregate.
        layers: Positions in `children`: first those of every parent's first child, then those of the second children,
            and so on; the parents stand in falling order of the number of their children. Shape (c,).
        ends: Where each layer ends in `layers`, shape (most children of a parent,).
    """

    parents: IntArray
    children: IntArray
    starts: IntArray
    weights: FloatArray
    coarse: FloatArray
    fine: FloatArray
    kind: str
    needed: FloatArray
    penalty: FloatArray
    rules: tuple[RuleGroup, ...]
    layers: IntArray
    ends: IntArray

    @property
    def is_geometric(self) -> bool:
        """Whether the children are multiplied rather than added."""
        return self.kind == "geometric_mean"

    @cached_property
    def family(self) -> IntArray:
        """Position of each child's parent in `parents`, shape (c,)."""
        sizes = np.diff(np.append(self.starts, len(self.children)))
        return np.repeat(np.arange(len(self.starts)), sizes)

    def total(self, layered: FloatArray) -> FloatArray:
        """Add up the children of each parent, the first child first.

        Args:
            layered: Figures of the children in the order of `layers`, shape (c, ...); used up.

        Returns:
            Shape (p, ...).
        """
        total = layered[: self.ends[0]]
        for start, end in pairwise(self.ends):
            total[: end - start] += layered[start:end]
        return total


@dataclass(frozen=True)
class Tree:
    """A framework as arrays over its nodes, in tree order: depth first, parents before children.

    Attributes:
        framework: The framework.
        max_points: Points, shape (nodes,).
        is_leaf: Whether a node has no children, shape (nodes,).
        is_apart: Whether the children of a node stand side by side, so that it has no value, shape (nodes,).
        caps: Values below and above which nothing more counts, shape (2, nodes); infinite where there are none.
        policy: Missing-value policy of each node, shape (nodes,).
        entry: How a value at an inner node is read, shape (nodes,); empty text on leaves.
        rules: The rules of the leaves.
        steps: Aggregations, the deepest first.
        generations: For each depth below the root: the nodes and their parents, the highest first.
    """

    framework: Framework
    max_points: FloatArray
    is_leaf: BoolArray
    is_apart: BoolArray
    caps: FloatArray
    policy: NDArray[np.str_]
    entry: NDArray[np.str_]
    rules: tuple[RuleGroup, ...]
    steps: tuple[Step, ...]
    generations: tuple[tuple[IntArray, IntArray], ...]

    @classmethod
    def of(cls, framework: Framework) -> "Tree":
        """Build the arrays of a framework."""
        nodes = framework.nodes
        place = {node.code: index for index, node in enumerate(nodes)}
        depth = [0] * len(nodes)
        for index, node in enumerate(nodes[1:], start=1):
            depth[index] = depth[place[node.parent]] + 1
        is_leaf = np.array([not framework.children[node.code] for node in nodes])
        generations = tuple(
            (
                np.array([index for index in range(len(nodes)) if depth[index] == level]),
                np.array([place[nodes[index].parent] for index in range(len(nodes)) if depth[index] == level]),
            )
            for level in range(1, max(depth) + 1)
        )
        return cls(
            framework=framework,
            max_points=np.array([node.max_points for node in nodes]),
            is_leaf=is_leaf,
            is_apart=np.array([node.aggregation == NONE for node in nodes]),
            caps=np.array(
                [[node.parameters.get(name, end) for node in nodes] for name, end in CAPS.items()], dtype=np.float64
            ),
            policy=np.array([node.missing for node in nodes]),
            entry=np.array(
                ["" if leaf else _entry(node, framework) for node, leaf in zip(nodes, is_leaf, strict=True)]
            ),
            rules=rule_groups(nodes, np.flatnonzero(is_leaf)),
            steps=_steps(framework, place, depth),
            generations=generations,
        )

    @property
    def codes(self) -> list[str]:
        """Code of each node."""
        return [node.code for node in self.framework.nodes]


def _entry(node: Node, framework: Framework) -> str:
    return str(node.parameters.get("entry", framework.description.entry))


def _steps(framework: Framework, place: dict[str, int], depth: Sequence[int]) -> tuple[Step, ...]:
    def kind(node: Node) -> tuple[int, str]:
        return -depth[place[node.code]], ARITHMETIC if node.aggregation in LINEAR else node.aggregation

    made = [node for node in framework.nodes if framework.children[node.code] and node.aggregation != NONE]
    inner = sorted(made, key=kind)
    return tuple(_step(framework, place, list(parents), key[1]) for key, parents in groupby(inner, kind))


def _step(framework: Framework, place: dict[str, int], among: Sequence[Node], kind: str) -> Step:
    parents = sorted(among, key=lambda parent: -len(framework.children[parent.code]))
    families = [framework.children[parent.code] for parent in parents]
    sizes = np.array([len(family) for family in families])
    starts = np.cumsum(sizes) - sizes
    layers = [starts[sizes > layer] + layer for layer in range(sizes[0])]
    weights = [weight for parent, family in zip(parents, families, strict=True) for weight in _weights(parent, family)]
    coarse = [round(weight / GRID) * GRID for weight in weights]
    indices = np.array([place[parent.code] for parent in parents])
    return Step(
        parents=indices,
        children=np.array([place[child.code] for family in families for child in family]),
        starts=starts,
        weights=np.array([float(weight) for weight in weights]),
        coarse=np.array([float(weight) for weight in coarse]),
        fine=np.array([float(weight - part) for weight, part in zip(weights, coarse, strict=True)]),
        kind=kind,
        needed=np.array([float(parent.parameter("available")) for parent in parents]),
        penalty=np.array([[parent.parameter("penalty_low"), parent.parameter("penalty_high")] for parent in parents]),
        rules=rule_groups(framework.nodes, [index for index in indices if framework.nodes[index].rule], TIE),
        layers=np.concatenate(layers),
        ends=np.cumsum([len(layer) for layer in layers]),
    )


def _weights(parent: Node, children: Sequence[Node]) -> list[Fraction]:
    """Part of the parent that each child makes, exactly."""
    if parent.aggregation == "sum" and parent.max_points:
        return [Fraction(child.max_points) / Fraction(parent.max_points) for child in children]
    if parent.aggregation in ("sum", "mean"):
        return [Fraction(1, len(children))] * len(children)
    weights = [Fraction(1 if child.weight is None else child.weight) for child in children]
    return [weight / sum(weights) for weight in weights]
