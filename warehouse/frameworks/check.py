"""Proving a framework folder: every fault of its files in one go, each with its line."""

from dataclasses import dataclass
from pathlib import Path

from warehouse.frameworks.checks import FILE as CHECKS
from warehouse.frameworks.checks import prove_checks
from warehouse.frameworks.dashboard import prove_choices, prove_dashboard
from warehouse.frameworks.description import read_description
from warehouse.frameworks.facts import prove_facts
from warehouse.frameworks.faults import Fault, Report
from warehouse.frameworks.groups import FILE as GROUPS
from warehouse.frameworks.groups import prove_nesting, prove_regions, read_members
from warehouse.frameworks.inspection import FILE as INSPECTION
from warehouse.frameworks.inspection import prove_inspection
from warehouse.frameworks.mergers import prove_merger
from warehouse.frameworks.model import Description, Node
from warehouse.frameworks.nodes import read_nodes
from warehouse.frameworks.targets import FILE as TARGETS
from warehouse.frameworks.targets import Target, read_targets
from warehouse.frameworks.tone import FILE as TONE
from warehouse.frameworks.tone import prove_tone
from warehouse.frameworks.tree import complete, outline
from warehouse.frameworks.uncertainty import FILE as UNCERTAINTY
from warehouse.frameworks.uncertainty import prove_uncertainty
from warehouse.frameworks.unranked import FILE as UNRANKED
from warehouse.frameworks.unranked import Unranked, read_unranked

__all__ = ["Fault", "Parsed", "parse_folder"]


@dataclass(frozen=True)
class Parsed:
    """What a sound framework folder says.

    Attributes:
        description: framework.yaml.
        nodes: nodes.csv depth first, siblings in the order of the file, defaults filled in.
        groups: Unit as written in groups.csv to its ranking group.
        targets: Rows of targets.csv.
        unranked: Rows of unranked.csv.
    """

    description: Description
    nodes: tuple[Node, ...]
    groups: dict[str, str]
    targets: tuple[Target, ...]
    unranked: tuple[Unranked, ...] = ()


def parse_folder(folder: Path) -> tuple[Parsed | None, list[Fault]]:
    """Read a framework folder and prove it against docs/frameworks.md.

    Args:
        folder: Folder with framework.yaml, nodes.csv and perhaps groups.csv.

    Returns:
        What it says, or None if anything is at fault; and every fault, by file and line.
    """
    yaml_report, nodes_report, groups_report = Report("framework.yaml"), Report("nodes.csv"), Report(GROUPS)
    description, lines = read_description(folder / "framework.yaml", yaml_report)
    levels = [level.level for level in description.levels] if description is not None else []
    by_code = {node.code: node for node in read_nodes(folder / "nodes.csv", levels, nodes_report)}
    shape = outline(by_code, nodes_report)
    nodes = complete(by_code, shape, description, nodes_report)
    if description is not None and lines is not None and nodes:
        prove_facts(description, nodes, lines, yaml_report)
        prove_choices(description, nodes, lines, yaml_report)
        prove_merger(description, nodes, lines, yaml_report)
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
    uncertainty_report = Report(UNCERTAINTY)
    if nodes:
        is_sound = not (yaml_report.faults or nodes_report.faults)
        prove_uncertainty(folder / UNCERTAINTY, description, nodes, uncertainty_report, is_sound=is_sound)
    known = [group.group for group in description.groups] if description is not None else None
    members = read_members(folder / GROUPS, known, groups_report)
    if description is not None and lines is not None:
        prove_nesting(description, lines, yaml_report)
        prove_regions(description, members, lines, yaml_report, groups_report)
    unranked_report = Report(UNRANKED)
    unranked = read_unranked(folder / UNRANKED, unranked_report)
    targets_report = Report(TARGETS)
    targets = read_targets(folder / TARGETS, nodes, known or (), targets_report)
    reports = (
        yaml_report,
        nodes_report,
        groups_report,
        inspection_report,
        tone_report,
        checks_report,
        targets_report,
        unranked_report,
        uncertainty_report,
    )
    faults = [fault for report in reports for fault in sorted(report.faults)]
    if faults or description is None or not nodes:
        return None, faults
    return Parsed(description, nodes, members.groups, targets, unranked), []
