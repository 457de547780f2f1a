"""Holding a tree to the facts that framework.yaml states: total, counts per level, counts and points of branches."""

import math
from collections import Counter
from collections.abc import Sequence

from warehouse.frameworks.description import Lines
from warehouse.frameworks.faults import Report, nearest, one_of
from warehouse.frameworks.model import Description, Node


def prove_facts(description: Description, nodes: Sequence[Node], lines: Lines, report: Report) -> None:
    """Compare a tree with what framework.yaml says of it.

    Args:
        description: What framework.yaml says.
        nodes: The tree, depth first, defaults filled in.
        lines: Lines of framework.yaml.
        report: Takes the faults of framework.yaml.
    """
    root, total = nodes[0], description.total
    if total is not None and math.isfinite(total) and _differ(total, root.max_points):
        report.add(
            lines.line("total"),
            f"the total is {total:.10g}, but the root {root.code} in nodes.csv has {root.max_points:.10g} "
            "points; correct one of them.",
        )
    counts = Counter(node.level for node in nodes)
    for position, level in enumerate(description.levels):
        if level.count is not None and level.count != counts[level.level]:
            report.add(
                lines.line("levels", position, "count"),
                f"the level {level.level} has {level.count} nodes here, but {counts[level.level]} in nodes.csv; "
                "correct one of them.",
            )
    for code, facts in description.branches.items():
        _prove_branch(code, facts, description, nodes, lines, report)


def _prove_branch(
    code: str, facts: dict[str, float], description: Description, nodes: Sequence[Node], lines: Lines, report: Report
) -> None:
    branch = _branch(code, nodes)
    if not branch:
        near = nearest(code, [node.code for node in nodes])
        remedy = f"did you mean {near}?" if near else "write a code of nodes.csv."
        report.add(lines.line("branches", code), f"the branch {code!r} is not the code of a node; {remedy}")
        return
    levels = [level.level for level in description.levels]
    counts = Counter(node.level for node in branch)
    for fact, stated in facts.items():
        line = lines.line("branches", code, fact)
        if fact == "max_points":
            if _differ(stated, branch[0].max_points):
                report.add(
                    line,
                    f"the branch {code} has {stated:.10g} points here, but {branch[0].max_points:.10g} in nodes.csv; "
                    "correct one of them.",
                )
        elif fact not in levels:
            report.add(line, f"{fact!r} is not a level; {one_of(fact, ['max_points', *levels])}.")
        elif stated != counts[fact]:
            report.add(
                line,
                f"the branch {code} has {stated:g} nodes of the level {fact} here, but {counts[fact]} in nodes.csv; "
                "correct one of them.",
            )


def _branch(code: str, nodes: Sequence[Node]) -> list[Node]:
    inside: dict[str, Node] = {}
    for node in nodes:
        if node.code == code or node.parent in inside:
            inside[node.code] = node
    return list(inside.values())


def _differ(stated: float, found: float) -> bool:
    return math.isfinite(found) and not math.isclose(stated, found, rel_tol=1e-9)
