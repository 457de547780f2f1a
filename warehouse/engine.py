"""The front door of the warehouse: connect, migrate, and work in transactions that check the schema first."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool

from warehouse.errors import ConnectionLost, WarehouseError
from warehouse.faults import guarded, place
from warehouse.migrate import IMMEDIATE, downgrade, upgrade
from warehouse.patience import patiently
from warehouse.revisions import HEAD, current_revision, is_newer, require_head
from warehouse.schema import VINTAGE

__all__ = [
    "Engine",
    "check_version",
    "connect",
    "downgrade",
    "guarded",
    "place",
    "reading",
    "status",
    "transaction",
    "upgrade",
]

_ANSWERED: set[URL] = set()  # warehouses that this process has reached before
_SUPPORTED = "Use sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/DATABASE."
# Tables and views have schemas of their own (migration 0010); what a user's own path names comes after them.
_SEARCH_PATH = (
    "SELECT set_config('search_path', concat_ws(', ', 'dti, mart', nullif(current_setting('search_path'), '')), false)"
)
_PRAGMAS = (
    "PRAGMA busy_timeout = 30000",
    "PRAGMA journal_mode = WAL",  # readers go on while a run writes
    "PRAGMA synchronous = FULL",  # a published vintage survives a power cut; commits are few
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -65536",
    "PRAGMA temp_store = MEMORY",
)


def connect(url: str, named: str = "DTI_WAREHOUSE_URL") -> sa.Engine:
    """Open a warehouse and prove that it answers; a SQLite file and its folder are created.

    Connections are not pooled: a run needs few, and none is left behind when it is killed. A warehouse that has
    answered this process before is waited for when it does not (`warehouse.patience`): its server may be starting anew.

    Args:
        url: SQLAlchemy URL, `sqlite:///FILE` or `postgresql+psycopg://...`.
        named: What the user calls the URL, for messages.

    Raises:
        WarehouseError: Not such a URL, driver missing, unreachable, refused, read-only or full.
    """
    parsed = _parsed(url, named)
    is_sqlite = parsed.get_backend_name() == "sqlite"
    if is_sqlite:
        _make_folder(Path(str(parsed.database)).parent)
    defaults: dict[str, Any] = {} if is_sqlite else {"connect_timeout": 10, "application_name": "dti"}
    arguments = {name: value for name, value in defaults.items() if name not in parsed.query}
    try:
        engine = sa.create_engine(parsed, poolclass=NullPool, connect_args=arguments)
    except ImportError as error:
        raise WarehouseError(
            "The warehouse is on PostgreSQL, but its driver psycopg is not installed.",
            "Install it with the extra `postgres`: pip install '.[postgres]'.",
        ) from error
    if is_sqlite:
        sa.event.listen(engine, "connect", _configure_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
    else:
        sa.event.listen(engine, "connect", _configure_postgres, insert=True)
    if parsed in _ANSWERED:
        patiently(partial(_prove, engine))
    else:
        _prove(engine)
        _ANSWERED.add(parsed)
    return engine


def _prove(engine: sa.Engine) -> None:
    with guarded(engine), engine.connect() as connection:
        connection.execute(sa.select(sa.literal(1)))


@contextmanager
def transaction(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Write in one transaction: all of it or nothing is kept.

    Raises:
        ConnectionLost: The connection was lost before anything was to be kept; nothing was written.
        WarehouseError: Another schema version, or the database complained; nothing was written. Only where the
            connection was lost while the work was being committed is it not known whether it was.
    """
    immediate = {IMMEDIATE: True}
    with guarded(engine), engine.connect().execution_options(**immediate) as connection, connection.begin() as work:
        require_head(connection)
        yield connection
        with _committing(engine):
            work.commit()


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Read one consistent state.

    Raises:
        WarehouseError: Another schema version, or the database complained.
    """
    level = {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with guarded(engine), engine.connect().execution_options(**level) as connection, connection.begin():
        require_head(connection)
        yield connection


def check_version(engine: sa.Engine) -> None:
    """Refuse a warehouse whose schema is not the one of this code.

    Raises:
        WarehouseError: The schema is newer, older, or there are no tables yet.
    """
    with reading(engine):
        pass


def status(engine: sa.Engine) -> str:
    """Say in one line where the warehouse is, which schema it has, and how much it holds.

    Raises:
        WarehouseError: It cannot be read.
    """
    with guarded(engine), engine.connect() as connection:
        revision = current_revision(connection)
        head = f"{engine.dialect.name} warehouse {place(engine)}"
        if revision is None:
            return f"{head}: no tables yet"
        if revision != HEAD:
            return f"{head}: schema {revision}, {'newer' if is_newer(revision) else 'older'} than {HEAD} of this code"
        states = list(connection.scalars(sa.select(VINTAGE.c.state)))
    vintages = ", ".join(f"{states.count(state)} {state}" for state in ("published", "provisional"))
    return f"{head}: schema {revision}, up to date; vintages: {vintages}"


@contextmanager
def _committing(engine: sa.Engine) -> Iterator[None]:
    try:
        with guarded(engine):
            yield
    except ConnectionLost as lost:
        raise WarehouseError(
            f"The connection to the warehouse {place(engine)} was lost while the work was being kept: perhaps it was.",
            "Run it again: what is done is not done twice.",
        ) from lost


def _parsed(url: str, named: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # The text may hold a password: neither it nor the parser's words are shown.
        raise WarehouseError(f"{named} is not a database URL.", _SUPPORTED) from None
    if "@" in f"{parsed.host}{parsed.database}" and parsed.get_backend_name() != "sqlite":
        # What stands before the last @ may be half of a password: none of it is shown.
        raise WarehouseError(f"{named} holds an @ that is not escaped.", "In a password write %40 for @, %2F for /.")
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in ("sqlite", "sqlite+pysqlite", "postgresql+psycopg"):
        raise WarehouseError(f"A warehouse of the kind {parsed.drivername} is not supported.", _SUPPORTED)
    if parsed.get_backend_name() == "sqlite" and (not parsed.database or parsed.database.startswith((":", "file:"))):
        raise WarehouseError("A SQLite warehouse needs a file; one in memory would be lost.", _SUPPORTED)
    return parsed


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WarehouseError(
            f"The warehouse's folder {folder} cannot be created: {error.strerror}.", "Set DTI_HOME to another folder."
        ) from error


def _configure_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # BEGIN is ours, so that tables too are made in a transaction
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _configure_postgres(connection: Any, _record: Any) -> None:
    connection.autocommit = True  # a setting made in a transaction would go with its rollback
    connection.execute(_SEARCH_PATH)
    connection.autocommit = False


def _begin_sqlite(connection: sa.Connection) -> None:
    immediate = connection.get_execution_options().get(IMMEDIATE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
