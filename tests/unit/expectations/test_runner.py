from dataclasses import replace

import numpy as np
import pytest

from expectations.expected import not_missing
from expectations.rule import NOTICE
from expectations.rules import RULES
from expectations.runner import checks_of, run_suite
from expectations.suites import derive_suite
from expectations.view import build_view
from warehouse.frames import CANDIDATE, OBSERVATION

CRASHING = replace(RULES[0], name="crashing", expectation=not_missing("no_such_column"))


def test_validate__sound_rows__are_accepted_as_they_are(rows, ratio, judged):
    candidates = rows({}, *ratio(5, 10))
    outcome = judged(candidates)
    assert outcome.verdict == "accepted"
    assert {name: str(dtype) for name, dtype in outcome.accepted.dtypes.items()} == OBSERVATION.columns
    assert outcome.accepted.equals(candidates[list(OBSERVATION.columns)])


def test_validate__some_rows_faulty__others_are_accepted(rows, judged):
    outcome = judged(rows({}, {"value": -1.0, "agency": "province-hue"}))
    assert outcome.verdict == "quarantined"
    assert outcome.accepted["locator"].tolist() == ["line 1"]


def test_validate__index_of_the_rows__does_not_matter(rows, judged, refusals):
    candidates = rows({}, {"value": -1.0, "agency": "province-hue"}).set_index(np.array([7, 7]))
    assert refusals(judged(candidates)) == [("line 2", "value_not_below_minimum")]


def test_validate__missing_column__refuses_the_batch(rows, judged):
    outcome = judged(rows({}).drop(columns="item"))
    assert outcome.verdict == "refused"
    assert outcome.batch_refusals[0].startswith("The rows to validate lack the column(s) item.")
    assert outcome.accepted.empty


def test_validate__no_rows__refuses_the_batch(judged):
    assert judged(CANDIDATE.empty()).verdict == "refused"


def test_validate__crashed_check__accepts_nothing_and_names_it(rows, judged, refusals):
    candidates = rows({}, {"value": -1.0, "agency": "province-hue"})
    outcome = judged(candidates, rules=(*RULES, CRASHING))
    assert (outcome.verdict, outcome.crashed) == ("check_failed", ["crashing"])
    assert outcome.accepted.empty
    assert refusals(outcome) == [("line 2", "value_not_below_minimum")]
    crashed = outcome.checks.set_index("rule").loc["crashing"]
    assert crashed["status"] == "crashed"
    assert "no_such_column" in crashed["message"]


def test_validate__crashed_check_that_only_doubts__accepts_nothing_either(rows, judged):
    outcome = judged(rows({}), rules=(*RULES, replace(CRASHING, severity=NOTICE)))
    assert (outcome.verdict, len(outcome.accepted), len(outcome.warnings)) == ("check_failed", 0, 0)


UNKNOWN = {"item": "", "item_text": "KTS.7.1.2.99", "unit_expected": ""}


@pytest.mark.parametrize(
    "figure",
    [
        {"unit": "%", "value": np.nan},
        {"unit": "người", "unit_expected": "%"},
        {"value": np.nan, "value_text": "chưa có"},
        {"value": -1.0},
        {"value": 101.0},
        {"part": "a", "counterpart": np.nan},
        {"part": "b", "value": 0.0},
        {"item": "KTS.7.1.2.99", "value": -1.0},
    ],
    ids=str,
)
def test_validate__unknown_item__nothing_is_said_of_its_figure(rows, judged, refusals, figure):
    assert refusals(judged(rows({**UNKNOWN, **figure}))) == [("line 1", "item_is_known")]


def test_validate__unknown_item_given_twice__is_no_copy(rows, judged, refusals):
    assert refusals(judged(rows(*[{**UNKNOWN, "item": "KTS.7.1.2.99"}] * 2))) == [
        ("line 1", "item_is_known"),
        ("line 2", "item_is_known"),
    ]


def test_validate__any_unit_is_ranked__no_list_is_asked_for(rows, judged):
    outcome = judged(rows({"agency": "Lào"}), ranked_agencies=None)
    assert outcome.verdict == "accepted"
    assert "agency_is_ranked" not in outcome.checks["rule"].tolist()


def test_validate__checks__count_the_rows_that_a_rule_applies_to(rows, ratio, judged):
    checks = judged(rows({}, *ratio(5, 10))).checks.set_index("rule")["rows_checked"]
    assert checks[
        ["agency_is_known", "unit_is_expected", "denominator_is_positive", "ratio_partner_refused"]
    ].tolist() == [*(3, 1, 1, 2)]


def test_validate__no_docs_asked_for__writes_none(rows, judged, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert judged(rows({})).data_docs_index is None
    assert list(tmp_path.iterdir()) == []


def test_run_suite__more_failing_rows_than_a_report_shows__names_them_all(rows, scope):
    view = build_view(rows(*[{"value": -1.0}] * 300), scope)
    found = {check.rule: check for check in checks_of(run_suite(view, derive_suite(scope)))}
    assert found["value_not_below_minimum"].failed.tolist() == list(range(300))


def test_checks_of__rows_that_fail_but_are_not_named__are_a_crash_and_not_a_pass(rows, scope):
    result = run_suite(build_view(rows({"value": -1.0}), scope), derive_suite(scope))
    for one in result.results:
        one.result.pop("unexpected_index_list")
    crashed = {check.rule: check.crashed for check in checks_of(result) if check.crashed}
    assert crashed == {"value_not_below_minimum": "1 rows fail, but 0 are named"}


def test_run_suite__prints_nothing(rows, scope, capfd):
    run_suite(build_view(rows({}), scope), derive_suite(scope))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", [rule.name for rule in RULES if rule.expectation])
def test_run_suite__column_of_a_rule_missing__crashes_that_rule(rows, scope, checks, name):
    rules = [rule for rule in RULES if rule.name == name]
    scope = replace(scope, checks=checks)
    view = build_view(rows({}), scope)
    (check,) = checks_of(run_suite(view[["ratio"]], derive_suite(scope, rules)))
    assert check.status(*rules) == "crashed"
