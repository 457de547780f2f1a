"""One run of a framework and period at a time. A lock is released when its holder ends, also when it is killed."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from warehouse.engine import guarded
from warehouse.errors import RoundBusy, WarehouseError


@dataclass
class _Held:
    """An advisory lock of this process: the connection that holds it, its number, and what it stands for."""

    connection: sa.Connection
    number: int
    label: str


_ADVISORY_LOCKS = """
SELECT EXISTS (SELECT FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database
               WHERE l.locktype = 'advisory' AND d.datname = current_database())
"""
_held: dict[URL, list[_Held]] = {}
_confirming = Lock()  # a connection is used by one thread at a time


@contextmanager
def round_lock(engine: sa.Engine, framework: str, round_name: str, period: str) -> Iterator[None]:
    """Hold a framework and period for a round; nobody else can hold it on any machine that uses the same warehouse.

    Two rounds of one framework and period never interleave: which of them is shown when none is named depends on what
    was written last. SQLite: a locked file beside the database. PostgreSQL: an advisory lock on its own connection.

    Raises:
        RoundBusy: Another run holds it; said at once, without waiting.
        WarehouseError: The warehouse cannot be reached, or no file can be made beside it.
    """
    key = hashlib.sha256("\0".join(("dti round", framework, period)).encode()).digest()
    label = f"The round {round_name} of {framework} {period}"
    hold = _file_lock if engine.dialect.name == "sqlite" else _advisory_lock
    with hold(engine, key, label):
        yield


def confirm(engine: sa.Engine) -> None:
    """Make sure that this process still holds what it holds; take it again where the server has lost it.

    A file that is locked stays locked. An advisory lock goes with its connection, and so with a server that starts
    anew.

    Raises:
        ConnectionLost: The server cannot be reached.
        RoundBusy: Another run has taken it meanwhile.
    """
    with _confirming:
        for held in _held.get(engine.url, ()):
            if not _is_alive(held.connection):
                with suppress(SQLAlchemyError):
                    held.connection.close()
                held.connection = _take(engine, held.number, held.label)


def running(engine: sa.Engine) -> bool:
    """Whether any run is at work in the warehouse, in this process or another."""
    if engine.dialect.name == "sqlite":
        database = _database(engine)
        return any(_is_locked(path) for path in database.parent.glob(f"{database.name}.*.lock"))
    with guarded(engine), engine.connect() as connection:
        return bool(connection.scalar(sa.text(_ADVISORY_LOCKS)))


@contextmanager
def _file_lock(engine: sa.Engine, key: bytes, label: str) -> Iterator[None]:
    database = _database(engine)
    path = database.with_name(f"{database.name}.{key.hex()[:16]}.lock")
    try:
        file = path.open("a+", encoding="utf-8")
    except OSError as error:
        raise WarehouseError(
            f"The lock file {path} cannot be made: {error.strerror}.",
            "Give this user the right to write to the folder, or set DTI_HOME to another one.",
        ) from error
    # The file is never deleted: whoever opened it before would hold a lock that nobody else sees.
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise _busy(label, file.read().strip()) from None
        file.seek(0)
        file.truncate()
        file.write(f"process {os.getpid()} since {datetime.now().astimezone():%Y-%m-%d %H:%M}")
        file.flush()
        yield


def _is_locked(path: Path) -> bool:
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _database(engine: sa.Engine) -> Path:
    return Path(str(engine.url.database)).resolve()


@contextmanager
def _advisory_lock(engine: sa.Engine, key: bytes, label: str) -> Iterator[None]:
    number = int.from_bytes(key[:8], "big", signed=True)
    held = _Held(_take(engine, number, label), number, label)
    _held.setdefault(engine.url, []).append(held)
    try:
        yield
    finally:
        _held[engine.url].remove(held)
        # A lost connection has given the lock back already.
        with closing(held.connection), suppress(SQLAlchemyError):
            held.connection.execute(sa.select(sa.func.pg_advisory_unlock(number)))


def _take(engine: sa.Engine, number: int, label: str) -> sa.Connection:
    with guarded(engine):
        # Without a transaction, so that the server has nothing open for the hours of a run.
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    try:
        with guarded(engine):
            held = connection.scalar(sa.select(sa.func.pg_try_advisory_lock(number)))
        if not held:
            raise _busy(label, "")
    except BaseException:
        connection.close()
        raise
    return connection


def _is_alive(connection: sa.Connection) -> bool:
    try:
        connection.execute(sa.select(sa.literal(1)))
    except SQLAlchemyError:
        return False
    return True


def _busy(label: str, holder: str) -> RoundBusy:
    by = f" by {holder}" if holder else ""
    return RoundBusy(
        f"{label} is already being run{by}, or another round of the same framework and period is.",
        "Wait until that run has ended, then run it again.",
    )
