"""`dti maintenance`: what has piled up, listed; deleted only when told so."""

from typing import Annotated

from cyclopts import App

from flows.cli.numbers import number
from flows.cli.output import Format, show
from warehouse.settings import get_settings

app = App(name="maintenance", help="List, or delete, old runs and what nothing refers to any more.")


@app.default
def maintenance(
    *,
    delete: bool = False,
    keep_days: Annotated[int, number(1, 36_500)] = 90,
    format: Format = "table",
) -> None:
    """List what is no longer needed, with its size; numbers and what proves them are never touched.

    Args:
        delete: Delete what is listed.
        keep_days: Days for which ended runs, their logs, artifacts and stored results are kept.
        format: table, csv or json.
    """
    from flows.parameters_of.upkeep import MaintenanceParameters
    from flows.server import import_flows, prefect_server
    from flows.terminal import follow

    parameters = MaintenanceParameters(delete=delete, keep_days=keep_days)
    with follow("starting Prefect") as bar, prefect_server(get_settings().prefect_home, import_flows):
        from flows.launch import finished, run_here
        from flows.maintenance import maintenance as flow

        state = finished(run_here(flow, parameters, bar))
        rows = state.result()
    show(rows, format)
    if format == "table":
        print(state.message)
