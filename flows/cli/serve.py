"""`dti serve`: Prefect server and UI, the deployments, and a worker, on this machine."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter, validators

from flows.server import HOST, await_server, launch_server, running_server, stop_server
from warehouse.errors import DtiError
from warehouse.settings import get_settings

app = App(name="serve", help="Prefect server with its UI, the deployments and a worker; stops cleanly on Ctrl-C.")
ROOT = Path(__file__).resolve().parents[2]
POOL = "dti"


@app.default
def serve(*, port: Annotated[int, Parameter(validator=validators.Number(gte=1, lte=65535))] = 4200) -> None:
    """Start everything on this machine and stay until interrupted.

    Args:
        port: Port of the server and its UI on the loopback address.
    """
    home = get_settings().prefect_home
    if url := running_server(home):
        raise DtiError(f"A Prefect server already serves {home} at {url}.", "Use it, or stop it first.")
    # Both ends of a shift: Ctrl-C in a terminal, SIGTERM from a supervisor (which may have set SIGINT to be ignored).
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    server, environment = launch_server(home, port)
    worker = None
    try:
        await_server(server, home, environment["PREFECT_API_URL"])
        worker = _start_worker(environment)
        print(f"The Prefect UI is at http://{HOST}:{port} (state in {home.resolve()}). Ctrl-C stops all.", flush=True)
        while not stop.wait(1.0):
            if server.poll() is not None or worker.poll() is not None:
                raise DtiError(
                    "The Prefect server or the worker ended by itself.", f"Their output is in {home / 'server.log'}."
                )
        print("Stopping.", flush=True)
    finally:
        if worker is not None:
            worker.terminate()
            worker.wait()
        stop_server(server, home)


def _start_worker(environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Make the work pool and the deployments, and start a worker for them."""
    _prefect(environment, "work-pool", "create", POOL, "--type", "process", "--overwrite")
    file = str(ROOT / "deployments" / "prefect.yaml")
    _prefect(environment, "--no-prompt", "deploy", "--all", "--prefect-file", file)
    return subprocess.Popen(
        [sys.executable, "-m", "prefect", "worker", "start", "--pool", POOL, "--name", "dti-serve"],
        env={**os.environ, **environment, "DTI_HOME": str(get_settings().home.resolve())},
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )


def _prefect(environment: dict[str, str], *arguments: str) -> None:
    """Run one Prefect command against the server; its words are shown only when it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "prefect", *arguments],
        env={**os.environ, **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode:
        raise DtiError(
            f"`prefect {' '.join(arguments)}` failed: {(done.stdout + done.stderr).strip()[-600:]}",
            "Mend it and start `dti serve` again.",
        )
