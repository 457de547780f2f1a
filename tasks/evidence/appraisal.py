"""The three stages of a reported figure (tự đánh giá, thẩm định, kết quả): what was claimed, decided, and counts."""

import json

import numpy as np
import pandas as pd

from warehouse.frames import MEASUREMENT
from warehouse.frameworks.model import Framework

SOURCE = "appraisal"
CELL = ["framework", "round", "period", "agency", "node"]


def settle(measurements: pd.DataFrame, observations: pd.DataFrame, framework: Framework) -> pd.DataFrame:
    """Add what the appraisal council decided, and the final figures that follow.

    A figure that the council upholds is appraised as reported; one that it rejects is appraised with 0 points, whatever
    its rule would give. `final` is the appraised figure where there is one; a reported figure on which nothing was
    decided counts as reported or with 0 points, as `undecided` of the framework says. A round without any decision has
    not been appraised: it gets no final figures, and the reported ones count for the time being.

    Args:
        measurements: MEASUREMENT rows of returns and appraisals, as `tasks.evidence.reports.measure` gives them.
        observations: OBSERVATION rows behind them; the decisions without a figure are those of part `upheld`.
        framework: The framework that is measured.

    Returns:
        The same rows and, in an appraised round, those of the stages `appraised` and `final`.
    """
    decisions = _decisions(observations)
    appraised = measurements[measurements["stage"] == "appraised"]
    if decisions.empty and appraised.empty:
        return measurements
    reported = measurements[measurements["stage"] == "self_reported"]
    figured = pd.MultiIndex.from_frame(appraised[CELL])
    decisions = decisions[~pd.MultiIndex.from_frame(decisions[CELL]).isin(figured)]
    appraised = pd.concat([appraised, _upheld(decisions, reported), _rejected(decisions)], ignore_index=True)
    decided = pd.MultiIndex.from_frame(appraised[CELL])
    undecided = reported[~pd.MultiIndex.from_frame(reported[CELL]).isin(decided)]
    if framework.description.undecided == "zero":
        undecided = undecided.assign(value=np.nan, points=0.0, method="appraisal:undecided")
    final = pd.concat([appraised, undecided], ignore_index=True).assign(stage="final")
    others = measurements[measurements["stage"] != "appraised"]
    return MEASUREMENT.conform(pd.concat([others, appraised, final], ignore_index=True))


def _decisions(observations: pd.DataFrame) -> pd.DataFrame:
    """Decisions without a figure: CELL, `value` (1 upheld, 0 rejected) and the observation; one row a cell."""
    rows = observations[(observations["part"] == "upheld") & (observations["superseded_by"] == "")]
    return rows.rename(columns={"item": "node"})[[*CELL, "value", "observation_id", "source"]]


def _upheld(decisions: pd.DataFrame, reported: pd.DataFrame) -> pd.DataFrame:
    """Reported figures that the council upholds; a decision on a figure that was never reported upholds nothing."""
    upheld = decisions.loc[decisions["value"] == 1.0, [*CELL, "observation_id"]]
    rows = reported.merge(upheld, on=CELL)
    behind = zip(rows["observation_ids"], rows["observation_id"], strict=True)
    ids = [json.dumps([*json.loads(figures), decision]) for figures, decision in behind]
    return MEASUREMENT.conform(
        rows.assign(stage="appraised", source=SOURCE, method="appraisal:upheld", observation_ids=ids)
    )


def _rejected(decisions: pd.DataFrame) -> pd.DataFrame:
    """Reported figures that the council rejects: no points, by decision and not by rule."""
    rows = decisions[decisions["value"] == 0.0].drop(columns="value")
    ids = [json.dumps([decision]) for decision in rows["observation_id"]]
    return MEASUREMENT.conform(
        rows.assign(stage="appraised", points=0.0, standard_error=0.0, method="appraisal:rejected", observation_ids=ids)
    )
