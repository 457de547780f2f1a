"""Proving the tree of nodes.csv as a whole, and filling in the defaults that depend on it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from warehouse.frameworks.faults import Report, nearest
from warehouse.frameworks.methods import outliers_of
from warehouse.frameworks.model import Description, Node
from warehouse.frameworks.parameters import parameter_problems
from warehouse.frameworks.rules import COUNT, NONE

_UNWEIGHTED = {
    "sum": "adds up the points of its children",
    "mean": "takes the plain mean of its children",
    NONE: "has no value of its own",
}


@dataclass(frozen=True)
class Outline:
    """Who stands below whom.

    Attributes:
        children: Children of each code in the order of the file; the roots under the empty code.
        order: Codes reachable from a root, depth first; loops are not among them.
    """

    children: dict[str, list[str]]
    order: list[str]


def outline(nodes: dict[str, Node], report: Report) -> Outline:
    """Put the nodes under their parents and report unknown parents, loops, and roots other than one.

    Args:
        nodes: Node by its code, in the order of the file.
        report: Takes the faults of nodes.csv.
    """
    children: dict[str, list[str]] = {code: [] for code in ("", *nodes)}
    for node in nodes.values():
        if node.parent in children:
            children[node.parent].append(node.code)
        else:
            report.add(
                node.line, f"the parent {node.parent!r} of {node.code} is not the code of a row; {_remedy(node, nodes)}"
            )
    roots = children[""]
    if len(roots) > 1:
        first = nodes[roots[0]]
        for code in roots[1:]:
            report.add(
                nodes[code].line,
                f"{code} has no parent, but {first.code} on line {first.line} is the root already; give it a parent.",
            )
    if not roots and nodes:
        report.add(next(iter(nodes.values())).line, "no node is the root; leave the parent of the topmost node blank.")
    order = _depth_first(children)
    _report_loops(nodes, set(order), report)
    return Outline(children, order)


def _remedy(node: Node, nodes: dict[str, Node]) -> str:
    near = nearest(node.parent, [code for code in nodes if code != node.code])
    return f"did you mean {near}?" if near else "write the code of another row."


def _depth_first(children: dict[str, list[str]]) -> list[str]:
    order: list[str] = []
    waiting = list(reversed(children[""]))
    while waiting:
        code = waiting.pop()
        order.append(code)
        waiting.extend(reversed(children[code]))
    return order


def _report_loops(nodes: dict[str, Node], reached: set[str], report: Report) -> None:
    seen = set(reached)
    for start in nodes:
        path: list[str] = []
        code = start
        while code in nodes and code not in seen:
            seen.add(code)
            path.append(code)
            code = nodes[code].parent
        if code in path:
            loop = path[path.index(code) :]
            first = min(loop, key=lambda member: nodes[member].line)
            report.add(
                nodes[first].line,
                f"nodes stand below themselves: {' under '.join([*loop, code])}; correct the parent of one of them.",
            )


def complete(
    nodes: dict[str, Node], shape: Outline, description: Description | None, report: Report
) -> tuple[Node, ...]:
    """Fill in the defaults from the bottom up and prove points, weights and parameters on the way.

    Args:
        nodes: Node by its code, blanks left blank.
        shape: Their outline.
        description: What framework.yaml says, if it could be read.
        report: Takes the faults of nodes.csv.

    Returns:
        The nodes that hang on a root, depth first.
    """
    done: dict[str, Node] = {}
    unreached = [code for code in nodes if code not in set(shape.order)]
    for code in (*unreached, *reversed(shape.order)):
        children = [done[child] for child in shape.children[code] if child in done]
        node = _with_defaults(nodes[code], children, bool(shape.children[code]), description)
        done[code] = node
        if code not in unreached:
            _prove_points(node, children, report)
        _prove_weights(node, [nodes[child] for child in shape.children[code]], report)
        for problem in parameter_problems(node):
            report.add(node.line, problem)
    if description is not None:
        _prove_levels(nodes, [level.level for level in description.levels], report)
    for code in shape.children[""]:
        if nodes[code].weight is not None:
            report.add(
                nodes[code].line, f"{code} is the root and has no siblings to be weighed against; leave weight blank."
            )
    return tuple(done[code] for code in shape.order)


def _with_defaults(node: Node, children: Sequence[Node], is_inner: bool, description: Description | None) -> Node:
    by_level = {level.level: level.aggregation for level in description.levels} if description is not None else {}
    aggregation = (node.aggregation or by_level.get(node.level, "weighted_mean")) if is_inner else ""
    points = node.max_points
    if math.isnan(points):
        apart = 0.0 if node.rule == COUNT or aggregation == NONE else 1.0
        points = sum(child.max_points for child in children) if aggregation == "sum" else apart
    parameters = {**_inherited(node, aggregation, is_inner, description), **node.parameters}
    if is_inner and aggregation != NONE and "entry" not in parameters and description is not None:
        parameters = {**parameters, "entry": description.entry}
    by_default = description.missing if description is not None else "zero"
    policy = node.missing or ("exclude_and_reweight" if node.rule == COUNT else by_default)
    return replace(node, aggregation=aggregation, max_points=points, parameters=parameters, missing=policy)


def _inherited(node: Node, aggregation: str, is_inner: bool, description: Description | None) -> dict[str, object]:
    """Parameters that framework.yaml gives to all nodes of a level, or to all leaves that they fit."""
    if description is None:
        return {}
    if not is_inner:
        method = outliers_of(node, description.outliers)
        return {} if method == "none" else {"outliers": method}
    level = next((level for level in description.levels if level.level == node.level), None)
    if level is None or aggregation == NONE:
        return {}
    inherited: dict[str, object] = {}
    if level.weights != "given" and aggregation not in _UNWEIGHTED:
        inherited["weights"] = level.weights
    if level.available:
        inherited["available"] = level.available
    return inherited


def _prove_points(node: Node, children: Sequence[Node], report: Report) -> None:
    if node.parameters.get("entry") == "points" and node.max_points == 0:
        report.add(
            node.line,
            f"{node.code} has 0 points, so no points can be entered there; give it points or write entry=share.",
        )
    if node.aggregation != "sum" or not children:
        return
    total = math.fsum(child.max_points for child in children)
    if (
        math.isfinite(total)
        and math.isfinite(node.max_points)
        and not math.isclose(total, node.max_points, rel_tol=1e-9)
    ):
        report.add(
            node.line,
            f"the points of the children of {node.code} add up to {total:.10g}, but {node.code} has "
            f"{node.max_points:.10g}; correct one of them, or leave max_points of {node.code} blank.",
        )


def _prove_weights(node: Node, children: Sequence[Node], report: Report) -> None:
    weighted = [child for child in children if child.weight is not None]
    if node.aggregation in _UNWEIGHTED:
        for child in weighted:
            kind = _UNWEIGHTED[node.aggregation]
            report.add(child.line, f"{child.code} has a weight, but {node.code} {kind}; leave weight blank.")
    elif weighted and node.parameter("weights") != "given":
        for child in weighted:
            said = f"{child.code} has a weight, but the weights below {node.code} are {node.parameter('weights')}"
            report.add(child.line, f"{said}; leave weight blank, or write weights=given.")
    elif weighted:
        for child in children:
            if child.weight is None:
                report.add(
                    child.line,
                    f"{child.code} has no weight but its siblings have; give all children of {node.code} one, or none.",
                )
        if len(weighted) == len(children) and not any(child.weight for child in children):
            report.add(node.line, f"all weights below {node.code} are 0; give at least one child a weight above 0.")


def _prove_levels(nodes: dict[str, Node], levels: list[str], report: Report) -> None:
    place = {level: position for position, level in enumerate(levels)}
    for node in nodes.values():
        parent = nodes.get(node.parent)
        if node.level not in place:
            continue
        if not node.parent and place[node.level] != 0:
            report.add(node.line, f"{node.code} is the root, so its level is {levels[0]}, not {node.level}.")
        if parent is not None and parent.level in place and place[node.level] <= place[parent.level]:
            report.add(
                node.line,
                f"{node.code} is a {node.level} below the {parent.level} {parent.code}, but framework.yaml lists the "
                f"levels in the order {', '.join(levels)}; correct the level or the parent.",
            )
