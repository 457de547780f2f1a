"""One request at a time to each host, with a pause between two, whoever asks."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_LOOK = 0.2  # seconds between two looks at whether all is to end


class Stopped(Exception):
    """Gathering ends; whoever waits is to go home."""


@dataclass
class _Gate:
    lock: threading.Lock = field(default_factory=threading.Lock)
    opens_at: float = -float("inf")


class Gates:
    """The gates of all hosts."""

    def __init__(self) -> None:
        self._gates: dict[str, _Gate] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()

    def stop(self) -> None:
        """Send home whoever waits."""
        self._stop.set()

    @property
    def stopped(self) -> bool:
        """Whether all is to end."""
        return self._stop.is_set()

    @contextmanager
    def turn(self, site: str, pause: float) -> Iterator[None]:
        """Wait for the turn at a host and have it while the block runs.

        Args:
            site: The host.
            pause: Seconds from now on until the next turn there may begin, once the block has ended.

        Raises:
            Stopped: All is to end.
        """
        gate = self._gate(site)
        while not gate.lock.acquire(timeout=_LOOK):
            if self.stopped:
                raise Stopped
        try:
            self.wait(gate.opens_at - time.monotonic())
            yield
        finally:
            gate.opens_at = max(gate.opens_at, time.monotonic() + pause)
            gate.lock.release()

    def hold(self, site: str, seconds: float) -> None:
        """Let nobody ask a host for a while, because it said so."""
        gate = self._gate(site)
        gate.opens_at = max(gate.opens_at, time.monotonic() + seconds)

    def wait(self, seconds: float) -> None:
        """Wait a while.

        Raises:
            Stopped: All is to end.
        """
        if self._stop.wait(max(0.0, seconds)):
            raise Stopped

    def _gate(self, site: str) -> _Gate:
        with self._lock:
            return self._gates.setdefault(site, _Gate())
