"""Agency returns and published figures: what was counted becomes the value of a node, without sampling error."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from warehouse.errors import InputError
from warehouse.frames import MEASUREMENT, records
from warehouse.frameworks.model import Framework
from warehouse.frameworks.uncertainty import SAMPLED

PUBLISHED = "published"  # the source whose figures others made, with errors that they did not print
CELL = ["framework", "round", "period", "agency", "item", "stage", "source"]
DIFFERENCES = ("agency", "node", "source", "value", "counted_source", "counted_value", "relative", "exceeds")


def measure(observations: pd.DataFrame, framework: Framework) -> pd.DataFrame:
    """Turn the observations in force into measurements.

    A node with numerator and denominator has the value a / b (times 100 where its unit is `%`); any other node has the
    observed value, or points where the appraisal council gave points. Decisions without a figure are for
    `tasks.evidence.appraisal`. Superseded observations are left out. A quotient of which one part is missing is no
    measurement: the node is missing, and its missing-value policy applies.

    Args:
        observations: OBSERVATION rows, grain agency x item x part x period x stage x source row, already validated.
        framework: The framework whose nodes are measured.

    Returns:
        MEASUREMENT rows, grain agency x node x period x stage x source; standard error 0, because a return is a full
        count, and none where nobody knows it: of figures printed by others, and where persons should have been asked.
        `prefer` and `single` see to it that a cell has one source.
    """
    in_force = observations[observations["superseded_by"] == ""]
    if in_force.empty:
        return MEASUREMENT.empty()
    values = in_force.pivot(index=CELL, columns="part", values="value")
    for part in ("value", "a", "b", "points"):
        if part not in values:
            values[part] = np.nan
    cells = values.reset_index()
    percent = cells["item"].map({node.code: 100.0 if node.is_percent else 1.0 for node in framework.nodes})
    quotient = cells["a"] / cells["b"] * percent
    cells["value"] = cells["value"].fillna(quotient)
    cells["value"] = cells["value"].mask(cells["points"].notna())
    how = np.where(cells["points"].notna(), ":points", np.where(quotient.notna(), ":quotient", ":value"))
    cells["method"] = cells["source"] + how
    cells["observation_ids"] = _ids(in_force).reindex(pd.MultiIndex.from_frame(cells[CELL])).to_numpy()
    cells = cells[np.isfinite(cells["value"]) | np.isfinite(cells["points"])].rename(columns={"item": "node"})
    sampled = cells["node"].map({node.code: node.evidence in SAMPLED for node in framework.nodes})
    is_unknown = (cells["source"] == PUBLISHED) | sampled.eq(other=True)
    return MEASUREMENT.conform(cells.assign(standard_error=np.where(is_unknown, np.nan, 0.0)))


def _ids(observations: pd.DataFrame) -> pd.Series:
    """JSON list of the observations behind each cell, indexed by CELL."""
    ordered = observations.sort_values([*CELL, "part"])
    return ordered.groupby(CELL)["observation_id"].agg(lambda ids: json.dumps(list(ids)))


def prefer(measurements: pd.DataFrame, framework: Framework) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Keep one source of each figure, by the precedence that the framework declares.

    Of the sources that `precedence` names, the first one that measures a node of an agency counts, at all its stages.
    What the others say stays an observation. Sources that are not named are left as they are.

    Args:
        measurements: MEASUREMENT rows.
        framework: The framework with its precedence and tolerance.

    Returns:
        The rows that count, and what differs: columns DIFFERENCES, grain agency x node x source that does not count;
        `relative` is the difference over the larger figure, `exceeds` whether that is above the tolerance.
    """
    order = {source: place for place, source in enumerate(framework.description.precedence)}
    places = measurements["source"].map(order)
    first = places.groupby([measurements["agency"], measurements["node"], measurements["period"]]).transform("min")
    counts = places.isna() | (places == first)
    kept = measurements[counts].reset_index(drop=True)
    named = measurements[counts & places.notna()]
    counted = {(row["agency"], row["node"]): row for row in records(named)}
    rows = [
        difference(row, counted[row["agency"], row["node"]], framework.description.tolerance)
        for row in records(measurements[~counts])
    ]
    differing = [row for row in rows if row["relative"] > 0]
    return kept, pd.DataFrame(differing, columns=list(DIFFERENCES))


def difference(other: Mapping[str, Any], counted: Mapping[str, Any], tolerance: float) -> dict[str, Any]:
    """Set a figure that does not count against the one that does.

    Args:
        other: MEASUREMENT row that does not count.
        counted: MEASUREMENT row of the same cell that counts.
        tolerance: Relative difference that is nothing to speak of.

    Returns:
        Columns DIFFERENCES.
    """
    largest = max(abs(other["value"]), abs(counted["value"]))
    relative = abs(other["value"] - counted["value"]) / largest if largest else 0.0
    return {
        "agency": other["agency"],
        "node": other["node"],
        "source": other["source"],
        "value": other["value"],
        "counted_source": counted["source"],
        "counted_value": counted["value"],
        "relative": relative,
        "exceeds": relative > tolerance,
    }


def single(cells: pd.DataFrame) -> pd.DataFrame:
    """Return measurements, proved to measure each cell and stage once.

    Args:
        cells: MEASUREMENT rows.

    Raises:
        InputError: Two sources measure the same cell.
    """
    key = ["agency", "node", "period", "stage"]
    doubled = cells[cells.duplicated(key, keep=False)]
    if not doubled.empty:
        agency, node, period, _ = doubled.iloc[0][key]
        sources = ", ".join(sorted(set(doubled["source"])))
        raise InputError(
            f"Several sources ({sources}) measure {node} of {agency} in {period}.",
            "Leave the node to one of them in round.yaml.",
        )
    return cells
