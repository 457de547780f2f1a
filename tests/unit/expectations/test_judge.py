"""Rows weighed against each other: copies, contradictions and the halves of ratios."""

import numpy as np
import pytest


def test_copies__same_value_twice__first_is_kept(rows, judged, refusals):
    outcome = judged(rows({}, {}, {}))
    assert refusals(outcome) == [("line 2", "observation_is_unique"), ("line 3", "observation_is_unique")]
    assert outcome.accepted["locator"].tolist() == ["line 1"]


def test_copies__first_breaks_another_rule__next_sound_one_is_kept(rows, judged, refusals):
    outcome = judged(rows({"evidence_text": ""}, {}, {}))
    assert outcome.accepted["locator"].tolist() == ["line 2"]
    assert refusals(outcome) == [
        ("line 1", "evidence_is_named"),
        ("line 1", "observation_is_unique"),
        ("line 3", "observation_is_unique"),
    ]


def test_copies__different_values__nobody_is_believed(rows, judged, refusals):
    outcome = judged(rows({}, {"value": 86.0, "value_text": "86"}))
    assert refusals(outcome) == [("line 1", "observation_is_unique"), ("line 2", "observation_is_unique")]
    assert set(outcome.quarantined["reason_en"]) == {"This figure is given 2 times: 85 (line 1); 86 (line 2)."}


@pytest.mark.parametrize(
    "change",
    [
        {"agency": "province-hue"},
        {"stage": "final"},
        {"source": "published"},
        {"item": "C", "item_text": "C", "value": 2.0, "unit": "", "unit_expected": ""},
        {"superseded_by": "6" * 64},
        {"value": np.nan, "value_text": "chưa có"},
    ],
)
def test_copies__another_figure_or_none__do_not_compete(rows, judged, change):
    assert "line 1" in judged(rows({}, change)).accepted["locator"].tolist()


def test_partners__denominator_refused__numerator_goes_with_it(rows, ratio, judged, refusals):
    outcome = judged(rows(*ratio(5, 0), {}))
    assert refusals(outcome) == [("line 1", "ratio_partner_refused"), ("line 2", "denominator_is_positive")]
    assert outcome.accepted["locator"].tolist() == ["line 3"]


def test_partners__denominator_unreadable__is_not_called_missing(rows, ratio, judged, refusals):
    numerator, denominator = ratio(5, np.nan)
    outcome = judged(rows(numerator, {**denominator, "value_text": "nhiều"}))
    assert refusals(outcome) == [("line 1", "ratio_partner_refused"), ("line 2", "value_is_a_number")]


def test_partners__denominator_not_there__is_called_missing(rows, ratio, judged, refusals):
    numerator, _ = ratio(5, np.nan)
    assert refusals(judged(rows(numerator))) == [("line 1", "ratio_is_complete")]


def test_partners__a_copy_of_the_denominator_refused__numerator_stays(rows, ratio, judged, refusals):
    outcome = judged(rows(*ratio(5, 10), ratio(5, 10)[1]))
    assert refusals(outcome) == [("line 3", "observation_is_unique")]
    assert outcome.accepted["locator"].tolist() == ["line 1", "line 2"]


def test_partners__of_another_return__are_left_alone(rows, ratio, judged):
    earlier = ratio(5, 0, superseded_by="6" * 64)
    later = ratio(5, 10, snapshot_sha256="6" * 64)
    assert judged(rows(*earlier, *later)).accepted["locator"].tolist() == ["line 3", "line 4"]


def test_superseded__sound_rows__are_accepted_and_keep_what_replaced_them(rows, judged):
    outcome = judged(rows({"superseded_by": "6" * 64}, {"snapshot_sha256": "6" * 64}))
    assert outcome.accepted["superseded_by"].tolist() == ["6" * 64, ""]


def test_superseded__faulty_rows__are_quarantined_too(rows, judged, refusals):
    assert refusals(judged(rows({"superseded_by": "6" * 64, "value": 101.0}))) == [
        ("line 1", "value_not_above_maximum")
    ]


def test_appraisal__of_what_a_survey_measures__is_quarantined_and_stops_nothing(rows, judged, refusals):
    decided = {"source": "appraisal", "stage": "appraised", "evidence_needed": False}
    of_survey = {**decided, "item": "S", "item_text": "S", "value": 4.0, "unit": "1-5", "unit_expected": "1-5"}
    outcome = judged(rows(decided, {**of_survey, "valid_min": 1.0, "valid_max": 5.0}))
    assert refusals(outcome) == [("line 2", "item_is_reported_here")]
    assert outcome.accepted["locator"].tolist() == ["line 1"]


def test_no_row__where_other_evidence_came__is_no_fault(rows, judged):
    empty = rows({}).iloc[:0]
    assert judged(empty).batch_refusals
    outcome = judged(empty, may_be_empty=True)
    assert (outcome.verdict, len(outcome.accepted)) == ("accepted", 0)
