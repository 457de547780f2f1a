"""What goes into the Prefect UI is inert and complete."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from flows.artifacts import coverage, decisions, inert
from warehouse.frames import MEASUREMENT, OBSERVATION


@given(st.text())
def test_inert__any_text__no_markup_is_left(text):
    assert not set("<>[]|`") & set(inert(text))


def test_inert__numbers_and_gaps():
    assert [inert(value) for value in (3, 0.5, True, None, float("nan"), pd.NA)] == [3, 0.5, True, "", "", ""]


def test_coverage__agency_without_a_measurement__is_listed_first():
    measurements = pd.DataFrame({"agency": ["x", "x", "y"], "node": ["a", "b", "a"]})
    found = coverage(measurements, {"a": "report", "b": "survey"}, ["x", "y", "z"])
    assert found["agency"].tolist() == ["z", "y", "x"]
    assert found["measured"].tolist() == [0, 1, 2]
    assert found["report"].tolist() == [0, 1, 1]


def test_coverage__published_value_above_the_criteria__is_counted_apart():
    measurements = pd.DataFrame({"agency": ["x"], "node": ["pillar"]})
    found = coverage(measurements, {"a": "report"}, ["x"])
    assert found[["measured", "entered_above"]].to_numpy().tolist() == [[0, 1]]


def test_decisions__three_stages_side_by_side_with_the_reason__what_lost_most_first():
    stage = {"self_reported": (5.0, None), "appraised": (3.0, None), "final": (3.0, None)}
    figures = [("a", "X", name, *figure) for name, figure in stage.items()]
    given_up = {"self_reported": (5.0, None), "appraised": (None, 0.0), "final": (None, 0.0)}
    figures += [("b", "X", name, *figure) for name, figure in given_up.items()]
    figures += [("c", "X", "self_reported", 4.0, None), ("c", "X", "final", 4.0, None)]
    measured = MEASUREMENT.conform(pd.DataFrame(figures, columns=["agency", "node", "stage", "value", "points"]))
    noted = {"agency": "b", "item": "X", "stage": "appraised", "note": "no document"}
    claimed = pd.DataFrame({"agency": ["a", "b", "c"], "node": "X", "excess": [2.0, 5.0, 0.0]})
    found = decisions(claimed, measured, OBSERVATION.conform(pd.DataFrame([noted])))
    assert found[["agency", "self_reported", "appraised", "final"]].to_numpy().tolist() == [
        ["b", "5", "0 points", "0 points"],
        ["a", "5", "3", "3"],
    ]
    assert found["reason"].tolist()[0] == "no document"
