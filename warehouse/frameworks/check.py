"""Proving a framework folder: every fault of its files in one go, each with its line."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from warehouse.frameworks.checks import FILE as CHECKS
from warehouse.frameworks.checks import prove_checks
from warehouse.frameworks.dashboard import prove_choices, prove_dashboard
from warehouse.frameworks.description import read_description
from warehouse.frameworks.facts import prove_facts
from warehouse.frameworks.faults import Fault, Report, one_of
from warehouse.frameworks.inspection import FILE as INSPECTION
from warehouse.frameworks.inspection import prove_inspection
from warehouse.frameworks.model import Description, Node
from warehouse.frameworks.nodes import read_nodes
from warehouse.frameworks.rules import STATUSES
from warehouse.frameworks.table import read_table
from warehouse.frameworks.targets import FILE as TARGETS
from warehouse.frameworks.targets import Target, read_targets
from warehouse.frameworks.tone import FILE as TONE
from warehouse.frameworks.tone import prove_tone
from warehouse.frameworks.tree import complete, outline

__all__ = ["Fault", "Parsed", "parse_folder"]


@dataclass(frozen=True)
class Parsed:
    """What a sound framework folder says.

    Attributes:
        description: framework.yaml.
        nodes: nodes.csv depth first, siblings in the order of the file, defaults filled in.
        groups: Unit as written in groups.csv to its ranking group.
        targets: Rows of targets.csv.
    """

    description: Description
    nodes: tuple[Node, ...]
    groups: dict[str, str]
    targets: tuple[Target, ...]


def parse_folder(folder: Path) -> tuple[Parsed | None, list[Fault]]:
    """Read a framework folder and prove it against docs/frameworks.md.

    Args:
        folder: Folder with framework.yaml, nodes.csv and perhaps groups.csv.

    Returns:
        What it says, or None if anything is at fault; and every fault, by file and line.
    """
    yaml_report, nodes_report, groups_report = Report("framework.yaml"), Report("nodes.csv"), Report("groups.csv")
    description, lines = read_description(folder / "framework.yaml", yaml_report)
    levels = [level.level for level in description.levels] if description is not None else []
    by_code = {node.code: node for node in read_nodes(folder / "nodes.csv", levels, nodes_report)}
    shape = outline(by_code, nodes_report)
    nodes = complete(by_code, shape, description, nodes_report)
    if description is not None and lines is not None and nodes:
        prove_facts(description, nodes, lines, yaml_report)
        prove_choices(description, nodes, lines, yaml_report)
    prove_dashboard(nodes, nodes_report)
    inspection_report = Report(INSPECTION)
    if nodes:
        prove_inspection(folder / INSPECTION, nodes, inspection_report)
    tone_report = Report(TONE)
    if nodes:
        prove_tone(folder / TONE, nodes, tone_report)
    checks_report = Report(CHECKS)
    if nodes:
        prove_checks(folder / CHECKS, nodes, checks_report)
    known = [group.group for group in description.groups] if description is not None else None
    groups = _read_groups(folder / "groups.csv", known, groups_report)
    targets_report = Report(TARGETS)
    targets = read_targets(folder / TARGETS, nodes, known or (), targets_report)
    reports = (yaml_report, nodes_report, groups_report, inspection_report, tone_report, checks_report, targets_report)
    faults = [fault for report in reports for fault in sorted(report.faults)]
    if faults or description is None or not nodes:
        return None, faults
    return Parsed(description, nodes, groups, targets), []


def _read_groups(file: Path, known: Sequence[str] | None, report: Report) -> dict[str, str]:
    """Read groups.csv if it is there; `known` are the groups of framework.yaml, None if that could not be read."""
    if not file.exists():
        return {}
    groups: dict[str, str] = {}
    lines: dict[str, int] = {}
    for row in read_table(file, ("agency", "group", "status", "source"), ("agency", "group"), report):
        agency, group = row["agency"], row["group"]
        if not agency or not group:
            report.add(row.line, "the row lacks an agency or a group; fill in both.")
            continue
        if known is not None and group not in known:
            remedy = one_of(group, known) if known else "list the groups there first"
            report.add(row.line, f"the group {group!r} does not stand in framework.yaml; {remedy}.")
        if agency in groups:
            report.add(row.line, f"{agency} stands already on line {lines[agency]}; an agency is in one group only.")
        if row["status"] and row["status"] not in STATUSES:
            report.add(row.line, f"the status {row['status']!r} is not known; {one_of(row['status'], STATUSES)}.")
        groups.setdefault(agency, group)
        lines.setdefault(agency, row.line)
    return groups
