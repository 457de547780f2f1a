"""One figure from two sources."""

from dataclasses import replace

import numpy as np
import pytest

from expectations.cross import compare_items
from expectations.scope import Scope
from expectations.sources import compare_sources
from expectations.view import build_view
from warehouse.frameworks.checks import ChecksDeclaration

RULE = "sources_agree"
TWO = {"sources_agree": {"tolerance": 0.02}}
MONITORING = {"source": "monitoring", "snapshot_sha256": "6" * 64}


@pytest.mark.parametrize(
    ("other", "agree"), [(100, True), (98, True), (97, False), (102, True), (103, False), (0, False)]
)
def test_sources__further_apart_than_declared__the_one_that_does_not_stand_is_doubted(month, doubts, other, agree):
    outcome = month([("M4", 100, {}), ("M4", other, MONITORING)], TWO)
    assert doubts(outcome) == ([] if agree else [("line 2", RULE)])
    assert len(outcome.accepted) == 2


def test_sources__reason__names_both(month):
    told = month([("M4", 1000, {}), ("M4", 10, MONITORING)], TWO).warnings.iloc[0]
    assert told["reason_vi"] == "monitoring cho M4 là 10".replace("monitoring", "Nguồn monitoring") + (
        ", nguồn agency_report là 1.000: lệch quá mức cho phép."
    )
    assert told["reason_en"] == "monitoring gives 10 for M4, agency_report gives 1,000: further apart than allowed."


def test_sources__both_zero__agree(month, doubts):
    assert doubts(month([("M4", 0, {}), ("M4", 0, MONITORING)], TWO)) == []


@pytest.mark.parametrize(
    "change",
    [
        {"agency": "province-hue"},
        {"stage": "final"},
        {"superseded_by": "7" * 64},
        {"value": np.nan, "value_text": "?"},
        {"value": -1.0},
        {"unit": "hồ sơ"},
    ],
    ids=str,
)
def test_sources__another_figure_or_none_that_counts__is_not_compared(month, doubts, change):
    assert doubts(month([("M4", 100, {}), ("M4", 10, {**MONITORING, **change})], TWO)) == []


def test_sources__the_one_that_counts_contradicts_itself__nothing_is_compared(month, doubts):
    figures = [("M4", 100, {}), ("M4", 90, {}), ("M4", 10, MONITORING)]
    assert doubts(month(figures, TWO)) == []


def test_sources__three_of_them__each_other_one_is_held_against_the_one_that_counts(month, doubts):
    figures = [("M4", 10, {"source": "published"}), ("M4", 100, {}), ("M4", 99, MONITORING)]
    assert doubts(month(figures, TWO)) == [("line 1", RULE)]


def view_of(candidates, scope):
    checks = ChecksDeclaration.model_validate(TWO)
    view = build_view(candidates, replace(scope, checks=checks))
    return view.assign(sound=view["figure"])


def test_compare_sources__precedence__says_which_one_stands(rows, scope):
    candidates = rows({}, {"value": 50.0, "source": "monitoring"})
    by_alphabet = compare_sources(view_of(candidates, scope), candidates, 0.02, ())
    declared = compare_sources(view_of(candidates, scope), candidates, 0.02, ("monitoring", "agency_report"))
    assert by_alphabet["other_value"].isna().tolist() == [True, False]
    assert declared["other_value"].isna().tolist() == [False, True]
    assert declared["other_source"].tolist() == ["monitoring", ""]


def test_scope__equal_but_for_the_history__is_equal(framework):
    one, other = (Scope(framework=framework, round_name="r", period="2020-08") for _ in range(2))
    assert one == other


def test_compare_items__no_row_of_a_declared_item__compares_nothing(rows, scope):
    candidates = rows({})
    entries = ChecksDeclaration.model_validate({"not_above": [{"item": "A", "limit": "B"}]}).not_above
    assert compare_items(view_of(candidates, scope), candidates, entries)["item_sum"].isna().all()
