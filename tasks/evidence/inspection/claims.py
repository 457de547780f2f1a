"""What agencies claim against what their portals show: the claims that a portal does not bear out."""

import json
from collections.abc import Iterator
from typing import Any

import pandas as pd

from tasks.evidence.inspection.finding import UNCHECKED
from warehouse.frames import is_missing, records
from warehouse.frameworks.inspection import InspectionDeclaration

COLUMNS = ("agency", "criterion", "check", "claimed", "seen", "difference", "snapshot_sha256", "locator", "extract")

_ROUNDING = 1e-6  # three times a ninth, in floats, is less than a third


def doubted(
    measurements: pd.DataFrame, inspected: pd.DataFrame, checks: pd.DataFrame, declared: InspectionDeclaration
) -> pd.DataFrame:
    """Return the claims that a portal does not bear out.

    A criterion that an inspection measures is doubted where more was claimed than the portal could show even if
    all that could not be checked were there. A declared claim is doubted where it exceeds the value of its check by
    more than its tolerance. What could not be checked contradicts nothing.

    Args:
        measurements: MEASUREMENT rows; those of the stage `self_reported` are the claims.
        inspected: MEASUREMENT rows of the inspection.
        checks: CHECK rows.
        declared: Which reported criteria a check can contradict.

    Returns:
        Columns `COLUMNS`, grain agency x criterion x check; claimed, seen and difference in the unit of the criterion,
        the largest difference first.
    """
    claimed = {
        (row["agency"], row["node"]): float(row["value"])
        for row in records(measurements[measurements["stage"] == "self_reported"])
        if not is_missing(row["value"])
    }
    rows = [*_of_criteria(claimed, inspected, checks), *_of_checks(claimed, checks, declared)]
    found = pd.DataFrame(rows, columns=list(COLUMNS))
    return found.sort_values(["difference", "agency", "criterion"], ascending=[False, True, True], ignore_index=True)


def _of_criteria(
    claimed: dict[tuple[str, str], float], inspected: pd.DataFrame, checks: pd.DataFrame
) -> Iterator[dict[str, Any]]:
    proofs = {(row["agency"], row["check"]): row for row in records(checks)}
    for row in records(inspected):
        claim = claimed.get((row["agency"], row["node"]))
        if claim is None:
            continue
        detail = json.loads(row["detail"])
        share_open = len(detail["items_unchecked"])
        per_item = 100.0 / detail["items"] if row["method"].endswith(":ratio") else 1.0
        if claim > row["value"] + share_open * per_item + _ROUNDING:
            failed = detail["failed"][0] if detail["failed"] else ""
            yield _row(row["agency"], row["node"], failed, claim, row["value"], proofs.get((row["agency"], failed)))


def _of_checks(
    claimed: dict[tuple[str, str], float], checks: pd.DataFrame, declared: InspectionDeclaration
) -> Iterator[dict[str, Any]]:
    wanted = {claim.check: [one for one in declared.claims if one.check == claim.check] for claim in declared.claims}
    for row in records(checks[checks["check"].isin(wanted)]):
        if row["outcome"] == UNCHECKED or is_missing(row["value"]):
            continue
        for claim in wanted[row["check"]]:
            said = claimed.get((row["agency"], claim.criterion))
            if said is not None and said > row["value"] + claim.tolerance:
                yield _row(row["agency"], claim.criterion, row["check"], said, row["value"], row)


def _row(
    agency: str, criterion: str, check: str, claim: float, seen: float, proof: dict[str, Any] | None
) -> dict[str, Any]:
    proof = proof or {}
    return {
        "agency": agency,
        "criterion": criterion,
        "check": check,
        "claimed": round(claim, 4),
        "seen": round(seen, 4),
        "difference": round(claim - seen, 4),
        "snapshot_sha256": proof.get("snapshot_sha256", ""),
        "locator": proof.get("locator", ""),
        "extract": proof.get("extract", ""),
    }
