"""Many rows at once: from rows to Arrow, and from Arrow into a table by the fastest way of each database.

PostgreSQL gets one COPY, SQLite batches through `executemany`. Values travel as data only, names are quoted by
SQLAlchemy.
"""

import io
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.csv
import sqlalchemy as sa

from warehouse.columns import UtcDateTime

BATCH = 20_000  # rows handed over at a time, which bounds the memory
_CSV = pa.csv.WriteOptions(include_header=False, quoting_style="needed")  # quotes every text, so NULL is not ''
_ARROW = {sa.Text: pa.large_string(), sa.Double: pa.float64(), sa.Boolean: pa.bool_(), sa.Date: pa.date32()}


def arrow_type(kind: sa.types.TypeEngine[Any]) -> pa.DataType:
    """Arrow's type for the values of a column."""
    if isinstance(kind, UtcDateTime):
        return pa.timestamp("us", "UTC")
    return next((found for type_, found in _ARROW.items() if isinstance(kind, type_)), pa.int64())


def batches(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[Sequence[sa.Row[Any]]]:
    """Rows of a query, BATCH at a time; the database hands them over as they are asked for."""
    streamed = connection.execution_options(stream_results=True, yield_per=BATCH)
    with streamed.execute(query) as result:
        yield from result.partitions(BATCH)


def arrow_table(columns: Sequence[sa.ColumnElement[Any]], rows: Sequence[Sequence[Any]]) -> pa.Table:
    """Rows as an Arrow table with the names and types of the columns that they were selected by."""
    values = zip(*rows, strict=True) if rows else ((),) * len(columns)
    arrays = {
        str(getattr(column, "key", None)): pa.array(list(found), type=arrow_type(column.type))
        for column, found in zip(columns, values, strict=True)
    }
    return pa.table(arrays)


def insert(connection: sa.Connection, table: sa.Table, rows: pa.Table) -> None:
    """Insert rows that are known to be new.

    Args:
        connection: A connection in a transaction.
        table: The table.
        rows: Its columns.
    """
    if connection.dialect.name != "sqlite":
        copy(connection, table, rows)
        return
    compiled = sa.insert(table).compile(dialect=connection.dialect, column_keys=rows.column_names)
    execute_many(connection, compiled, rows)


def copy(connection: sa.Connection, table: sa.Table, rows: pa.Table) -> None:
    """COPY rows into a table of PostgreSQL."""
    quote = connection.dialect.identifier_preparer
    names = ", ".join(quote.quote(name) for name in rows.column_names)
    command = f"COPY {quote.format_table(table)} ({names}) FROM STDIN (FORMAT csv)"
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(command) as sink:
        for batch in rows.to_batches(max_chunksize=BATCH):
            written = io.BytesIO()
            pa.csv.write_csv(pa.table(batch), written, _CSV)
            sink.write(written.getbuffer())


def execute_many(connection: sa.Connection, statement: sa.Compiled, rows: pa.Table) -> int:
    """Execute a compiled statement of SQLite for every row; returns how many rows it touched."""
    touched = 0
    for batch in rows.select(statement.positiontup).to_batches(max_chunksize=BATCH):  # type: ignore[attr-defined]
        parameters = list(zip(*(_python_values(column) for column in batch.columns), strict=True))
        touched += connection.exec_driver_sql(str(statement), parameters).rowcount
    return touched


def _python_values(column: pa.Array) -> list[Any]:
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us")).cast(pa.large_string())  # the form SQLAlchemy reads back
    elif pa.types.is_date(column.type):
        column = column.cast(pa.large_string())
    if pa.types.is_large_string(column.type):
        return list(column.to_numpy(zero_copy_only=False).tolist())  # many times faster than to_pylist
    return list(column.to_pylist())
