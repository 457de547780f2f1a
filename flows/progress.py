"""Progress of a run: lines for whoever watches the process, and a progress artifact in the Prefect UI."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from prefect.artifacts import create_progress_artifact, update_progress_artifact

Watcher = Callable[[str, float | None], None]
_watchers: list[Watcher] = []


@contextmanager
def watched_by(watcher: Watcher) -> Iterator[None]:
    """Call `watcher(text, percent)`, percent None within a step, at every step of the runs of this process."""
    _watchers.append(watcher)
    try:
        yield
    finally:
        _watchers.remove(watcher)


class Progress:
    """One progress artifact, told to the watchers too.

    Args:
        key: Key of the artifact.
        description: What is being done.
        told: Whether the percentage is of the whole run; otherwise the watchers hear only what is being done.
    """

    def __init__(self, key: str, description: str, *, told: bool = True) -> None:
        self.told = told
        self.artifact: Any = create_progress_artifact(progress=0.0, key=key, description=description)

    def step(self, text: str, percent: float) -> None:
        """Say what is being done now and how much of the whole is done, in percent."""
        identity = self.artifact if isinstance(self.artifact, UUID) else self.artifact.id
        update_progress_artifact(identity, progress=percent, description=text)
        for watcher in _watchers:
            watcher(text, percent if self.told else None)
