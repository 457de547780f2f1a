"""The steps of the annual calendar that score nothing: making the forms, and saying who has not reported yet."""

from typing import Any

import pandas as pd
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows import artifacts
from flows.rounds import WITH_WARNINGS
from flows.stages import gather, standardise
from tasks.forms import write_forms
from tasks.harmonise.registries import full_unit_name
from tasks.job import Job, parts_of
from tasks.load import locked
from warehouse.frames import BATCH


def open_round(job: Job) -> State[Any]:
    """Make the form of each agency that the framework ranks; forms that are there already stay as they are.

    Args:
        job: The round at hand.
    """
    folder, forms = write_forms(job.loaded_framework, job.period)
    artifacts.table("forms", forms, f"The forms of {job.loaded_framework.name} {job.period}, in {folder}.")
    made = int((forms["done"] == "made").sum())
    return Completed(message=f"The forms of {len(forms)} agencies are in {folder}: {made} made now.")


def remind(job: Job) -> State[Any]:
    """Gather what has come so far and say which agencies have not sent a readable return.

    Args:
        job: The round at hand.
    """
    with locked(job):
        for stage in (gather, standardise):
            state = stage(job, return_state=True)
            if not state.is_completed():
                state.result()
        batches = pd.concat([job.workspace.read(BATCH, part) for part in parts_of(job)], ignore_index=True)
    missing = outstanding(job, batches)
    artifacts.table("outstanding", missing, f"Agencies without a readable return of {job.period}.")
    of_all = len(job.ranked_agencies or ())
    if missing.empty:
        return Completed(message=f"All {of_all} agencies have sent a return.")
    message = f"{len(missing)} of {of_all} agencies have not sent a readable return: {', '.join(missing['agency'][:5])}"
    return Completed(name=WITH_WARNINGS, message=f"{message}{' ...' if len(missing) > 5 else '.'}")


def outstanding(job: Job, batches: pd.DataFrame) -> pd.DataFrame:
    """Agencies that are ranked and of which no return could be read.

    Args:
        job: The round at hand.
        batches: BATCH rows after standardising.

    Returns:
        agency (full name) and agency_id.
    """
    returns = batches[batches["source"] == "agency_report"]
    readable = set(returns.loc[returns["outcome"] != "refused", "agency"])
    description = job.loaded_framework.description
    rows = [
        {"agency": full_unit_name(description, agency, job.period), "agency_id": agency}
        for agency in sorted(job.ranked_agencies or ())
        if agency not in readable
    ]
    return pd.DataFrame(rows, columns=["agency", "agency_id"])
