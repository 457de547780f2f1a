import os
import signal
import subprocess
import sys
import time

import pytest

from warehouse.errors import RoundBusy, WarehouseError
from warehouse.locks import confirm, round_lock, running

HOLDER = """
import sys, time
from warehouse.engine import connect
from warehouse.locks import round_lock
with round_lock(connect(sys.argv[1]), "tiny_2020", "press", "2020"):
    print("held", flush=True)
    time.sleep(60)
"""


def take(engine):
    with round_lock(engine, "tiny_2020", "press", "2020"):
        pass


@pytest.fixture
def holder(engine):
    """Another process that holds the round."""
    url = engine.url.render_as_string(hide_password=False)
    with subprocess.Popen([sys.executable, "-c", HOLDER, url], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_round_lock__held_by_another_process__refused_at_once(engine, holder):
    with pytest.raises(RoundBusy, match="round press of tiny_2020 2020 is already being run") as caught:
        take(engine)
    assert "Wait until that run has ended" in caught.value.hint


def test_round_lock__held_by_another_process__another_round_of_the_period_is_refused_too(engine, holder):
    with (
        pytest.raises(RoundBusy, match="or another round of the same framework and period"),
        round_lock(engine, "tiny_2020", "other", "2020"),
    ):
        pass


def test_round_lock__held_by_another_process__other_periods_and_frameworks_are_free(engine, holder):
    with round_lock(engine, "tiny_2020", "press", "2021"), round_lock(engine, "tiny_2022", "press", "2020"):
        assert holder.poll() is None


def test_running__held_and_released__says_which(engine):
    assert not running(engine)
    with round_lock(engine, "tiny_2020", "press", "2020"):
        assert running(engine)
    assert not running(engine)


def test_confirm__the_server_has_lost_the_lock__taken_again(postgres_engine):
    with round_lock(postgres_engine, "tiny_2020", "press", "2020"):
        cut_lock(postgres_engine)
        assert not running(postgres_engine)
        confirm(postgres_engine)
        assert running(postgres_engine)


def test_confirm__another_run_has_taken_it_meanwhile__refused(postgres_engine):
    with round_lock(postgres_engine, "tiny_2020", "press", "2020"):
        cut_lock(postgres_engine)
        url = postgres_engine.url.render_as_string(hide_password=False)
        with subprocess.Popen([sys.executable, "-c", HOLDER, url], stdout=subprocess.PIPE, text=True) as other:
            assert other.stdout.readline() == "held\n"
            with pytest.raises(RoundBusy, match="already being run"):
                confirm(postgres_engine)
            other.kill()


def cut_lock(engine):
    """End the connection that holds the lock; the server needs a moment to notice."""
    with engine.connect() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(l.pid, 5000) FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database"
            " WHERE l.locktype = 'advisory' AND d.datname = current_database()"
        )


def test_round_lock__holder_is_killed__free_again(engine, holder):
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    acquire_soon(engine)


def acquire_soon(engine, attempts=100):
    """PostgreSQL notices a killed client when its server process next looks at the connection."""
    for _ in range(attempts):
        try:
            return take(engine)
        except RoundBusy:
            time.sleep(0.05)
    pytest.fail("the lock of a killed process was not released")


def test_round_lock__held_on_sqlite__names_the_process(sqlite_engine):
    named = pytest.raises(RoundBusy, match=f"by process {os.getpid()} since 20")
    with round_lock(sqlite_engine, "tiny_2020", "press", "2020"), named:
        take(sqlite_engine)


def test_round_lock__released__can_be_taken_again_also_after_an_error(engine):
    with pytest.raises(ZeroDivisionError), round_lock(engine, "tiny_2020", "press", "2020"):
        raise ZeroDivisionError
    with round_lock(engine, "tiny_2020", "press", "2020"), pytest.raises(RoundBusy):
        take(engine)


def test_round_lock__connection_is_lost_while_held__the_end_is_quiet(postgres_engine):
    with round_lock(postgres_engine, "tiny_2020", "press", "2020"):
        cut_lock(postgres_engine)
    take(postgres_engine)


def test_round_lock__folder_is_gone__says_so(sqlite_engine, tmp_path):
    sqlite_engine.url = sqlite_engine.url.set(database=str(tmp_path / "gone" / "warehouse.db"))
    with pytest.raises(WarehouseError, match=r"lock file .* cannot be made"):
        take(sqlite_engine)
