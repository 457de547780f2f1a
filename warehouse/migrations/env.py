"""Alembic's entry point: migrates the connection it is handed, or the warehouse of the settings when run by hand."""

from alembic import context
from sqlalchemy import Connection

from warehouse.dictionary import comment_views
from warehouse.engine import connect
from warehouse.grants import grant
from warehouse.revisions import VERSION_TABLE
from warehouse.schema import METADATA
from warehouse.settings import get_settings


def migrate(connection: Connection) -> None:
    """Run the asked-for migrations on a connection; the caller owns the transaction."""
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        version_table=VERSION_TABLE,
        render_as_batch=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    if connection.dialect.name == "postgresql":  # what is derived from the code, as it is now
        grant(connection)
        comment_views(connection)


handed: Connection | None = context.config.attributes.get("connection")
if handed is not None:
    migrate(handed)
else:
    with connect(get_settings().url).begin() as own:
        migrate(own)
