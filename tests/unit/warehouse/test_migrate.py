import sqlite3
import subprocess
import sys
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from warehouse.engine import check_version, connect, downgrade, reading, status, transaction, upgrade
from warehouse.errors import WarehouseError
from warehouse.faults import guarded
from warehouse.migrate import SCRIPTS, alembic_config
from warehouse.revisions import HEAD, VERSION_TABLE
from warehouse.schema import METADATA, OBSERVATIONS, SCORES, SNAPSHOTS
from warehouse.views import VIEWS

REVISIONS = ["0001", "0002", "0003", "0006", "0010", "0011"]


def names(engine):
    inspector = sa.inspect(engine)
    return set(inspector.get_table_names()) | set(inspector.get_view_names())


def pretend_revision(engine, revision):
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = '{revision}'")


def test_upgrade__blank_warehouse__has_the_tables_of_the_models(blank_engine):
    upgrade(blank_engine)
    with blank_engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        assert compare_metadata(context, METADATA) == []


def test_upgrade__blank_warehouse__has_the_views_with_their_columns(engine):
    inspector = sa.inspect(engine)
    found = {view: {column["name"] for column in inspector.get_columns(view)} for view in inspector.get_view_names()}
    assert found == {view.name: {column.name for column in view.columns} for view in VIEWS}


def test_upgrade__again__changes_nothing(engine):
    before = names(engine)
    upgrade(engine)
    assert names(engine) == before


@pytest.mark.parametrize("revision", REVISIONS)
def test_downgrade__one_revision_and_up_again__has_everything_back(engine, revision):
    before = names(engine)
    downgrade(engine, revision)
    assert "older" in status(engine)
    upgrade(engine)
    assert names(engine) == before


def test_downgrade__to_base__leaves_no_table_and_goes_up_again(engine):
    before = names(engine)
    downgrade(engine, "base")
    assert names(engine) == {VERSION_TABLE}
    upgrade(engine)
    assert names(engine) == before


@pytest.mark.parametrize("revision", ["0999", "nonsense", "head", "-1"])
def test_downgrade__no_earlier_revision__names_those_there_are(engine, revision):
    with pytest.raises(WarehouseError, match="cannot go back to schema") as caught:
        downgrade(engine, revision)
    assert "base, 0001" in caught.value.hint
    check_version(engine)


def test_downgrade__fails_halfway__leaves_the_schema_as_it_was(engine):
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP VIEW mart_quarantine")
    before = names(engine)
    with pytest.raises((WarehouseError, sa.exc.DBAPIError)):
        downgrade(engine, "base")
    assert names(engine) == before
    check_version(engine)


def test_downgrade__a_row_refers_to_nothing__refused_and_left_as_it_was(sqlite_engine):
    raw = sqlite3.connect(sqlite_engine.url.database)
    raw.execute("INSERT INTO vintage SELECT " + ", ".join(["'press'"] * 5 + ["'published'"] + ["'x'"] * 8))
    raw.commit()
    raw.close()
    with pytest.raises(WarehouseError, match="break references"):
        downgrade(sqlite_engine, "0003")
    check_version(sqlite_engine)


@pytest.mark.parametrize("use", [upgrade, check_version, lambda engine: downgrade(engine, "base")])
def test_newer_schema__any_use__refused_with_what_to_do(engine, use):
    pretend_revision(engine, "0999")
    with pytest.raises(WarehouseError, match="schema 0999, which is newer than schema") as caught:
        use(engine)
    assert "Update the code" in caught.value.hint


@pytest.mark.parametrize("work", [transaction, reading])
def test_older_schema__reading_or_writing__says_how_to_upgrade(engine, work):
    pretend_revision(engine, "0001")
    with pytest.raises(WarehouseError, match="schema 0001, older than schema") as caught, work(engine):
        pass
    assert "dti warehouse upgrade" in caught.value.hint


def test_no_tables__reading__says_how_to_make_them(blank_engine):
    with pytest.raises(WarehouseError, match="has no tables yet"), reading(blank_engine):
        pass


def test_head__in_code__is_the_newest_script():
    assert ScriptDirectory(str(SCRIPTS)).get_heads() == [HEAD]


def test_upgrade__two_processes_at_once__both_succeed(blank_engine):
    url = blank_engine.url.render_as_string(hide_password=False)
    script = "import sys; from warehouse.engine import connect, upgrade; upgrade(connect(sys.argv[1]))"
    started = [subprocess.Popen([sys.executable, "-c", script, url]) for _ in range(2)]
    assert [process.wait() for process in started] == [0, 0]
    check_version(blank_engine)


def test_alembic__warehouse_is_up_to_date__not_imported(sqlite_engine):
    script = (
        "import sys; from warehouse.engine import connect, upgrade; upgrade(connect(sys.argv[1]));"
        "assert not any(name.startswith('alembic') for name in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script, str(sqlite_engine.url)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_upgrade__from_another_folder__is_quiet_and_needs_no_ini(tmp_path):
    script = "from warehouse.engine import connect, upgrade; upgrade(connect('sqlite:///w.db'))"
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    check_version(connect(f"sqlite:///{tmp_path / 'w.db'}"))


PERIODS = ["1999", "2015", "2020", "2020-01", "2020-12", "2034-12", "2035", "2035-01"]


@pytest.fixture
def at_0006(blank_engine):
    """A warehouse as it was before observations were kept by year, with rows of many periods."""
    with blank_engine.connect() as connection, connection.begin():
        command.upgrade(alembic_config(connection), "0006")
        columns = {column["name"] for column in sa.inspect(connection).get_columns("observation")}
        rows = [
            {**dict.fromkeys(columns, "'"), "observation_id": f"{period}-{number}", "period": period, "value": number}
            for period in PERIODS
            for number in range(3)
        ]
        connection.execute(sa.insert(OBSERVATIONS), rows)
    return blank_engine


def observed(engine):
    with engine.connect() as connection:
        return sorted(tuple(row) for row in connection.execute(sa.select(OBSERVATIONS)))


def test_upgrade__observations_of_many_periods__none_is_lost_on_the_way_up_and_down(at_0006):
    before = observed(at_0006)
    assert len(before) == 3 * len(PERIODS)
    upgrade(at_0006)
    assert observed(at_0006) == before
    downgrade(at_0006, "0006")
    assert observed(at_0006) == before
    assert sa.inspect(at_0006).get_pk_constraint("observation")["constrained_columns"] == ["observation_id"]
    upgrade(at_0006)
    assert observed(at_0006) == before
    assert sa.inspect(at_0006).get_pk_constraint("observation")["constrained_columns"] == ["observation_id", "period"]


def test_snapshots__the_same_bytes_in_two_periods__fit_in_and_the_first_stays_on_the_way_down(engine):
    columns = dict.fromkeys((column.name for column in SNAPSHOTS.columns), "x")
    card = {**columns, "size": 1, "http_status": None, "fetched_at": datetime(2020, 8, 1, tzinfo=UTC)}
    with engine.begin() as connection:
        connection.execute(sa.insert(SNAPSHOTS), [{**card, "period": f"2020-{month:02d}"} for month in (9, 8, 10)])
    downgrade(engine, "0011")
    with engine.connect() as connection:
        assert connection.execute(sa.select(SNAPSHOTS.c.period)).scalars().all() == ["2020-08"]
    assert "period" not in sa.inspect(engine).get_pk_constraint("snapshot")["constrained_columns"]
    upgrade(engine)
    assert sa.inspect(engine).get_pk_constraint("snapshot")["constrained_columns"][-1] == "period"


def test_downgrade__a_used_warehouse__keeps_its_rows_and_guards(engine, write, make, scope):
    write({"province-a": 0.5}, final=True)
    downgrade(engine, "0006")
    with engine.connect() as connection, connection.begin():
        assert connection.execute(sa.select(sa.func.count()).select_from(SCORES)).scalar() == 2
    with pytest.raises(WarehouseError, match="never changed"), guarded(engine), engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM score")
    upgrade(engine)
    with pytest.raises(WarehouseError, match="never changed"), transaction(engine) as connection:
        connection.exec_driver_sql("DELETE FROM score")


def where_kept(engine):
    with engine.connect() as connection:
        return dict(
            connection.exec_driver_sql("SELECT DISTINCT period, tableoid::regclass::text FROM observation").all()
        )


@pytest.mark.parametrize("blank_engine", ["postgres"], indirect=True)
def test_partitions__every_period__lies_with_its_year(at_0006):
    upgrade(at_0006)
    kept = where_kept(at_0006)
    year = {period: period[:4] if "2015" <= period[:4] <= "2034" else "other" for period in PERIODS}
    assert kept == {period: f"dti_partitions.observation_{name}" for period, name in year.items()}


def schemas(engine):
    query = "SELECT c.relname, n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    with engine.connect() as connection:
        found = connection.exec_driver_sql(f"{query} WHERE c.relkind IN ('r', 'p', 'v') AND n.nspname !~ '^pg_|^inf'")
        return {name: schema for name, schema in found if not name.startswith("observation_")}


def test_schemas__tables_and_views__each_in_its_own(postgres_engine):
    expected = dict.fromkeys([*METADATA.tables, VERSION_TABLE], "dti") | {view.name: "mart" for view in VIEWS}
    assert schemas(postgres_engine) == expected


def test_schemas__after_a_downgrade__tables_are_where_they_were_and_the_schemas_gone(postgres_engine):
    downgrade(postgres_engine, "0006")
    assert set(schemas(postgres_engine).values()) == {"public"}
    with postgres_engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT nspname FROM pg_namespace WHERE nspname ~ '^(dti|mart)'").all()
    assert found == []


def test_schemas__something_of_somebody_else_in_them__stays(postgres_engine):
    with postgres_engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE mart.notes (a int)")
    downgrade(postgres_engine, "0006")
    assert schemas(postgres_engine)["notes"] == "mart"
    upgrade(postgres_engine)
    check_version(postgres_engine)


def test_search_path__of_the_user__comes_after_ours(postgres_engine):
    with postgres_engine.connect() as connection:
        assert connection.exec_driver_sql("SHOW search_path").scalar() == 'dti, mart, "$user", public'
        connection.rollback()
        assert connection.exec_driver_sql("SELECT count(*) FROM mart_score").scalar() == 0


def test_search_path__an_empty_one_by_the_administrator__still_finds_the_tables(postgres_engine):
    name = postgres_engine.url.database
    with postgres_engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"ALTER DATABASE {name} SET search_path = ''")
    check_version(postgres_engine)
