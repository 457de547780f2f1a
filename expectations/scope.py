"""What the rows are held against: the framework, the period and the agencies of a round."""

from dataclasses import dataclass

from warehouse.frameworks.model import Framework


@dataclass(frozen=True)
class Scope:
    """What the expectations of a suite are derived from.

    Attributes:
        framework: The framework whose nodes the items are.
        round_name: Name of the round.
        period: Period of the round, `2020` or `2020-08`.
        ranked: Ids of the agencies that the framework ranks at the period, sorted; None where it ranks any unit.
    """

    framework: Framework
    round_name: str
    period: str
    ranked: tuple[str, ...] | None = None
