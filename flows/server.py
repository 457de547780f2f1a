"""A Prefect server for one machine: use the one that runs, or start one for the time of a command and stop it cleanly.

Prefect's own temporary server leaves tracebacks when a short script ends (events still queued while the server stops).
Here the queues of the client are emptied before the server is asked to end.
"""

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from warehouse.errors import DtiError

logger = logging.getLogger(__name__)
START_SECONDS = 120.0
STOP_SECONDS = 20.0
HOST = "127.0.0.1"


def server_environment(prefect_home: Path, port: int) -> dict[str, str]:
    """Environment of a local Prefect server and of its clients.

    Args:
        prefect_home: Folder of Prefect's database, storage and logs.
        port: Port on the loopback address.
    """
    home = prefect_home.resolve()
    return {
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_HOME": str(home),
        "PREFECT_LOCAL_STORAGE_PATH": str(home / "storage"),
        "PREFECT_API_URL": f"http://{HOST}:{port}/api",
        "PREFECT_UI_API_URL": f"http://{HOST}:{port}/api",
        "PREFECT_SERVER_API_HOST": HOST,
        "PREFECT_SERVER_API_PORT": str(port),
    }


def running_server(prefect_home: Path) -> str | None:
    """API address of the server that already serves this folder, or None."""
    try:
        url = str(json.loads((prefect_home / "server.json").read_text())["url"])
    except (OSError, ValueError, KeyError):
        return None
    return url if is_healthy(url) else None


def is_healthy(api_url: str) -> bool:
    """Whether a Prefect server answers at this address."""
    try:
        with urllib.request.urlopen(f"{api_url}/health", timeout=2) as answer:  # noqa: S310 - our own loopback address
            return bool(answer.status == 200)
    except (OSError, ValueError):
        return False


@contextmanager
def prefect_server(prefect_home: Path, meanwhile: Callable[[], None] | None = None) -> Iterator[str]:
    """Give a Prefect API to work with; start a server only where none is configured or running.

    Args:
        prefect_home: Folder of Prefect's own state.
        meanwhile: Work to do while the server starts, e.g. importing what is needed next.

    Yields:
        The API address.

    Raises:
        DtiError: The server did not start.
    """
    configured = os.environ.get("PREFECT_API_URL") or running_server(prefect_home)
    if configured:
        if not is_healthy(configured):
            raise DtiError(
                f"No Prefect server answers at {configured}.",
                "Start it (`dti serve`), or unset PREFECT_API_URL: then the command brings a server of its own.",
            )
        os.environ["PREFECT_API_URL"] = configured
        os.environ.setdefault("DO_NOT_TRACK", "1")
        if meanwhile:
            meanwhile()
        yield configured
        drain_client()
        return
    process, environment = launch_server(prefect_home, free_port())
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    try:
        with _client_settings(environment["PREFECT_API_URL"]):
            try:
                if meanwhile:
                    meanwhile()
                await_server(process, prefect_home, environment["PREFECT_API_URL"])
                yield environment["PREFECT_API_URL"]
            finally:
                drain_client()
    finally:
        stop_server(process, prefect_home)
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.__setitem__(name, value)


@contextmanager
def _client_settings(api_url: str) -> Iterator[None]:
    """Tell a Prefect that is already imported; one that is not yet reads the environment by itself."""
    if "prefect" not in sys.modules:
        yield
        return
    from prefect.settings import PREFECT_API_URL, temporary_settings

    with temporary_settings({PREFECT_API_URL: api_url}):
        yield


def launch_server(prefect_home: Path, port: int) -> tuple[subprocess.Popen[bytes], dict[str, str]]:
    """Start a server process, whose output goes to `server.log`; it is not ready yet.

    Returns:
        The process, and the environment of its clients.

    Raises:
        DtiError: The port is taken.
    """
    _require_free(port)
    prefect_home.mkdir(parents=True, exist_ok=True)
    environment = server_environment(prefect_home, port)
    with (prefect_home / "server.log").open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "flows.prefect_main", "server", "start", "--host", HOST, "--port", str(port)],
            env={**os.environ, **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # an interrupt in the terminal reaches us first, so that we stop it cleanly
        )
    return process, environment


def await_server(
    process: subprocess.Popen[bytes],
    prefect_home: Path,
    api_url: str,
    given_up: Callable[[], bool] = lambda: False,
) -> None:
    """Wait until a server answers, and note where it is.

    Args:
        process: The server.
        prefect_home: Folder of Prefect's own state.
        api_url: Where it will answer.
        given_up: Asked now and then whether to stop waiting.

    Raises:
        DtiError: It ended or did not answer in time.
        InterruptedError: The waiting was given up.
    """
    deadline = time.monotonic() + START_SECONDS
    while not is_healthy(api_url):
        if given_up():
            raise InterruptedError
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise DtiError("The Prefect server did not start.", f"Its output is in {prefect_home / 'server.log'}.")
        time.sleep(0.1)
    (prefect_home / "server.json").write_text(json.dumps({"url": api_url, "pid": process.pid}))


def stop_server(process: subprocess.Popen[bytes], prefect_home: Path) -> None:
    """Ask the server to end and wait for it."""
    card = prefect_home / "server.json"
    if card.is_file() and f'"pid": {process.pid}' in card.read_text():  # it may be another server's by now
        card.unlink(missing_ok=True)
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        logger.warning("The Prefect server did not end in %s seconds and was killed.", STOP_SECONDS)
        process.kill()
        process.wait()
    with suppress(ProcessLookupError):  # whatever it started is of its session
        os.killpg(process.pid, signal.SIGKILL)


def drain_client() -> None:
    """Send what the Prefect client still holds (events, logs), so that nothing is lost when the server stops."""
    if "prefect" not in sys.modules:
        return
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    for worker in (EventsWorker, APILogWorker):
        # Waiting has no time limit of its own, and a server that died would hold it for ever.
        waiting = threading.Thread(target=worker.instance().wait_until_empty, daemon=True)
        waiting.start()
        waiting.join(STOP_SECONDS)
        worker.drain_all(timeout=STOP_SECONDS)


def free_port() -> int:
    """A free port on the loopback address."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise DtiError(
                f"Port {port} cannot be used: {(error.strerror or str(error)).lower()}.", "Choose another: --port N."
            ) from error


def import_flows() -> None:
    """Import the flows and what they use, which takes as long as the server takes to start."""
    import flows.launch  # noqa: F401
