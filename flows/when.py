"""The day for which a run was due, in Viet Nam: what "the year before" and "the month before" mean."""

from datetime import date, datetime

from warehouse.frameworks.editions import VIET_NAM


def due_day() -> date:
    """Day in Viet Nam on which the run that this is part of was due; today outside of a run."""
    from prefect.runtime import flow_run

    due = flow_run.scheduled_start_time if flow_run.id else None
    return (due or datetime.now(VIET_NAM)).astimezone(VIET_NAM).date()


def period_of_year() -> str:
    """The year before the one in which the run was due: a round measures the year that is over."""
    return str(due_day().year - 1)
