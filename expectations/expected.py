"""The kinds of expectations that the rules are made of, each as a function of the scope."""

from collections.abc import Callable, Sequence
from typing import Any

import great_expectations.expectations as gxe
from great_expectations.expectations.row_conditions import Column

from expectations.scope import Scope

Expectation = Callable[
    [Scope], Any
]  # gives a Great Expectations expectation, or None where there is nothing to compare with

# Without it pandas counts a missing value as a failure, and SQL does not.
_WHERE_BOTH_ARE_THERE = "either_value_is_missing"


def not_missing(column: str, where: str = "") -> Expectation:
    """A column is filled, in all rows or where a column of yes and no says yes."""

    def make(_: Scope) -> Any:
        if not where:
            return gxe.ExpectColumnValuesToNotBeNull(column=column)
        condition = Column(where) == True  # noqa: E712  not a comparison: it builds a condition
        return gxe.ExpectColumnValuesToNotBeNull(column=column, row_condition=condition)

    return make


def one_of(column: str, values: Callable[[Scope], Sequence[str] | None]) -> Expectation:
    """A column holds one of some values; nothing is expected where the scope gives none (None)."""

    def make(scope: Scope) -> Any:
        allowed = values(scope)
        return None if allowed is None else gxe.ExpectColumnValuesToBeInSet(column=column, value_set=list(allowed))

    return make


def equal(column: str, other: str) -> Expectation:
    """Two columns agree, where both are filled."""
    return lambda _: gxe.ExpectColumnPairValuesToBeEqual(
        column_A=column, column_B=other, ignore_row_if=_WHERE_BOTH_ARE_THERE
    )


def at_most(column: str, limit: str) -> Expectation:
    """A column is not above another, where both are filled."""
    return lambda _: gxe.ExpectColumnPairValuesAToBeGreaterThanB(
        column_A=limit, column_B=column, or_equal=True, ignore_row_if=_WHERE_BOTH_ARE_THERE
    )


def zero(column: str) -> Expectation:
    """A column is 0, where it is filled."""
    return lambda _: gxe.ExpectColumnValuesToBeBetween(column=column, min_value=0.0, max_value=0.0)


def positive(column: str) -> Expectation:
    """A column is above 0, where it is filled."""
    return lambda _: gxe.ExpectColumnValuesToBeBetween(column=column, min_value=0.0, strict_min=True)


def unique(column: str) -> Expectation:
    """No value of a column stands in two rows, where it is filled."""
    return lambda _: gxe.ExpectColumnValuesToBeUnique(column=column)


def at_most_number(column: str, largest: Callable[[Scope], float]) -> Expectation:
    """A column is not above a number of the scope, where it is filled."""
    return lambda scope: gxe.ExpectColumnValuesToBeBetween(column=column, max_value=largest(scope))


def if_declared(declared: Callable[[Scope], object], make: Expectation) -> Expectation:
    """What `make` expects, where the framework declares it; otherwise nothing is expected."""
    return lambda scope: make(scope) if declared(scope) else None
