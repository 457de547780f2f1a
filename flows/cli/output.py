"""How commands show tables: for people, or as CSV or JSON for programs."""

import json
import math
import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from flows.labels import printable
from tasks.scoring.rounding import round_half_up

UNBOUNDED = 10_000  # columns
DECIMALS = 4  # as the ministry prints shares
Format = Literal["table", "csv", "json"]


def console() -> Console:
    """A console on the present standard output; in a file or a pipe nothing is wrapped or cut."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else UNBOUNDED)


def show(
    rows: Sequence[Mapping[str, Any]], style: Format, title: str = "", headings: Mapping[str, str] | None = None
) -> None:
    """Print rows that share their keys.

    Args:
        rows: The data, in order.
        style: For people (`table`) or programs (`csv`, `json`).
        title: Title of the table; not part of CSV or JSON.
        headings: Heading of a column, where it is not its name; for the table only.
    """
    if style == "json":
        print(json.dumps(list(rows), ensure_ascii=False, indent=1, default=str))
    elif style == "csv":
        _csv(rows)
    else:
        _table(rows, title, headings or {})


def _csv(rows: Sequence[Mapping[str, Any]]) -> None:
    import csv

    if rows:
        writer = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: "" if value is None else value for name, value in row.items()} for row in rows)


def _table(rows: Sequence[Mapping[str, Any]], title: str, headings: Mapping[str, str]) -> None:
    if title:
        console().print(f"[bold]{escape(title)}[/bold]")
    table = Table(header_style="bold", box=None, pad_edge=False)
    for name in rows[0] if rows else ():
        numeric = all(isinstance(row[name], int | float | Decimal) or row[name] is None for row in rows)
        table.add_column(headings.get(name, name), justify="right" if numeric else "left")
    for row in rows:
        table.add_row(*(_cell(value) for value in row.values()))
    console().print(table)


def _cell(value: object) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return str(round_half_up(value, DECIMALS)) if isinstance(value, float) else escape(printable(str(value)))
