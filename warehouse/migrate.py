"""Bringing a warehouse to another schema. Alembic is imported only when there is something to do."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from warehouse.errors import WarehouseError
from warehouse.faults import guarded, place
from warehouse.revisions import HEAD, current_revision, refuse_newer

if TYPE_CHECKING:
    from alembic.config import Config

SCRIPTS = Path(__file__).parent / "migrations"
IMMEDIATE = "dti_immediate"  # execution option: take SQLite's write lock when the transaction begins
_NOT_THE_OWNER = (
    "The schema of the warehouse {place} is to be brought up to date, which this user may not do: {reason}.",
    "Let its owner run `dti warehouse upgrade`; the owner needs the right to make schemas in the database.",
)
_LOCK = 0x6474695F736368  # "dti_sch": two processes never migrate one PostgreSQL warehouse at once


def upgrade(engine: sa.Engine) -> None:
    """Bring a warehouse to the schema of this code, in one transaction; does nothing where it has it already.

    Raises:
        WarehouseError: The schema is newer than this code, or the warehouse cannot be written to.
    """
    with guarded(engine), engine.connect() as connection:
        revision = current_revision(connection)
    refuse_newer(engine, revision)
    if revision != HEAD:
        from alembic import command

        with guarded(engine, forbidden=_NOT_THE_OWNER), _migrating(engine) as connection:
            command.upgrade(alembic_config(connection), "head")


def downgrade(engine: sa.Engine, revision: str) -> None:
    """Take a warehouse back to an earlier schema, in one transaction. What that schema has no room for is lost.

    Args:
        engine: The warehouse.
        revision: Revision, or `base` for no tables at all.

    Raises:
        WarehouseError: The schema is newer than this code, there is no such earlier revision, or writing failed.
    """
    from alembic import command
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    with guarded(engine), _migrating(engine) as connection:
        now = current_revision(connection)
        refuse_newer(engine, now)
        config = alembic_config(connection)
        known = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
        earlier = ["base", *(name for name in sorted(known) if now and name <= now)]
        try:
            if revision not in earlier:
                raise CommandError(revision)
            command.downgrade(config, revision)
        except CommandError as error:
            raise WarehouseError(
                f"The warehouse {place(engine)} cannot go back to schema {revision!r} from {now or 'base'}.",
                f"Earlier ones are: {', '.join(earlier)}.",
            ) from error


def alembic_config(connection: sa.Connection) -> "Config":
    """Alembic's configuration for a connection: the scripts lie in this package, there is no alembic.ini."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


@contextmanager
def _migrating(engine: sa.Engine) -> Iterator[sa.Connection]:
    """One transaction, alone; SQLite checks foreign keys at its end, because tables are rebuilt in between."""
    with engine.connect().execution_options(**{IMMEDIATE: True}) as connection:
        is_sqlite = engine.dialect.name == "sqlite"
        if is_sqlite:
            connection.connection.cursor().execute("PRAGMA foreign_keys = OFF")
        with connection.begin():
            if not is_sqlite:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            yield connection
            if is_sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                raise WarehouseError(
                    f"The new schema would break references between rows of the warehouse {place(engine)}.",
                    "Nothing was changed; report this with the output of `dti warehouse status`.",
                )
