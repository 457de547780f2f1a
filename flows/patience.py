"""A server that is away for a moment fails no run."""

from typing import Any

from prefect.client.base import PrefectHttpxAsyncClient, PrefectHttpxSyncClient


def keep_asking(*_: Any) -> None:
    """Let every client of this process ask again when the server cannot be reached: `PREFECT_CLIENT_MAX_RETRIES` times.

    A client of Prefect does that only once it has reached the server itself, so that a wrong address shows at once. A
    run that works has reached it, but makes new clients for its tasks and artifacts. A hook for the state Running.
    """
    for kind in (PrefectHttpxAsyncClient, PrefectHttpxSyncClient):
        # Of Prefect 3.8.8, which is pinned; the tests take the server away from a run.
        kind._has_connected = property(lambda _: True, lambda _, __: None)  # type: ignore[assignment]
