"""Whole numbers of the command line."""

from collections.abc import Sequence
from typing import Any

from cyclopts import Parameter, validators


def whole(of_type: object, tokens: Sequence[Any]) -> int:  # noqa: ARG001 - cyclopts passes it
    """The whole number that was written; what has decimals is refused, not rounded."""
    text = tokens[0].value
    try:
        return int(text)
    except ValueError:
        raise ValueError(f'"{text}" is not a whole number.') from None


def number(least: int | None = None, most: int | None = None) -> Parameter:
    """A whole number between two limits, both of which may be left out."""
    if least is None and most is None:
        return Parameter(converter=whole)
    return Parameter(converter=whole, validator=validators.Number(gte=least, lte=most))
