import sqlite3
import subprocess
import sys

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from warehouse.engine import check_version, connect, downgrade, reading, status, transaction, upgrade
from warehouse.errors import WarehouseError
from warehouse.migrate import SCRIPTS
from warehouse.revisions import HEAD, VERSION_TABLE
from warehouse.schema import METADATA
from warehouse.views import VIEWS

REVISIONS = ["0001", "0002", "0003"]


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
