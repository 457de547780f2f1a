import numpy as np

from warehouse.frames import QUARANTINE


def test_quarantine__row_that_breaks_several_rules__one_row_each_in_declared_order(rows, judged, refusals):
    faulty = {"agency": "", "stage": "draft", "value": np.nan, "value_text": "n/a", "evidence_text": ""}
    assert refusals(judged(rows({}, faulty))) == [
        ("line 2", "agency_is_known"),
        ("line 2", "stage_is_known"),
        ("line 2", "value_is_a_number"),
        ("line 2", "evidence_is_named"),
    ]


def test_quarantine__frame__is_as_declared(rows, judged):
    refused = judged(rows({"value": -1.0}), round_name="press").quarantined
    assert {name: str(dtype) for name, dtype in refused.dtypes.items()} == QUARANTINE.columns
    assert refused.iloc[0][["framework", "round", "period", "source", "agency"]].tolist() == [
        *("small_2020", "press", "2020", "agency_report", "province-da-nang")
    ]


def test_quarantine__item_and_unit_not_understood__stand_as_written(rows, judged):
    faulty = {"item": "", "item_text": "X.9", "unit": "", "unit_text": "cái", "unit_expected": ""}
    assert judged(rows(faulty)).quarantined.iloc[0][["item", "unit"]].tolist() == ["X.9", "cái"]


def test_quarantine__row_of_another_period__belongs_to_the_round_that_refused_it(rows, judged):
    (row,) = judged(rows({"period": "2019"})).quarantined.to_dict("records")
    assert (row["period"], row["rule"]) == ("2020", "period_matches")
    assert row["reason_vi"] == "Kỳ ghi trong nguồn là “2019”, không phải 2020."


def test_quarantine__nothing_refused__is_empty_and_as_declared(rows, judged):
    refused = judged(rows({})).quarantined
    assert refused.empty
    assert list(refused.columns) == list(QUARANTINE.columns)
