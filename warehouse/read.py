"""Reading rows into a frame with the types of the table's columns."""

from typing import Any

import pandas as pd
import sqlalchemy as sa

from warehouse.columns import UtcDateTime
from warehouse.engine import reading
from warehouse.frames import COUNT, NUMBER, TEXT, TIME

_DTYPES = {sa.Text: TEXT, sa.Double: NUMBER, sa.Boolean: "bool", sa.Integer: COUNT, sa.Date: "object"}


def read(engine: sa.Engine, query: sa.Select[Any]) -> pd.DataFrame:
    """Run a query.

    Args:
        engine: The warehouse.
        query: What to select; its columns have different names.

    Returns:
        One row a result row, with the frames' types: absent text is empty, an absent number NaN, times are in UTC.

    Raises:
        WarehouseError: The warehouse cannot be read or has another schema than this code.
    """
    with reading(engine) as connection:
        return rows_of(connection, query)


def rows_of(connection: sa.Connection, query: sa.Select[Any]) -> pd.DataFrame:
    """Run a query in a transaction that is open; see `read`."""
    rows = connection.execute(query).all()
    names = [str(column.key) for column in query.selected_columns]
    kinds = [column.type for column in query.selected_columns]
    values = zip(*rows, strict=True) if rows else ((),) * len(names)
    columns = {name: _typed(list(found), kind) for name, kind, found in zip(names, kinds, values, strict=True)}
    return pd.DataFrame(columns)


def _typed(values: list[Any], kind: sa.types.TypeEngine[Any]) -> "pd.Series[Any]":
    if isinstance(kind, UtcDateTime):
        return pd.Series(values, dtype=TIME)
    dtype = next(found for type_, found in _DTYPES.items() if isinstance(kind, type_))
    if dtype == TEXT:
        values = ["" if value is None else value for value in values]
    return pd.Series(values, dtype=dtype)
