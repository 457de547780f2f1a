"""A real Prefect server for the flow tests, and a clean state folder for each test."""

import fcntl
import os
import pty
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import termios
import threading
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pandas as pd
import pytest

from flows.cli import main
from tasks.demo.round import make_round
from warehouse.frameworks.loader import load_framework
from warehouse.settings import get_settings


@pytest.fixture(scope="session")
def prefect_home(tmp_path_factory):
    """Where the server of these tests keeps its database, results and logs."""
    return tmp_path_factory.mktemp("prefect")


@pytest.fixture(scope="session")
def prefect_api(prefect_home):
    from flows.server import prefect_server

    os.environ["PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW"] = "ignore"
    with prefect_server(prefect_home) as url:
        yield url


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("DTI_HOME", str(tmp_path / "var"))
    monkeypatch.delenv("DTI_WAREHOUSE_URL", raising=False)
    get_settings.cache_clear()
    yield tmp_path / "var"
    get_settings.cache_clear()


class Server:
    """What a test asks of a Prefect server; like Prefect's own clients it asks again while its database is busy.

    Attributes:
        api: Address of the server's API.
    """

    ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED", "PAUSED")

    def __init__(self, api: str) -> None:
        self.api = api

    def _ask(self, method, path, **asked):
        for _ in range(20):
            found = httpx.request(method, f"{self.api}/{path}", timeout=60, **asked)
            if found.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                break
            time.sleep(0.5)
        found.raise_for_status()
        return found.json() if found.content else None

    def post(self, path, **body):
        return self._ask("POST", path, json=body)

    def start(self, deployment, parameters=None):
        """Ask for a run of a deployment; returns its id."""
        found = self.deployment(deployment)
        body = {"parameters": {"parameters": parameters}} if parameters is not None else {}
        return self.post(f"deployments/{found['id']}/create_flow_run", **body)["id"]

    def deployment(self, name):
        return self._ask("GET", f"deployments/name/{name}/{name}")

    def run(self, run):
        return self._ask("GET", f"flow_runs/{run}")

    def state(self, run):
        return self.run(run)["state"]

    def wait(self, run, seconds=180, until=ENDED):
        """Wait until a run has come to an end or is suspended; returns its state."""
        for _ in range(seconds * 4):
            state = self.state(run)
            if state["type"] in until:
                return state
            time.sleep(0.25)
        raise AssertionError(state)

    def resume(self, run, **answer):
        """Answer the form of a suspended run; returns what the server says of it."""
        for _ in range(40):  # a run is suspended a moment before its form is there
            said = self.post(f"flow_runs/{run}/resume", run_input=answer)
            if "schema not found" not in str(said["details"].get("reason")):
                break
            time.sleep(0.25)
        return said

    def artifacts(self, run):
        """The artifacts of a run and of its subflows, by key."""
        runs = [
            run,
            *(sub["id"] for sub in self.post("flow_runs/filter", flow_runs={"parent_flow_run_id": {"any_": [run]}})),
        ]
        return {one["key"]: one for one in self.post("artifacts/filter", artifacts={"flow_run_id": {"any_": runs}})}

    def newest(self, *keys):
        """The newest artifacts of these keys among all runs, newest first."""
        return self.post("artifacts/filter", artifacts={"key": {"any_": keys}}, sort="CREATED_DESC")


def artifacts(api: str, home: Path) -> dict[str, dict]:
    """The artifacts of the run that wrote the newest vintage of a state folder, by key."""
    with closing(sqlite3.connect(home / "warehouse.db")) as connection:
        (run,) = connection.execute("SELECT run_id FROM vintage ORDER BY created_at DESC LIMIT 1").fetchone()
    return Server(api).artifacts(run)


class Served(Server):
    """A real server and worker with the deployments, as `dti serve` starts them.

    Attributes:
        home: Folder of the warehouse's state.
        environment: What a command needs to use both.
    """

    def __init__(self, home: Path, port: int, **settings: str) -> None:
        super().__init__(f"http://127.0.0.1:{port}/api")
        self.home = home
        self.environment = {**os.environ, **settings, "DTI_HOME": str(home), "PREFECT_API_URL": self.api}
        self.environment["PREFECT_WORKER_QUERY_SECONDS"] = "1"
        self.environment.pop("DTI_WAREHOUSE_URL", None)
        command = [sys.executable, "-m", "flows.cli", "serve", "--port", str(port)]
        serving = {name: value for name, value in self.environment.items() if name != "PREFECT_API_URL"}
        self.process = subprocess.Popen(
            command, env=serving, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.said = []
        for line in self.process.stdout:
            self.said.append(line)
            if "The Prefect UI is at" in line:
                break
        else:
            raise AssertionError("".join(self.said))
        threading.Thread(target=self._drain, daemon=True).start()

    def _drain(self):
        self.said.extend(self.process.stdout)

    def wait(self, run, seconds=180, until=Server.ENDED):
        """Wait until a run has come to an end or is suspended; returns its state."""
        try:
            return super().wait(run, seconds, until)
        except AssertionError as error:
            raise AssertionError(error, "".join(self.said)[-3000:]) from None

    def dti(self, *words):
        """Run a command beside it."""
        command = [sys.executable, "-m", "flows.cli", *map(str, words)]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False, timeout=240)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(60)
        finally:
            self.process.kill()


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A server with its worker for the tests of a module."""
    from flows.server import free_port

    running = Served(tmp_path_factory.mktemp("served") / "var", free_port())
    yield running
    running.stop()


@pytest.fixture(scope="session")
def small_round(tmp_path_factory) -> Path:
    """A synthetic round of a few provinces, with all kinds of dirt that fit into it."""
    folder = tmp_path_factory.mktemp("rounds") / "small"
    make_round(folder, seed=7, frameworks=[load_framework("province_2020")], limit=6)
    return folder


@pytest.fixture
def standing_round(tmp_path) -> Path:
    """A standing round of the monthly statistics: counts of two agencies for the first months of 2020."""
    folder = tmp_path / "rounds" / "monthly"
    folder.mkdir(parents=True)
    text = 'round: test-monthly\nkind: press\nsources:\n  - {source: published, path: "{period}.csv", critical: true}\n'
    (folder / "round.yaml").write_text(text, encoding="utf-8")
    for month in range(1, 5):
        lines = ["agency,node,value,citation,url"]
        for agency, procedures in (("Hà Nội", 1000), ("Bộ Tài chính", 800)):
            lines += [
                f"{agency},C.TTHC,{procedures},test,https://a.vn",
                f"{agency},C.M4,{100 * month},test,https://a.vn",
            ]
        (folder / f"2020-{month:02d}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@dataclass
class Said:
    """What a command of this process said and how it ended."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def dti(home, prefect_api, capsys):
    """Run the command line in this process, against the test's server and state folder."""

    def run(*arguments: str) -> Said:
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main(list(arguments))
        out, err = capsys.readouterr()
        return Said(int(end.value.code or 0), out, err)

    return run


@pytest.fixture
def say(home, capsys):
    """Run a command; give its exit status, standard output and standard error."""

    def run(*arguments):
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main(list(arguments))
        return int(end.value.code or 0), *capsys.readouterr()

    return run


@pytest.fixture
def seen(home):
    """What a person sees of a command in a terminal of 80 columns, line by line."""

    def run(*arguments: str) -> list[str]:
        mine, its = pty.openpty()
        fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 80, 0, 0))
        environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
        command = [sys.executable, "-m", "flows.cli", *arguments]
        process = subprocess.Popen(command, env=environment | {"TERM": "dumb"}, stdin=its, stdout=its, stderr=its)
        os.close(its)
        shown = b""
        with os.fdopen(mine, "rb", 0) as screen, suppress(OSError):  # the end of a terminal is an error to read
            while read := screen.read(65536):
                shown += read
        assert process.wait(240) == 0, shown.decode()
        return shown.decode().splitlines()

    return run


@pytest.fixture(scope="session")
def _rounds_run() -> dict[tuple[str, ...], tuple[Said, Path]]:
    return {}


@pytest.fixture
def once(dti, home, _rounds_run, tmp_path_factory):
    """`dti(...)` in a state folder that is still empty; who asks for the same again gets a copy of what came of it."""

    def run(*arguments: str) -> Said:
        assert not home.exists()
        if arguments not in _rounds_run:
            kept = tmp_path_factory.mktemp("done") / "var"
            _rounds_run[arguments] = dti(*arguments), kept
            shutil.copytree(home, kept)
        else:
            shutil.copytree(_rounds_run[arguments][1], home)
        return _rounds_run[arguments][0]

    return run


@pytest.fixture
def shared_errors(home):
    """What the one round of the state folder shares of a kind of evidence, and the variances that must come of it."""

    def read(source: str) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
        (folder,) = {file.parent for file in home.glob("lake/rounds/*/*/*/error_factor.parquet")}
        factors, measured = (pd.read_parquet(folder / f"{name}.parquet") for name in ("error_factor", "measurement"))
        factors, measured = (rows[rows["source"] == source] for rows in (factors, measured))
        cell = ["agency", "node"]
        squares = factors.assign(square=factors["loading"] ** 2).groupby(cell)["square"].sum()
        return factors, squares, measured.set_index(cell)["standard_error"] ** 2

    return read
