"""`dti serve`: one command brings server, deployments and worker, runs what is asked for, and stops cleanly."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from flows.server import await_server, free_port, launch_server, stop_server
from tests.flows.conftest import Server

pytestmark = pytest.mark.slow


def vintages(warehouse):
    with closing(sqlite3.connect(warehouse)) as connection:
        return connection.execute("SELECT period, vintage, state FROM vintage ORDER BY period, vintage").fetchall()


def rows(warehouse, table):
    with closing(sqlite3.connect(warehouse)) as connection:
        return connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]


def processes_of(text):
    """Processes whose environment or command line holds a text, but for this one."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            held = (folder / "environ").read_bytes() + (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if text.encode() in held and int(folder.name) != os.getpid():
            found.append(int(folder.name))
    return found


def kill_process_of(run):
    """Kill the process of a run as soon as it is at work."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        if pids := processes_of(f"PREFECT__FLOW_RUN_ID={run}"):
            for pid in pids:
                os.kill(pid, signal.SIGKILL)
            return
        time.sleep(0.2)
    raise AssertionError("the run never began")


def test_serve__a_deployment_triggered_twice_at_once__one_waits_both_end_and_rows_are_there_once(
    served, standing_round
):
    parameters = {"period": "2020-01", "round_folder": str(standing_round)}
    runs = [served.start("monthly", parameters) for _ in range(2)]
    waited = False
    while not all(served.state(run)["type"] in ("COMPLETED", "FAILED", "CRASHED") for run in runs):
        names = {served.state(run)["name"] for run in runs}
        waited = waited or "AwaitingConcurrencySlot" in names
        assert names != {"Running"}
        time.sleep(0.25)
    assert waited
    assert [served.state(run)["type"] for run in runs] == ["COMPLETED", "COMPLETED"]
    warehouse = served.home / "warehouse.db"
    assert vintages(warehouse) == [("2020-01", 1, "published")]
    assert rows(warehouse, "observation") == 4


def test_serve__process_of_a_run_is_killed__crashed_and_again_as_if_nothing_had_been(served, standing_round):
    parameters = {"period": "2020-02", "round_folder": str(standing_round)}
    run = served.start("monthly", parameters)
    served.wait(run, until=("RUNNING",))
    kill_process_of(run)
    assert served.wait(run, until=("CRASHED", "COMPLETED"))["type"] == "CRASHED"
    assert served.wait(served.start("monthly", parameters))["type"] == "COMPLETED"
    found = [vintage for vintage in vintages(served.home / "warehouse.db") if vintage[0] == "2020-02"]
    assert found == [("2020-02", 1, "published")]


def test_serve__maintenance_from_the_ui__lists_and_ends(served):
    state = served.wait(served.start("maintenance"))
    assert (state["type"], "Would delete" in state["message"]) == ("COMPLETED", True)


@contextmanager
def serving(port, *options):
    """A `dti serve` of its own; yields the process and what it has said until it said its address."""
    settings = {name: value for name, value in os.environ.items() if name not in ("PREFECT_API_URL", "DTI_HOME")}
    process = subprocess.Popen(
        [sys.executable, "-m", "flows.cli", "serve", "--port", str(port), *map(str, options)],
        env={**settings, "PREFECT_WORKER_QUERY_SECONDS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said = []
    try:
        for line in process.stdout:
            said.append(line)
            if "The Prefect UI is at" in line:
                break
        threading.Thread(target=lambda: said.extend(process.stdout), daemon=True).start()
        yield process, said
    finally:
        process.kill()
        process.wait()


def test_serve__stopped_while_a_run_works__no_process_stays_and_the_next_one_goes_on(tmp_path, standing_round):
    port, home, warehouse = free_port(), tmp_path / "elsewhere", tmp_path / "facts.db"
    server, database = Server(f"http://127.0.0.1:{port}/api"), tmp_path / "prefect.db"
    parameters = {"period": "2020-01", "round_folder": str(standing_round)}
    options = ("--home", home, "--database", f"sqlite+aiosqlite:///{database}", "--warehouse", f"sqlite:///{warehouse}")
    with serving(port, *options) as (process, said):
        assert f"http://127.0.0.1:{port} " in said[-1]
        run = server.start("monthly", parameters)
        server.wait(run, until=("RUNNING",))
        process.send_signal(signal.SIGINT)
        assert process.wait(90) == 0
    assert processes_of(str(home)) == []
    assert "Traceback" not in "".join(said)
    assert database.is_file()
    with serving(port, *options) as (process, _said):
        assert server.wait(run)["type"] == "CRASHED"
        assert server.wait(server.start("monthly", parameters))["type"] == "COMPLETED"
        process.send_signal(signal.SIGTERM)
        assert process.wait(90) == 0
    assert vintages(warehouse) == [("2020-01", 1, "published")]


@pytest.mark.parametrize(
    ("option", "value", "reason"),
    [("--warehouse", "mysql://u:hunter2@h/d", "not supported"), ("--database", "mysql://u:hunter2@h/d", "can use")],
)
def test_serve__an_address_that_cannot_be__is_refused_before_anything_starts(tmp_path, option, value, reason):
    command = [sys.executable, "-m", "flows.cli", "serve", "--home", str(tmp_path / "var"), option, value]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, reason in done.stderr, "hunter2" in done.stderr) == (1, True, False), done.stderr


def run_monthly(home, api, folder):
    command = ["run", "monthly", "--period", "2020-01", "--round", str(folder)]
    patient = {"PREFECT_CLIENT_MAX_RETRIES": "7"}
    return subprocess.Popen(
        [sys.executable, "-m", "flows.cli", *command],
        env={**os.environ, **patient, "DTI_HOME": str(home), "PREFECT_API_URL": api},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_run__server_is_down_at_the_start__one_sentence(tmp_path, standing_round):
    process = run_monthly(tmp_path / "var", f"http://127.0.0.1:{free_port()}/api", standing_round)
    said, _ = process.communicate(timeout=120)
    assert (process.returncode, "No Prefect server answers" in said, "Traceback" in said) == (1, True, False)


def test_run__server_is_away_in_the_middle__the_run_waits_and_goes_on(tmp_path, standing_round):
    port, prefect_home = free_port(), tmp_path / "prefect"
    api = f"http://127.0.0.1:{port}/api"
    server, _ = launch_server(prefect_home, port)
    await_server(server, prefect_home, api)
    process = run_monthly(tmp_path / "var", api, standing_round)
    said = []
    for line in process.stdout:
        said.append(line)
        if "% standardise" in line:
            server.kill()
            stop_server(server, prefect_home)
            time.sleep(5)
            server, _ = launch_server(prefect_home, port)
            break
    said.append(process.communicate(timeout=300)[0])
    stop_server(server, prefect_home)
    assert process.returncode == 0, "".join(said)
    assert vintages(tmp_path / "var" / "warehouse.db") == [("2020-01", 1, "published")]
