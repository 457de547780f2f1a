"""Which schema a warehouse has, and whether this code fits it. Alembic is not needed to know."""

import sqlalchemy as sa

from warehouse.errors import WarehouseError
from warehouse.faults import place

HEAD = "0012"  # revision of this code; revisions are numbered in order
VERSION_TABLE = "dti_schema_version"


def current_revision(connection: sa.Connection) -> str | None:
    """Revision of the warehouse, or None where it has no tables of ours yet."""
    if not sa.inspect(connection).has_table(VERSION_TABLE):
        return None
    version = sa.table(VERSION_TABLE, sa.column("version_num", sa.Text))
    found: str | None = connection.scalar(sa.select(version.c.version_num))
    return found


def is_newer(revision: str | None) -> bool:
    """Whether a warehouse of this revision was made by a newer version of the code."""
    return revision is not None and revision > HEAD


def refuse_newer(engine: sa.Engine, revision: str | None) -> None:
    """Refuse a warehouse that this code cannot know.

    Raises:
        WarehouseError: The revision is newer than this code.
    """
    if is_newer(revision):
        raise WarehouseError(
            f"The warehouse {place(engine)} has schema {revision}, which is newer than schema {HEAD} of this code.",
            "Update the code, or set DTI_WAREHOUSE_URL to another warehouse.",
        )


def require_head(connection: sa.Connection) -> None:
    """Refuse a warehouse whose schema is not the one of this code.

    Raises:
        WarehouseError: The schema is newer, older, or there are no tables yet.
    """
    revision = current_revision(connection)
    if revision == HEAD:
        return
    refuse_newer(connection.engine, revision)
    where = place(connection.engine)
    hint = "`dti warehouse upgrade` brings it up to date; so does every `dti run`."
    if revision is None:
        raise WarehouseError(f"The warehouse {where} has no tables yet.", hint)
    raise WarehouseError(f"The warehouse {where} has schema {revision}, older than schema {HEAD} of this code.", hint)
