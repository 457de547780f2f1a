"""Proving what leans on other nodes: counts, what is derived from or divided by them, and nodes that stand apart."""

import math
from collections.abc import Iterator, Mapping, Sequence

from warehouse.frameworks.description import Lines
from warehouse.frameworks.faults import Report, nearest
from warehouse.frameworks.model import Description, Node
from warehouse.frameworks.rules import COUNT, DERIVED, NONE, SUM_PARAMETERS

_MISSING_COUNT = ("exclude_and_reweight", "carry_forward")


def prove_dashboard(nodes: Sequence[Node], report: Report) -> None:
    """Prove counts, derived leaves and inner nodes of the aggregation `none`; other nodes have nothing to prove.

    Args:
        nodes: The tree, depth first, defaults filled in.
        report: Takes the faults of nodes.csv.
    """
    by_code = {node.code: node for node in nodes}
    for node in nodes:
        for problem in _problems(node, by_code):
            report.add(node.line, problem)


def prove_choices(description: Description, nodes: Sequence[Node], lines: Lines, report: Report) -> None:
    """Prove that the headline of framework.yaml is a node that can be ranked.

    Args:
        description: What framework.yaml says.
        nodes: The tree.
        lines: Lines of framework.yaml.
        report: Takes the faults of framework.yaml.
    """
    code = description.headline
    found = next((node for node in nodes if node.code == code), None)
    if code and found is None:
        near = nearest(code, [node.code for node in nodes])
        remedy = f"did you mean {near}?" if near else "write a code of nodes.csv."
        report.add(lines.line("headline"), f"the headline {code!r} is not the code of a node; {remedy}")
    elif found is not None and (found.rule == COUNT or found.aggregation == NONE):
        report.add(lines.line("headline"), f"the headline {code} has no share to rank by; choose a share.")


def _problems(node: Node, by_code: Mapping[str, Node]) -> Iterator[str]:
    parent = by_code.get(node.parent)
    if node.aggregation == NONE:
        yield from _side_by_side(node, parent)
    if node.rule == COUNT:
        yield from _count(node, parent)
    if node.evidence == DERIVED:
        yield from _derived(node, by_code)
    if "per" in node.parameters:
        yield from _denominator(node, by_code)
    if node.evidence != DERIVED and (named := [name for name in SUM_PARAMETERS if name in node.parameters]):
        yield f"{' and '.join(named)} name other leaves, but {node.code} is not derived; write derived into evidence."


def _side_by_side(node: Node, parent: Node | None) -> Iterator[str]:
    if parent is not None and parent.aggregation != NONE:
        yield (
            f"{node.code} has no value, because its children stand side by side, and {parent.code} would need one; "
            f"write none as the aggregation of {parent.code} too."
        )
    if node.rule:
        yield f"{node.code} has no aggregate that the rule {node.rule} could rescale; leave the rule blank."
    if node.parameters:
        yield f"{node.code} has no value, so it takes no parameters; leave them blank."
    yield from _no_points(node)


def _count(node: Node, parent: Node | None) -> Iterator[str]:
    if parent is not None and parent.aggregation not in ("", NONE):
        yield f"a count has no share, but {parent.code} needs one of {node.code}; write none as its aggregation."
    if node.missing not in _MISSING_COUNT:
        yield f"a count that did not come is not {node.missing}; leave missing blank: it is then left out."
    if node.direction == "negative":
        yield "a count is neither good nor bad; leave direction blank."
    yield from _no_points(node)


def _no_points(node: Node) -> Iterator[str]:
    if math.isfinite(node.max_points) and node.max_points:
        yield f"{node.code} has no points; leave max_points blank."


def _derived(node: Node, by_code: Mapping[str, Node]) -> Iterator[str]:
    if node.rule and node.rule != "ratio":
        yield f"a derived leaf is a quotient of counts, but {node.code} has the rule {node.rule}; write ratio."
    if node.rule == "ratio" and not node.numerator_codes:
        yield "a derived leaf needs the parameter numerator, for example numerator=C.M3+C.M4; denominator=C.TTHC."
    inner = {other.parent for other in by_code.values()}
    for code in (*node.numerator_codes, *node.denominator_codes):
        other = by_code.get(code)
        if other is None:
            near = nearest(code, by_code)
            yield f"{code!r} is not the code of a row; {f'did you mean {near}?' if near else 'write one.'}"
        elif code in inner or other.evidence == DERIVED:
            yield f"{code} is not counted itself, so nothing follows from it; name the counts that it is made of."


def _denominator(node: Node, by_code: Mapping[str, Node]) -> Iterator[str]:
    code = str(node.parameters["per"])
    other = by_code.get(code)
    if other is None:
        near = nearest(code, by_code)
        yield f"per names {code!r}, which is not the code of a row; {f'did you mean {near}?' if near else 'write one.'}"
    elif other is node:
        yield f"{code} cannot be divided by itself; name the leaf that it is to be divided by in per."
    elif code in {one.parent for one in by_code.values()}:
        yield f"per names {code}, which has children; name a leaf, such as a count."
    elif "per" in other.parameters:
        yield f"per names {code}, which is itself divided by {other.parameters['per']}; name what was counted."
