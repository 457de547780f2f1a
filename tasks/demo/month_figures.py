"""What the sources say of an agency in a synthetic month: its return, the records about it, and what is wrong there."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from tasks.demo.counts import Latent, draw_counts, months_from
from tasks.demo.latent import seeded
from tasks.demo.month_plan import (
    ABOVE_ALL,
    ABOVE_TOTAL,
    DISAGREES,
    FROZEN_MONTHS,
    LATE,
    MISSING,
    REVISED,
    REVISED_LATER,
    WRONG_UNIT,
    Plan,
    frozen_since,
)
from tasks.harmonise.periods import period_end

DUE_DAY = 5  # of the month after
STANDS_STILL = "C.HS_ON"
DISAGREED = "C.DVC_HS"
REVISED_COUNT = "C.HS_ON"
_CONNECTIONS = frozenset({"C.DV", "C.TSLCD", "C.NDXP", "C.VB", "C.VB_DT"})  # only agencies themselves know them
_TEN = 10


@dataclass(frozen=True)
class Fault:
    """A count that a source gives wrong, or that contradicts one: where, how, and what should become of it."""

    source: str
    node: str
    written: int
    outcome: str


@dataclass
class Told:
    """What is said of an agency in a month.

    Attributes:
        true: The true counts.
        returned: Counts of its return; empty where none came.
        submitted: Day of the return.
        revisions: Counts in the monitoring system: (code, count, revision, whether it appears after a first reading).
        faults: Counts that are wrong on purpose.
    """

    true: dict[str, int]
    returned: dict[str, int]
    submitted: date
    revisions: list[tuple[str, int, int, bool]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def outcome(self, code: str) -> str:
        """What becomes of a count: see `MonthTruth`."""
        monitored = {node: count for node, count, _, _ in self.revisions}  # the last one is the latest revision
        if code in monitored:
            return "measured" if monitored[code] == self.true[code] else "wrong"
        if code not in self.returned:
            return "missing"
        if any(fault.node == code and fault.outcome == "quarantined" for fault in self.faults):
            return "quarantined"
        return "measured" if self.returned[code] == self.true[code] else "wrong"


def tell(latent: Latent, codes: Sequence[str], plan: Plan) -> Told:
    """Say what the sources say of an agency in a month.

    Args:
        latent: The agency.
        codes: Codes that the edition of the month counts.
        plan: What goes wrong in the month.
    """
    counts = draw_counts(latent, plan.period)
    true = {code: counts[code] for code in codes}
    trouble = plan.troubles.get(latent.agency_id, "")
    told = Told(true, dict(true), _submitted(latent, plan.period, is_late=trouble == LATE))
    if latent.agency_id not in plan.alone:
        told.revisions = [(code, count, 1, False) for code, count in true.items() if code not in _CONNECTIONS]
    if latent.agency_id == plan.frozen:
        _freeze(told, latent, plan.period)
    _trouble(told, trouble)
    if trouble == MISSING:
        told.returned = {}
    return told


def _submitted(latent: Latent, period: str, *, is_late: bool) -> date:
    rng = seeded(latent.seed, "submitted", latent.agency_id, period)
    return period_end(period) + timedelta(days=DUE_DAY + rng.randint(3, 12) if is_late else rng.randint(1, DUE_DAY))


def _freeze(told: Told, latent: Latent, period: str) -> None:
    """Both sources repeat the same count in each month of the half-year; it contradicts no other one."""
    half_year = [draw_counts(latent, month) for month in months_from(frozen_since(period), FROZEN_MONTHS)]
    still = min(counts[STANDS_STILL] for counts in half_year)
    if "C.HS_TT" in told.true:
        still = max(still, *(counts["C.HS_TT"] for counts in half_year))
    is_due = period_end(period).month % FROZEN_MONTHS == 0  # the sixth month with the same number
    for source in ("agency_report", "monitoring") if told.revisions else ("agency_report",):
        _replace(told, source, STANDS_STILL, still, "warning" if is_due else "accepted")


def _trouble(told: Told, trouble: str) -> None:
    true = told.true
    if trouble == ABOVE_TOTAL:
        level_4, level_3 = ("C.M4", "C.M3") if "C.M4" in true else ("C.TT", "C.MP")
        _above(told, level_4, true["C.TTHC"] + 7, level_3, "C.DK", "C.TTHC")
    elif trouble == ABOVE_ALL:
        _above(told, "C.HS_ON", true["C.HS"] + 31, "C.HS")
    elif trouble == WRONG_UNIT:
        _replace(told, "agency_report", "C.HS", true["C.HS"] * _TEN, "warning")
    elif trouble == DISAGREES:
        _replace(told, "agency_report", DISAGREED, true[DISAGREED] * 7 // _TEN, "warning")
    elif trouble in (REVISED, REVISED_LATER):
        earlier = true[REVISED_COUNT] * 9 // _TEN
        _replace(told, "monitoring", REVISED_COUNT, earlier, "superseded" if trouble == REVISED else "warning")
        told.revisions.append((REVISED_COUNT, true[REVISED_COUNT], 2, trouble == REVISED_LATER))


def _above(told: Told, code: str, count: int, *others: str) -> None:
    """A count above its limit: nobody knows which of the counts that contradict each other is at fault."""
    _replace(told, "agency_report", code, count, "quarantined")
    for other in others:
        _replace(told, "agency_report", other, told.true[other], "quarantined")


def _replace(told: Told, source: str, code: str, count: int, outcome: str) -> None:
    if source == "agency_report":
        told.returned[code] = count
    else:
        told.revisions = [
            (node, count if node == code else old, number, later) for node, old, number, later in told.revisions
        ]
    told.faults.append(Fault(source, code, count, outcome))
