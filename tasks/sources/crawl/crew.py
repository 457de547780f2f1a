"""Several walks at once, each at other hosts; the order of what they bring does not depend on who was faster."""

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from tasks.sources.base import Receipt
from tasks.sources.transport.gates import Gates, Stopped

_AT_ONCE = 8
_AHEAD = 16  # receipts that a walk may be ahead of whoever takes them
_LOOK = 0.2  # seconds

Walker = Callable[[], Iterator[Receipt]]


@dataclass
class _Lane:
    """One walk in a thread of its own."""

    walker: Walker
    gates: Gates
    found: "queue.Queue[Receipt | BaseException | None]" = field(default_factory=lambda: queue.Queue(_AHEAD))

    def start(self) -> "_Lane":
        threading.Thread(target=self._walk, daemon=True).start()
        return self

    def _walk(self) -> None:
        try:
            for receipt in self.walker():
                self._hand_over(receipt)
            self._hand_over(None)
        except Stopped:
            pass
        except BaseException as error:  # it goes on where the receipts are taken
            self._hand_over(error)

    def _hand_over(self, what: Receipt | BaseException | None) -> None:
        while not self.gates.stopped:
            try:
                self.found.put(what, timeout=_LOOK)
                return
            except queue.Full:
                continue


def together(walkers: Sequence[Walker], gates: Gates) -> Iterator[Receipt]:
    """Yield what walks bring: one receipt of each in turn, in the order of the walks, at most eight of them at once.

    Args:
        walkers: Each begins a walk; no two ask the same host much, because hosts are asked one request at a time.
        gates: They are closed once nobody takes receipts any more, so that no walk goes on unseen.
    """
    waiting = deque(walkers)
    lanes = deque[_Lane]()
    try:
        while waiting or lanes:
            while waiting and len(lanes) < _AT_ONCE:
                lanes.append(_Lane(waiting.popleft(), gates).start())
            lane = lanes.popleft()
            found = lane.found.get()
            if isinstance(found, BaseException):
                raise found
            if found is not None:
                lanes.append(lane)
                yield found
    finally:
        gates.stop()
