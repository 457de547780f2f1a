"""From estimates to MEASUREMENT rows: values in the unit of the criterion, with what a reader needs to judge them."""

import json
from typing import Any

import numpy as np
import pandas as pd

from tasks.evidence.surveys.values import STAGE, Round
from warehouse.frames import MEASUREMENT, records
from warehouse.frameworks.experts import ExpertDeclaration
from warehouse.frameworks.model import Framework, Node

ALL_EQUAL = "All experts gave the same rating: no disagreement was seen, which does not prove that there is none."


def to_measurements(
    estimates: pd.DataFrame, framework: Framework, declaration: ExpertDeclaration, where: Round, own_agency: pd.Series
) -> pd.DataFrame:
    """Write estimates as measurements.

    An estimate is carried from the scale of the form to the scale of the criterion.

    Args:
        estimates: Publishable estimates on the rating scale, grain agency x criterion.
        framework: The framework.
        declaration: The panel.
        where: The round.
        own_agency: Number of ratings left out because the agency employs the expert, by agency and criterion.

    Returns:
        MEASUREMENT rows, grain agency x criterion, with `detail`, a JSON of aggregates: statistic, experts, rounds,
        consensus, iqr, interval (95 %, in the unit of the value), degrees_of_freedom, own_agency_excluded,
        minimum_experts and, where all agree, a note; and `snapshots`, a JSON list. No lowest or highest rating is
        given, and no count below the minimum: `own_agency_excluded` is then null, as it is where there is none.
    """
    rows = []
    for one in records(estimates):
        node = framework.by_code[one["criterion"]]
        start, factor = _unit(node, declaration)
        left_out = int(own_agency.get((one["agency"], one["criterion"]), 0))
        detail = _detail(one, declaration, left_out)
        detail["interval"] = [_rounded(start + factor * one[end]) for end in ("low", "high")]
        rows.append(
            {
                "framework": framework.name,
                "round": where.round,
                "period": where.period,
                "agency": one["agency"],
                "node": node.code,
                "stage": STAGE,
                "value": start + factor * one["estimate"],
                "standard_error": factor * one["standard_error"],
                "n": one["n"],
                "method": f"expert:{declaration.estimate.statistic}",
                "source": where.source,
                "observation_ids": "[]",
                "detail": json.dumps(detail, ensure_ascii=False),
                "snapshots": json.dumps(where.snapshots()),
            }
        )
    return MEASUREMENT.conform(pd.DataFrame(rows)) if rows else MEASUREMENT.empty()


def _detail(one: dict[str, Any], declaration: ExpertDeclaration, left_out: int) -> dict[str, Any]:
    minimum = declaration.minimum_experts
    detail: dict[str, Any] = {
        "statistic": declaration.estimate.statistic,
        "experts": int(one["n"]),
        "rounds": int(one["rounds"]),
        "consensus": bool(one["iqr"] <= declaration.consensus.iqr),
        "iqr": round(one["iqr"], 1),
        "degrees_of_freedom": _rounded(one["degrees_of_freedom"]),
        "own_agency_excluded": left_out if left_out >= minimum else None,
        "minimum_experts": minimum,
    }
    return detail | ({"note": ALL_EQUAL} if one["standard_error"] == 0 else {})


def _unit(node: Node, declaration: ExpertDeclaration) -> tuple[float, float]:
    """Start and factor that take a rating to the node's unit."""
    if node.rule != "likert":
        return 0.0, 1.0
    low, high = float(node.parameter("low")), float(node.parameter("high"))
    factor = (high - low) / (declaration.scale.high - declaration.scale.low)
    return low - factor * declaration.scale.low, factor


def _rounded(value: float) -> float | None:
    """Six digits are plenty beside a standard error; JSON knows no NaN."""
    return None if not np.isfinite(value) else float(f"{value:.6g}")
