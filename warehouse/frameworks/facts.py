"""Holding a tree to the facts that framework.yaml states: total, counts per level, counts and points of branches."""

import math
from collections import Counter
from collections.abc import Sequence

from warehouse.frameworks.description import Lines
from warehouse.frameworks.faults import Report, one_of
from warehouse.frameworks.model import Description, Node


def prove_facts(description: Description, nodes: Sequence[Node], lines: Lines, report: Report) -> None:
    """Compare a tree with what framework.yaml says of it.

    Args:
        description: What framework.yaml says.
        nodes: The tree, depth first, defaults filled in.
        lines: Lines of framework.yaml.
        report: Takes the faults of framework.yaml.
    """
    root = nodes[0]
    if description.total is not None and _differ(description.total, root.max_points):
        report.add(
            lines.line("total"),
            f"the total is {description.total:.10g}, but the root {root.code} in nodes.csv has {root.max_points:.10g} "
            "points; correct one of them.",
        )
    counts = Counter(node.level for node in nodes)
    for position, level in enumerate(description.levels):
        if level.count is not None and level.count != counts[level.level]:
            report.add(
                lines.line("levels", position, "count"),
                f"the level {level.level} should have {level.count} nodes, but nodes.csv has {counts[level.level]}.",
            )
    for code, facts in description.branches.items():
        _prove_branch(code, facts, description, nodes, lines, report)


def _prove_branch(
    code: str, facts: dict[str, float], description: Description, nodes: Sequence[Node], lines: Lines, report: Report
) -> None:
    branch = _branch(code, nodes)
    if not branch:
        known = one_of(code, [node.code for node in nodes])
        near = f" ({known[known.index('did you mean') :]}" if "did you mean" in known else ""
        report.add(
            lines.line("branches", code),
            f"the branch {code!r} is not the code of a node in nodes.csv{near}; correct the code.",
        )
        return
    levels = [level.level for level in description.levels]
    counts = Counter(node.level for node in branch)
    for fact, stated in facts.items():
        line = lines.line("branches", code, fact)
        if fact == "max_points":
            if _differ(stated, branch[0].max_points):
                report.add(
                    line,
                    f"{code} should have {stated:.10g} points, but nodes.csv gives it {branch[0].max_points:.10g}.",
                )
        elif fact not in levels:
            report.add(line, f"{fact!r} is not a level; {one_of(fact, ['max_points', *levels])}.")
        elif stated != counts[fact]:
            report.add(
                line,
                f"the branch {code} should have {stated:g} nodes of the level {fact}, but it has {counts[fact]}.",
            )


def _branch(code: str, nodes: Sequence[Node]) -> list[Node]:
    inside: dict[str, Node] = {}
    for node in nodes:
        if node.code == code or node.parent in inside:
            inside[node.code] = node
    return list(inside.values())


def _differ(stated: float, found: float) -> bool:
    return math.isfinite(found) and not math.isclose(stated, found, rel_tol=1e-9)
