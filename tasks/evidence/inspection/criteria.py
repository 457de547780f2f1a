"""From checks to criteria: what an inspection measures, as a value that the rule of the criterion understands."""

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from tasks.evidence.inspection.finding import FAIL, PASS, UNCHECKED
from warehouse.frames import MEASUREMENT, records
from warehouse.frameworks.inspection import EVIDENCE, Criterion, InspectionDeclaration, Item
from warehouse.frameworks.model import Framework, Node

SOURCE = "inspection"
STAGE = "final"
Checks = Mapping[str, Mapping[str, Any]]  # code of a check to its CHECK row


def measure(checks: pd.DataFrame, framework: Framework, declared: InspectionDeclaration) -> pd.DataFrame:
    """Turn checks into measurements of the criteria that they decide.

    An item that could not be checked counts as not fulfilled: the value is then a lower bound, and `detail` says so
    and names the item. A criterion of which no item could be checked is not measured: its policy for missing values
    applies.

    Args:
        checks: CHECK rows of one framework, round and period.
        framework: The framework.
        declared: Which checks decide which criterion.

    Returns:
        MEASUREMENT rows of the stage `final`, grain agency x criterion. The value of a checklist or tier is the number
        of fulfilled items, of `binary` 1 or 0, of a ratio fulfilled / all items (times 100 where the unit is `%`); n is
        the number of items that were checked.
    """
    rows = []
    for agency, found in checks.groupby("agency", sort=True):
        of_agency = {row["check"]: row for row in records(found)}
        first = found.iloc[0]
        scope = {name: first[name] for name in ("framework", "round", "period")}
        for code, criterion in declared.criteria.items():
            if cell := _cell(framework.by_code[code], criterion, of_agency):
                rows.append({**scope, "agency": agency, "node": code, **cell})
    return MEASUREMENT.conform(pd.DataFrame(rows)) if rows else MEASUREMENT.empty()


def prevail(measurements: pd.DataFrame, inspected: pd.DataFrame, framework: Framework) -> pd.DataFrame:
    """Join measurements; what an inspection saw of a criterion with evidence `inspection` counts in the end.

    What an agency reported, or an appraiser noted, on the same criterion stays as its own stage.

    Args:
        measurements: MEASUREMENT rows of returns and appraisals.
        inspected: MEASUREMENT rows of inspections.
        framework: The framework.
    """
    seen = set(zip(inspected["agency"], inspected["node"], strict=True))
    by_inspection = {leaf.code for leaf in framework.leaves if leaf.evidence == EVIDENCE}
    gives_way = [
        stage == STAGE and node in by_inspection and (agency, node) in seen
        for agency, node, stage in zip(measurements["agency"], measurements["node"], measurements["stage"], strict=True)
    ]
    kept = measurements[[not one for one in gives_way]]
    return pd.concat([kept, inspected], ignore_index=True)


def state_of(item: Item, checks: Checks) -> str:
    """Whether an item is fulfilled: `pass`, `fail`, or `unchecked` where what is known leaves it open."""
    if item.unseen:
        return UNCHECKED
    states = {checks[code]["outcome"] if code in checks else UNCHECKED for code in item.checks}
    deciding = FAIL if item.all else PASS  # one failed check of all is enough, and one passed check of any
    if deciding in states:
        return deciding
    if UNCHECKED in states:
        return UNCHECKED
    return PASS if item.all else FAIL


def _cell(node: Node, criterion: Criterion, checks: Checks) -> dict[str, Any] | None:
    """Value of one criterion of one agency; None where nothing of it could be checked."""
    states = [state_of(item, checks) for item in criterion.items]
    if set(states) == {UNCHECKED}:
        return None
    used = [code for item in criterion.items for code in item.checks if code in checks]
    codes = {state: [code for code in dict.fromkeys(used) if checks[code]["outcome"] == state] for state in _STATES}
    open_items = [at for at, state in enumerate(states, start=1) if state == UNCHECKED]
    detail = {
        "items": len(states),
        "items_fulfilled": states.count(PASS),
        "items_unchecked": open_items,
        "lower_bound": bool(open_items),
        "passed": codes[PASS],
        "failed": codes[FAIL],
        "unchecked": codes[UNCHECKED],
    }
    behind = sorted({checks[code]["snapshot_sha256"] for code in used} - {""})
    return {
        "stage": STAGE,
        "value": _value(node, states),
        "standard_error": 0.0,
        "n": len(states) - len(open_items),
        "method": f"{SOURCE}:{node.rule}",
        "source": SOURCE,
        "observation_ids": "[]",
        "snapshots": json.dumps(behind),
        "detail": json.dumps(detail, ensure_ascii=False),
    }


_STATES = (PASS, FAIL, UNCHECKED)


def _value(node: Node, states: list[str]) -> float:
    fulfilled = states.count(PASS)
    if node.rule == "ratio":
        return fulfilled / len(states) * (100.0 if node.is_percent else 1.0)
    return float(fulfilled)
