"""Holding a tree to the facts that framework.yaml states: total, counts per level, counts and points of branches."""

import math
from collections import Counter
from collections.abc import Sequence

from warehouse.frameworks.description import Lines
from warehouse.frameworks.faults import Report, nearest, one_of
from warehouse.frameworks.model import Description, Node

_PLURALS = {"criterion": "criteria", "index": "indices"}


def prove_facts(description: Description, nodes: Sequence[Node], lines: Lines, report: Report) -> None:
    """Compare a tree with what framework.yaml says of it.

    Args:
        description: What framework.yaml says.
        nodes: The tree, depth first, defaults filled in.
        lines: Lines of framework.yaml.
        report: Takes the faults of framework.yaml.
    """
    root, total, basis = nodes[0], description.total, _basis(description)
    if total is not None and math.isfinite(total) and _differ(total, root.max_points):
        report.add(
            lines.line("total"),
            f"the total is {total:.10g}, but the root {root.code} in nodes.csv has {root.max_points:.10g} "
            "points; correct one of them.",
            f"has {root.max_points:.10g} points in all, {basis} gives {total:.10g}",
        )
    counts = Counter(node.level for node in nodes)
    for position, level in enumerate(description.levels):
        if level.count is not None and level.count != counts[level.level]:
            report.add(
                lines.line("levels", position, "count"),
                f"the level {level.level} has {level.count} nodes here, but {counts[level.level]} in nodes.csv; "
                "correct one of them.",
                f"has {_counted(counts[level.level], level.level)}, {basis} counts {level.count}",
            )
    for code, facts in description.branches.items():
        _prove_branch(code, facts, description, nodes, lines, report)


def _prove_branch(
    code: str, facts: dict[str, float], description: Description, nodes: Sequence[Node], lines: Lines, report: Report
) -> None:
    branch = _branch(code, nodes)
    basis = _basis(description)
    if not branch:
        near = nearest(code, [node.code for node in nodes])
        remedy = f"did you mean {near}?" if near else "write a code of nodes.csv."
        report.add(
            lines.line("branches", code),
            f"the branch {code!r} is not the code of a node; {remedy}",
            f"has no {code}, of which {basis} states points or counts",
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
                    f"the branch {code} has {stated:.10g} points here, but {branch[0].max_points:.10g} in nodes.csv; "
                    "correct one of them.",
                    f"has {branch[0].max_points:.10g} points for {code}, {basis} gives {stated:.10g}",
                )
        elif fact not in levels:
            report.add(line, f"{fact!r} is not a level; {one_of(fact, ['max_points', *levels])}.")
        elif stated != counts[fact]:
            report.add(
                line,
                f"the branch {code} has {stated:g} nodes of the level {fact} here, but {counts[fact]} in nodes.csv; "
                "correct one of them.",
                f"has {_counted(counts[fact], fact)} in {code}, {basis} counts {stated:g}",
            )


def _branch(code: str, nodes: Sequence[Node]) -> list[Node]:
    inside: dict[str, Node] = {}
    for node in nodes:
        if node.code == code or node.parent in inside:
            inside[node.code] = node
    return list(inside.values())


def _basis(description: Description) -> str:
    """Who states the facts."""
    return "the decision" if description.legal_basis else "framework.yaml"


def _counted(count: int, level: str) -> str:
    """Say how many nodes of a level there are.

    >>> [_counted(29, "criterion"), _counted(0, "component_index"), _counted(1, "pillar")]
    ['29 criteria', '0 component indices', '1 pillar']
    """
    *before, last = level.split("_")
    noun = last if count == 1 else _PLURALS.get(last, f"{last}s")
    return " ".join([str(count), *before, noun])


def _differ(stated: float, found: float) -> bool:
    return math.isfinite(found) and not math.isclose(stated, found, rel_tol=1e-9)
