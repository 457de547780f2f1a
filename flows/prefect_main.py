"""Prefect's own command, with two mends that its server needs: `python -m flows.prefect_main ...`.

The server writes the runs of a schedule with one bulk INSERT whose rows also name properties that are no columns (the
state of a run). SQLAlchemy 2.0 passes over them; 2.1 refuses the statement unless the property says what to do, so that
no schedule ever made a run. Here each such property says: nothing.

On SQLite the server reads first and writes later in one transaction. If another request has written meanwhile, SQLite
refuses at once, however long it may wait for a lock (SQLITE_BUSY_SNAPSHOT), and the server answers 503. Prefect's
clients ask again, a form in the browser does not. Here what is begun to write waits for its turn before it reads.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prefect.server.database.configurations import AioSqliteConfiguration

SETTER = "bulk_dml_setter"  # of a hybrid property of SQLAlchemy 2.1


def mend_schedules() -> None:
    """Let every property of a table of Prefect 3.8 be passed over in a bulk INSERT, as under SQLAlchemy 2.0."""
    from prefect.server.database import orm_models

    for table in vars(orm_models).values():
        for kind in getattr(table, "__mro__", ()):
            for member in vars(kind).values():
                if getattr(member, SETTER, "absent") is None:
                    setattr(member, SETTER, _pass_over)


def mend_writing() -> None:
    """Let each transaction that Prefect 3.8 begins to write on SQLite hold the lock for writing from its first moment.

    They queue for it here, in order and without a connection. In SQLite's own waiting each looks again after a while:
    some wait for seconds, and their connections are missing to those who read.
    """
    from prefect.server.database.configurations import SQLITE_BEGIN_MODE, AioSqliteConfiguration

    begin_transaction = AioSqliteConfiguration.begin_transaction
    turn = asyncio.Lock()

    @asynccontextmanager
    async def begin(self: "AioSqliteConfiguration", session: Any, with_for_update: bool = False) -> AsyncIterator[Any]:
        if SQLITE_BEGIN_MODE.get() is not None:
            # Within another one of the same request, which must not wait for itself.
            async with begin_transaction(self, session, with_for_update=with_for_update) as begun:
                yield begun
            return
        async with turn, begin_transaction(self, session, with_for_update=True) as begun:
            await session.connection()  # says BEGIN IMMEDIATE now, not with the first query
            SQLITE_BEGIN_MODE.set("DEFERRED")  # a second session that only reads needs no lock
            yield begun

    AioSqliteConfiguration.begin_transaction = begin  # type: ignore[method-assign]


def _pass_over(*_: Any) -> None:
    return None


if __name__ == "__main__":
    mend_schedules()
    mend_writing()
    from prefect.cli import app

    app()
