"""From a framework to a suite of expectations. Nothing is written per criterion: a row carries its own limits."""

from collections.abc import Sequence
from typing import Any

import great_expectations as gx

from expectations.rule import Rule
from expectations.rules import RULES
from expectations.scope import Scope


def derive_suite(scope: Scope, rules: Sequence[Rule] = RULES) -> Any:
    """Return the suite that holds every row against the framework, the period and the agencies of the scope.

    Args:
        scope: What the rows are held against.
        rules: The rules, in the order in which reasons are given.

    Returns:
        A Great Expectations `ExpectationSuite`; `meta["rule"]` of each expectation names its rule.
    """
    expectations = []
    for rule in rules:
        expectation = rule.expectation(scope) if rule.expectation else None
        if expectation is not None:
            expectation.meta = {"rule": rule.name}
            expectation.severity = rule.severity
            expectation.description = f"{rule.name}: {rule.description_vi} / {rule.description_en}"
            expectations.append(expectation)
    # Given as a list: a suite that is added to one by one compares each expectation with all before it.
    return gx.ExpectationSuite(name=f"{scope.framework.name}_{scope.period}", expectations=expectations)
