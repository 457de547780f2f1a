"""One page of a portal: whatever comes of asking is told, never raised, because a dead portal is a finding."""

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError

from tasks.evidence.inspection.page import absolute
from tasks.sources.limits import MIB, FetchLimits
from tasks.sources.messages import shown
from tasks.sources.transport.download import says_more_than
from tasks.sources.transport.session import hung_up_at
from warehouse.errors import SourceUnavailable
from warehouse.reference.portals import bare_host

_CHUNK = 64 * 1024
_DIGITS_OF_A_CHUNK = 4
_DRAIN_SECONDS = 2.0
EMPTY = "it sent an empty page"
NOT_PUBLIC = "its address is not a public one"
_PASSING = (429, 500, 502, 503, 504)
_REDIRECTS = (301, 302, 303, 307, 308)
_LONGEST_HEADER = 2_000
HEADERS = (
    "content-type",
    "last-modified",
    "strict-transport-security",
    "content-security-policy",
    "x-content-type-options",
    "referrer-policy",
    "x-frame-options",
)


@dataclass(frozen=True)
class Fetched:
    """What came of asking.

    Attributes:
        url: Address that was asked for.
        final_url: Address that answered.
        status: Status; 0 where nobody answered.
        headers: Headers of `HEADERS`, names in lower case.
        content: Body of a page that came whole.
        error: Why there is no page; empty where there is one.
        milliseconds: How long it took, redirects included.
        retry_after: Seconds after which the server wants to be asked again; 0: it does not say.
        passing: Whether it may be different in a moment.
        location: Where the last answer leads to, where it is a redirect that was not followed.
    """

    url: str
    final_url: str = ""
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""
    error: str = ""
    milliseconds: int = 0
    location: str = ""
    retry_after: int = 0
    passing: bool = False


def fetch(session: requests.Session, url: str, limits: FetchLimits, *, follow: bool = True) -> Fetched:
    """Ask for a page, within limits of time, size and redirects; redirects stay on one site.

    Args:
        session: The session to ask with.
        url: The address.
        limits: Patience.
        follow: Whether redirects are followed; otherwise the first one is told.
    """
    began = time.monotonic()
    place = url
    try:
        for _ in range(limits.redirects + 1):
            timeouts = (limits.connect_seconds, limits.read_seconds)
            with session.get(place, stream=True, allow_redirects=False, timeout=timeouts) as response:
                said = _headers(response)
                if response.status_code != requests.codes.ok:
                    _drain(response)
                if response.status_code in _REDIRECTS and "location" in response.headers:
                    target = absolute(place, response.headers["location"])
                    refused = _refused(url, target)
                    if follow and not refused:
                        place = target
                        continue
                    error = refused if follow else ""
                    took = _since(began)
                    return Fetched(url, place, response.status_code, said, b"", error, took, target)
                if response.status_code != requests.codes.ok:
                    return _refusal(url, place, response, said, _since(began))
                content, error = _body(response, limits, began + limits.total_seconds)
                error = error or ("" if content.strip() else EMPTY)
                return Fetched(url, place, response.status_code, said, content, error, _since(began))
        return Fetched(url, place, error=f"it redirects more than {limits.redirects} times", milliseconds=_since(began))
    except SourceUnavailable:
        return Fetched(url, place, error=NOT_PUBLIC, milliseconds=_since(began))
    except (requests.exceptions.RequestException, HTTPError, OSError, ValueError) as error:
        passing = isinstance(error, (requests.exceptions.ConnectionError, HTTPError))
        return Fetched(url, place, error=_cause(error), milliseconds=_since(began), passing=passing)


def _refusal(url: str, place: str, response: requests.Response, said: dict[str, str], took: int) -> Fetched:
    """An answer that is no page."""
    status = response.status_code
    later = response.headers.get("retry-after", "")
    seconds = int(later) if later.isascii() and later.isdigit() and len(later) <= _DIGITS_OF_A_CHUNK else 0
    error = f"it answered with status {status}"
    return Fetched(url, place, status, said, b"", error, took, retry_after=seconds, passing=status in _PASSING)


def _refused(url: str, target: str) -> str:
    """Why a redirect is not followed; empty where it is."""
    if not target:
        return "it redirects to what is no address"
    if bare_host(target) != bare_host(url) or _service(target)[0] not in _ports_of(url):
        return f"it redirects to another site, {shown(bare_host(target))}"
    return ""


def _ports_of(url: str) -> tuple[int, ...]:
    """The port of an address and, where that is a usual one, the usual ones."""
    port = _service(url)[0]
    return (80, 443) if port in (80, 443) else (port,)


def _service(url: str) -> tuple[int, str]:
    parts = urlsplit(url)
    return parts.port or (443 if parts.scheme == "https" else 80), parts.scheme


def _headers(response: requests.Response) -> dict[str, str]:
    found = ((name, response.headers.get(name)) for name in HEADERS)
    return {name: shown_header(value) for name, value in found if value is not None}


def shown_header(value: str) -> str:
    """A header of a stranger as it may be kept: printable, and not without end."""
    return "".join(letter if letter.isprintable() else " " for letter in value[:_LONGEST_HEADER])


def _body(response: requests.Response, limits: FetchLimits, deadline: float) -> tuple[bytes, str]:
    body = bytearray()
    declared = response.headers.get("content-length", "")
    too_large = f"it sends more than the {limits.max_bytes / MIB:g} MiB allowed"
    if says_more_than(declared, limits.max_bytes):
        return b"", too_large
    try:
        with hung_up_at(response, deadline):
            # Whatever has arrived, not a full chunk: waiting for one would let a trickle of bytes outlive the deadline.
            while time.monotonic() <= deadline and (piece := response.raw.read1(_CHUNK, decode_content=True)):
                body += piece
                if len(body) > limits.max_bytes:
                    return b"", too_large
    except HTTPError:
        if time.monotonic() < deadline:
            raise
    if time.monotonic() > deadline:
        return b"", f"it took longer than {limits.total_seconds:g} seconds"
    return bytes(body), ""


def _drain(response: requests.Response) -> None:
    """Take the short body of an answer that is no page, so that the connection can be used again."""
    declared = response.headers.get("content-length", "")
    if declared.isdigit() and len(declared) <= _DIGITS_OF_A_CHUNK:
        with suppress(HTTPError, OSError), hung_up_at(response, time.monotonic() + _DRAIN_SECONDS):
            response.raw.read(_CHUNK, decode_content=False)


def _since(began: float) -> int:
    return round(1000 * (time.monotonic() - began))


def _cause(error: Exception) -> str:
    """The innermost reason, without the chain of library names around it."""
    text = str(error)
    for words, plain in (
        ("refused", "the connection was refused"),
        ("resolve", "the host is not known"),
        ("ertificate", "its certificate is not valid"),
        ("imed out", "no answer in time"),
        ("closed connection", "the connection was closed without an answer"),
        ("reset", "the connection was reset"),
        ("SSL", "no encrypted connection could be made"),
    ):
        if words in text:
            return plain
    return f"it cannot be asked ({type(error).__name__})"
