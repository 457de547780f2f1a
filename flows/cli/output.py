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
from rich.text import Text

from flows.cli.fitting import GAP, Need, Parts, fitted, packed, parts_of
from flows.labels import printable
from tasks.scoring.rounding import round_half_up

UNBOUNDED = 10_000  # columns
DECIMALS = 4  # as the ministry prints shares
Format = Literal["table", "csv", "json"]


def console(width: int | None = None) -> Console:
    """A console on the present standard output; in a file or a pipe nothing is wrapped or cut.

    Args:
        width: Letters of a line, where it is not that of the terminal.
    """
    return Console(highlight=False, width=width if sys.stdout.isatty() else UNBOUNDED)


def show(
    rows: Sequence[Mapping[str, Any]],
    style: Format,
    title: str = "",
    headings: Mapping[str, str] | None = None,
    spare: Sequence[str] = (),
) -> None:
    """Print rows that share their keys.

    Args:
        rows: The data, in order; a tuple of texts in a table is broken between them only.
        style: For people (`table`) or programs (`csv`, `json`).
        title: Title of the table; not part of CSV or JSON.
        headings: Heading of a column, where it is not its name; for the table only.
        spare: Columns that are left out of a table where the terminal is too narrow, the least telling first.
    """
    if style == "json":
        print(json.dumps(list(rows), ensure_ascii=False, indent=1, default=str))
    elif style == "csv":
        _csv(rows)
    else:
        _table(rows, title, headings or {}, spare)


def _csv(rows: Sequence[Mapping[str, Any]]) -> None:
    import csv

    if rows:
        writer = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: "" if value is None else value for name, value in row.items()} for row in rows)


def _table(rows: Sequence[Mapping[str, Any]], title: str, headings: Mapping[str, str], spare: Sequence[str]) -> None:
    screen = console()
    if title:
        screen.print(f"[bold]{escape(title)}[/bold]")
    cells = {name: [_parts(row[name]) for row in rows] for name in (rows[0] if rows else ())}
    needs = {name: Need.of(headings.get(name, name), found) for name, found in cells.items()}
    widths = fitted(needs, screen.width, spare)
    table = Table(header_style="bold", box=None, pad_edge=False, padding=(0, GAP, 0, 0))
    for name, width in widths.items():
        numeric = all(isinstance(row[name], int | float | Decimal) or row[name] is None for row in rows)
        justify: Literal["right", "left"] = "right" if numeric else "left"
        table.add_column(escape(headings.get(name, name)), justify=justify, width=width, overflow="fold")
    for place in range(len(rows)):
        table.add_row(*(Text(packed(cells[name][place], width)) for name, width in widths.items()))
    console(max(screen.width, sum(widths.values()) + GAP * len(widths))).print(table)
    if left_out := [headings.get(name, name) for name in cells if name not in widths]:
        screen.print(f"A wider terminal also shows: {', '.join(left_out)}.", markup=False)


def _parts(value: object) -> Parts:
    """What a cell may be broken between."""
    if isinstance(value, tuple):
        return tuple(printable(str(part)) for part in value)
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ()
    return parts_of(str(round_half_up(value, DECIMALS)) if isinstance(value, float) else printable(str(value)))
