"""Every rule says why in both languages and is shown to refuse and to accept; every bundled framework gives a suite."""

import unicodedata
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations.declared import DECLARED
from expectations.reasons import FIELDS, fields_of
from expectations.rule import CRITICAL, NOTICE, WARNING
from expectations.rules import RULES
from expectations.runner import validate
from expectations.scope import Scope
from expectations.suites import derive_suite
from warehouse.frames import CANDIDATE, HISTORY
from warehouse.frameworks.checks import ChecksDeclaration, load_cross_checks
from warehouse.frameworks.loader import framework_names, load_framework
from warehouse.frameworks.model import Description, Framework, Level, Node

NAMES = [rule.name for rule in RULES]
EACH_RULE = pytest.mark.parametrize("rule", RULES, ids=NAMES)
EACH_FRAMEWORK = pytest.mark.parametrize("name", framework_names())
PARTNER = "ratio_partner_refused"
BY_ANOTHER_ROW = (PARTNER, "sources_agree")  # the row that brings them about does not break them
PERIOD = "2020-08"

FRAMEWORK = Framework(
    description=Description(framework="small_2020", levels=(Level(level="index"), Level(level="criterion"))),
    nodes=(
        Node(code="INDEX", parent="", level="index", aggregation="sum"),
        Node(code="LINEAR", parent="INDEX", level="criterion", rule="linear", unit="%", evidence="report"),
        Node(code="RATIO", parent="INDEX", level="criterion", rule="ratio", unit="%", evidence="report"),
        Node(code="TWICE", parent="INDEX", level="criterion", rule="ratio", unit="%", parameters={"valid_max": 200.0}),
        Node(code="LIST", parent="INDEX", level="criterion", rule="checklist", items_vi=tuple("abcde")),
        Node(code="YES", parent="INDEX", level="criterion", rule="binary"),
        Node(code="TOTAL", parent="INDEX", level="criterion", rule="count", unit="dịch vụ"),
        Node(code="PART", parent="INDEX", level="criterion", rule="count", unit="dịch vụ"),
        Node(code="LIKERT", parent="INDEX", level="criterion", rule="likert", unit="1-5", evidence="survey"),
    ),
    groups={},
    folder=Path(),
    digest="",
)
AGENCIES = [f"province-{number}" for number in range(2 * len(RULES))]
CHECKS = ChecksDeclaration.model_validate(
    {
        "not_above": [{"item": "PART", "limit": "TOTAL"}],
        "jump": {"factor": 3, "floor": 20, "items": ["TOTAL"]},
        "unchanged": {"months": 6, "items": ["TOTAL"]},
        "sources_agree": {"tolerance": 0.02},
    }
)
MONTHS_OF_200 = HISTORY.conform(
    pd.DataFrame(
        [
            {"agency": agency, "item": "TOTAL", "period": f"2020-{month:02d}", "value": 200.0}
            for agency in AGENCIES
            for month in range(3, 8)
        ]
    ).assign(stage="self_reported", source="agency_report")
)


def row(item="LINEAR", value=85.0, **change):
    """A sound row of an item, but for what is changed."""
    node = FRAMEWORK.by_code.get(item, Node(code="", parent="", level="", rule="linear"))
    sound = {
        "framework": "small_2020",
        "period": PERIOD,
        "agency": AGENCIES[0],
        "agency_text": "Đà Nẵng",
        "item": item,
        "item_text": item,
        "part": "value",
        "stage": "self_reported",
        "source": "agency_report",
        "value": value,
        "value_text": f"{value:g}" if np.isfinite(value) else "chưa có",
        "unit": node.unit,
        "unit_expected": node.unit,
        "evidence_text": "QĐ 1/UBND",
        "evidence_needed": True,
        "snapshot_sha256": "5" * 64,
        "valid_min": node.bounds[0],
        "valid_max": node.bounds[1],
    }
    return {**sound, **change}


def ratio(a, b, item="RATIO", **change):
    """The two parts of a ratio, each with the other as its counterpart."""
    part = {"unit": "hồ sơ", "unit_expected": "", "valid_max": np.inf, **change}
    return [row(item, a, part="a", counterpart=b, **part), row(item, b, part="b", counterpart=a, **part)]


def judge(rows, rules=RULES):
    numbered = [{**each, "locator": f"line {number}"} for number, each in enumerate(rows)]
    candidates = CANDIDATE.conform(pd.DataFrame(numbered))
    options = {"round_name": "test", "period": PERIOD, "ranked_agencies": AGENCIES, "rules": rules}
    return validate(candidates, FRAMEWORK, checks=CHECKS, history=MONTHS_OF_200, **options)


def refusals(outcome):
    return told(outcome.quarantined)


def told(rows):
    return set(zip(rows["locator"].str.removeprefix("line ").astype(int), rows["rule"], strict=True))


# rule: rows of which each breaks this rule and no other; rows that come close and are sound
EXAMPLES = {
    "agency_is_known": ([row(agency="", agency_text="Sao Hỏa")], [row()]),
    "agency_is_ranked": ([row(agency="ministry-y-te")], [row()]),
    "item_is_known": ([row("X.9"), row("")], [row("LINEAR")]),
    "item_is_reported_here": (
        [row("LIKERT", 4.0), row("INDEX", 0.5)],
        [row("LIKERT", 4.0, source="published"), row("INDEX", 0.5, source="published"), row("YES", 1.0)],
    ),
    "period_matches": (
        [row(period="2019"), row(period_text="Năm 2019", stage="final")],
        [row(period_text="Năm 2020"), row(period_text="31/12/2020", stage="final")],
    ),
    "stage_is_known": ([row(stage="draft")], [row(stage="appraised"), row(stage="final")]),
    "unit_is_expected": (
        [
            row(unit="người"),
            row(unit="người", value=np.nan, stage="final"),
            row(unit="người", value=900.0, stage="appraised"),
        ],
        [row("YES", 1.0, unit="có/không", unit_expected="")],
    ),
    "value_is_a_number": ([row(value=np.nan), row(value=np.inf), row(value=-np.inf)], [row(value=0.0)]),
    "value_not_below_minimum": ([row(value=-0.01), row("LIKERT", 0.9, source="published")], [row(value=0.0)]),
    "value_not_above_maximum": (
        [row(value=100.01), row("LIST", 6.0), row("YES", 2.0)],
        [row(value=100.0), row("LIST", 5.0), row("YES", 1.0)],
    ),
    "value_is_whole": ([row("LIST", 2.5), row("YES", 0.5)], [row("LIST", 2.0), row(value=2.5)]),
    "ratio_is_complete": ([ratio(5, 10)[0] | {"counterpart": np.nan}], ratio(5, 10)),
    "denominator_is_positive": ([ratio(0, -1.0, valid_min=-np.inf)[1] | {"counterpart": 0.0}], ratio(0, 1)),
    "numerator_not_above_denominator": (
        [ratio(11, 10)[0], ratio(21, 10, item="TWICE")[0]],
        [*ratio(10, 10), *ratio(20, 10, item="TWICE")],
    ),
    "item_not_above_limit": (
        [row("PART", 11.0), row("TOTAL", 10.0)],
        [row("PART", 150.0), row("TOTAL", 150.0), row("PART", 11.0, stage="final")],
    ),
    "value_does_not_jump": ([row("TOTAL", 601.0)], [row("TOTAL", 600.0)]),
    "value_changes_in_time": ([row("TOTAL", 200.0)], [row("TOTAL", 201.0)]),
    "sources_agree": ([], [row("PART", 98.0, source="monitoring"), row("PART", 100.0)]),
    "evidence_is_named": ([row(evidence_text="")], [row(evidence_text="", evidence_needed=False)]),
    "observation_is_unique": ([row(), row(value=86.0)], [row(), row(value=86.0, superseded_by="6" * 64)]),
    PARTNER: ([], ratio(5, 10)),
}


def test_examples__every_rule_has_them():
    assert sorted(EXAMPLES) == sorted(NAMES)


@lru_cache(maxsize=1)
def judged_examples():
    """All examples judged at once, those of a rule as the return of an agency of its own, and the lines of each."""
    rows, lines = [], {}
    for name, examples in EXAMPLES.items():
        for kind, group in zip(("failing", "sound"), examples, strict=True):
            agency = AGENCIES[len(lines)]
            lines[name, kind] = range(len(rows), len(rows) + len(group))
            placed = {"agency": agency, "snapshot_sha256": agency}
            rows += [each | (placed if each["agency"] == AGENCIES[0] else {}) for each in group]
    return judge(rows), lines


@pytest.mark.parametrize("name", [name for name in NAMES if name not in BY_ANOTHER_ROW])
def test_rule__failing_rows__break_it_alone(name):
    outcome, lines = judged_examples()
    found = refusals(outcome) | told(outcome.warnings)
    of_the_rule = {(line, rule) for line, rule in found if line in lines[name, "failing"]}
    assert of_the_rule == {(line, name) for line in lines[name, "failing"]}


@pytest.mark.parametrize("name", NAMES)
def test_rule__sound_rows__are_accepted_without_a_word(name):
    outcome, lines = judged_examples()
    doubted = {line for line, _ in told(outcome.warnings)}
    accepted = set(outcome.accepted["locator"])
    assert {f"line {line}" for line in lines[name, "sound"]} <= accepted
    assert doubted.isdisjoint(lines[name, "sound"])


@pytest.mark.parametrize("name", [rule.name for rule in RULES if not rule.refuses])
def test_rule__that_refuses_nothing__failing_rows_are_accepted(name):
    outcome, lines = judged_examples()
    assert {f"line {line}" for line in lines[name, "failing"]} <= set(outcome.accepted["locator"])


def test_rules__reasons__are_filled_in():
    outcome, _ = judged_examples()
    said = pd.concat([outcome.quarantined, outcome.warnings])[["reason_vi", "reason_en"]].to_numpy().ravel()
    assert [text for text in said if not text.endswith(".") or "{" in text or "nan" in text] == []


def test_rule__sources_agree__doubts_the_figure_that_does_not_stand():
    outcome = judge([row("PART", 97.0, source="monitoring"), row("PART", 100.0)])
    assert (told(outcome.warnings), len(outcome.accepted)) == ({(0, "sources_agree")}, 2)


def test_rule__ratio_partner_refused__follows_from_the_other_part():
    outcome = judge(ratio(11, 10))
    assert refusals(outcome) == {(0, "numerator_not_above_denominator"), (1, PARTNER)}


@EACH_RULE
def test_rule__texts__are_composed_sentences_in_both_languages(rule):
    for text in (rule.description_vi, rule.description_en, rule.reason_vi, rule.reason_en):
        assert text.endswith(".")
        assert unicodedata.is_normalized("NFC", text)
    assert rule.reason_vi != rule.reason_en
    assert rule.severity in (CRITICAL, WARNING, NOTICE)


@EACH_RULE
def test_rule__reasons__name_the_same_fields_in_both_languages(rule):
    assert set(fields_of(rule.reason_vi)) == set(fields_of(rule.reason_en)) <= FIELDS.keys()


@EACH_FRAMEWORK
def test_suite__of_a_bundled_framework__has_every_rule_and_none_per_criterion(name):
    framework = load_framework(name)
    checks = load_cross_checks(framework.folder)
    scope = Scope(framework=framework, round_name="test", period="2020", ranked=(), checks=checks)
    rules = [expectation.meta["rule"] for expectation in derive_suite(scope).expectations]
    declared = (checks.not_above, checks.jump, checks.unchanged, checks.sources_agree)
    missing = {rule.name for rule, what in zip(DECLARED, declared, strict=True) if not what}
    assert rules == [rule.name for rule in RULES if rule.expectation and rule.name not in missing]


@EACH_FRAMEWORK
def test_suite__of_a_bundled_framework__accepts_a_sound_return_of_every_criterion(name):
    framework = load_framework(name)
    reported = [leaf for leaf in framework.leaves if leaf.evidence in ("", "report")]
    source = "agency_report" if reported else "published"  # of an index to which nobody reports
    rows = [each | {"source": source} for leaf in reported or framework.leaves for each in sound_rows(leaf)]
    numbered = CANDIDATE.conform(pd.DataFrame([{**each, "locator": str(line)} for line, each in enumerate(rows)]))
    outcome = validate(numbered, framework, round_name="test", period=PERIOD, ranked_agencies=AGENCIES)
    assert outcome.quarantined[["item", "rule"]].to_numpy().tolist() == []
    assert len(outcome.accepted) == len(rows) > 0


def sound_rows(leaf):
    if leaf.parts == ("a", "b"):
        return [each | {"item": leaf.code} for each in ratio(5, 10)]
    low, high = leaf.bounds
    limits = {"valid_min": low, "valid_max": high, "unit": leaf.unit, "unit_expected": leaf.unit}
    return [row("LINEAR", low, **limits) | {"item": leaf.code}]


# fault: rows it can strike, and what it does to one
FAULTS = {
    "agency_is_known": ("plain", {"agency": ""}),
    "agency_is_ranked": ("plain", {"agency": "ministry-y-te"}),
    "item_is_known": ("plain", {"item": ""}),
    "item_is_reported_here": ("plain", {"item": "LIKERT"}),
    "period_matches": ("any", {"period_text": "Năm 2019"}),
    "stage_is_known": ("plain", {"stage": "draft"}),
    "unit_is_expected": ("any", {"unit": "%/năm", "unit_expected": "%", "value": np.nan}),
    "value_is_a_number": ("any", {"value": np.nan}),
    "value_not_below_minimum": ("any", {"valid_min": 1e6}),
    "value_not_above_maximum": ("any", {"valid_max": -1e6}),
    "value_is_whole": ("list", {"value": 2.5}),
    "denominator_is_positive": ("b", {"value": 0.0}),
    "numerator_not_above_denominator": ("a", {"value": 1e3}),
    "evidence_is_named": ("any", {"evidence_text": ""}),
}
STRUCK = {"plain": ("LINEAR", "LIST"), "list": ("LIST",), "any": ("LINEAR", "LIST", "a", "b"), "a": ("a",), "b": ("b",)}


@lru_cache(maxsize=1)
def sound_return():
    """One sound return of each agency, and the line of each of its rows."""
    rows, lines = [], {}
    for agency in AGENCIES[:6]:
        for each in (row(agency=agency), row("LIST", 3.0, agency=agency), *ratio(5, 10, agency=agency)):
            lines[agency, each["item"] if each["part"] == "value" else each["part"]] = len(rows)
            rows.append(each | {"snapshot_sha256": agency})
    return rows, lines


def strike(rows, lines, agency, name, target):
    """Plant a fault in a row, with what standardising makes of it in the other part; return what must be refused."""
    line = lines[agency, target]
    struck = FAULTS[name][1]
    if struck.get("agency"):  # of several agencies: each becomes another one, or their figures would be given twice
        struck = struck | {"agency": f"{struck['agency']}-{agency}"}
    rows[line] = rows[line] | struck
    if target not in ("a", "b"):
        return {(line, name)}
    other = lines[agency, "b" if target == "a" else "a"]
    rows[other] = rows[other] | {"counterpart": rows[line]["value"]}
    return {(line, name), (other, PARTNER)}


TARGETS = [(name, target) for name, (where, _) in FAULTS.items() for target in STRUCK[where]]


@settings(max_examples=15, deadline=None)
@given(st.dictionaries(st.sampled_from(AGENCIES[:6]), st.sampled_from(TARGETS)), st.randoms(use_true_random=False))
def test_faults__planted_in_a_round__are_caught_by_their_rule_and_nothing_else_is(planted, random):
    sound, lines = sound_return()
    rows, expected = list(sound), set()
    for agency, (name, target) in planted.items():
        expected |= strike(rows, lines, agency, name, target)
    order = random.sample(range(len(rows)), len(rows))
    found = {(order[line], rule) for line, rule in refusals(judge([rows[line] for line in order]))}
    assert found == expected


@settings(max_examples=10, deadline=None)
@given(st.lists(st.sampled_from([84.0, 85.0, np.nan]), min_size=1, max_size=4))
def test_rows__one_figure_given_any_number_of_times__is_accepted_at_most_once(values):
    rules = [rule for rule in RULES if rule.name in ("value_is_a_number", "observation_is_unique")]
    outcome = judge([row(value=value) for value in values], rules)
    numbers = {value for value in values if value == value}
    assert outcome.accepted["value"].tolist() == (list(numbers) if len(numbers) == 1 else [])
    assert len(outcome.accepted) + outcome.quarantined["locator"].nunique() == len(values)
