"""What a person at the terminal sees of a run: a bar while it works, the report at its end."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from flows.certainty import SPARE
from flows.cli.output import console, show
from flows.labels import printable

if TYPE_CHECKING:
    from flows.report import Report
    from tasks.job import Job

Step = Callable[[str, float | None], None]


@contextmanager
def follow(start: str) -> Iterator[Step]:
    """Show a bar on a terminal, or one line a step where the output is a file or a pipe.

    Args:
        start: What is done first.

    Yields:
        A function that takes what is being done and how much is done, in percent.
    """
    # The bar says what is being done; of Prefect's own lines only warnings and errors are shown beside it.
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "WARNING")
    screen = Console(stderr=True, highlight=False)
    if not screen.is_terminal:
        screen.print(escape(start))
        yield lambda text, percent: screen.print(f"{'    ' if percent is None else f'{percent:3.0f}%'} {escape(text)}")
        return
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=screen, transient=True
    ) as bar:
        task = bar.add_task(escape(start), total=100.0)
        yield lambda text, percent: bar.update(task, description=escape(text), completed=percent)


def print_report(report: "Report") -> None:
    """Print what came of a round."""
    screen = console()
    screen.print(f"\n[bold]{escape(report.framework)} {escape(report.period)}, round {escape(report.round)}[/bold]")
    if report.label:
        screen.print(f"[yellow]{escape(report.label)}[/yellow]")
    for line in report.lines:
        screen.print(f"  - {escape(printable(line))}")


def print_league(job: "Job") -> None:
    """Print the ranking that a run made: rank, movement, and how sure each rank is.

    Args:
        job: The round that was run.
    """
    from flows.league import league_of
    from warehouse.frames import records

    found = league_of(job)
    if found.rows.empty:
        return
    screen = console()
    screen.print()
    show(records(found.shown), "table", found.title, spare=SPARE)
    if found.since:
        screen.print(f"\nMoved: against {escape(printable(found.since))}.")
    if found.how:
        screen.print(found.how)
