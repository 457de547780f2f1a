"""One request of the crawler: at its turn, inside the allowed hosts, and again where the failure passes."""

import email.utils
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError

from tasks.sources.crawl.places import absolute, site_of
from tasks.sources.limits import FetchLimits
from tasks.sources.messages import shown
from tasks.sources.transport.download import body_of, cause_of
from tasks.sources.transport.gates import Gates
from warehouse.errors import SourceUnavailable

_PASSING = (429, 500, 502, 503, 504)
_HEADERS_THAT_MATTER = ("content-type", "etag", "last-modified")
_TRY_LATER = "Run the round again later; what came stays."
_MEND = "Mend the address in portals.yaml."


def leave_given(url: str) -> None:
    """Nothing is forbidden: how a robots.txt itself is asked for."""


class HostDown(SourceUnavailable):
    """A host does not answer now; asking it for more pages makes little sense."""


@dataclass(frozen=True, repr=False)
class Answer:
    """What came.

    Attributes:
        status: Status.
        content: The body of an answer with status 200, else empty.
        headers: Headers that matter.
    """

    status: int
    content: bytes
    headers: dict[str, str]


class Fetcher:
    """Asks for pages.

    Args:
        session: The session.
        limits: Patience.
        gates: Turns at the hosts.
    """

    def __init__(self, session: requests.Session, limits: FetchLimits, gates: Gates) -> None:
        self._session, self._limits, self._gates = session, limits, gates

    def get(
        self,
        url: str,
        *,
        sites: Collection[str],
        pause: float,
        may: Callable[[str], None] = leave_given,
        headers: Mapping[str, str] | None = None,
        max_bytes: int | None = None,
    ) -> Answer:
        """Ask for a page; what passes by itself is tried again, not before the server's Retry-After.

        Args:
            url: The address.
            sites: Hosts that it and every redirect must lie on.
            pause: Seconds between two requests to one host.
            may: Raises SourceUnavailable where an address may not be asked for.
            headers: Further headers.
            max_bytes: Size of the answer, where it is not that of the limits.

        Returns:
            The last answer, whatever its status.

        Raises:
            HostDown: There is no answer, or only failures that pass, or Retry-After is longer than anybody waits.
            SourceUnavailable: The answer is too large or too slow, or leads to where nobody may go.
        """
        limits = replace(self._limits, max_bytes=max_bytes or self._limits.max_bytes)
        failure = f"{shown(url)} was not asked."
        for attempt in range(limits.attempts):
            if attempt:
                self._gates.wait(limits.backoff_seconds * 2 ** (attempt - 1))
            try:
                answer, later = self._follow(url, sites, pause, may, headers or {}, limits)
            except HTTPError:
                failure = f"The answer of {shown(url)} broke off."
                continue
            except requests.exceptions.RequestException as error:
                failure = f"{shown(url)} cannot be reached ({cause_of(error)})."
                continue
            if answer.status not in _PASSING:
                return answer
            failure = f"{shown(url)} answered with status {answer.status}."
            if later > limits.retry_after_seconds:
                raise HostDown(f"{failure[:-1]} and asks to come back after {later:.0f} seconds.", _TRY_LATER)
            self._gates.hold(site_of(url), later)
        raise HostDown(failure, _TRY_LATER)

    def _follow(
        self,
        url: str,
        sites: Collection[str],
        pause: float,
        may: Callable[[str], None],
        headers: Mapping[str, str],
        limits: FetchLimits,
    ) -> tuple[Answer, float]:
        """The answer at the end of the redirects, and after how many seconds to come back."""
        place = url
        options: Any = {"stream": True, "allow_redirects": False}
        options["timeout"] = (limits.connect_seconds, limits.read_seconds)
        for _ in range(limits.redirects + 1):
            may(place)
            with self._gates.turn(site_of(place), pause):
                deadline = time.monotonic() + limits.total_seconds
                with self._session.get(place, headers=dict(headers), **options) as response:
                    if not response.is_redirect:
                        ok = response.status_code == requests.codes.ok
                        body = body_of(response, shown(url), limits, deadline) if ok else b""
                        said = {
                            name: response.headers[name] for name in _HEADERS_THAT_MATTER if name in response.headers
                        }
                        return Answer(response.status_code, body, said), _seconds(response.headers.get("retry-after"))
                    location = response.headers["location"]
            place = _next_place(url, place, location, sites)
        raise SourceUnavailable(f"{shown(url)} redirects more than {limits.redirects} times.", _MEND)


def _next_place(url: str, place: str, location: str, sites: Collection[str]) -> str:
    target = absolute(location, place)
    if target and site_of(target) in sites:
        return target
    elsewhere = shown(urlsplit(target)._replace(query="").geturl() if target else location)
    raise SourceUnavailable(
        f"{shown(url)} redirects to where the declaration does not lead, {elsewhere}.",
        "If that is right, add its host to `hosts` in portals.yaml.",
    )


def _seconds(said: str | None) -> float:
    """The seconds of a Retry-After, given as such or as a date."""
    if not said:
        return 0.0
    if said.isascii() and said.strip().isdigit():
        return float(said.strip()[:9])
    try:
        then = email.utils.parsedate_to_datetime(said)
    except (ValueError, TypeError, OverflowError, IndexError):
        return 0.0
    then = then if then.tzinfo else then.replace(tzinfo=UTC)
    return max(0.0, (then - datetime.now(UTC)).total_seconds())
