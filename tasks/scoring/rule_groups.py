"""The nodes that share a rule, as arrays of its parameters."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tasks.scoring.arrays import BoolArray, FloatArray, IntArray
from tasks.scoring.outliers import METHODS, Limits
from tasks.scoring.transform import TRANSFORMS
from warehouse.frameworks.model import Node
from warehouse.frameworks.rules import GOALPOSTS, PLACES


@dataclass(frozen=True)
class RuleGroup:
    """Nodes with one rule and one transform, computed at once.

    Attributes:
        rule: Name of the rule.
        transform: Transform of value and goalposts.
        nodes: Their indices, shape (k,).
        parameters: Parameters of the rule after the transform, each of shape (k,), those of tiers (k, tiers); NaN where
            a goalpost is left to the data.
        negative: Whether less is better, shape (k,).
        clip: Whether the share is cut to [0, 1], shape (k,).
        least: Largest difference of values that is rounding only, whatever their size: of aggregates, which are sums of
            shares that may cancel out.
        limits: What is done about outliers; None where nothing is.
    """

    rule: str
    transform: str
    nodes: IntArray
    parameters: dict[str, FloatArray]
    negative: BoolArray
    clip: BoolArray
    least: float = 0.0
    limits: Limits | None = None

    def among(self, kept: IntArray) -> "RuleGroup":
        """The group of some of its nodes, by their positions in it."""
        parameters = {name: array[kept] for name, array in self.parameters.items()}
        return replace(
            self,
            nodes=self.nodes[kept],
            parameters=parameters,
            negative=self.negative[kept],
            clip=self.clip[kept],
            limits=None if self.limits is None else self.limits.among(kept),
        )


def rule_groups(nodes: Sequence[Node], indices: Sequence[int] | IntArray, least: float = 0.0) -> tuple[RuleGroup, ...]:
    """Group nodes by rule and transform, in the order of the tree.

    Args:
        nodes: All nodes of the framework.
        indices: Those that are grouped.
        least: Largest difference of their values that is rounding only.
    """
    members: dict[tuple[str, str], list[int]] = {}
    for index in indices:
        node = nodes[index]
        members.setdefault((node.rule, str(node.parameter("transform") or "none")), []).append(int(index))
    return tuple(
        RuleGroup(
            rule=rule,
            transform=transform,
            nodes=np.array(chosen),
            parameters=_parameters(rule, transform, [nodes[index] for index in chosen]),
            negative=np.array([nodes[index].direction == "negative" for index in chosen]),
            clip=np.array([nodes[index].clip for index in chosen]),
            least=least,
            limits=_limits([nodes[index] for index in chosen], least),
        )
        for (rule, transform), chosen in members.items()
    )


def _parameters(rule: str, transform: str, nodes: Sequence[Node]) -> dict[str, FloatArray]:
    if rule == "tier":
        return _tiers(nodes)
    if rule == "zscore":
        return {"lost": np.array([float(node.parameter("deviation") == "sample") for node in nodes])}
    if rule in PLACES:
        return _signs(nodes) | {"lowest": np.array([float(node.parameter("ties") == "lowest") for node in nodes])}
    posts = {
        name: np.array([np.nan if node.parameter(name) is None else node.parameter(name) for node in nodes])
        for name in GOALPOSTS.get(rule, ())
    }
    if rule == "points":
        posts["max_points"] = np.array([node.max_points for node in nodes])
    scaled = {name: TRANSFORMS[transform](post) for name, post in posts.items()}
    return scaled | (_signs(nodes) if rule == "distance" else {})


def _signs(nodes: Sequence[Node]) -> dict[str, FloatArray]:
    """1 where more is better, -1 where less is."""
    return {"sign": np.array([-1.0 if node.direction == "negative" else 1.0 for node in nodes])}


def _limits(nodes: Sequence[Node], least: float) -> Limits | None:
    methods = [METHODS.index(node.parameter("outliers")) for node in nodes]
    if not any(methods):
        return None
    return Limits(
        method=np.array(methods, dtype=np.intp),
        skewness=np.array([node.parameter("skewness") for node in nodes]),
        kurtosis=np.array([node.parameter("kurtosis") for node in nodes]),
        points=np.array([node.parameter("outlier_points") for node in nodes]),
        both=np.array([node.parameter("outlier_pass") == "both" for node in nodes]),
        least=least,
    )


def _tiers(nodes: Sequence[Node]) -> dict[str, FloatArray]:
    """Limits and shares of tiers, filled up to one length with tiers that no value reaches."""
    length = max(len(node.parameter("tiers")) for node in nodes)
    limits = np.array([[-np.inf if node.direction == "negative" else np.inf] * length for node in nodes])
    shares = np.zeros((len(nodes), length))
    for row, node in enumerate(nodes):
        for column, (limit, share) in enumerate(node.parameter("tiers")):
            limits[row, column], shares[row, column] = limit, share
    return {"limits": limits, "shares": shares, "negative": np.array([float(n.direction == "negative") for n in nodes])}
