"""What becomes of rows: accepted, quarantined with a reason, refused as a batch, or not judged as a check failed.

An accepted row may carry warnings: it counts, and somebody should look at it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from expectations.rule import Rule
from warehouse.errors import BatchRefused
from warehouse.frames import OBSERVATION, QUARANTINE, WARNING

PASSED, WARNED, FAILED, CRASHED = "passed", "warned", "failed", "crashed"
CHECK_COLUMNS = (
    *("rule", "severity", "description_vi", "description_en"),
    *("rows_checked", "rows_failed", "status", "message"),
)
NO_ROWS = np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Check:
    """What one rule found.

    Attributes:
        rule: Name of the rule.
        rows_checked: Number of rows that it applied to.
        failed: Numbers of the rows that break it.
        crashed: What the check raised; empty if it ran.
    """

    rule: str
    rows_checked: int = 0
    failed: np.ndarray = field(default_factory=lambda: NO_ROWS)
    crashed: str = ""

    def status(self, rule: Rule) -> str:
        """Return `passed`, `failed` (rows are refused), `warned` (rows are doubted) or `crashed`."""
        if self.crashed:
            return CRASHED
        if not len(self.failed):
            return PASSED
        return FAILED if rule.refuses else WARNED

    @property
    def message(self) -> str:
        """What it raised, or how many rows break the rule; empty where all is well."""
        return self.crashed or (f"{len(self.failed)} of {self.rows_checked} rows" if len(self.failed) else "")


@dataclass
class Outcome:
    """The four-way outcome of a validation.

    Attributes:
        accepted: OBSERVATION rows that break no rule, in the order of the candidates; none where a check crashed.
        quarantined: QUARANTINE rows, one per row and rule that it breaks; the first rule of a row is its first reason.
        checks: One row per rule: rule, severity, description_vi, description_en, rows_checked, rows_failed, status
            (`passed`, `failed`, `warned`, `crashed`) and message.
        batch_refusals: Why the rows as a whole cannot be judged.
        crashed: Names of the rules whose check crashed.
        data_docs_index: Index page of the validation reports; None where none were asked for.
        warnings: WARNING rows, one per accepted row and rule that doubts it.
    """

    accepted: pd.DataFrame
    quarantined: pd.DataFrame
    checks: pd.DataFrame
    batch_refusals: list[str] = field(default_factory=list)
    crashed: list[str] = field(default_factory=list)
    data_docs_index: Path | None = None
    warnings: pd.DataFrame = field(default_factory=WARNING.empty)

    @property
    def verdict(self) -> str:
        """`check_failed`, `refused`, `quarantined` (some rows) or `accepted` (all): the words of the BATCH frame."""
        if self.crashed:
            return "check_failed"
        if self.batch_refusals:
            return "refused"
        return "accepted" if self.quarantined.empty else "quarantined"


def refused(refusal: BatchRefused) -> Outcome:
    """Return the outcome of a batch that cannot be judged: nothing accepted, nothing quarantined, no rule applied."""
    return replace(nothing_to_judge(), batch_refusals=[str(refusal)])


def nothing_to_judge() -> Outcome:
    """Return the outcome of a round without rows: nothing accepted, nothing quarantined, no rule applied."""
    return Outcome(accepted=OBSERVATION.empty(), quarantined=QUARANTINE.empty(), checks=summarise([], []))


def summarise(rules: Sequence[Rule], checks: Sequence[Check]) -> pd.DataFrame:
    """Return the `checks` table of an outcome: one row per rule that was applied, in declared order."""
    found = {check.rule: check for check in checks}
    rows = [
        (
            rule.name,
            rule.severity,
            rule.description_vi,
            rule.description_en,
            check.rows_checked,
            len(check.failed),
            check.status(rule),
            check.message,
        )
        for rule in rules
        if (check := found.get(rule.name))
    ]
    return pd.DataFrame(rows, columns=list(CHECK_COLUMNS))
