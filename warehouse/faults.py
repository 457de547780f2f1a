"""What the databases complain about, told to a person: one sentence and what to do, never with a password."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from warehouse.errors import ConnectionLost, WarehouseError

PUBLISHED_IS_FINAL = "a published vintage is never changed"

_FULL = (
    "The disk under the warehouse {place} is full; nothing of this step was written.",
    "Free some space and run it again.",
)
_READ_ONLY = (
    "The warehouse {place} is read-only.",
    "Give this user the right to write to it and to its folder, or set DTI_WAREHOUSE_URL to another warehouse.",
)
_LOCKED = (
    "The warehouse {place} is locked by another program.",
    "Wait until it has ended, or end it, and run again; nothing of this step was written.",
)
_UNOPENED = (
    "The warehouse {place} cannot be opened or created.",
    "Check that the folder exists and that this user may write to it, or set DTI_HOME to another folder.",
)
_DAMAGED = (
    "The file {place} is not a warehouse, or is damaged.",
    "Restore it from a copy, or move it away: the next run makes a new one from the snapshots.",
)
_READING_FAILED = (
    "The disk under the warehouse {place} failed while reading or writing.",
    "Check the disk, then run again; nothing of this step was written.",
)
_NO_TABLES = (
    "The warehouse {place} lacks a table or view of this version.",
    "`dti warehouse upgrade` brings its schema up to date.",
)
_REFUSED_LOGIN = (
    "The warehouse {place} refused the user name or the password.",
    "Check both in DTI_WAREHOUSE_URL.",
)
_NO_DATABASE = ("There is no database {place}.", "Create it, or check its name in DTI_WAREHOUSE_URL.")
_FORBIDDEN = (
    "The warehouse {place} does not allow this user to do that.",
    "Ask its administrator: dti_loader may run rounds, dti_reader may read the views, its owner may change tables; see "
    "docs/warehouse.md.",
)
_CONNECTION = (
    "The warehouse {place} cannot be reached, or the connection was lost: {reason}.",
    "Check that the database server is running and that DTI_WAREHOUSE_URL names it, then run again.",
)
_LIMIT = (
    "The warehouse {place} has reached a limit that its administrator set: {reason}.",
    "Ask for a higher one; nothing of this step was written.",
)
_PUBLISHED = (
    "The warehouse {place} refused the change: " + PUBLISHED_IS_FINAL + ".",
    "A correction makes a new vintage.",
)
_OTHER = ("The warehouse {place} reported: {reason}.", "`dti doctor` looks at the warehouse more closely.")

_BY_SQLITE_NAME = {
    "SQLITE_FULL": _FULL,
    "SQLITE_READONLY": _READ_ONLY,
    "SQLITE_BUSY": _LOCKED,
    "SQLITE_LOCKED": _LOCKED,
    "SQLITE_CANTOPEN": _UNOPENED,
    "SQLITE_NOTADB": _DAMAGED,
    "SQLITE_CORRUPT": _DAMAGED,
    "SQLITE_IOERR": _READING_FAILED,
}
_BY_SQLSTATE = {
    "53100": _FULL,
    "53400": _LIMIT,
    "25006": _READ_ONLY,
    "55P03": _LOCKED,
    "40P01": _LOCKED,
    "42P01": _NO_TABLES,
    "28": _REFUSED_LOGIN,
    "3D000": _NO_DATABASE,
    "42501": _FORBIDDEN,
    "53300": _CONNECTION,
    "57P": _CONNECTION,
    "08": _CONNECTION,
}


def place(engine: sa.Engine) -> str:
    """Where a warehouse is, without user and password: the file, or server and database."""
    url = engine.url
    if engine.dialect.name == "sqlite":
        return str(url.database)
    host = url.host or url.query.get("host") or "the local server"
    return f"{url.database} on {host}{f':{url.port}' if url.port else ''}"


@contextmanager
def guarded(engine: sa.Engine, forbidden: tuple[str, str] = _FORBIDDEN) -> Iterator[None]:
    """Turn what the database or its driver complains about into a sentence.

    Faults of the program itself (wrong SQL, a broken constraint) pass unchanged: they are not the user's to mend.

    Args:
        engine: The warehouse.
        forbidden: Sentence and hint where the user lacks a right; `{place}` and `{reason}` are filled in.

    Raises:
        ConnectionLost: The database cannot be reached, or the connection was lost.
        WarehouseError: Read-only, full, locked, damaged, without tables, or of a published vintage.
    """
    try:
        yield
    except DBAPIError as error:
        _raise(engine, error, error.orig or error, forbidden)
    except engine.dialect.loaded_dbapi.Error as error:
        _raise(engine, error, error, forbidden)


def _raise(engine: sa.Engine, error: Exception, cause: BaseException, forbidden: tuple[str, str]) -> None:
    found = _explanation(engine, cause)
    if found is None:
        raise error
    sentence, hint = forbidden if found is _FORBIDDEN else found
    kind = ConnectionLost if found is _CONNECTION else WarehouseError
    raise kind(sentence.format(place=place(engine), reason=_reason(engine, cause)), hint) from error


def _explanation(engine: sa.Engine, cause: BaseException) -> tuple[str, str] | None:
    if PUBLISHED_IS_FINAL in str(cause):
        return _PUBLISHED
    if isinstance(cause, sqlite3.Error):
        return _sqlite_explanation(cause)
    state = getattr(cause, "sqlstate", None) or ""
    found = next((_BY_SQLSTATE[state[:size]] for size in (5, 3, 2) if state[:size] in _BY_SQLSTATE), None)
    if found is None and isinstance(cause, engine.dialect.loaded_dbapi.OperationalError):
        return _OTHER if state else _connecting_failed(str(cause))
    return found


def _sqlite_explanation(cause: sqlite3.Error) -> tuple[str, str] | None:
    name = getattr(cause, "sqlite_errorname", "")
    if "no such table" in str(cause):
        return _NO_TABLES
    known = next((found for start, found in _BY_SQLITE_NAME.items() if name.startswith(start)), None)
    return known or (_OTHER if name != "SQLITE_ERROR" and isinstance(cause, sqlite3.OperationalError) else None)


def _connecting_failed(message: str) -> tuple[str, str]:
    """A refused connection carries no SQLSTATE: the server's words are all there is."""
    if "password authentication failed" in message or "no password supplied" in message:
        return _REFUSED_LOGIN
    if "database" in message and "does not exist" in message:
        return _NO_DATABASE
    if "permission denied for database" in message:
        return _FORBIDDEN
    return _CONNECTION


def _reason(engine: sa.Engine, cause: BaseException) -> str:
    words = (str(cause).strip().splitlines() or [type(cause).__name__])[0].rstrip(". ")
    password = engine.url.password
    return words.replace(str(password), "***") if password else words
