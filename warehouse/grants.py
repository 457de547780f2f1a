"""Who may do what in a PostgreSQL warehouse: two group roles, and what they are granted.

`dti_loader` may do what a run does, `dti_reader` may read the views. Both are NOLOGIN: people and programs get users of
their own that are members. Grants are derived from the tables that are there and can be repeated at any time.
"""

import logging

import sqlalchemy as sa

from warehouse.engine import place, transaction
from warehouse.errors import WarehouseError
from warehouse.revisions import VERSION_TABLE

logger = logging.getLogger(__name__)

LOADER, READER = "dti_loader", "dti_reader"
ROLES = {
    LOADER: "May do in the DTI warehouse what a run does: add evidence, write vintages, publish.",
    READER: "May read the views of the DTI warehouse in the schema mart.",
}
MAKE_THEM = "CREATE ROLE dti_loader NOLOGIN; CREATE ROLE dti_reader NOLOGIN;"

# A run takes rows out of these; in all other tables it deletes nothing.
MIRRORED = (
    *("run", "quarantine", "batch", "inspection_check", "measurement", "score", "warning", "crosswalk"),
    *("simulation", "rank_interval", "rank_effect"),
)
# Rows are added here and never changed.
ADDED = ("decision", "exclusion")
_READ_ONLY = (VERSION_TABLE,)


def make_roles(connection: sa.Connection) -> list[str]:
    """Make the roles that are missing, where the user may; otherwise say in the log what to do, and go on without them.

    A warehouse that only its owner uses needs no roles.

    Args:
        connection: A connection in a transaction, to PostgreSQL.

    Returns:
        The roles that are still missing.
    """
    missing = [role for role in ROLES if role not in _existing(connection)]
    may = connection.scalar(sa.text("SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user"))
    if missing and not may:
        logger.warning(
            "The roles %s are missing and this user may not make them: let an administrator run `%s`, then call "
            "`dti warehouse grant`.",
            " and ".join(missing),
            MAKE_THEM,
        )
        return missing
    for role in missing:
        # Another database of the server may be migrated at this very moment.
        make = f"CREATE ROLE {role} NOLOGIN; COMMENT ON ROLE {role} IS '{ROLES[role]}'"
        twice = "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL"
        connection.exec_driver_sql(f"DO $$ BEGIN {make}; {twice}; END $$")
    return []


def grant_roles(engine: sa.Engine) -> str:
    """Make the roles where they are missing, grant them what they may do, and say what came of it.

    Args:
        engine: The warehouse, with the schema of this code, as its owner.

    Raises:
        WarehouseError: The warehouse is on SQLite, or the user may neither make the roles nor find them made.
    """
    if engine.dialect.name == "sqlite":
        raise WarehouseError(
            f"The warehouse {place(engine)} is on SQLite, which knows no roles.",
            "Whoever may read or write the file may read or write the warehouse.",
        )
    with transaction(engine) as connection:
        missing = make_roles(connection)
        if missing:
            raise WarehouseError(
                f"The roles {' and '.join(missing)} are missing, and this user may not make them.",
                f"Let an administrator run `{MAKE_THEM}`, then call `dti warehouse grant` again.",
            )
        grant(connection)
    return (
        f"{LOADER} and {READER} may do in {place(engine)} what docs/warehouse.md says; make your users members of one."
    )


def grant(connection: sa.Connection) -> None:
    """Give the roles that are there what they may do; does nothing before the schemas are there.

    Args:
        connection: A connection in a transaction, to PostgreSQL, of the owner of the tables.
    """
    if not _has_schemas(connection):
        return
    roles = _existing(connection)
    if LOADER in roles:
        _grant_loader(connection)
    if READER in roles:
        _grant_reader(connection)
    if connection.scalar(sa.text(_OWNS_DATABASE)):
        for role in roles:
            rights = "CONNECT, TEMPORARY" if role == LOADER else "CONNECT"
            database = connection.dialect.identifier_preparer.quote(str(connection.engine.url.database))
            connection.exec_driver_sql(f"GRANT {rights} ON DATABASE {database} TO {role}")


_OWNS_DATABASE = "SELECT pg_has_role(datdba, 'USAGE') FROM pg_database WHERE datname = current_database()"


def _grant_loader(connection: sa.Connection) -> None:
    run = connection.exec_driver_sql
    run(f"GRANT USAGE ON SCHEMA dti, mart TO {LOADER}")
    run(f"GRANT SELECT ON ALL TABLES IN SCHEMA mart TO {LOADER}")
    for table in sa.inspect(connection).get_table_names(schema="dti"):
        run(f"REVOKE ALL ON dti.{table} FROM {LOADER}")
        run(f"GRANT {_rights(table)} ON dti.{table} TO {LOADER}")
    run(f"ALTER DEFAULT PRIVILEGES IN SCHEMA dti GRANT SELECT, INSERT, UPDATE ON TABLES TO {LOADER}")
    run(f"ALTER DEFAULT PRIVILEGES IN SCHEMA mart GRANT SELECT ON TABLES TO {LOADER}")


def _grant_reader(connection: sa.Connection) -> None:
    run = connection.exec_driver_sql
    # The number of the schema too, so that `dti rank` and `dti warehouse export` can tell whether they fit.
    run(f"GRANT USAGE ON SCHEMA dti, mart TO {READER}")
    run(f"GRANT SELECT ON ALL TABLES IN SCHEMA mart TO {READER}")
    run(f"GRANT SELECT ON dti.{VERSION_TABLE} TO {READER}")
    run(f"ALTER DEFAULT PRIVILEGES IN SCHEMA mart GRANT SELECT ON TABLES TO {READER}")


def _rights(table: str) -> str:
    if table in _READ_ONLY:
        return "SELECT"
    if table in ADDED:
        return "SELECT, INSERT"
    return "SELECT, INSERT, UPDATE, DELETE" if table in MIRRORED else "SELECT, INSERT, UPDATE"


def _existing(connection: sa.Connection) -> set[str]:
    query = sa.text("SELECT rolname FROM pg_roles WHERE rolname IN :names").bindparams(
        sa.bindparam("names", list(ROLES), expanding=True)
    )
    return set(connection.scalars(query))


def _has_schemas(connection: sa.Connection) -> bool:
    return connection.scalar(sa.text("SELECT to_regclass('dti.vintage')")) is not None
