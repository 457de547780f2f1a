"""Editions: which framework of a kind is in force in a period, and which periods there can be at all."""

from datetime import date, datetime, timedelta, timezone

from warehouse.errors import FrameworkError, InputError
from warehouse.frameworks.declaration import Description
from warehouse.frameworks.loader import framework_names, load_framework
from warehouse.periods import period_days

# Asia/Ho_Chi_Minh has no summer time, and a slim container has no tables of time zones.
VIET_NAM = timezone(timedelta(hours=7))


def today() -> date:
    """Return the day it is in Viet Nam."""
    return datetime.now(VIET_NAM).date()


def framework_of(kind: str, period: str, at: date | None = None) -> str:
    """Return the name of the edition of a kind of framework that is in force in a period.

    Args:
        kind: Name without the edition: `online_services` of `online_services_2019`.
        period: `2020` or `2020-08`.
        at: The day it is; None: today in Viet Nam.

    Raises:
        InputError: The text is no period, the period is in the future, or no edition was in force in it; the message
            says which there are.
        FrameworkError: There is no such kind, several editions claim the period, or one has faults.
    """
    refuse_future(period, at)
    names = [name for name in framework_names() if name.rpartition("_")[0] == kind]
    if not names:
        kinds = sorted({name.rpartition("_")[0] for name in framework_names()} - {""})
        raise FrameworkError(f"There is no kind of framework {kind!r}.", f"Known are: {', '.join(kinds)}.")
    described = [load_framework(name).description for name in names]
    in_force = [found.framework for found in described if found.serves(period)]
    if len(in_force) > 1:
        raise FrameworkError(
            f"Several editions of {kind} are in force in {period}: {', '.join(in_force)}.",
            "Name one of them, or correct first_period and last_period in their framework.yaml.",
        )
    if not in_force:
        raise InputError(*_no_edition(kind, period, described))
    return in_force[0]


def refuse_period(description: Description, period: str, at: date | None = None) -> None:
    """Refuse a period that an edition cannot measure.

    Args:
        description: What framework.yaml of the edition says.
        period: `2020` or `2020-08`.
        at: The day it is; None: today in Viet Nam.

    Raises:
        InputError: It is no period, has not begun, or the edition is not for it; the message says what it is for.
    """
    refuse_future(period, at)
    if not description.serves(period):
        raise InputError(
            f"The framework {description.framework} is for {in_force(description)}, not for {period}.",
            "Choose the edition of the period: `dti framework list`.",
        )


def refuse_future(period: str, at: date | None = None) -> None:
    """Refuse a period that has not begun.

    Raises:
        InputError: It is no period, or it lies in the future.
    """
    day = at or today()
    if period_days(period)[0] > day:
        now = f"{day:%Y-%m}" if "-" in period else f"{day:%Y}"
        raise InputError(
            f"{period} lies in the future: today is {day.isoformat()} in Viet Nam.",
            f"The latest period that can be measured is {now}.",
        )


def in_force(description: Description) -> str:
    """Say in words for which periods an edition is.

    >>> in_force(Description(framework="a", levels=(), first_period="2019-01", last_period="2022-05"))
    '2019-01 to 2022-05'
    >>> in_force(Description(framework="a", levels=(), periods=("2020", "2021")))
    '2020, 2021'
    """
    if description.periods:
        return ", ".join(description.periods)
    first, last = description.first_period, description.last_period
    if first and last:
        return f"{first} to {last}"
    if first or last:
        return f"{first} and later" if first else f"{last} and earlier"
    return "any period"


def _no_edition(kind: str, period: str, described: list[Description]) -> tuple[str, str]:
    """Sentence and hint for a period that no edition is for."""
    there = "; ".join(f"{found.framework} for {in_force(found)}" for found in described)
    firsts = [found.first_period for found in described if found.first_period]
    first = min(firsts, key=period_days, default="")
    if first and period_days(period)[0] < period_days(first)[0]:
        return f"{period} is before the first edition of {kind}, which begins with {first}.", f"There are: {there}."
    return f"No edition of {kind} is for {period}.", f"There are: {there}."
