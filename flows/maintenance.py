"""What has piled up: old runs with their logs and artifacts, stored results, snapshots that nothing refers to.

Without being told to delete it lists what would go. Never touched: what a vintage, an observation, a check or the lake
refers to, whatever is younger than a day, and runs that have not ended.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pandas as pd
from prefect import flow
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    FlowRunFilter,
    FlowRunFilterEndTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import TERMINAL_STATES, FlowRun, State, StateType
from prefect.exceptions import ObjectNotFound
from prefect.states import Completed

from flows import artifacts
from flows.labels import counted
from flows.notify import HOOKS
from flows.parameters_of.upkeep import MaintenanceParameters
from flows.states import stopped
from tasks.retention import Heap, old_results, remove, unused_snapshots
from tasks.secrets import warehouse_of_block
from warehouse.errors import DtiError

_PAGE = 200  # what the server gives at once
_MEGABYTE = 1_000_000


def run_name() -> str:
    """Name of a run: whether it deletes, and how old a run must be."""
    from prefect.runtime import flow_run

    parameters = MaintenanceParameters.model_validate(flow_run.parameters["parameters"])
    return f"{'delete' if parameters.delete else 'list'} what is older than {parameters.keep_days} days"


@flow(name="maintenance", flow_run_name=run_name, description=__doc__, **HOOKS)
def maintenance(parameters: MaintenanceParameters) -> State[Any]:
    """List, or delete, what is no longer needed.

    Args:
        parameters: Whether to delete, and for how many days runs are kept.

    Returns:
        Completed with how much went or would go, or Failed with the reason; the data are the rows of the table.
    """
    try:
        with warehouse_of_block():
            return _looked_through(parameters)
    except DtiError as error:
        return stopped(error)


def _looked_through(parameters: MaintenanceParameters) -> State[Any]:
    limit = datetime.now(UTC) - timedelta(days=parameters.keep_days)
    with get_client(sync_client=True) as client:
        runs = ended_runs(client, limit)
        heaps = [old_results(oldest_needed(client, limit).timestamp()), unused_snapshots()]
        if parameters.delete:
            for heap in heaps:  # before the long part: what is looked at now may be needed again later
                remove(heap)
            for run in runs:
                delete_run(client, run)
    rows = _rows(runs, heaps)
    what = "What was deleted." if parameters.delete else "What would be deleted; nothing was."
    artifacts.table("maintenance", pd.DataFrame(rows), f"{what} Runs older than {parameters.keep_days} days.")
    return Completed(message=_verdict(len(runs), heaps, deleted=parameters.delete), data=rows)


def ended_runs(client: SyncPrefectClient, before: datetime) -> list[FlowRun]:
    """Runs that ended before a time, whatever came of them; not those that wait or are suspended.

    Args:
        client: Client of the Prefect server.
        before: The time.
    """
    chosen = FlowRunFilter(
        end_time=FlowRunFilterEndTime(before_=cast(Any, before)),  # the stubs ask for a type of Prefect's own
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(TERMINAL_STATES))),
    )
    found: list[FlowRun] = []
    while page := client.read_flow_runs(flow_run_filter=chosen, limit=_PAGE, offset=len(found)):
        found += page
    return found


def oldest_needed(client: SyncPrefectClient, limit: datetime) -> datetime:
    """The time before which no stored result is needed: runs that wait for a decision go on from theirs.

    Args:
        client: Client of the Prefect server.
        limit: The time before which nothing is kept as it is.
    """
    others = FlowRunFilterStateType(not_any_=[*TERMINAL_STATES, StateType.SCHEDULED])
    waiting: list[FlowRun] = []
    chosen = FlowRunFilter(state=FlowRunFilterState(type=others))
    while page := client.read_flow_runs(flow_run_filter=chosen, limit=_PAGE, offset=len(waiting)):
        waiting += page
    return min([limit, *(run.start_time for run in waiting if run.start_time)])


def delete_run(client: SyncPrefectClient, run: FlowRun) -> None:
    """Delete a run with its artifacts; the server deletes its task runs, states and logs with it."""
    chosen = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run.id]))
    try:
        while page := client.read_artifacts(artifact_filter=chosen, limit=_PAGE):
            for artifact in page:
                client.delete_artifact(artifact.id)
        client.delete_flow_run(run.id)
    except ObjectNotFound:
        pass  # somebody else was faster


def _rows(runs: list[FlowRun], heaps: list[Heap]) -> list[dict[str, Any]]:
    first = min((run.end_time for run in runs if run.end_time), default=None)
    about = f"since {first:%Y-%m-%d}" if first else ""
    rows = [{"what": "ended runs with logs and artifacts", "number": len(runs), "bytes": None, "about": about}]
    for heap in heaps:
        folders = sorted({str(file.parent) for file in heap.files})[:1]
        rows.append({"what": heap.kind, "number": heap.count, "bytes": heap.size, "about": ", ".join(folders)})
    return rows


def _verdict(runs: int, heaps: list[Heap], *, deleted: bool) -> str:
    parts = [counted(runs, "run"), *(f"{heap.count} {heap.kind}" for heap in heaps)]
    size = sum(heap.size for heap in heaps) / _MEGABYTE
    said = f"{'Deleted' if deleted else 'Would delete'}: {', '.join(parts)}; {size:.1f} MB of files."
    return said if deleted or not (runs or size) else f"{said} Run it with `delete` to do so."
