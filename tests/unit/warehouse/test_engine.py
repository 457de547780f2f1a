import sqlite3
import sys

import pytest
import sqlalchemy as sa

from warehouse.engine import connect, reading, status, transaction, upgrade
from warehouse.errors import WarehouseError
from warehouse.schema import RUN


def with_pragma(engine, pragma):
    """Let every connection of a SQLite engine begin with a pragma of the test's."""
    sa.event.listen(engine, "connect", lambda connection, _: connection.execute(f"PRAGMA {pragma}"))
    return engine


def migrated(folder):
    engine = connect(f"sqlite:///{folder / 'warehouse.db'}")
    upgrade(engine)
    with transaction(engine) as connection:
        add_note(connection)
    return engine


def add_note(connection, text="x"):
    row = dict.fromkeys(("run_id", "flow", "framework", "round", "period", "state", "summary"), text)
    connection.execute(sa.insert(RUN).values(**row, started_at=sa.func.current_timestamp()))


def add_notes_of_one_run(connection):
    add_note(connection)
    add_note(connection)


def fill(engine):
    for number in range(1_000):
        with transaction(engine) as connection:
            add_note(connection, f"{number} {'x' * 1_000}")


def test_connect__new_sqlite_file__folder_and_file_are_made(tmp_path):
    connect(f"sqlite:///{tmp_path / 'a' / 'b' / 'warehouse.db'}")
    assert (tmp_path / "a" / "b" / "warehouse.db").exists()


def test_connect__sqlite__writes_ahead_keeps_references_and_waits(sqlite_engine):
    with sqlite_engine.connect() as connection:
        values = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "foreign_keys")]
        assert values == ["wal", 1]
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() > 0


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:///file:x?uri=true"])
def test_connect__sqlite_without_a_file__refused(url):
    with pytest.raises(WarehouseError, match="needs a file"):
        connect(url)


def test_connect__other_database__says_which_are_supported():
    with pytest.raises(WarehouseError, match=r"mysql\+pymysql is not supported") as caught:
        connect("mysql+pymysql://me:secret@host/db")
    assert "postgresql+psycopg://" in caught.value.hint


@pytest.mark.parametrize("url", ["", "warehouse.db", "postgresql+psycopg://me:secret@host:port/db"])
def test_connect__not_a_url__refused_without_showing_it(url):
    with pytest.raises(WarehouseError, match="not a database URL") as caught:
        connect(url)
    assert "secret" not in str(caught.value)


def test_connect__folder_is_a_file__says_so(tmp_path):
    (tmp_path / "var").write_text("")
    with pytest.raises(WarehouseError, match=r"folder .*var cannot be created"):
        connect(f"sqlite:///{tmp_path / 'var' / 'warehouse.db'}")


def test_connect__driver_missing__says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(WarehouseError, match="psycopg is not installed") as caught:
        connect("postgresql+psycopg://me:secret@localhost/dti")
    assert "postgres" in caught.value.hint


def test_connect__not_a_database_file__says_so(tmp_path):
    (tmp_path / "warehouse.db").write_bytes(b"no database" * 500)
    with pytest.raises(WarehouseError, match="not a warehouse, or is damaged"):
        connect(f"sqlite:///{tmp_path / 'warehouse.db'}")


def test_transaction__read_only_file__refused_with_what_to_do(open_folder, forbidden):
    engine = migrated(open_folder)
    refused = pytest.raises(WarehouseError, match="is read-only")
    with forbidden(open_folder / "warehouse.db"), refused as caught, transaction(engine) as connection:
        add_note(connection)
    assert "right to write" in caught.value.hint


def test_transaction__read_only_folder__refused(open_folder, forbidden):
    engine = migrated(open_folder)
    refused = pytest.raises(WarehouseError, match=r"is read-only|cannot be opened or created")
    with forbidden(open_folder), refused, transaction(engine) as connection:
        add_note(connection)


def test_connect__no_file_in_a_read_only_folder__says_that_it_cannot_be_created(open_folder, forbidden):
    refused = pytest.raises(WarehouseError, match="cannot be opened or created")
    migrated(open_folder)  # loads what is loaded late: nobody may not even read Python's own files everywhere
    with forbidden(open_folder), refused:
        connect(f"sqlite:///{open_folder / 'other.db'}")


def test_transaction__disk_full__says_so_and_keeps_the_state_before(sqlite_engine):
    with sqlite_engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    with_pragma(sqlite_engine, f"max_page_count = {pages + 20}")
    with pytest.raises(WarehouseError, match=r"disk under the warehouse .* is full"):
        fill(sqlite_engine)
    with reading(sqlite_engine) as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(RUN)) < 100
    assert "up to date" in status(sqlite_engine)


def test_transaction__another_program_writes__says_locked(sqlite_engine):
    with_pragma(sqlite_engine, "busy_timeout = 10")
    other = sqlite3.connect(sqlite_engine.url.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(WarehouseError, match="locked by another program"), transaction(sqlite_engine):
        pass
    other.close()


def test_reading__another_program_writes__goes_on(sqlite_engine):
    other = sqlite3.connect(sqlite_engine.url.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with reading(sqlite_engine) as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(RUN)) == 0
    other.close()


def test_transaction__an_error_in_it__nothing_is_kept(engine):
    with pytest.raises(sa.exc.IntegrityError), transaction(engine) as connection:
        add_notes_of_one_run(connection)
    with reading(engine) as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(RUN)) == 0


def test_status__warehouse_in_use__says_schema_and_vintages(write, engine):
    write({"province-a": 0.5}, final=True)
    write({"province-a": 0.6})
    assert "up to date; vintages: 1 published, 1 provisional" in status(engine)


def test_status__no_tables__says_so(blank_engine):
    assert status(blank_engine).endswith("no tables yet")
