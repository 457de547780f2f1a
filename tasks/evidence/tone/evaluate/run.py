"""Measuring everything and showing it: on the terminal, and between two markers of a document."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table as RichTable

from tasks.evidence.tone.evaluate.tables import Table, measured
from warehouse.errors import InputError

BEGIN, END = "<!-- evaluation -->", "<!-- /evaluation -->"


def run(arguments: Sequence[str]) -> int:
    """Measure everything, print it, and write it where that is wanted.

    Args:
        arguments: `--write FILE`: a document with the markers.

    Returns:
        Exit status, 0.

    Raises:
        InputError: The document has no markers.
    """
    parser = argparse.ArgumentParser(prog="python -m tasks.evidence.tone.evaluate", description=__doc__)
    parser.add_argument("--write", type=Path, help="document that gets the tables between its markers")
    file: Path | None = parser.parse_args(arguments).write
    if file is not None:
        replaced(_text_of(file), "", file)  # a document without markers is refused before the work, not after
    console = Console()
    with console.status("measuring on posts that the model did not see"):
        tables = measured()
    for table in tables:
        console.print(_rich(table), "")
    if file is not None:
        file.write_text(replaced(_text_of(file), markdown(tables), file), encoding="utf-8")
    return 0


def markdown(tables: Sequence[Table]) -> str:
    """Return tables as Markdown."""
    parts = []
    for table in tables:
        lines = [f"### {table.title}", "", *([table.note, ""] if table.note else [])]
        lines.append("| " + " | ".join(table.columns) + " |")
        lines.append("| " + " | ".join("---" for _ in table.columns) + " |")
        lines += ["| " + " | ".join(row) + " |" for row in table.rows]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def replaced(text: str, inner: str, file: Path) -> str:
    """Return a document with other text between its markers.

    Args:
        text: The document.
        inner: What is to stand there.
        file: Its file, for the message.

    Raises:
        InputError: The markers are not there, once each and in their order.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end or BEGIN in rest or END in after:
        raise InputError(f"{file} has no place for the evaluation.", f"Put {BEGIN} and {END} where it is to stand.")
    return f"{before}{BEGIN}\n\n{inner}\n\n{END}{after}"


def _text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise InputError(f"{file} cannot be read.", "Name a document that is there: --write docs/tone.md.") from error


def _rich(table: Table) -> RichTable:
    shown = RichTable(
        title=table.title, caption=table.note or None, title_justify="left", caption_justify="left", box=None
    )
    for at, name in enumerate(table.columns):
        shown.add_column(name, justify="left" if at == 0 else "right")
    for row in table.rows:
        shown.add_row(*row)
    return shown
