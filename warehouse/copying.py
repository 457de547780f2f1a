"""Moving a whole warehouse to another database: in one transaction, and verified row by row before it is kept."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from warehouse.bulk import arrow_table, batches, insert
from warehouse.digests import Digest
from warehouse.engine import guarded, place, transaction, upgrade
from warehouse.errors import InputError, RoundBusy, WarehouseError
from warehouse.locks import running
from warehouse.migrate import IMMEDIATE
from warehouse.revisions import HEAD, current_revision, require_head
from warehouse.schema import METADATA, VINTAGE
from warehouse.vintages import PROVISIONAL, PUBLISHED

TABLES = METADATA.sorted_tables  # what is referred to comes before what refers to it
Told = Callable[[str, float], None]


@dataclass(frozen=True)
class Copied:
    """A table that was copied and found equal on both sides.

    Attributes:
        table: Its name.
        rows: Number of its rows.
        digest: First digits of the digest over all of them, the same on both sides.
    """

    table: str
    rows: int
    digest: str


def copy_warehouse(source: sa.Engine, target: sa.Engine, told: Told = lambda _text, _percent: None) -> list[Copied]:
    """Copy everything from one warehouse into an empty one, whichever databases they are in.

    Nobody can write to either meanwhile. Published vintages arrive as provisional ones and are published when all their
    rows are there, so that the guards of the target stay in force all the time.

    Args:
        source: A warehouse with the schema of this code.
        target: A database without tables of ours, or an empty warehouse with the same schema.
        told: Called with what is being done and how much is done, in percent.

    Returns:
        What was copied, by table.

    Raises:
        InputError: Source and target are the same, the target holds rows, or their schemas differ.
        RoundBusy: A run is at work in one of them.
        WarehouseError: One of them cannot be used, or what arrived differs; nothing was kept.
    """
    _refuse_unfit(source, target)
    with _still(source) as origin:
        counts = {table.name: origin.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for table in TABLES}
        progress = _Progress(told, 2 * sum(counts.values()))
        upgrade(target)
        with transaction(target) as goal:
            _claim(goal)
            sent = {table.name: _send(origin, goal, table, progress) for table in TABLES}
            _publish(origin, goal)
            _set_identities(goal)
            for table in TABLES:
                _verify(goal, table, sent[table.name], progress)
    return [Copied(name, digest.count, digest.short) for name, digest in sent.items()]


class _Progress:
    def __init__(self, told: Told, total: int) -> None:
        self.told, self.total, self.done = told, total, 0

    def step(self, text: str, rows: int) -> None:
        self.done += rows
        self.told(text, 100 * self.done / max(self.total, 1))


def _refuse_unfit(source: sa.Engine, target: sa.Engine) -> None:
    if source.url.set(username=None, password=None) == target.url.set(username=None, password=None):
        raise InputError(f"The warehouse {place(source)} cannot be copied to itself.", "Name another one with --to.")
    for engine in (source, target):
        if running(engine):
            raise RoundBusy(
                f"A run is at work in the warehouse {place(engine)}.", "Wait until it has ended, then copy again."
            )
    with guarded(source), source.connect() as connection:
        require_head(connection)
    with guarded(target), target.connect() as connection:
        found = current_revision(connection)
    if found not in (None, HEAD):
        raise InputError(
            f"The warehouse {place(target)} has schema {found}, the warehouse {place(source)} has schema {HEAD}.",
            "Bring both to the same schema with `dti warehouse upgrade`, or name an empty database.",
        )


@contextmanager
def _still(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Read one state of a warehouse that nobody can write to meanwhile; refused at once where somebody is writing."""
    is_sqlite = engine.dialect.name == "sqlite"
    options: dict[str, Any] = {IMMEDIATE: True} if is_sqlite else {"isolation_level": "REPEATABLE READ"}
    with guarded(engine), engine.connect().execution_options(**options) as connection:
        if is_sqlite:
            connection.connection.cursor().execute("PRAGMA busy_timeout = 1000")
        with connection.begin():
            if not is_sqlite:
                _lock(connection, "SHARE")
            yield connection


def _lock(connection: sa.Connection, mode: str) -> None:
    names = ", ".join(connection.dialect.identifier_preparer.format_table(table) for table in TABLES)
    connection.exec_driver_sql(f"LOCK TABLE {names} IN {mode} MODE NOWAIT")


def _claim(goal: sa.Connection) -> None:
    """Keep others from writing to the target, and refuse one that holds rows."""
    if goal.dialect.name != "sqlite":
        _lock(goal, "EXCLUSIVE")
    full = [
        table.name for table in TABLES if goal.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first()
    ]
    if full:
        raise InputError(
            f"The warehouse {place(goal.engine)} is not empty: it holds rows of {', '.join(full)}.",
            "Copy to an empty database; nothing is ever merged.",
        )


def _send(origin: sa.Connection, goal: sa.Connection, table: sa.Table, progress: _Progress) -> Digest:
    digest = Digest(list(table.columns))
    for rows in batches(origin, sa.select(table)):
        digest.add(rows)
        arriving = arrow_table(list(table.columns), rows)
        if table is VINTAGE:
            at = arriving.column_names.index("state")
            states = pa.array([PROVISIONAL] * arriving.num_rows, type=arriving.field(at).type)
            arriving = arriving.set_column(at, arriving.field(at), states)
        insert(goal, table, arriving)
        progress.step(f"copying {table.name}", len(rows))
    return digest


def _publish(origin: sa.Connection, goal: sa.Connection) -> None:
    key = list(VINTAGE.primary_key)
    published = [tuple(row) for row in origin.execute(sa.select(*key).where(VINTAGE.c.state == PUBLISHED))]
    if published:
        this = sa.and_(*(column == sa.bindparam(f"key_{at}") for at, column in enumerate(key)))
        parameters = [{f"key_{at}": value for at, value in enumerate(row)} for row in published]
        goal.execute(sa.update(VINTAGE).where(this).values(state=PUBLISHED), parameters)


def _set_identities(goal: sa.Connection) -> None:
    """Let PostgreSQL go on counting after the numbers that arrived; SQLite does so by itself."""
    if goal.dialect.name == "sqlite":
        return
    for column in (column for table in TABLES for column in table.columns if column.identity):
        last = goal.scalar(sa.select(sa.func.max(column)))
        if last is not None:
            sequence = sa.func.pg_get_serial_sequence(column.table.name, column.name)
            goal.execute(sa.select(sa.func.setval(sequence, last)))


def _verify(goal: sa.Connection, table: sa.Table, sent: Digest, progress: _Progress) -> None:
    arrived = Digest(list(table.columns))
    for rows in batches(goal, sa.select(table)):
        arrived.add(rows)
        progress.step(f"verifying {table.name}", len(rows))
    if arrived.said != sent.said:
        raise WarehouseError(
            f"The table {table.name} did not arrive in {place(goal.engine)} as it was: {sent.count} rows with digest "
            f"{sent.short} were sent, {arrived.count} with {arrived.short} arrived.",
            "Nothing was kept. Report this: the databases keep a value differently.",
        )
