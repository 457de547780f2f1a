"""Months by the clock of Viet Nam, and the job of one month, proved before any work is done."""

from datetime import date
from pathlib import Path

from flows.jobs import edition, proved
from flows.when import due_day
from tasks.job import Job
from tasks.sources.rounds import FILE
from warehouse.errors import InputError
from warehouse.frameworks.editions import refuse_future
from warehouse.periods import months_before
from warehouse.settings import get_settings

STANDING = "monthly"  # folder of the standing round, below the rounds


def month_due() -> str:
    """The month that the run at hand is to measure: the one before the day in Viet Nam on which it was due."""
    return month_before(due_day())


def month_before(day: date) -> str:
    """The month before the one of a day.

    >>> month_before(date(2021, 1, 5)), month_before(date(2020, 9, 5))
    ('2020-12', '2020-08')
    """
    return months_before(f"{day:%Y-%m}", 1)[0]


def months_between(first: str, last: str) -> list[str]:
    """All months from the first to the last, both included; none where the first comes after the last.

    >>> months_between("2020-11", "2021-02")
    ['2020-11', '2020-12', '2021-01', '2021-02']
    """
    start, end = (int(month[:4]) * 12 + int(month[5:]) - 1 for month in (first, last))
    return [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in range(start, end + 1)]


def month_job(framework: str, period: str, round_folder: Path | None, run_id: str = "") -> Job:
    """Prove that there is something to be measured for a month.

    Args:
        framework: Kind of the framework, or the name or folder of one.
        period: The month.
        round_folder: Folder of the round; None: the standing one.
        run_id: Identity of the run.

    Raises:
        DtiError: The month lies in the future or before the first edition, or there is no round for it.
    """
    refuse_future(period)
    folder = round_folder or get_settings().rounds / STANDING
    if not (folder / FILE).is_file():
        raise InputError(
            f"There is no round for the monthly statistics: {folder / FILE} does not exist.",
            "Make it as docs/rounds.md shows, name another folder with --round, or set DTI_ROUNDS.",
        )
    return proved(Job(framework=edition(framework, period), period=period, round_folder=str(folder), run_id=run_id))
