"""Targets (mục tiêu): what a node should have reached by a day, for whom, and who set it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from warehouse.frameworks.faults import Report, nearest, one_of
from warehouse.frameworks.model import Node
from warehouse.frameworks.parameters import NotNumeric, number
from warehouse.frameworks.rules import STATUSES
from warehouse.frameworks.table import Row, read_table

FILE = "targets.csv"
ALL, OVERALL = "all", "overall"  # each agency; the country as a whole, against which no agency is held
_NEEDED = ("node", "applies_to", "due", "value")
_COLUMNS = (*_NEEDED, "legal_basis", "status", "source", "address")


@dataclass(frozen=True)
class Target:
    """One target.

    Attributes:
        node: Code of the node.
        applies_to: `all` (each agency), a ranking group (each agency of it) or `overall` (the country as a whole).
        due: Last day on which it is to be reached.
        value: What is to be reached, in the node's unit.
        legal_basis: Decision that set it, or empty.
        status: `official`, or `reconstructed` where applying it to this node is our reading.
        source: Who printed it.
        address: Where it was printed.
    """

    node: str
    applies_to: str
    due: date
    value: float
    legal_basis: str = ""
    status: str = ""
    source: str = ""
    address: str = ""


def read_targets(file: Path, nodes: Sequence[Node], groups: Sequence[str], report: Report) -> tuple[Target, ...]:
    """Read `targets.csv`; a framework without one has no targets.

    Args:
        file: The table, which may be missing.
        nodes: The tree.
        groups: Ranking groups of framework.yaml.
        report: Takes the faults.
    """
    if not file.exists():
        return ()
    units = {node.code: node for node in nodes}
    found: dict[tuple[str, str, date], Target] = {}
    for row in read_table(file, _COLUMNS, _NEEDED, report):
        target = _target(row, units, (ALL, OVERALL, *groups), report)
        if target is None:
            continue
        key = (target.node, target.applies_to, target.due)
        if key in found:
            report.add(row.line, f"the target of {target.node} for {target.applies_to} by {target.due} stands twice.")
        found.setdefault(key, target)
    return tuple(found.values())


def _target(row: Row, nodes: dict[str, Node], whom: Sequence[str], report: Report) -> Target | None:
    problems = []
    if row["node"] not in nodes:
        near = nearest(row["node"], nodes)
        problems.append(f"{row['node']!r} is not a code of nodes.csv; {f'did you mean {near}?' if near else 'add it.'}")
    if row["applies_to"] not in whom:
        problems.append(f"applies_to is {row['applies_to']!r}; {one_of(row['applies_to'], whom)}.")
    if row["status"] and row["status"] not in STATUSES:
        problems.append(f"the status {row['status']!r} is not known; {one_of(row['status'], STATUSES)}.")
    due, value = _day(row["due"]), _value(row["value"])
    if due is None:
        problems.append(f"due is {row['due']!r}; write a day, for example 2020-12-31.")
    low, high = nodes[row["node"]].bounds if row["node"] in nodes else (-math.inf, math.inf)
    if value is None or not low <= value <= high:
        problems.append(f"value is {row['value']!r}; write a number between {low:g} and {high:g}.")
    for problem in problems:
        report.add(row.line, problem)
    if problems or due is None or value is None:
        return None
    texts = {name: row[name] for name in _COLUMNS if name not in ("due", "value")}
    return Target(due=due, value=value, **texts)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == len("2020-12-31") else None
    except ValueError:
        return None


def _value(text: str) -> float | None:
    try:
        return number(text)
    except NotNumeric:
        return None
