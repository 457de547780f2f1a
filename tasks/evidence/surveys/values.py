"""From estimates to MEASUREMENT rows: values in the unit of the criterion, with what a reader needs to judge them."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from tasks.evidence.surveys.estimates import confidence_interval
from warehouse.frames import MEASUREMENT, records
from warehouse.frameworks.model import Framework, Node
from warehouse.frameworks.survey import Item, Scale, Survey

STAGE = "final"


@dataclass(frozen=True)
class Round:
    """Where measurements belong.

    Attributes:
        round: Name of the round.
        period: Period.
        source: Name under which the measurements stand.
        pages: Form to the sha256 of the pages that the answers on it came in.
    """

    round: str
    period: str
    source: str = "survey"
    pages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def snapshots(self, forms: Iterable[str] | None = None) -> list[str]:
        """The pages behind answers on some forms; None: behind all."""
        wanted = self.pages if forms is None else [form for form in forms if form in self.pages]
        return sorted({sha256 for form in wanted for sha256 in self.pages[form]})


def to_measurements(
    estimates: pd.DataFrame, framework: Framework, survey: Survey, where: Round, form_versions: Mapping[str, int]
) -> pd.DataFrame:
    """Write estimates as measurements.

    A Likert mean is carried from the scale of the question to the scale of the criterion, a proportion or ratio is in
    percent where the unit of the criterion is `%`.

    Args:
        estimates: Publishable estimates on the coded scale, grain agency x criterion.
        framework: The framework.
        survey: The survey.
        where: The round.
        form_versions: Form version to number of submissions behind the survey.

    Returns:
        MEASUREMENT rows, grain agency x criterion, with `detail`, a JSON of aggregates: survey, population, statistic,
        design_effect, effective_n, degrees_of_freedom, clusters, interval (95 %, in the unit of the value),
        form_versions and minimum_cell; and `snapshots`, a JSON list.
    """
    plain = _ends(estimates, proportion=False)
    bounded = _ends(estimates, proportion=True)
    snapshots = json.dumps(where.snapshots(name for form in survey.forms for name in form.forms))
    rows = []
    for place, one in enumerate(records(estimates)):
        node = framework.by_code[one["variable"]]
        item, scale = item_of(survey, node.code)
        start, factor = unit_of(node, item, scale)
        detail = _detail(one, survey, sorted(form_versions))
        is_proportion = scale.kind == "proportion" and item.statistic == "mean"
        interval = (bounded if is_proportion else plain)[place]
        detail["interval"] = [_rounded(start + factor * end) for end in interval]
        rows.append(
            {
                "framework": framework.name,
                "round": where.round,
                "period": where.period,
                "agency": one["domain"],
                "node": node.code,
                "stage": STAGE,
                "value": start + factor * one["estimate"],
                "standard_error": abs(factor) * one["standard_error"],
                "n": one["n"],
                "method": f"survey:{scale.kind if item.statistic == 'mean' else item.statistic}",
                "source": where.source,
                "observation_ids": "[]",
                "detail": json.dumps(detail, ensure_ascii=False),
                "snapshots": snapshots,
            }
        )
    return MEASUREMENT.conform(pd.DataFrame(rows)) if rows else MEASUREMENT.empty()


def item_of(survey: Survey, code: str) -> tuple[Item, Scale]:
    """The question of a criterion and its scale, in the first form version that asks for it."""
    item = next(form.criteria[code] for form in survey.forms if code in form.criteria)
    return item, survey.scales[item.scale]


def _ends(estimates: pd.DataFrame, *, proportion: bool) -> list[tuple[float, float]]:
    low, high = confidence_interval(estimates, proportion=proportion)
    return list(zip(low.tolist(), high.tolist(), strict=True))


def _detail(one: dict[str, Any], survey: Survey, form_versions: list[str]) -> dict[str, Any]:
    return {
        "survey": survey.survey,
        "population": survey.population,
        "statistic": one["statistic"],
        "design_effect": _rounded(one["design_effect"]),
        "effective_n": _rounded(one["effective_n"]),
        "degrees_of_freedom": int(one["degrees_of_freedom"]),
        "clusters": int(one["clusters"]),
        "form_versions": form_versions,
        "minimum_cell": survey.minimum_cell,
    }


def unit_of(node: Node, item: Item, scale: Scale) -> tuple[float, float]:
    """Start and factor that take an estimate on the coded scale to the node's unit."""
    if scale.kind == "likert" and item.statistic == "mean":
        ends: tuple[Any, Any] = (scale.low, scale.high)
        if node.rule == "likert":
            ends = (node.parameter("low"), node.parameter("high"))
        low, high = (float(end) for end in ends)
        return low, high - low
    is_share = (scale.kind == "proportion" or item.statistic == "ratio") and item.statistic != "total"
    return 0.0, 100.0 if is_share and node.is_percent else 1.0


def _rounded(value: float) -> float | None:
    """Six digits are plenty beside a standard error; JSON knows no NaN."""
    return None if not np.isfinite(value) else float(f"{value:.6g}")
