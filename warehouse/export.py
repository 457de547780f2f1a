"""The views as files for statisticians, Parquet or CSV, with the data dictionary beside them."""

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import IO, Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
import sqlalchemy as sa

from warehouse.bulk import arrow_table, batches
from warehouse.dictionary import Entry, entries
from warehouse.engine import reading
from warehouse.errors import InputError
from warehouse.files import writing
from warehouse.views import VIEWS

Form = Literal["parquet", "csv"]
DICTIONARY = "dictionary.csv"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # makes spreadsheets read Vietnamese text correctly
_RISKY = r"^[=+\-@\t\r]"  # a text that begins so may be taken for a formula
Told = Callable[[str, float], None]


def export_views(
    engine: sa.Engine,
    folder: Path,
    *,
    names: Sequence[str] = (),
    form: Form = "parquet",
    safe: Callable[[str], str] = str,
    told: Told = lambda _text, _percent: None,
) -> dict[str, int]:
    """Write views as they are at one moment, one file each, and `dictionary.csv` that says what every column means.

    Args:
        engine: The warehouse.
        folder: Where the files go; it is made where it is missing.
        names: Names of the views; none: all.
        form: `parquet`, or `csv` in UTF-8 with a byte order mark and an empty field for NULL.
        safe: For CSV: what becomes of a text that a spreadsheet could take for a formula.
        told: Called with what is being done and how much is done, in percent.

    Returns:
        Number of rows by view.

    Raises:
        InputError: There is no view of that name.
        WarehouseError: The warehouse cannot be read, or a file cannot be written.
    """
    known = {view.name: view for view in VIEWS}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InputError(f"There is no view {unknown[0]!r}.", f"Views are: {', '.join(known)}.")
    chosen = [known[name] for name in names or known]
    counts: dict[str, int] = {}
    with reading(engine) as connection:
        for number, view in enumerate(chosen):
            told(f"writing {view.name}", 100 * number / len(chosen))
            counts[view.name] = _write(connection, view, folder / f"{view.name}.{form}", form, safe)
    _write_dictionary(folder / DICTIONARY, chosen)
    return counts


def _write(connection: sa.Connection, view: sa.TableClause, file: Path, form: Form, safe: Callable[[str], str]) -> int:
    columns = list(view.columns)
    schema = _schema(view)
    written = 0
    with _whole(file) as sink, _writer(sink, schema, form) as writer:
        for rows in batches(connection, sa.select(view)):
            table = arrow_table(columns, rows).cast(schema)
            writer.write_table(_without_formulas(table, safe) if form == "csv" else table)
            written += len(rows)
    return written


def _schema(view: sa.TableClause) -> pa.Schema:
    """Names and types of the columns, each with its unit and meaning."""
    types = arrow_table(list(view.columns), []).schema
    return pa.schema(
        [
            types.field(entry.column).with_metadata({"unit": entry.unit, "meaning": entry.meaning})
            for entry in entries(view)
        ]
    )


def _writer(sink: IO[bytes], schema: pa.Schema, form: Form) -> Any:
    if form == "parquet":
        return pq.ParquetWriter(sink, schema, compression="zstd")
    sink.write(BYTE_ORDER_MARK)
    return pa.csv.CSVWriter(sink, schema)


def _without_formulas(table: pa.Table, safe: Callable[[str], str]) -> pa.Table:
    for at, field in enumerate(table.schema):
        column = table.column(at)
        if pa.types.is_large_string(field.type) and pc.any(pc.match_substring_regex(column, _RISKY)).as_py():
            texts = [None if text is None else safe(text) for text in column.to_pylist()]
            table = table.set_column(at, field, pa.array(texts, type=field.type))
    return table


def _write_dictionary(file: Path, views: Sequence[sa.TableClause]) -> None:
    with _whole(file) as sink:
        sink.write(BYTE_ORDER_MARK)
        lines = [[field.name for field in fields(Entry)]]
        lines += [list(asdict(entry).values()) for view in views for entry in entries(view)]
        for line in lines:
            sink.write(_csv_line(line))


def _csv_line(cells: Sequence[str]) -> bytes:
    from io import StringIO

    text = StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue().encode()


@contextmanager
def _whole(file: Path) -> Iterator[IO[bytes]]:
    """A file that is there whole or not at all."""
    unfinished = file.with_name(f"{file.name}.unfinished")
    with writing(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            with unfinished.open("wb") as sink:
                yield sink
            unfinished.replace(file)
        finally:
            unfinished.unlink(missing_ok=True)
