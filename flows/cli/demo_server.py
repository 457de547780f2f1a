"""The server of a synthetic round while a command runs it: survey tools, news sites, portals."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from warehouse.errors import InputError

# What a run needs to ask the servers of a synthetic survey; their answers are made up, so none of it is a secret.
ACCESS = {
    "DTI_ALLOW_PRIVATE_ADDRESSES": "true",
    "DTI_SYNTHETIC_TOKEN": "synthetic",
    "DTI_SYNTHETIC_USER": "synthetic",
    "DTI_SYNTHETIC_PASSWORD": "synthetic",
}
SURVEY_PORT = 8790  # in the addresses of the survey tools: the same seed and port give the same bytes
_START_SECONDS = 30.0


@contextmanager
def served(folder: Path, port: int) -> Iterator[None]:
    """Serve a round from a process of its own, so that it does not take turns with those who ask.

    Args:
        folder: Folder of the synthetic round.
        port: Port on the loopback address.

    Raises:
        InputError: It does not start there.
    """
    command = [sys.executable, "-m", "flows.cli", "demo", "serve", str(folder), "--port", str(port)]
    command.append("--while-stdin")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as server:
        try:
            deadline = time.monotonic() + _START_SECONDS
            while not _answers(port):
                if server.poll() is not None or time.monotonic() > deadline:
                    raise InputError(
                        f"The demo server did not start on port {port}.", "Give another one: --survey-port N."
                    )
                time.sleep(0.05)
            yield
        finally:
            server.terminate()


def _answers(port: int) -> bool:
    from tasks.demo.servers.survey import HOST

    with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False
