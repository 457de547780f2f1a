"""Calls of a tool's API: JSON in, JSON out, slowly enough, and a sentence for whatever goes wrong."""

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import requests

from tasks.sources.base import Receipt
from tasks.sources.limits import FetchLimits
from tasks.sources.messages import shown, visible
from tasks.sources.transport.download import download
from warehouse.errors import SourceUnavailable

_HINTS = {
    401: "The login or token is missing, wrong or has expired: renew it at the source and set it again.",
    403: "The login is right but may not read this: ask the owner of the data for the right to view it.",
}


class Api:
    """One tool at one address.

    Args:
        session: The session to ask with; its headers carry the token, which a redirect never takes to another host.
        limits: Patience and pace.
    """

    def __init__(self, session: requests.Session, limits: FetchLimits) -> None:
        self._session = session
        self._limits = limits
        self._last = -float("inf")

    def call(self, url: str, *, send: Mapping[str, Any] | None = None, origin: str = "") -> tuple[Receipt, Any]:
        """Ask once, as `fetch` does, and understand the answer.

        Returns:
            The answer as it came, and what it says.

        Raises:
            SourceUnavailable: No answer, a refusal, or something else than JSON.
        """
        receipt = self.fetch(url, send=send, origin=origin)
        return receipt, _said(receipt.content, origin or url)

    def fetch(self, url: str, *, send: Mapping[str, Any] | None = None, origin: str = "") -> Receipt:
        """Ask once; two calls are never closer together than the pace allows.

        Args:
            url: The address.
            send: What is posted as JSON; None asks with GET.
            origin: Origin of the receipt and address in messages, where the url says too little or too much.

        Returns:
            The answer as it came, whatever it is.

        Raises:
            SourceUnavailable: No answer, or a refusal.
        """
        time.sleep(max(0.0, self._last + self._limits.pause_seconds - time.monotonic()))
        try:
            content, response = download(self._session, url, self._limits, send=send, hints=_HINTS)
        except SourceUnavailable as error:
            raise SourceUnavailable(error.message.replace(url, origin or url), error.hint) from None
        finally:
            self._last = time.monotonic()
        return Receipt(content, visible(origin or url), "application/json", datetime.now(UTC), response.status_code)


def _said(content: bytes, url: str) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        what = "a web page" if content.lstrip()[:1] == b"<" else "something that is not JSON"
        raise SourceUnavailable(
            f"{shown(url)} answers with {what} instead of data.",
            "Check the address in round.yaml; a page that asks for a login means that the credential has expired.",
        ) from None
