"""What goes into the Prefect UI is inert and complete."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from flows.artifacts import coverage, inert


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
