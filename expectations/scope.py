"""What the rows are held against: framework, period and agencies of a round, its own checks, earlier months."""

from dataclasses import dataclass, field

import pandas as pd

from warehouse.frames import HISTORY
from warehouse.frameworks.checks import NO_CHECKS, ChecksDeclaration
from warehouse.frameworks.model import Framework


@dataclass(frozen=True)
class Scope:
    """What the expectations of a suite are derived from.

    Attributes:
        framework: The framework whose nodes the items are.
        round_name: Name of the round.
        period: Period of the round, `2020` or `2020-08`.
        ranked: Ids of the agencies that the framework ranks at the period, sorted; None where it ranks any unit.
        checks: What `checks.yaml` of the framework declares.
        history: HISTORY rows, the figures of earlier months.
        precedence: Names of the sources, the one that counts first.
    """

    framework: Framework
    round_name: str
    period: str
    ranked: tuple[str, ...] | None = None
    checks: ChecksDeclaration = NO_CHECKS
    history: pd.DataFrame = field(default_factory=HISTORY.empty, compare=False)
    precedence: tuple[str, ...] = ()
