"""What a rule is: what is compared, how bad a fault is, and what the agency is told."""

from dataclasses import dataclass

from expectations.expected import Expectation

CRITICAL = "critical"  # the row cannot be placed: whose figure it is, for what, or which of several counts is unknown
WARNING = "warning"  # the row is placed, but its figure cannot be used
NOTICE = "info"  # the figure is used, and somebody should look at it; Great Expectations knows the word


@dataclass(frozen=True)
class Rule:
    """One thing that must be true of every row.

    Attributes:
        name: Name, as it stands in the quarantine.
        severity: `critical` or `warning`: the row is refused; `info`: it is accepted with a warning.
        description_vi: What must be true, in Vietnamese.
        description_en: The same in English.
        reason_vi: What is told about a row that breaks the rule; its fields are those of expectations/reasons.py.
        reason_en: The same in English.
        expectation: Makes the expectation over the columns of the view (expectations/view.py). A rule without one
            follows from the outcome of the others.
    """

    name: str
    severity: str
    description_vi: str
    description_en: str
    reason_vi: str
    reason_en: str
    expectation: Expectation | None

    @property
    def refuses(self) -> bool:
        """Whether a row that breaks the rule is refused, and not only doubted."""
        return self.severity != NOTICE
