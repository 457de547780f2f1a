"""One run of a round at a time. A lock is released when its holder ends, also when it is killed."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from warehouse.engine import guarded
from warehouse.errors import RoundBusy, WarehouseError


@contextmanager
def round_lock(engine: sa.Engine, framework: str, round_name: str, period: str) -> Iterator[None]:
    """Hold a round of a framework and period; nobody else can hold it on any machine that uses the same warehouse.

    SQLite: a locked file beside the database. PostgreSQL: an advisory lock on a connection of its own.

    Raises:
        RoundBusy: Another run holds it; said at once, without waiting.
        WarehouseError: The warehouse cannot be reached, or no file can be made beside it.
    """
    key = hashlib.sha256("\0".join(("dti round", framework, round_name, period)).encode()).digest()
    label = f"The round {round_name} of {framework} {period}"
    hold = _file_lock if engine.dialect.name == "sqlite" else _advisory_lock
    with hold(engine, key, label):
        yield


@contextmanager
def _file_lock(engine: sa.Engine, key: bytes, label: str) -> Iterator[None]:
    database = Path(str(engine.url.database)).resolve()
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


@contextmanager
def _advisory_lock(engine: sa.Engine, key: bytes, label: str) -> Iterator[None]:
    number = int.from_bytes(key[:8], "big", signed=True)
    with guarded(engine):
        # Without a transaction, so that the server has nothing open for the hours of a run.
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    with closing(connection):
        with guarded(engine):
            held = connection.scalar(sa.select(sa.func.pg_try_advisory_lock(number)))
        if not held:
            raise _busy(label, "")
        try:
            yield
        finally:
            with suppress(DBAPIError):  # a lost connection has given the lock back already
                connection.execute(sa.select(sa.func.pg_advisory_unlock(number)))


def _busy(label: str, holder: str) -> RoundBusy:
    by = f" by {holder}" if holder else ""
    return RoundBusy(f"{label} is already being run{by}.", "Wait until that run has ended, then run it again.")
