"""Shares that nobody reports: they follow from the counts that were reported (evidence `derived`)."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from tasks.evidence.reports import DIFFERENCES, difference
from warehouse.frames import MEASUREMENT, is_missing, records
from warehouse.frameworks.model import Framework, Node
from warehouse.frameworks.rules import DERIVED, STAGES

SOURCE = DERIVED
SKIPPED = ("agency", "node", "reason")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Derivation:
    """What followed from the counts.

    Attributes:
        measurements: MEASUREMENT rows of the derived leaves.
        skipped: Columns SKIPPED, grain agency x node: what could not be derived although part of it came, and why.
        differences: Columns `reports.DIFFERENCES`: leaves that were given as they are, and do not fit the counts.
    """

    measurements: pd.DataFrame
    skipped: pd.DataFrame
    differences: pd.DataFrame


def derive(measurements: pd.DataFrame, framework: Framework) -> Derivation:
    """Compute the derived leaves of a framework from the leaves that were measured.

    The value is the sum of the numerator's leaves over the sum of the denominator's (times 100 where the unit is `%`),
    computed as 100 a / b, so that a share that reaches a target exactly is not a rounding error below it. A part that
    did not come, a denominator of 0 or a value that the leaf cannot have gives no measurement. A leaf that was given as
    it is (a published figure) keeps that value, and what the counts say of it is a difference.

    Args:
        measurements: MEASUREMENT rows of one round and period; of several stages of a count the last one counts.
        framework: The framework; one without derived leaves gives nothing.

    Returns:
        The rows, grain agency x node, of the earliest stage of their parts, with the observations and snapshots of all
        parts and both sums in `detail`.
    """
    leaves = [leaf for leaf in framework.leaves if leaf.evidence == DERIVED]
    rows: list[dict[str, Any]] = []
    skipped: list[dict[str, Any]] = []
    differences: list[dict[str, Any]] = []
    for agency, parts in _by_agency(measurements).items() if leaves else ():
        for leaf in leaves:
            reason = _why_not(leaf, parts)
            if reason is not None:
                skipped += [{"agency": agency, "node": leaf.code, "reason": reason}] if reason else []
                continue
            row = _row(leaf, parts)
            if leaf.code not in parts:
                rows.append(row)
            elif row["value"] != parts[leaf.code]["value"]:
                differences.append(difference(row, parts[leaf.code], framework.description.tolerance))
    return Derivation(
        measurements=MEASUREMENT.conform(pd.DataFrame(rows)),
        skipped=pd.DataFrame(skipped, columns=list(SKIPPED)),
        differences=pd.DataFrame(differences, columns=list(DIFFERENCES)),
    )


def _by_agency(measurements: pd.DataFrame) -> dict[str, dict[str, Row]]:
    """Agency to node to the MEASUREMENT row that counts."""
    found: dict[str, dict[str, Row]] = {}
    for row in sorted(records(measurements), key=lambda row: (row["agency"], STAGES.index(row["stage"]))):
        if not is_missing(row["value"]):
            found.setdefault(row["agency"], {})[row["node"]] = row
    return found


def _why_not(leaf: Node, parts: Mapping[str, Row]) -> str | None:
    """Why a leaf cannot be derived; None: it can, empty: nothing of it came."""
    codes = (*leaf.numerator_codes, *leaf.denominator_codes)
    missing = [code for code in codes if code not in parts]
    if missing:
        return "" if len(missing) == len(codes) else f"{', '.join(missing)} did not come"
    value = _value(leaf, parts)
    if value is None:
        return f"{' + '.join(leaf.denominator_codes)} is 0"
    low, high = leaf.bounds
    if not low <= value <= high:
        return f"{value:g} {leaf.unit} is not between {low:g} and {high:g}".replace("  ", " ")
    return None


def _value(leaf: Node, parts: Mapping[str, Row]) -> float | None:
    numerator, denominator = _sums(leaf, parts)
    return numerator * (100.0 if leaf.is_percent else 1.0) / denominator if denominator else None


def _sums(leaf: Node, parts: Mapping[str, Row]) -> tuple[float, float]:
    numerator = sum(float(parts[code]["value"]) for code in leaf.numerator_codes)
    if not leaf.denominator_codes:
        return numerator, 1.0
    return numerator, sum(float(parts[code]["value"]) for code in leaf.denominator_codes)


def _row(leaf: Node, parts: Mapping[str, Row]) -> dict[str, Any]:
    used = [parts[code] for code in dict.fromkeys((*leaf.numerator_codes, *leaf.denominator_codes))]
    numerator, denominator = _sums(leaf, parts)
    return {
        **{name: used[0][name] for name in ("framework", "round", "period", "agency")},
        "node": leaf.code,
        "stage": min((row["stage"] for row in used), key=STAGES.index),
        "value": _value(leaf, parts),
        "standard_error": 0.0,
        "method": f"{SOURCE}:{leaf.rule}",
        "source": SOURCE,
        "observation_ids": json.dumps(list(dict.fromkeys(_listed(used, "observation_ids")))),
        "snapshots": json.dumps(found) if (found := list(dict.fromkeys(_listed(used, "snapshots")))) else "",
        "detail": json.dumps({"numerator": _plain(numerator), "denominator": _plain(denominator)}),
    }


def _listed(rows: list[Row], column: str) -> Iterator[str]:
    for row in rows:
        yield from json.loads(row[column] or "[]")


def _plain(figure: float) -> float | int:
    return int(figure) if figure.is_integer() else figure
