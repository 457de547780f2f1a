"""What a real PostgreSQL server refuses, and what the user reads then."""

import socket

import pytest
import sqlalchemy as sa

from warehouse.engine import connect, transaction, upgrade
from warehouse.errors import WarehouseError

NOTE = "INSERT INTO dim_period VALUES ('2020', '2020-01-01', '2020-12-31')"


def text(url):
    return url.render_as_string(hide_password=False)


def run(engine, *statements):
    with transaction(engine) as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def cut_off(engine, go_on):
    with transaction(engine) as connection:
        own = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
        connection.exec_driver_sql(NOTE)
        run(engine, f"SELECT pg_terminate_backend({own})")
        go_on(connection)


def test_connect__nobody_listens__says_where_and_hides_the_password():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(WarehouseError, match=f"dti on 127.0.0.1:{port} cannot be reached") as caught:
            connect(f"postgresql+psycopg://me:secret@127.0.0.1:{port}/dti")
    assert "secret" not in str(caught.value)
    assert "database server is running" in caught.value.hint


def test_connect__wrong_password__says_so_and_hides_it(postgres_server):
    url = postgres_server.set(username="guarded", password="not-right")
    with pytest.raises(WarehouseError, match="refused the user name or the password") as caught:
        connect(text(url))
    assert "not-right" not in str(caught.value)


def test_connect__right_password__opens(postgres_server):
    assert connect(text(postgres_server.set(username="guarded", password="right")))


def test_connect__no_such_database__says_so(postgres_server):
    with pytest.raises(WarehouseError, match="There is no database nowhere"):
        connect(text(postgres_server.set(database="nowhere")))


def test_connect__driver_not_written_in_the_url__is_psycopg(postgres_server):
    engine = connect(text(postgres_server.set(drivername="postgresql")))
    assert engine.driver == "psycopg"


def test_upgrade__user_may_not_make_tables__says_so(postgres_server, postgres_url):
    database = sa.make_url(postgres_url).database
    engine = connect(text(postgres_server.set(username="guarded", password="right", database=database)))
    with pytest.raises(WarehouseError, match="which this user may not do: permission denied") as caught:
        upgrade(engine)
    assert "owner run `dti warehouse upgrade`" in caught.value.hint


def test_transaction__read_only_database__says_so(postgres_engine):
    name = postgres_engine.url.database
    run(postgres_engine, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    with pytest.raises(WarehouseError, match="is read-only"):
        run(postgres_engine, NOTE)


def test_transaction__server_reports_a_full_disk__says_so_and_keeps_nothing(postgres_engine):
    full = "DO $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left' USING ERRCODE = 'disk_full'; END $$"
    with pytest.raises(WarehouseError, match=r"disk under the warehouse .* is full"):
        run(postgres_engine, NOTE, full)
    with postgres_engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM dim_period").scalar() == 0


@pytest.mark.parametrize(
    "go_on",
    [
        lambda connection: connection.exec_driver_sql("SELECT 1"),
        lambda connection: connection.connection.driver_connection.execute("SELECT 1"),
    ],
    ids=["through SQLAlchemy", "through the driver"],
)
def test_transaction__connection_is_cut__says_so_and_keeps_nothing(postgres_engine, go_on):
    with pytest.raises(WarehouseError, match="the connection was lost"):
        cut_off(postgres_engine, go_on)
    with postgres_engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM dim_period").scalar() == 0


def test_transaction__lock_is_not_given_in_time__says_locked(postgres_engine):
    with postgres_engine.begin() as holder:
        holder.exec_driver_sql("LOCK TABLE dim_period IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(WarehouseError, match="locked by another program"):
            run(postgres_engine, "SET LOCAL lock_timeout = '50ms'", NOTE)


def test_transaction__the_server_stops_a_statement__its_words_are_passed_on(postgres_engine):
    with pytest.raises(WarehouseError, match="reported: canceling statement due to statement timeout"):
        run(postgres_engine, "SET LOCAL statement_timeout = '10ms'", "SELECT pg_sleep(5)")


def test_comments__tables_views_and_columns__reach_the_database(postgres_engine):
    inspector = sa.inspect(postgres_engine)
    assert "agency x node" in inspector.get_table_comment("score")["text"]
    assert "newest vintage" in inspector.get_table_comment("mart_league_table")["text"]
    assert [column["name"] for column in inspector.get_columns("observation") if not column["comment"]] == []
