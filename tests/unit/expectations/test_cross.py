"""Figures of one return held against declared limits."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations.cross import compare_items
from warehouse.frames import CANDIDATE
from warehouse.frameworks.checks import NotAbove

RULE = "item_not_above_limit"
M4 = {"not_above": [{"item": "M4", "limit": "ALL"}]}
SUM = {"not_above": [{"item": "M3+M4", "limit": "ALL"}]}


def test_limit__figure_above_it__both_are_refused_for_nobody_knows_which_is_wrong(month, refusals):
    outcome = month({"M4": 900, "ALL": 800, "M3": 5}, M4)
    assert refusals(outcome) == [("line 1", RULE), ("line 2", RULE)]
    assert outcome.accepted["item"].tolist() == ["M3"]


def test_limit__reason__names_both_figures_in_both_languages(month):
    told = month({"M4": 1900, "ALL": 800}, M4).quarantined
    assert set(told["reason_en"]) == {"M4 is 1,900, above ALL, which is 800; one of them is wrong."}
    assert set(told["reason_vi"]) == {"M4 là 1.900, lớn hơn ALL là 800; không rõ số nào sai."}


@pytest.mark.parametrize("figures", [{"M4": 800, "ALL": 800}, {"M4": 0, "ALL": 0}, {"M4": 900}, {"ALL": 8}])
def test_limit__reached_or_without_the_other_figure__is_no_fault(month, figures):
    assert month(figures, M4).verdict == "accepted"


def test_limit__of_zero__is_one(month, refusals):
    assert refusals(month({"M4": 1, "ALL": 0}, M4)) == [("line 1", RULE), ("line 2", RULE)]


def test_sum__above_the_limit__all_its_figures_are_refused(month, refusals):
    outcome = month({"M3": 500, "M4": 400, "ALL": 800, "ON": 1}, SUM)
    assert refusals(outcome) == [("line 1", RULE), ("line 2", RULE), ("line 3", RULE)]
    assert outcome.quarantined["reason_en"][0].startswith("M3+M4 is 900, above ALL, which is 800")


def test_sum__part_of_it_missing__is_not_judged(month):
    assert month({"M4": 900, "ALL": 800}, SUM).verdict == "accepted"


def test_sum__as_the_limit__is_added_up(month, refusals):
    checks = {"not_above": [{"item": "ON", "limit": "M3+M4"}]}
    assert month({"ON": 30, "M3": 10, "M4": 20}, checks).verdict == "accepted"
    assert len(refusals(month({"ON": 31, "M3": 10, "M4": 20}, checks))) == 3


def test_refuse_item__the_limit_stays(month, refusals):
    checks = {"not_above": [{"item": "ON", "limit": "M3+M4", "refuse": "item"}]}
    outcome = month({"ON": 31, "M3": 10, "M4": 20}, checks)
    assert refusals(outcome) == [("line 1", RULE)]
    assert outcome.accepted["item"].tolist() == ["M3", "M4"]


def test_several_limits__the_first_broken_one_is_told__whatever_holds_before_it(month):
    checks = {
        "not_above": [{"item": "M4", "limit": "ALL"}, {"item": "M4", "limit": "M3"}, {"item": "M4", "limit": "ON"}]
    }
    told = month({"M4": 10, "ALL": 20, "M3": 9, "ON": 8}, checks).quarantined.set_index("item")["reason_en"]
    assert told["M4"].startswith("M4 is 10, above M3")
    assert told["ON"].startswith("M4 is 10, above ON")
    assert "ALL" not in told


@pytest.mark.parametrize(
    "apart",
    [{"agency": "province-hue"}, {"stage": "final"}, {"source": "monitoring"}, {"superseded_by": "6" * 64}],
    ids=str,
)
def test_returns__of_another_agency_stage_source_or_time__are_not_mixed(month, apart):
    assert month([("M4", 900, {}), ("ALL", 800, apart)], M4).verdict == "accepted"


def test_returns__a_source_in_several_pages__is_one_return(month, refusals):
    page = {"snapshot_sha256": "6" * 64}
    assert len(refusals(month([("M4", 900, {}), ("ALL", 800, page)], M4))) == 2


def test_superseded_return__is_judged_by_its_own_figures(month, refusals):
    old = {"superseded_by": "7" * 64, "snapshot_sha256": "6" * 64}
    figures = [("M4", 900, old), ("ALL", 800, old), ("M4", 700, {}), ("ALL", 800, {})]
    assert refusals(month(figures, M4)) == [("line 1", RULE), ("line 2", RULE)]


@pytest.mark.parametrize(
    ("value", "change", "rule"),
    [
        (-1, {}, "value_not_below_minimum"),
        (np.nan, {"value_text": "chưa có"}, "value_is_a_number"),
        (np.inf, {}, "value_is_a_number"),
        (7.5, {}, "value_is_whole"),
        (7, {"unit": "hồ sơ"}, "unit_is_expected"),
        (7, {"period_text": "tháng 7/2020"}, "period_matches"),
        (7, {"agency": ""}, "agency_is_known"),
        (7, {"part": "points"}, None),
    ],
    ids=str,
)
def test_limit__that_is_no_sound_figure__is_at_fault_alone(month, refusals, value, change, rule):
    outcome = month([("M4", 900, {}), ("ALL", value, change)], M4)
    assert refusals(outcome) == ([("line 2", rule)] if rule else [])


def test_limit__given_twice_alike__is_still_one(month, refusals):
    assert refusals(month([("M4", 900, {}), ("ALL", 800, {}), ("ALL", 800, {})], M4))[:1] == [("line 1", RULE)]


def test_limit__given_twice_differently__judges_nobody(month, refusals):
    outcome = month([("M4", 900, {}), ("ALL", 800, {}), ("ALL", 950, {})], M4)
    assert refusals(outcome) == [("line 2", "observation_is_unique"), ("line 3", "observation_is_unique")]


def test_checks__count_the_rows_that_take_part(month):
    checks = month({"M4": 1, "ALL": 2, "M3": 3}, M4).checks.set_index("rule")
    assert checks.loc[RULE, ["rows_checked", "rows_failed", "status"]].tolist() == [2, 0, "passed"]


COUNT = st.none() | st.integers(0, 6)
LIMITS = [("M4", "ALL"), ("M3+M4", "ALL"), ("ON", "M3+M4")]


@settings(max_examples=150)
@given(st.fixed_dictionaries(dict.fromkeys(("ALL", "M3", "M4", "ON"), COUNT)), st.sampled_from(["both", "item"]))
def test_compare_items__whatever_was_reported__what_contradicts_is_broken_and_nothing_else(figures, refuse):
    reported = {code: value for code, value in figures.items() if value is not None} | {"IN": 1}
    entries = [NotAbove.model_validate({"item": item, "limit": limit, "refuse": refuse}) for item, limit in LIMITS]
    candidates = CANDIDATE.conform(pd.DataFrame({"item": list(reported), "value": list(reported.values())}))
    compared = compare_items(pd.DataFrame({"sound": candidates["value"]}), candidates, entries)
    broken = set(candidates["item"][compared["item_sum"] > compared["item_limit"]])
    contradicted = set()
    for item, limit in LIMITS:
        lower, upper = item.split("+"), limit.split("+")
        if {*lower, *upper} <= reported.keys() and sum(map(reported.get, lower)) > sum(map(reported.get, upper)):
            contradicted |= {*lower, *(upper if refuse == "both" else ())}
    assert broken == contradicted
