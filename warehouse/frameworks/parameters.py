"""The parameters of a rule: parsing what a cell says, and proving that the rule can be computed with it."""

import math
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from warehouse.frameworks.faults import one_of
from warehouse.frameworks.methods import aggregation_problems, treatment_problems
from warehouse.frameworks.model import Node
from warehouse.frameworks.rules import (
    COMMON_PARAMETERS,
    COUNT,
    GOALPOSTS,
    INNER_DEFAULTS,
    LEAF_PARAMETERS,
    RULES,
    SUM_PARAMETERS,
    TEXT_PARAMETERS,
)

Tiers = tuple[tuple[float, float], ...]

INNER_PARAMETERS = ("entry", "impute", "valid_min", "valid_max", *INNER_DEFAULTS)  # of an inner node without a rule
_TRANSFORMS: dict[str, Callable[[float], float]] = {"log": math.log, "log10": math.log10, "sqrt": math.sqrt}
_DIVISORS = ("ratio", "proportion", "checklist", "published")  # the value is divided by their one goalpost


class NotNumeric(ValueError):
    """A cell that should hold a number does not."""


def number(text: str) -> float:
    """Return the finite number that a cell says, with a point before the decimals.

    Raises:
        NotNumeric: It is not a finite number; the message says what to write.

    >>> number("12.5")
    12.5
    """
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if "_" in text or not math.isfinite(value):
        hint = f", for example {text.replace(',', '.')}" if "," in text else ""
        raise NotNumeric(f"{text!r} is not a number; write digits with a point before the decimals{hint}.")
    return value


def parse_parameters(text: str, rule: str, is_leaf: bool) -> tuple[dict[str, Any], list[str]]:
    """Parse a cell of the column `parameters`.

    Args:
        text: `key=value; key=value`.
        rule: Rule of the node; empty where it has none.
        is_leaf: Whether the node has no children.

    Returns:
        The parameters (numbers as float, `tiers` as pairs of limit and share, texts as they are), and what is wrong.
    """
    parameters: dict[str, Any] = {}
    problems = []
    known = _known_parameters(rule, is_leaf)
    for part in filter(None, (part.strip() for part in text.split(";"))):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or not name or not value:
            problems.append(f"the parameter {part!r} is not of the form key=value.")
        elif name not in known:
            owner = f"the rule {rule}" if rule else "a node without a rule"
            problems.append(f"{owner} has no parameter {name!r}; {one_of(name, known)}.")
        elif name in parameters:
            problems.append(f"the parameter {name} is given twice; keep one.")
        else:
            try:
                parameters[name] = _parse(name, value)
            except ValueError as error:
                problems.append(f"the parameter {name}: {error}")
    return parameters, problems


def _known_parameters(rule: str, is_leaf: bool) -> list[str]:
    if not rule:
        return list(INNER_PARAMETERS)
    own = dict.fromkeys([*RULES[rule].needed, *RULES[rule].defaults])
    common = ("valid_min", "valid_max") if rule == COUNT else COMMON_PARAMETERS
    if is_leaf:
        return [*own, *(name for name in common if name != "entry")]
    return [*own, *(name for name in common if name not in LEAF_PARAMETERS), *INNER_DEFAULTS]


def _parse(name: str, value: str) -> float | str | Tiers:
    if name == "tiers":
        return tuple(_tier(pair) for pair in value.split("|"))
    if name in SUM_PARAMETERS:
        return "+".join(_codes(value))
    if name == "per":
        return value
    if name in TEXT_PARAMETERS:
        if value not in TEXT_PARAMETERS[name]:
            raise ValueError(f"{value!r} is not known; {one_of(value, TEXT_PARAMETERS[name])}.")
        return value
    return number(value)


def _codes(value: str) -> list[str]:
    codes = [code.strip() for code in value.split("+")]
    if not all(codes):
        raise ValueError(f"{value!r} is not a sum of codes, for example C.M3+C.M4.")
    if len(set(codes)) < len(codes):
        raise ValueError(f"{value!r} names a code twice; keep one.")
    return codes


def _tier(pair: str) -> tuple[float, float]:
    limit, colon, share = pair.partition(":")
    if not colon:
        raise ValueError(f"{pair.strip()!r} is not of the form from:share, for example tiers=0:0|50:0.5|80:1.")
    return number(limit.strip()), number(share.strip())


def parameter_problems(node: Node) -> list[str]:
    """Say why a node's rule cannot be computed with its parameters.

    Args:
        node: A node with its defaults filled in, whose parameters were parsed without a problem.
    """
    return list(_problems(node))


def _problems(node: Node) -> Iterator[str]:
    if "impute" in node.parameters and node.missing != "impute":
        yield f"the parameter impute has no effect while missing is {node.missing}; write impute into missing."
    low, high = node.parameters.get("valid_min", -math.inf), node.parameters.get("valid_max", math.inf)
    if low > high:
        yield f"valid_min ({low:g}) is above valid_max ({high:g}); exchange them."
    if node.aggregation:
        yield from aggregation_problems(node)
    if node.rule not in RULES:
        return
    yield from treatment_problems(node)
    missing = [name for name in RULES[node.rule].needed if name not in node.parameters]
    for name in missing:
        example = "tiers=0:0|50:0.5|80:1" if name == "tiers" else f"{name}=100"
        yield f"the rule {node.rule} needs the parameter {name}, for example {example}."
    if not missing:
        yield from _tier_problems(node) if node.rule == "tier" else _goalpost_problems(node)


def _tier_problems(node: Node) -> Iterator[str]:
    limits = [limit for limit, _ in node.parameter("tiers")]
    if any(later <= earlier for earlier, later in pairwise(limits)):
        yield "the limits of the tiers do not ascend; write the smallest first, for example tiers=0:0|50:0.5|80:1."
    for limit, share in node.parameter("tiers"):
        if node.clip and not 0 <= share <= 1:
            yield f"the tier {limit:g}:{share:g} gives a share outside 0 to 1; 1 stands for all the points."


def _goalpost_problems(node: Node) -> Iterator[str]:
    if node.rule == "checklist":
        yield from _checklist_problems(node)
    if node.rule == "points" and node.max_points == 0:
        yield "the rule points divides by max_points, which is 0; give the node points or another rule."
    if node.rule == "binary" and node.parameter("transform") in ("log", "log10"):
        yield "a binary value may be 0, which has no logarithm; leave out transform."
    posts = {name: node.parameter(name) for name in GOALPOSTS.get(node.rule, ())}
    if node.rule == "points":
        posts = {"max_points": node.max_points}
    scaled = {}
    for name, post in posts.items():
        if post is not None:
            try:
                scaled[name] = _TRANSFORMS.get(str(node.parameter("transform")), float)(post)
            except ValueError:
                yield f"{name} is {post:g}, which has no {node.parameter('transform')}; write a {name} above 0."
    if scaled.keys() == posts.keys():
        yield from _span_problems(node, list(scaled.items()))


def _checklist_problems(node: Node) -> Iterator[str]:
    items = node.parameter("items")
    if items < 1 or items != int(items):
        yield "a checklist needs its items: write them into items_vi separated by `|`, or their number, as in items=5."
    elif node.items_vi and len(node.items_vi) != items:
        yield f"items is {items:g} but items_vi lists {len(node.items_vi)} items; leave out items."


def _span_problems(node: Node, posts: list[tuple[str, float]]) -> Iterator[str]:
    if node.rule in (*_DIVISORS, "points"):
        name, post = posts[0]
        written = node.max_points if name == "max_points" else node.parameter(name)
        if post <= 0 and (node.rule not in ("checklist", "points") or written > 0):
            reason = "" if written <= 0 else f", whose {node.parameter('transform')} is {post:g}"
            yield f"{name} is {written:g}{reason}; the rule {node.rule} divides by it, so it must be above 0."
    elif len(posts) == 2 and posts[0][1] == posts[1][1]:
        (low, _), (high, _) = posts
        yield f"{low} and {high} are equal ({node.parameter(low):g}); they must differ."
    elif len(posts) == 2 and node.rule != "linear" and posts[0][1] > posts[1][1]:
        (low, _), (high, _) = posts
        said = f"{low} ({node.parameter(low):g}) is above {high} ({node.parameter(high):g})"
        yield f"{said}; exchange them, and write negative into direction if less is better."
