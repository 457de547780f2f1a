"""`dti warehouse copy | export | grant` as a person calls them; a password is never shown."""

import os
import subprocess
import sys

import pytest
import sqlalchemy as sa

from tests.unit.warehouse import conftest as makers
from warehouse.engine import connect, status
from warehouse.vintages import publish, write_vintage

SHARES = {"province-a": 0.5, "province-b": 0.25}


def dti(engine, *arguments):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DTI_", "PREFECT_"))}
    environment["DTI_WAREHOUSE_URL"] = engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "flows.cli", "warehouse", *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def used(sqlite_engine):
    write_vintage(
        sqlite_engine,
        framework=makers.tiny_framework(),
        round_name="press",
        kind="press",
        period="2020",
        measurements=makers.measurements(SHARES),
        scores=makers.scores(SHARES),
        run_id="r",
        code_version="1",
    )
    publish(sqlite_engine, framework="tiny_2020", round_name="press", period="2020")
    return sqlite_engine


def test_copy__sqlite_to_postgresql__table_by_table_without_the_password(used, postgres_url):
    url = sa.make_url(postgres_url).set(password="s3cr3t")
    done = dti(used, "copy", "--to", url.render_as_string(hide_password=False))
    assert done.returncode == 0, done.stderr
    assert "Copied and found equal" in done.stdout
    assert "s3cr3t" not in done.stdout + done.stderr
    assert "100%" in done.stderr
    assert "1 published" in status(connect(postgres_url))


def test_copy__again__refused_with_status_one(used, postgres_url):
    assert dti(used, "copy", "--to", postgres_url).returncode == 0
    done = dti(used, "copy", "--to", postgres_url)
    assert done.returncode == 1
    assert "is not empty" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("url", ["postgresql+psycopg://me:s3cr3t@host:port/db", "postgresql+psycopg://me:s3@cr3t@h/db"])
def test_copy__to_no_url__says_so_without_showing_it(used, url):
    done = dti(used, "copy", "--to", url)
    assert done.returncode == 1
    assert done.stderr.startswith("dti: --to ")
    assert "cr3t" not in done.stdout + done.stderr


def test_export__one_view__says_where_it_is(used, tmp_path):
    done = dti(used, "export", tmp_path / "out", "--view", "mart_league_table", "--format", "csv")
    assert done.returncode == 0, done.stderr
    assert "mart_league_table.csv: 4 rows" in done.stdout
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["dictionary.csv", "mart_league_table.csv"]


def test_grant__on_sqlite__refused_with_a_sentence(used):
    done = dti(used, "grant")
    assert done.returncode == 1
    assert "knows no roles" in done.stderr
