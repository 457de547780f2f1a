"""Writing a frame into a table: new rows are inserted, changed rows updated, equal rows left untouched.

One interface for both databases. SQLite gets batches through its fastest way in, `executemany`; PostgreSQL gets one
COPY into a temporary table and one INSERT from there. Values travel as data only, names are quoted by SQLAlchemy.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from warehouse.bulk import arrow_type, copy, execute_many
from warehouse.errors import WarehouseError

_SORT_MEMORY = "256MB"


@dataclass(frozen=True)
class Counts:
    """What writing a frame did, in rows.

    Attributes:
        inserted: Rows that were new.
        updated: Rows whose content changed.
        unchanged: Rows that were there already and stayed untouched.
        removed: Rows that were taken out.
    """

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0


def upsert(connection: sa.Connection, table: sa.Table, frame: pd.DataFrame) -> Counts:
    """Insert new rows, update changed ones, leave equal ones untouched.

    Args:
        connection: A connection in a transaction.
        table: The table; its primary key says which rows are the same.
        frame: Rows with at least the table's columns. NaN becomes NULL. Rows that stand there twice count once.

    Returns:
        How many rows were inserted, updated and unchanged.

    Raises:
        WarehouseError: Two different rows have the same key, or a column holds values of another type.
    """
    rows = _arrow(table, _distinct(table, frame))
    if not rows.num_rows:
        return Counts()
    write = _into_sqlite if connection.dialect.name == "sqlite" else _into_postgres
    inserted, updated = write(connection, table, rows)
    return Counts(inserted, updated, rows.num_rows - inserted - updated)


def synchronise(
    connection: sa.Connection, table: sa.Table, frame: pd.DataFrame, scope: Mapping[str, str | int]
) -> Counts:
    """Make a part of a table equal to a frame: upsert its rows and remove those that the frame does not have.

    Args:
        connection: A connection in a transaction.
        table: The table.
        frame: All rows that the scope shall hold; each carries the scope's values.
        scope: Column to value: the part of the table that is meant.

    Returns:
        How many rows were inserted, updated, unchanged and removed.

    Raises:
        WarehouseError: As `upsert`.
    """
    removed = _remove_absent(connection, table, frame, scope)
    counts = upsert(connection, table, frame)
    return Counts(counts.inserted, counts.updated, counts.unchanged, removed)


def _remove_absent(
    connection: sa.Connection, table: sa.Table, frame: pd.DataFrame, scope: Mapping[str, str | int]
) -> int:
    keys = [column for column in table.primary_key if column.name not in scope]
    within = sa.and_(*(table.c[name] == value for name, value in scope.items()))
    if not keys:  # the scope holds one row at the most
        return connection.execute(sa.delete(table).where(within)).rowcount if frame.empty else 0
    wanted = set(frame[[key.name for key in keys]].itertuples(index=False, name=None))
    stored = (tuple(row) for row in connection.execute(sa.select(*keys).where(within)))
    absent = [row for row in stored if row not in wanted]
    if absent:
        this = sa.and_(within, *(key == sa.bindparam(f"key_{number}") for number, key in enumerate(keys)))
        parameters = [{f"key_{number}": part for number, part in enumerate(row)} for row in absent]
        connection.execute(sa.delete(table).where(this), parameters)
    return len(absent)


def _distinct(table: sa.Table, frame: pd.DataFrame) -> pd.DataFrame:
    """The table's columns of the frame, each row once."""
    rows = frame[[column.name for column in table.columns]]
    key = [column.name for column in table.primary_key]
    if not rows.duplicated(key).any():
        return rows
    rows = rows.drop_duplicates()
    conflicts = rows[rows.duplicated(key)]
    if not conflicts.empty:
        first = ", ".join(f"{name} {value}" for name, value in conflicts.iloc[0][key].items())
        raise WarehouseError(
            f"Two different rows for the table {table.name} have the same key: {first}.",
            "A key stands for one row; look at the source of these rows.",
        )
    return rows


def _arrow(table: sa.Table, rows: pd.DataFrame) -> pa.Table:
    columns = {}
    for column in table.columns:
        try:
            columns[column.name] = pa.array(rows[column.name], type=arrow_type(column.type), from_pandas=True)
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise WarehouseError(
                f"Column {column.name} for the table {table.name} holds something else than {column.type}: {error}.",
                "Convert them before they are loaded.",
            ) from error
    return pa.table(columns)


def _changes(table: sa.Table, excluded: Any) -> tuple[dict[str, Any], sa.ColumnElement[bool]]:
    """What an update sets, and the condition that it changes anything."""
    columns = [column for column in table.columns if not column.primary_key]
    is_changed = sa.or_(*(column.is_distinct_from(excluded[column.name]) for column in columns))
    return {column.name: excluded[column.name] for column in columns}, is_changed


def _into_sqlite(connection: sa.Connection, table: sa.Table, rows: pa.Table) -> tuple[int, int]:
    insert = sqlite.insert(table)
    values, is_changed = _changes(table, insert.excluded)
    statement = insert.on_conflict_do_update(index_elements=list(table.primary_key), set_=values, where=is_changed)
    compiled = statement.compile(dialect=connection.dialect, column_keys=rows.column_names)
    count = sa.select(sa.func.count()).select_from(table)
    before = connection.scalar(count) or 0
    written = execute_many(connection, compiled, rows)
    inserted = (connection.scalar(count) or 0) - before
    return inserted, written - inserted


def _into_postgres(connection: sa.Connection, table: sa.Table, rows: pa.Table) -> tuple[int, int]:
    stage = _stage(table)
    stage.create(connection)
    copy(connection, stage, rows)
    known = connection.scalar(sa.select(sa.func.count()).select_from(table).join(stage, _same_row(table, stage, rows)))
    # In the order of the key, neighbours land on one page of the index: a fifth less time.
    connection.execute(sa.select(sa.func.set_config("work_mem", _SORT_MEMORY, True)))
    in_order = sa.select(stage).order_by(*(stage.c[column.name] for column in table.primary_key))
    insert = postgresql.insert(table).from_select([column.name for column in stage.columns], in_order)
    values, is_changed = _changes(table, insert.excluded)
    statement = insert.on_conflict_do_update(index_elements=list(table.primary_key), set_=values, where=is_changed)
    written = connection.execute(statement.execution_options(preserve_rowcount=True)).rowcount
    stage.drop(connection)
    inserted = rows.num_rows - (known or 0)
    return inserted, written - inserted


def _same_row(table: sa.Table, stage: sa.Table, rows: pa.Table) -> sa.ColumnElement[bool]:
    """Equal keys. What all rows share is named, so that only that part of the table is read: one year's partition."""
    key = [column.name for column in table.primary_key]
    shared = [(name, rows.column(name).unique()) for name in key]
    named = [table.c[name] == values[0].as_py() for name, values in shared if len(values) == 1]
    return sa.and_(*(table.c[name] == stage.c[name] for name in key), *named)


def _stage(table: sa.Table) -> sa.Table:
    columns = (sa.Column(column.name, column.type) for column in table.columns)
    return sa.Table(f"stage_{table.name}", sa.MetaData(), *columns, prefixes=["TEMPORARY"], postgresql_on_commit="DROP")
