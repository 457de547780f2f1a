"""The front door of the warehouse: connect, migrate, and work in transactions that check the schema first."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool

from warehouse.errors import WarehouseError
from warehouse.faults import guarded, place
from warehouse.migrate import IMMEDIATE, downgrade, upgrade
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

_SUPPORTED = "Use sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/DATABASE."
_PRAGMAS = (
    "PRAGMA busy_timeout = 30000",
    "PRAGMA journal_mode = WAL",  # readers go on while a run writes
    "PRAGMA synchronous = FULL",  # a published vintage survives a power cut; commits are few
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -65536",
    "PRAGMA temp_store = MEMORY",
)


def connect(url: str) -> sa.Engine:
    """Open a warehouse and prove that it answers; a SQLite file and its folder are created.

    Connections are not pooled: a run needs few, and none is left behind when it is killed.

    Args:
        url: SQLAlchemy URL, `sqlite:///FILE` or `postgresql+psycopg://...`.

    Raises:
        WarehouseError: Not such a URL, driver missing, unreachable, refused, read-only or full.
    """
    parsed = _parsed(url)
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
    with guarded(engine), engine.connect() as connection:
        connection.execute(sa.select(sa.literal(1)))
    return engine


@contextmanager
def transaction(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Write in one transaction: all of it or nothing is kept.

    Raises:
        WarehouseError: Another schema version, or the database complained; nothing was written.
    """
    with guarded(engine), engine.connect().execution_options(**{IMMEDIATE: True}) as connection, connection.begin():
        require_head(connection)
        yield connection


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


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # The text may hold a password: neither it nor the parser's words are shown.
        raise WarehouseError("DTI_WAREHOUSE_URL is not a database URL.", _SUPPORTED) from None
    if "@" in f"{parsed.host}{parsed.database}" and parsed.get_backend_name() != "sqlite":
        # What stands before the last @ may be half of a password: none of it is shown.
        raise WarehouseError(
            "DTI_WAREHOUSE_URL holds an @ that is not escaped.", "In a password write %40 for @, %2F for /."
        )
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


def _begin_sqlite(connection: sa.Connection) -> None:
    immediate = connection.get_execution_options().get(IMMEDIATE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
