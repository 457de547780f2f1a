"""Reading the rows of nodes.csv into nodes, each cell for itself."""

import math
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path

from warehouse.frameworks.faults import Report, one_of
from warehouse.frameworks.model import Node
from warehouse.frameworks.parameters import NotNumeric, number, parse_parameters
from warehouse.frameworks.rules import AGGREGATIONS, EVIDENCE, MISSING_POLICIES, RULES, STATUSES
from warehouse.frameworks.table import Row, read_table

COLUMNS = tuple(field.name for field in fields(Node) if field.name != "line")
NEEDED = ("code", "parent", "level")
BLANK = math.nan  # of max_points: nothing is written, so it is derived
UNREADABLE = math.inf  # of max_points: something is written that is at fault already

_CHOICES = {
    "aggregation": AGGREGATIONS,
    "evidence": EVIDENCE,
    "direction": ("positive", "negative"),
    "missing": MISSING_POLICIES,
    "status": STATUSES,
}
_CALLED = {"missing": "missing-value policy"}


def read_nodes(file: Path, levels: Sequence[str], report: Report) -> list[Node]:
    """Read nodes.csv, with blanks left blank: defaults depend on the tree.

    Args:
        file: The table.
        levels: Levels of framework.yaml from the root down; empty if they could not be read.
        report: Takes the faults.

    Returns:
        One node per sound row, in the order of the file; a cell at fault is blank, a doubled code is kept once.
    """
    rows = _rows_with_codes(read_table(file, COLUMNS, NEEDED, report), report)
    if rows and not {"name_vi", "name_en"} & rows[0].cells.keys():
        report.add(1, "the columns name_vi and name_en are both missing; add one of them.")
    parents = {row["parent"] for row in rows}
    return [_node(row, levels, row["code"] not in parents, report) for row in rows]


def _rows_with_codes(rows: list[Row], report: Report) -> list[Row]:
    by_code: dict[str, Row] = {}
    for row in rows:
        code = row["code"]
        if not code:
            report.add(row.line, "the row has no code; give the node a code of its own.")
        elif not all(letter.isalnum() or letter in "._-" for letter in code):
            report.add(row.line, f"the code {code!r} may hold only letters, digits, `.`, `_` and `-`.")
        elif code in by_code:
            report.add(
                row.line,
                f"the code {code} stands already on line {by_code[code].line}; give this node a code of its own.",
            )
        # A row without a code goes on under a name that no code can be, so that its other cells are proved too.
        name = code or f"(line {row.line})"
        by_code.setdefault(name, replace(row, cells={**row.cells, "code": name}))
    return list(by_code.values())


def _node(row: Row, levels: Sequence[str], is_leaf: bool, report: Report) -> Node:
    choices = {name: _choice(row, name, known, report) for name, known in _CHOICES.items()}
    rule = _rule(row, is_leaf, report)
    parameters, problems = parse_parameters(row["parameters"], rule, is_leaf) if rule or not row["rule"] else ({}, [])
    for problem in problems:
        report.add(row.line, problem)
    if problems:
        # What was understood of them would only be proved at fault once more.
        rule, parameters = "", {}
    if row["level"] not in levels and levels:
        report.add(
            row.line, f"the level {row['level']!r} does not stand in framework.yaml; {one_of(row['level'], levels)}."
        )
    if {"name_vi", "name_en"} & row.cells.keys() and not row["name_vi"] and not row["name_en"]:
        report.add(row.line, f"{row['code']} has no name; fill in name_vi or name_en.")
    if not is_leaf and choices["evidence"]:
        report.add(row.line, f"{row['code']} has children, so it has no evidence of its own; leave evidence blank.")
    if is_leaf and choices["aggregation"]:
        report.add(row.line, f"{row['code']} has no children to aggregate; leave aggregation blank.")
    if choices["direction"] == "negative" and not row["rule"]:
        report.add(row.line, f"{row['code']} has no rule for a direction to turn round; leave direction blank.")
    return Node(
        code=row["code"],
        parent=row["parent"],
        level=row["level"],
        name_vi=row["name_vi"],
        name_en=row["name_en"],
        max_points=_number(row, "max_points", report, blank=BLANK, fault=UNREADABLE),
        weight=_weight(row, report),
        aggregation=choices["aggregation"],
        evidence=choices["evidence"],
        measured_by=row["measured_by"],
        rule=rule,
        parameters=parameters,
        unit=row["unit"],
        direction=choices["direction"] or "positive",
        missing=choices["missing"],
        numerator_vi=row["numerator_vi"],
        denominator_vi=row["denominator_vi"],
        items_vi=_items(row, report),
        status=choices["status"],
        source=row["source"],
        line=row.line,
    )


def _choice(row: Row, name: str, known: Sequence[str], report: Report) -> str:
    if not row[name] or row[name] in known:
        return row[name]
    report.add(row.line, f"the {_CALLED.get(name, name)} {row[name]!r} is not known; {one_of(row[name], known)}.")
    return ""


def _rule(row: Row, is_leaf: bool, report: Report) -> str:
    name = row["rule"]
    fit = [rule.name for rule in RULES.values() if is_leaf or rule.inner]
    if not name and is_leaf:
        report.add(row.line, f"{row['code']} is a leaf without a rule; {one_of('', fit)}.")
    elif name and name not in RULES:
        report.add(row.line, f"the rule {name!r} is not known; {one_of(name, fit)}.")
    elif name and name not in fit:
        report.add(
            row.line,
            f"{row['code']} has children, and the rule {name} cannot rescale their aggregate; {one_of(name, fit)}, "
            "or leave it blank.",
        )
    else:
        return name
    return ""


def _number(row: Row, name: str, report: Report, *, blank: float, fault: float) -> float:
    if not row[name]:
        return blank
    try:
        value = number(row[name])
    except NotNumeric as error:
        report.add(row.line, f"{name}: {error}")
        return fault
    if value < 0:
        report.add(row.line, f"{name} is {row[name]}; write 0 or more.")
        return fault
    return value


def _weight(row: Row, report: Report) -> float | None:
    value = _number(row, "weight", report, blank=BLANK, fault=UNREADABLE)
    return None if math.isnan(value) else value


def _items(row: Row, report: Report) -> tuple[str, ...]:
    if not row["items_vi"]:
        return ()
    items = tuple(item.strip() for item in row["items_vi"].split("|"))
    if not all(items):
        report.add(row.line, "items_vi holds an empty item; separate the items by one `|` each.")
    return items
