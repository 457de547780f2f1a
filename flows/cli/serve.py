"""`dti serve`: Prefect server and UI, the deployments, and a worker, on this machine."""

import os
import signal
import threading
from pathlib import Path
from typing import Annotated

from cyclopts import App

from flows.cli.numbers import number
from flows.server import await_server, launch_server, running_server, stop_server
from flows.worker import deploy, end_dead_runs, start_worker, stop_worker
from warehouse.errors import DtiError
from warehouse.settings import get_settings

app = App(name="serve", help="Prefect server with its UI, the deployments and a worker; stops cleanly on Ctrl-C.")


@app.default
def serve(
    *,
    port: Annotated[int, number(1, 65535)] = 4200,
    home: Path | None = None,
    database: str = "",
    warehouse: str = "",
) -> None:
    """Start everything on this machine and stay until interrupted.

    Args:
        port: Port of the server and its UI on the loopback address.
        home: Folder of all state; left out: DTI_HOME.
        database: Prefect's own database, as an SQLAlchemy URL (sqlite+aiosqlite, postgresql+asyncpg); left out: a file
            under the state folder. Passwords: better in PREFECT_SERVER_DATABASE_CONNECTION_URL, where nobody sees them.
        warehouse: URL of the warehouse; left out: DTI_WAREHOUSE_URL, else a file under the state folder.
    """
    _settle(home, database, warehouse)
    # Both ends of a shift: Ctrl-C in a terminal, SIGTERM from a supervisor (which may have set SIGINT to be ignored).
    stop = threading.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: stop.set())
    folder = get_settings().prefect_home
    if url := running_server(folder):
        raise DtiError(f"A Prefect server already serves {folder} at {url}.", "Use it, or stop it first.")
    server, environment = launch_server(folder, port)
    worker = None
    try:
        await_server(server, folder, environment["PREFECT_API_URL"], given_up=stop.is_set)
        os.environ.update(environment)
        deploy(environment)
        if ended := end_dead_runs():
            print(f"{ended} runs of an earlier `dti serve` had not ended; they are noted as crashed.", flush=True)
        worker = start_worker(environment, folder)
        url = environment["PREFECT_API_URL"].removesuffix("/api")
        print(f"The Prefect UI is at {url} (state in {folder.resolve()}). Ctrl-C stops all.", flush=True)
        while not stop.wait(1.0):
            for name, process in (("server", server), ("worker", worker)):
                if process.poll() is not None:
                    log = folder / f"{name}.log"
                    raise DtiError(f"The Prefect {name} ended by itself.", f"Its output is in {log}.")
    except InterruptedError:
        pass  # told to stop before it was there
    finally:
        print("Stopping.", flush=True)
        if worker is not None:
            stop_worker(worker)
        stop_server(server, folder)


def _settle(home: Path | None, database: str, warehouse: str) -> None:
    """Put the options where the settings of this process and of the processes that it starts come from."""
    given = {
        "DTI_HOME": str(home.resolve()) if home else "",
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": database,
        "DTI_WAREHOUSE_URL": warehouse,
    }
    os.environ.update({name: value for name, value in given.items() if value})
    get_settings.cache_clear()
    if database and not database.startswith(("sqlite+aiosqlite://", "postgresql+asyncpg://")):
        raise DtiError(
            "Prefect's database is not an address that Prefect can use.",
            "Use sqlite+aiosqlite:///FILE or postgresql+asyncpg://USER@HOST/DATABASE.",
        )
    if get_settings().warehouse_url:
        from warehouse.engine import connect

        connect(get_settings().url)  # a wrong address shows now, not in the first run
