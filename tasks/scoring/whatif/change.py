"""A figure that is supposed: `NODE=VALUE` in the node's unit, or `NODE=points:12`."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from warehouse.errors import InputError
from warehouse.frameworks.model import Framework, Node
from warehouse.frameworks.rules import COUNT, DERIVED, NONE

POINTS = "points:"


@dataclass(frozen=True)
class Change:
    """A supposed figure of one node; exactly one of the two is given.

    Attributes:
        node: Code of the node.
        value: Value in its unit.
        points: Points given outright, whatever its rule would give.
    """

    node: str
    value: float = np.nan
    points: float = np.nan


def parse_changes(texts: Sequence[str], framework: Framework) -> tuple[Change, ...]:
    """Read what is supposed.

    Args:
        texts: `NODE=VALUE` or `NODE=points:VALUE`, numbers with a point before the decimals.
        framework: The framework.

    Raises:
        InputError: A text is not of that form, a value is out of bounds or cannot be, or one node hides another.
        FrameworkError: There is no such node.
    """
    changes = tuple(_parse(text, framework) for text in texts)
    codes = [change.node for change in changes]
    for code in codes:
        if codes.count(code) > 1:
            raise InputError(f"{code} is set twice.", "Set it once.")
        above = [other for other in _ancestors(code, framework) if other in codes]
        if above:
            raise InputError(
                f"{code} lies below {above[0]}, and both are set: only the value of {above[0]} would count.",
                "Set one of them.",
            )
    return changes


def _parse(text: str, framework: Framework) -> Change:
    code, equals, written = (part.strip() for part in text.partition("="))
    if not equals or not code or not written:
        raise InputError(f"{text!r} is not of the form NODE=VALUE.", "For example CQS.1.1.3=85, or CQS.1=points:20.")
    node = framework.node(code)
    _refuse_without_share(node, framework)
    if written.startswith(POINTS):
        points = _number(written.removeprefix(POINTS), node)
        if node.max_points <= 0 or not 0 <= points <= node.max_points:
            raise InputError(
                f"{code} has {node.max_points:g} points at the most, so it cannot have {points:g}.",
                "Give points between 0 and the maximum of the node.",
            )
        return Change(code, points=points)
    value = _number(written.removesuffix("%") if node.is_percent else written, node)
    low, high = node.bounds
    if not low <= value <= high:
        unit = f" {node.unit}" if node.unit else ""
        raise InputError(
            f"{code} is between {low:g} and {high:g}{unit}, so it cannot be {value:g}.",
            f"Give a value that it can have, or points: {code}=points:{node.max_points:g}.",
        )
    if node.rule == "binary" and value not in (0, 1):
        raise InputError(f"{code} is binary, so it cannot be {value:g}.", "Write 1 for yes and 0 for no.")
    if node.rule == COUNT and value != int(value):
        raise InputError(f"{code} is a count, so it cannot be {value:g}.", "Write a whole number.")
    return Change(code, value=value)


def _number(text: str, node: Node) -> float:
    try:
        value = float(text.strip())
    except ValueError:
        value = np.nan
    if not np.isfinite(value) or "_" in text:
        unit = f", in {node.unit}" if node.unit else ""
        raise InputError(
            f"{text.strip()!r} is not a number that {node.code} could have.",
            f"Write digits with a point before the decimals{unit}.",
        )
    return value


def _refuse_without_share(node: Node, framework: Framework) -> None:
    if node.aggregation == NONE:
        below = ", ".join(child.code for child in framework.children[node.code][:5])
        raise InputError(f"{node.code} has no value of its own.", f"Set the nodes below it: {below}.")
    derived = [leaf for leaf in framework.leaves if leaf.evidence == DERIVED]
    used = {code for leaf in derived for code in (*leaf.numerator_codes, *leaf.denominator_codes)}
    if node.rule == COUNT and node.code not in used:
        raise InputError(f"{node.code} is counted and shown only: it moves no score.", "Set a node that is scored.")


def _ancestors(code: str, framework: Framework) -> list[str]:
    found = []
    parent = framework.by_code[code].parent
    while parent:
        found.append(parent)
        parent = framework.by_code[parent].parent
    return found
