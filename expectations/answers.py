"""When a submission of a survey is doubted: one expectation a sign, run by Great Expectations as all checks are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import great_expectations as gx
import great_expectations.expectations as gxe
import numpy as np
import pandas as pd

from expectations.runner import checks_of, run_suite
from warehouse.errors import DtiError


@dataclass(frozen=True)
class Bounds:
    """Between which values a sign raises no doubt.

    Attributes:
        least: Smallest value; None: no bound.
        most: Largest value; None: no bound.
        below: Whether the value must stay below `most` and not only reach it.
    """

    least: float | None = None
    most: float | None = None
    below: bool = False


def doubted(signs: pd.DataFrame, bounds: Mapping[str, Bounds], suite: str) -> pd.DataFrame:
    """Hold the signs of each submission against their bounds.

    Args:
        signs: One row a submission, a column a sign; NaN: nothing is known, so nothing is doubted.
        bounds: Sign to its bounds; signs without any are never doubted.
        suite: Name of the suite, for messages.

    Returns:
        One boolean column a sign, index as in `signs`: whether it lies outside.

    Raises:
        DtiError: A check crashed, so that nothing is known about the submissions.
    """
    flags = {str(sign): np.zeros(len(signs), dtype=bool) for sign in signs}
    if signs.empty or not bounds:
        return pd.DataFrame(flags, index=signs.index)
    expectations = [_expectation(sign, allowed) for sign, allowed in bounds.items()]
    result = run_suite(signs.reset_index(drop=True), gx.ExpectationSuite(name=suite, expectations=expectations))
    for check in checks_of(result):
        if check.crashed:
            message = f"The check {check.rule} of {suite} crashed: {check.crashed}."
            raise DtiError(message, "Mend the check and run the round again.")
        flags[check.rule][check.failed] = True
    return pd.DataFrame(flags, index=signs.index)


def _expectation(sign: str, allowed: Bounds) -> Any:
    made = gxe.ExpectColumnValuesToBeBetween(
        column=sign, min_value=allowed.least, max_value=allowed.most, strict_max=allowed.below
    )
    made.meta = {"rule": sign}
    return made
