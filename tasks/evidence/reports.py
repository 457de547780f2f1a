"""Agency returns and published figures: what was counted becomes the value of a node, without sampling error."""

import json

import numpy as np
import pandas as pd

from warehouse.errors import InputError
from warehouse.frames import MEASUREMENT
from warehouse.frameworks.model import Framework

CELL = ["framework", "round", "period", "agency", "item", "stage", "source"]


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
        MEASUREMENT rows, grain agency x node x period x stage; standard error 0, because a return is a full count.

    Raises:
        InputError: Two sources measure the same cell.
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
    return single(MEASUREMENT.conform(cells.assign(standard_error=0.0)))


def _ids(observations: pd.DataFrame) -> pd.Series:
    """JSON list of the observations behind each cell, indexed by CELL."""
    ordered = observations.sort_values([*CELL, "part"])
    return ordered.groupby(CELL)["observation_id"].agg(lambda ids: json.dumps(list(ids)))


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
