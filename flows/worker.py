"""The deployments and a worker that runs them, on this machine, against a server of `flows.server`."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from warehouse.errors import DtiError
from warehouse.settings import get_settings

ROOT = Path(__file__).resolve().parents[1]
POOL = "dti"
# A server that is away for some minutes fails no run: its clients wait 2, 4, 8, ... 128 seconds between questions.
PATIENT = {"PREFECT_CLIENT_MAX_RETRIES": "7"}
STOP_SECONDS = 45.0  # a run that is under way is told to end, and may take a moment to do so


def deploy(environment: dict[str, str]) -> None:
    """Make the work pool and the deployments; those that are there already are brought up to date.

    Args:
        environment: Environment of the server's clients.

    Raises:
        DtiError: Prefect refused one of them.
    """
    _prefect(environment, "work-pool", "create", POOL, "--type", "process", "--overwrite")
    _prefect(
        environment, "--no-prompt", "deploy", "--all", "--prefect-file", str(ROOT / "deployments" / "prefect.yaml")
    )


def start_worker(environment: dict[str, str], folder: Path) -> subprocess.Popen[bytes]:
    """Start a worker of the pool, whose output goes to `worker.log`.

    Args:
        environment: Environment of the server's clients.
        folder: Where its output goes.
    """
    with (folder / "worker.log").open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "prefect", "worker", "start", "--pool", POOL, "--name", "dti-serve"],
            env={**PATIENT, **os.environ, **environment, "DTI_HOME": str(get_settings().home.resolve())},
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # an interrupt in the terminal reaches us first, so that we stop it cleanly
        )


def stop_worker(worker: subprocess.Popen[bytes]) -> None:
    """Ask a worker and the runs that it has started to end, and wait for them; none goes on without a server.

    A run that is told to end says so to the server (it has crashed), and is run again like one that was killed.
    """
    runs = _below(worker.pid)
    worker.terminate()
    _signal(runs, signal.SIGTERM)
    try:
        worker.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()
    _signal([pid for pid in runs if Path(f"/proc/{pid}").exists()], signal.SIGKILL)


def end_dead_runs() -> int:
    """Say of runs of the pool that are noted as running that they crashed; call it before a worker is started.

    The runs of an earlier worker of this machine died with it, at the latest when the machine was switched off: until
    somebody says so, they hold the place of the next run of their deployment.

    Returns:
        How many there were.
    """
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import (
        FlowRunFilter,
        FlowRunFilterState,
        FlowRunFilterStateType,
        WorkPoolFilter,
        WorkPoolFilterName,
    )
    from prefect.client.schemas.objects import StateType
    from prefect.states import Crashed

    alive = FlowRunFilterStateType(any_=[StateType.PENDING, StateType.RUNNING, StateType.CANCELLING])
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(
            flow_run_filter=FlowRunFilter(state=FlowRunFilterState(type=alive)),
            work_pool_filter=WorkPoolFilter(name=WorkPoolFilterName(any_=[POOL])),
        )
        for run in runs:
            message = "The run ended with `dti serve`, before it was done. Run it again."
            client.set_flow_run_state(run.id, Crashed(message=message), force=True)
    return len(runs)


def _below(pid: int) -> list[int]:
    """Processes that a process has started, and those that they have."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        own = [int(child) for child in children.read_text().split()]
    except OSError:
        return []
    return own + [below for child in own for below in _below(child)]


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


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
