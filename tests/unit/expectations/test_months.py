"""Figures held against earlier months: jumps, and numbers that stand still."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations.months import compare_months
from warehouse.frames import CANDIDATE, HISTORY
from warehouse.frameworks.checks import ChecksDeclaration

JUMP, STANDS = "value_does_not_jump", "value_changes_in_time"
FACTOR = {"jump": {"factor": 3, "floor": 20}}
SIX = {"unchanged": {"months": 6, "items": ["M4"]}}


def months(values, first="2020-07", **change):
    """Figures of the months before August 2020, the last one first; None is a month without any."""
    periods = pd.period_range(end=first, periods=len(values), freq="M").strftime("%Y-%m")[::-1]
    return [
        {"period": period, "value": value, **change}
        for period, value in zip(periods, values, strict=True)
        if value is not None
    ]


@pytest.mark.parametrize(
    ("previous", "value", "is_jump"),
    [
        (200, 600, False),
        (200, 601, True),
        (600, 200, False),
        (601, 200, True),
        (1, 60, False),  # below the floor counts as the floor
        (1, 61, True),
        (0, 0, False),
        (0, 60, False),
        (0, 61, True),
        (61, 0, True),
        (5, 0, False),
    ],
)
def test_jump__either_way_and_above_the_floor_only(month, doubts, previous, value, is_jump):
    outcome = month({"M4": value}, FACTOR, months([previous]))
    assert doubts(outcome) == ([("line 1", JUMP)] if is_jump else [])
    assert outcome.accepted["value"].tolist() == [value]


@pytest.mark.parametrize(("value", "is_jump"), [(0, False), (1, True)])
def test_jump__from_zero_without_a_floor__is_any_number(month, doubts, value, is_jump):
    assert bool(doubts(month({"M4": value}, {"jump": {"factor": 3}}, months([0])))) is is_jump


def test_jump__reason__names_both_figures_and_the_month(month):
    told = month({"M4": 1900}, FACTOR, months([200])).warnings.iloc[0]
    assert told["reason_en"] == "M4 rises over 3-fold, from 200 at 2020-07 to 1,900."
    assert told["reason_vi"] == "M4 tăng quá 3 lần, từ 200 tại kỳ 2020-07 thành 1.900."
    down = month({"M4": 200}, FACTOR, months([1900])).warnings.iloc[0]
    assert down["reason_vi"] == "M4 giảm quá 3 lần, từ 1.900 tại kỳ 2020-07 thành 200."


def test_jump__months_missing_in_between__the_last_one_known_counts(month):
    told = month({"M4": 900}, FACTOR, months([None, None, 200, 900])).warnings
    assert told["reason_en"].tolist() == ["M4 rises over 3-fold, from 200 at 2020-05 to 900."]


def test_jump__named_items__others_are_let_be(month, doubts):
    checks = {"jump": {"factor": 3, "items": ["M3"]}}
    assert doubts(month({"M4": 900}, checks, months([200]))) == []


def test_month_unchanged__six_in_a_row__is_doubted(month, doubts):
    outcome = month({"M4": 85}, SIX, months([85] * 5))
    assert doubts(outcome) == [("line 1", STANDS)]
    assert outcome.warnings["reason_vi"].tolist() == [
        "Giá trị 85 của M4 không đổi trong 6 tháng liên tiếp, tính cả kỳ 2020-08."
    ]


@pytest.mark.parametrize(
    ("value", "earlier"),
    [
        (85, [85] * 4),
        (85, [85, 85, 85, 85, 84]),
        (86, [85] * 5),
        (85, [85, 85, None, 85, 85, 85]),
        (85, [None, 85, 85, 85, 85, 85]),
        (0, [0] * 5),
    ],
    ids=["too short a history", "changed once", "changed now", "a month missing", "the last month missing", "nothing"],
)
def test_month_unchanged__not_six_in_a_row_or_nothing_to_count__is_not_doubted(month, doubts, value, earlier):
    assert doubts(month({"M4": value}, SIX, months(earlier))) == []


@pytest.mark.parametrize(
    "apart", [{"agency": "province-hue"}, {"item": "M3"}, {"stage": "final"}, {"source": "monitoring"}]
)
def test_history__of_another_series__is_not_compared(month, doubts, apart):
    assert doubts(month({"M4": 900}, FACTOR | SIX, months([200] * 5, **apart))) == []


@pytest.mark.parametrize(
    "period", ["2020-08", "2020-09", "2019-07", "2019", "2020", "2020/07", "tháng 7/2020", "2020-13", ""]
)
def test_history__of_no_earlier_month_of_the_last_twelve__is_of_no_use(month, doubts, period):
    assert doubts(month({"M4": 900}, FACTOR, [{"period": period, "value": 200}])) == []


def test_history__a_year_ago__is_the_last_that_is_of_use(month, doubts):
    assert doubts(month({"M4": 900}, FACTOR, [{"period": "2019-08", "value": 200}])) == [("line 1", JUMP)]


@pytest.mark.parametrize(("second", "expected"), [(200, [("line 1", JUMP)]), (900, [])])
def test_history__same_cell_twice__counts_where_both_say_the_same(month, doubts, second, expected):
    assert doubts(month({"M4": 900}, FACTOR, months([200]) + months([second]))) == expected


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_history__that_is_no_number__is_of_no_use(month, doubts, value):
    assert doubts(month({"M4": 900}, FACTOR | SIX, months([value, 850]))) == []


def test_history__none__nothing_is_doubted(month):
    checks = month({"M4": 900}, FACTOR | SIX).checks.set_index("rule")
    assert checks.loc[[JUMP, STANDS], "rows_checked"].tolist() == [0, 0]


def test_history__of_a_year__is_not_compared_with_months(month, doubts):
    assert doubts(month({"M4": 900}, FACTOR, [{"period": "2019", "value": 200}], period="2020")) == []


@pytest.mark.parametrize(
    ("value", "change"),
    [(-900, {}), (900.5, {}), (900, {"unit": "hồ sơ"}), (900, {"period_text": "tháng 7/2020"})],
    ids=str,
)
def test_refused_row__is_not_doubted_too(month, doubts, value, change):
    outcome = month([("M4", value, change)], FACTOR | SIX, months([200] * 5))
    assert (len(outcome.quarantined), doubts(outcome)) == (1, [])


def test_row_above_its_limit__is_refused_and_not_doubted_too(month, doubts):
    checks = {"not_above": [{"item": "M4", "limit": "ALL"}], **FACTOR}
    outcome = month({"M4": 900, "ALL": 800}, checks, months([200]))
    assert (len(outcome.quarantined), doubts(outcome)) == (2, [])


def test_superseded_row__is_not_doubted(month, doubts):
    figures = [("M4", 900, {"superseded_by": "6" * 64}), ("M4", 210, {"snapshot_sha256": "6" * 64})]
    assert doubts(month(figures, FACTOR, months([200]))) == []


def test_doubted_row__is_an_observation_with_the_same_id(month):
    outcome = month({"M4": 900}, FACTOR, months([200]))
    assert outcome.verdict == "accepted"
    assert outcome.warnings["observation_id"].tolist() == outcome.accepted["observation_id"].tolist()


def test_checks__of_doubted_rows__are_warned_and_say_how_bad(month):
    checks = month({"M4": 900}, FACTOR, months([200])).checks.set_index("rule")
    assert checks.loc[JUMP, ["severity", "rows_checked", "rows_failed", "status"]].tolist() == ["info", 1, 1, "warned"]


FIGURE = st.none() | st.integers(0, 2)
ONE = {"agency": "province-hue", "item": "M4", "stage": "self_reported", "source": "agency_report"}


@settings(max_examples=150)
@given(st.lists(FIGURE, max_size=14), st.integers(0, 2))
def test_compare_months__any_history__months_unchanged_as_counted_one_by_one(earlier, value):
    stands = 1
    for figure in earlier[:12]:
        if figure != value:
            break
        stands += 1
    candidates = CANDIDATE.conform(pd.DataFrame([{**ONE, "value": value}]))
    history = HISTORY.conform(pd.DataFrame([ONE, *months(earlier, **ONE)]))
    checks = ChecksDeclaration.model_validate(SIX)
    found = compare_months(pd.DataFrame({"sound": candidates["value"]}), candidates, checks, history, "2020-08")
    known = any(figure is not None for figure in earlier[:12])
    assert found["months_unchanged"].fillna(0).tolist() == [stands if value and known else 0]
