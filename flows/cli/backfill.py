"""`dti backfill`: months of the past, one line each; run again it goes on where something is left to do."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter
from rich.markup import escape

from flows.cli.output import console
from flows.labels import printable
from warehouse.errors import DtiError, InputError
from warehouse.settings import get_settings

if TYPE_CHECKING:
    from flows.backfill import Line

app = App(name="backfill", help="Run a range of past periods: one line each, idempotent, goes on after being killed.")


@app.command
def monthly(
    *,
    first: Annotated[str, Parameter(name="--from")],
    last: Annotated[str, Parameter(name="--to")],
    framework: str = "online_services",
    round: Path | None = None,
    publish: bool = True,
) -> None:
    """Run the monthly statistics of every month of a range; months without anything new are passed over.

    Args:
        first: The first month, e.g. 2020-01.
        last: The last month, e.g. 2020-12.
        framework: Kind of the framework, whose edition each month decides; or the name or folder of one framework.
        round: Folder of the round's inputs; left out: `monthly` below the rounds (DTI_ROUNDS).
        publish: Publish the vintages; with --no-publish they stay provisional.
    """
    from flows.parameters import Publication
    from flows.parameters_of.months import BackfillParameters
    from flows.server import import_flows, prefect_server
    from flows.terminal import follow
    from tasks.harmonise.periods import parse_period
    from warehouse.frameworks.editions import refuse_future

    first, last = parse_period(first), parse_period(last)
    if first > last or len(first) != len(last) or len(first) == len("2020"):
        raise InputError(f"{first} to {last} is no range of months.", "Give two months: --from 2020-01 --to 2020-12.")
    refuse_future(last)
    parameters = BackfillParameters(
        first=first,
        last=last,
        framework=framework,
        round_folder=round,
        publication=Publication.NOW if publish else Publication.NO,
    )
    with follow("starting Prefect") as bar, prefect_server(get_settings().prefect_home, import_flows):
        from flows.backfill import backfill, heard_by
        from flows.launch import run_here

        def told(line: "Line", number: int, of: int) -> None:
            _print(line)
            bar(f"{number} of {of} months", 100 * number / of)

        # What the stages of a month say of their own progress is no progress of the whole.
        with heard_by(told):
            state = run_here(backfill, parameters, lambda _text, _percent: None)
    if not state.is_completed():
        raise DtiError(state.message or "The backfill failed.", "Mend the cause and run the same command again.")
    print(state.message)


def _print(line: "Line") -> None:
    colour = {"failed": "red", "warnings": "yellow"}.get(line.outcome, "green")
    console().print(f"{line.period}  [{colour}]{line.outcome:<9}[/{colour}]  {escape(printable(line.text))}")
