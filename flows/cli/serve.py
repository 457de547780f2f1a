"""`dti serve`: Prefect server and UI, the deployments, and a worker, on this machine."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from cyclopts import App

from flows.server import HOST, start_server, stop_server
from warehouse.errors import DtiError
from warehouse.settings import get_settings

app = App(name="serve", help="Prefect server with its UI, the deployments and a worker; stops cleanly on Ctrl-C.")
ROOT = Path(__file__).resolve().parents[2]
POOL = "dti"


@app.default
def serve(*, port: int = 4200) -> None:
    """Start everything on this machine and stay until interrupted.

    Args:
        port: Port of the server and its UI on the loopback address.
    """
    home = get_settings().prefect_home
    server, environment = start_server(home, port)
    # A stop from outside (systemd, kill) must end the children as Ctrl-C does.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    worker = None
    try:
        _prefect(environment, "work-pool", "create", POOL, "--type", "process", "--overwrite")
        _prefect(
            environment, "--no-prompt", "deploy", "--all", "--prefect-file", str(ROOT / "deployments" / "prefect.yaml")
        )
        worker = subprocess.Popen(
            [sys.executable, "-m", "prefect", "worker", "start", "--pool", POOL, "--name", "dti-serve"],
            env={**os.environ, **environment, "DTI_HOME": str(get_settings().home.resolve())},
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        print(
            f"The Prefect UI is at http://{HOST}:{port} (state in {home.resolve()}). Ctrl-C stops everything.",
            flush=True,
        )
        while server.poll() is None and worker.poll() is None:
            time.sleep(1)
        raise DtiError(
            "The Prefect server or the worker ended by itself.", f"Their output is in {home / 'server.log'} and above."
        )
    except KeyboardInterrupt:
        print("Stopping.", flush=True)
    finally:
        if worker is not None:
            worker.terminate()
            worker.wait()
        stop_server(server, home)


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
