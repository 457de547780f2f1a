"""`dti serve`: one command brings server, deployments and worker, runs what is asked for, and stops cleanly."""

import os
import signal
import subprocess
import sys
import time

import httpx
import pytest

from flows.server import free_port

pytestmark = pytest.mark.slow


@pytest.fixture
def served(tmp_path):
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "flows.cli", "serve", "--port", str(port)],
        env={**os.environ, "DTI_HOME": str(tmp_path / "var")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    for line in process.stdout:
        if "The Prefect UI is at" in line:
            break
    yield process, f"http://127.0.0.1:{port}/api"
    process.kill()
    process.wait()
    process.stdout.close()


def test_serve__a_deployment_runs_to_its_end__and_everything_stops(served, tmp_path):
    process, api = served
    deployment = httpx.post(f"{api}/deployments/filter", json={}).json()[0]
    run = httpx.post(f"{api}/deployments/{deployment['id']}/create_flow_run", json={}).json()
    for _ in range(240):
        state = httpx.get(f"{api}/flow_runs/{run['id']}").json()["state"]
        if state["type"] in ("COMPLETED", "FAILED", "CRASHED"):
            break
        time.sleep(0.5)
    assert state["type"] == "COMPLETED", state
    assert "9 of 63 agencies ranked" in state["message"]
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{api}/health")
    assert (tmp_path / "var" / "warehouse.db").is_file()
