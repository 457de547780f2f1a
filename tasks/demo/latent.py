"""The truth behind a synthetic return: how good an agency is, and which figures follow from that."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from random import Random

from tasks.harmonise.text import fold
from tasks.returns.layout import reported_leaves
from warehouse.frameworks.model import Framework, Node
from warehouse.frameworks.rules import COUNT, PLACES

# Spreads chosen so that the totals spread like those published for 2020: about 0.2 to 0.5 around 0.3 to 0.4.
_AGENCY_SPREAD = 0.45
_BRANCH_SPREAD = 0.25
_CRITERION_SPREAD = 0.9
_NOISE = 0.12
_WHOLE_FROM = 20.0  # figures that range over less than this have decimals

# What a denominator counts and how many of it a middling agency has.
_SIZES = (
    ("honongdan", 150_000),
    ("hogiadinh", 250_000),
    ("danso", 1_200_000),
    ("songuoi", 700_000),
    ("thuebao", 900_000),
    ("hoso", 180_000),
    ("vanbanchidao", 30),
    ("vanban", 40_000),
    ("doanhnghiep", 6_000),
    ("hocsinh", 220_000),
    ("laodong", 400_000),
    ("canbo", 4_200),
    ("maytinh", 3_800),
    ("thutuc", 1_650),
    ("dichvu", 1_400),
    ("truong", 480),
    ("xaphuong", 160),
    ("coso", 320),
    ("kinhphi", 90_000),
    ("tongchi", 120_000),
    ("hethong", 34),
    ("sobannganh", 20),
    ("cuochop", 9),
)
_OTHER_SIZE = 60


@dataclass(frozen=True)
class Figures:
    """What an agency should report for one criterion: a and b of a ratio, or a value in the node's unit."""

    node: Node
    value: float | None = None
    a: int | None = None
    b: int | None = None

    @property
    def parts(self) -> dict[str, float]:
        """Part to figure, as the form asks for them."""
        found = {"value": self.value, "a": self.a, "b": self.b}
        return {part: figure for part in self.node.parts if (figure := found[part]) is not None}

    @property
    def truth(self) -> float:
        """The value of the node: a / b (times 100 where the unit is `%`), or the value itself."""
        if self.a is not None and self.b is not None:
            return self.a / self.b * (100.0 if self.node.is_percent else 1.0)
        return float(self.value or 0.0)

    def changed(self, rng: Random) -> "Figures":
        """Return other figures of the same criterion, as a later return might bring them."""
        if self.a is not None and self.b is not None:
            return replace(self, a=max(0, min(self.b, self.a + rng.choice((-2, -1, 1, 2, 3)))))
        low, high = self.node.bounds
        step = 1.0 if float(self.value or 0.0).is_integer() else 0.1
        return replace(self, value=round(max(low, min(high, float(self.value or 0.0) + rng.choice((-step, step)))), 2))


def draw_figures(framework: Framework, agency_id: str, branches: Mapping[str, str], seed: int) -> dict[str, Figures]:
    """Draw the true figures of one agency.

    An agency is better or worse as a whole and in each branch; a criterion is easy or hard for everybody.

    Args:
        framework: The framework.
        agency_id: The agency; the same one always draws the same figures.
        branches: Code of a criterion to its branch of the tree.
        seed: Seed of the round.

    Returns:
        Figures by code of the criterion.
    """
    rng = seeded(seed, framework.name, agency_id)
    quality = rng.gauss(0.0, _AGENCY_SPREAD)
    size = math.exp(rng.gauss(0.0, 0.45))
    in_branch = {branch: rng.gauss(0.0, _BRANCH_SPREAD) for branch in dict.fromkeys(branches.values())}
    found = {}
    for node in reported_leaves(framework):
        ease = seeded(seed, framework.name, node.code).gauss(0.15, _CRITERION_SPREAD)
        expected = 1 / (1 + math.exp(-(quality + in_branch[branches[node.code]] + ease)))
        share = max(0.0, min(1.0, rng.gauss(expected, _NOISE)))
        found[node.code] = _figures(node, share, size, rng)
    return found


def seeded(seed: int, *names: str) -> Random:
    """Return a random generator of its own for a name, so that no draw depends on what else is drawn."""
    return Random("/".join((str(seed), *names)))  # noqa: S311 - reproducible figures, no secrets


def _figures(node: Node, share: float, size: float, rng: Random) -> Figures:
    low, high = node.bounds
    value = max(low, min(high, _value_at(node, share, rng)))
    if node.parts == ("value",):
        return Figures(node, value=float(value))
    counted = fold(node.denominator_vi)
    middling = next((number for word, number in _SIZES if word in counted), _OTHER_SIZE)
    b = max(3, round(middling * size * rng.uniform(0.85, 1.15)))
    whole = 100.0 if node.is_percent else 1.0
    return Figures(node, a=min(round(value / whole * b), math.floor(min(high / whole * b, 1e15))), b=b)


def _value_at(node: Node, share: float, rng: Random) -> float:
    """The value that earns about a share of the points."""
    if node.rule == "binary":
        return float(rng.random() < share)
    if node.rule == "checklist":
        return float(round(share * float(node.parameter("items"))))
    low, high = _goalposts(node)
    if node.rule == "ratio":
        return low + (1.0 - share if node.direction == "negative" else share) * (high - low)
    if node.rule == "tier":
        return _rounded(_tier_value(node.parameters["tiers"], share), low, high, node)
    if node.direction == "negative":
        share = 1.0 - share
    return _rounded(low + share * (high - low), low, high, node)


def _goalposts(node: Node) -> tuple[float, float]:
    """The values that earn nothing and everything, as far as the rule names them."""
    if node.rule == "tier":
        limits = [limit for limit, _ in node.parameters["tiers"]]
        return min(limits), max(limits)
    if node.rule == "minmax":
        return float(node.parameters.get("minimum", 0.0)), float(node.parameters.get("maximum", 100.0))
    if node.rule in ("likert", "tone"):
        return float(node.parameter("low")), float(node.parameter("high"))
    if node.rule == "points":
        return 0.0, node.max_points
    if node.rule == "published":
        return 0.0, float(node.parameter("scale"))
    if node.rule in ("zscore", "fraction", COUNT, *PLACES):
        return 0.0, 100.0
    if node.rule == "distance":
        target = float(node.parameter("target"))
        return (target, 2 * target or 1.0) if node.direction == "negative" else (0.0, target)
    return float(node.parameter("floor") or 0.0), float(node.parameter("target"))


def _tier_value(tiers: tuple[tuple[float, float], ...], share: float) -> float:
    """A value between the limits of two tiers, in proportion to the shares that they earn."""
    ordered = sorted(tiers, key=lambda tier: tier[1])
    for (lower, less), (upper, more) in pairwise(ordered):
        if share <= more:
            part = (share - less) / (more - less) if more > less else 0.0
            return lower + max(0.0, part) * (upper - lower)
    return ordered[-1][0]


def _rounded(value: float, low: float, high: float, node: Node) -> float:
    if node.is_percent:
        return round(value, 1)
    is_counted = node.rule == "tier" or (node.rule == "linear" and "/" not in node.unit) or high - low >= _WHOLE_FROM
    return float(round(value)) if is_counted else round(value, 2)
