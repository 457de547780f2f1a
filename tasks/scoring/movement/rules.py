"""The change that a rule makes of a change of value: the value's own part, and that of the yardstick or the rule."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tasks.scoring.arrays import BoolArray, FloatArray
from tasks.scoring.movement.side import Side
from tasks.scoring.movement.yardstick import BY_RULE, Yardstick
from warehouse.frameworks.model import Node
from warehouse.frameworks.rules import PLACES

Sides = tuple[Side, Side]
Rule = Callable[[FloatArray], FloatArray]
SAME = 1e-9  # a share computed again that differs by more was made otherwise than we think
STEP = 1e-6  # for a slope where the value stood still
# Rules that look at the value alone: nobody else can move what they make of it.
ALONE = ("", "ratio", "proportion", "tier", "checklist", "binary", "linear", "likert", "tone", "points", "published")


@dataclass(frozen=True)
class Ruled:
    """The change of a share before it counts in the parent, each of shape (pairs,).

    Attributes:
        own: What the value's own change made.
        others: What the change of the yardstick made: goalposts, mean and deviation of the agencies.
        framework: What another rule, parameter or direction made.
        is_reproduced: Whether the rule, applied again, gives the recorded shares; if not, nothing else counts.
        slope: Own change by 1 of the value.
        beyond: Own change less the change of the value times the slope: 0 but where the value hardly moved.
    """

    own: FloatArray
    others: FloatArray
    framework: FloatArray
    is_reproduced: BoolArray
    slope: FloatArray | float = 1.0
    beyond: FloatArray | float = 0.0


def jumps(sides: Sides, code: str) -> bool:
    """Whether the rule of a node knows places only, on either side: then its share has no slope."""
    return any(side.tree.framework.by_code[code].rule in PLACES for side in sides)


def split_by_rule(sides: Sides, pairs: Sides, code: str) -> Ruled:
    """Split the change of a node's share into that of its value and that of what it is held against.

    With g the rule and the yardstick of a side, own = (g0(v1) - g0(v0) + g1(v1) - g1(v0)) / 2, and the rest is the
    yardstick's where the rule is the same, or the framework's where it is not.

    Args:
        sides: The earlier and the later side, all agencies.
        pairs: The same, one column a pair.
        code: Code of a node of both.
    """
    nodes = [side.tree.framework.by_code[code] for side in sides]
    places = [side.place[code] for side in sides]
    values = [side.values[place] for side, place in zip(pairs, places, strict=True)]
    shares = [side.shares[place] for side, place in zip(pairs, places, strict=True)]
    nothing = np.zeros(values[0].shape)
    there = ~np.isnan(values[0]) & ~np.isnan(values[1]) & ~np.isnan(shares[0]) & ~np.isnan(shares[1])
    same = _definition(nodes[0]) == _definition(nodes[1])
    if same and nodes[0].rule in ALONE:
        change = shares[1] - shares[0]
        is_inner = bool(nodes[0].rule and nodes[0].aggregation)
        return _ruled([_rule(sides[0], places[0])] if is_inner else [], values, (change, nothing, nothing), there)
    if nodes[0].unit != nodes[1].unit:
        return Ruled(nothing, nothing, shares[1] - shares[0], there, 0.0, nothing)
    rules = [_rule(side, place) for side, place in zip(sides, places, strict=True)]
    made = [[rule(value) for value in values] for rule in rules]
    ruled = [np.isin(side.status[place], BY_RULE) for side, place in zip(pairs, places, strict=True)]
    is_reproduced = there & ruled[0] & ruled[1]
    for side in range(2):
        is_reproduced &= np.abs(np.where(there, made[side][side] - shares[side], 0.0)) <= SAME
    own = (made[0][1] - made[0][0] + made[1][1] - made[1][0]) / 2
    is_reproduced &= ~np.isnan(own)  # a value of one side may have no logarithm, say, under the rule of the other
    rest = shares[1] - shares[0] - own
    others, framework = (rest, nothing) if same else (nothing, rest)
    return _ruled(rules, values, (own, others, framework), is_reproduced)


def _definition(node: Node) -> tuple[object, ...]:
    parameters = {name: value for name, value in node.parameters.items() if name not in ("valid_min", "valid_max")}
    points = node.max_points if node.rule == "points" else 0.0
    return node.rule, node.direction, node.unit, node.clip, tuple(sorted(parameters.items())), points


def _rule(side: Side, place: int) -> Rule:
    return Yardstick(side, place) if side.tree.framework.nodes[place].rule else (lambda values: values)


def _ruled(
    rules: Sequence[Rule],
    values: list[FloatArray],
    made: tuple[FloatArray, FloatArray, FloatArray],
    is_reproduced: BoolArray,
) -> Ruled:
    """Add the slope of the rules: between the values, or where these hardly moved the tangent; 1 without a rule."""
    own, moved = made[0], values[1] - values[0]
    if not rules:
        return Ruled(*made, is_reproduced)
    still = np.abs(moved) <= STEP * np.maximum(np.abs(values[0]), STEP)
    step = STEP * np.maximum(np.abs(values[0]), 1.0)
    tangent = np.mean([(rule(values[0] + step) - rule(values[0])) / step for rule in rules], axis=0)
    slope = np.where(still, tangent, own / np.where(still, 1.0, moved))
    return Ruled(*made, is_reproduced, slope, np.where(still, own - slope * moved, 0.0))
