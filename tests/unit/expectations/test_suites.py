from dataclasses import replace

from expectations.declared import DECLARED
from expectations.rules import RULES
from expectations.suites import derive_suite


def rules_of(suite):
    return [expectation.meta["rule"] for expectation in suite.expectations]


def test_derive_suite__every_rule_with_an_expectation__in_declared_order(scope, checks):
    suite = derive_suite(replace(scope, checks=checks))
    assert rules_of(suite) == [rule.name for rule in RULES if rule.expectation]


def test_derive_suite__framework_without_checks_of_its_own__has_the_rules_of_all_frameworks(scope):
    assert set(rules_of(derive_suite(scope))).isdisjoint(rule.name for rule in DECLARED)


def test_derive_suite__framework_that_ranks_any_unit__asks_for_no_list(scope):
    assert "agency_is_ranked" not in rules_of(derive_suite(replace(scope, ranked=None)))


def test_derive_suite__framework_that_ranks_nobody_at_the_period__lets_nobody_in(scope):
    assert "agency_is_ranked" in rules_of(derive_suite(replace(scope, ranked=())))


def test_derive_suite__severity_and_text__are_those_of_the_rule(scope, checks):
    suite = derive_suite(replace(scope, checks=checks))
    described = {rule.name: (rule.severity, rule.description_vi) for rule in RULES}
    for expectation in suite.expectations:
        severity, text = described[expectation.meta["rule"]]
        assert expectation.severity == severity
        assert text in expectation.description


def test_derive_suite__name__says_framework_and_period(scope):
    assert derive_suite(scope).name == "small_2020_2020"
