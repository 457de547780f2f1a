"""Proving the merger rule of framework.yaml: which nodes a merged unit takes from its predecessors."""

from collections.abc import Sequence

from warehouse.frameworks.declaration import Description
from warehouse.frameworks.description import Lines
from warehouse.frameworks.faults import Report, one_of
from warehouse.frameworks.model import Node


def prove_merger(description: Description, nodes: Sequence[Node], lines: Lines, report: Report) -> None:
    """Prove that every leaf stands below a node of the level that is averaged, and nothing above it compares units.

    Args:
        description: What framework.yaml says.
        nodes: The tree, depth first, defaults filled in.
        lines: Lines of framework.yaml.
        report: Takes the faults of framework.yaml.
    """
    merger = description.mergers
    if merger is None:
        return
    levels = [level.level for level in description.levels]
    line = lines.line("mergers")
    if merger.level not in levels:
        report.add(line, f"the level {merger.level!r} of mergers is not known; {one_of(merger.level, levels)}.")
        return
    if not description.population:
        report.add(line, "mergers follow the registry of agencies; write in population which of them are ranked.")
    inner = {node.parent for node in nodes}
    below: set[str] = set()
    for node in nodes:
        is_averaged = node.level == merger.level
        if node.parent in below or (is_averaged and node.code in inner):
            below.add(node.code)
        if node.code not in inner and node.parent not in below:
            report.add(
                line,
                f"{node.code} is a leaf that stands below no {merger.level}, so a merged unit would have no value of "
                "it; choose a level that all leaves are below.",
            )
        elif (is_averaged or node.code not in below) and node.rule:
            report.add(
                line,
                f"{node.code} has a rule of its own, by which it is compared with other units: a mean of predecessors "
                f"cannot go through it; choose a level above {node.level}, or leave out the rule.",
            )
        elif node.code not in below and node.aggregation == "copeland":
            report.add(
                line,
                f"{node.code} is aggregated by Copeland's rule, which compares all units with each other: a merged "
                f"unit has no comparisons of its own; choose a level above {merger.level}, or another aggregation.",
            )
