"""One download: redirects on one host, a size and a time limit, whole or not at all."""

import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError, ReadTimeoutError

from tasks.sources.limits import MIB, FetchLimits
from tasks.sources.messages import shown
from tasks.sources.transport.session import hung_up_at
from warehouse.errors import SourceUnavailable

_CHUNK = 64 * 1024
_DIGITS = 18  # no answer is longer than that many digits say
_PORTS = {"http": 80, "https": 443}
_TRY_LATER = "Try again later, or put the file into the round's folder and give its path."
_MEND_URL = "Mend the url in round.yaml, or put the file into the round's folder and give its path."


def download(
    session: requests.Session,
    url: str,
    limits: FetchLimits,
    *,
    send: Mapping[str, Any] | None = None,
    hints: Mapping[int, str] = MappingProxyType({}),
) -> tuple[bytes, requests.Response]:
    """Fetch one url.

    Args:
        session: The session to ask with.
        url: The address.
        limits: Time, size and redirects.
        send: What is posted as JSON; None asks with GET.
        hints: Status to what to do about it, where that depends on who asks.

    Returns:
        The body, complete, and the response it came with.

    Raises:
        SourceUnavailable: No answer, an answer of failure, or one that is too large, too slow or breaks off.
    """
    deadline = time.monotonic() + limits.total_seconds
    for attempt in range(limits.attempts):
        try:
            return _once(session, url, limits, deadline, send, hints)
        except ReadTimeoutError:
            raise SourceUnavailable(f"The answer of {url} stopped coming.", _TRY_LATER) from None
        except HTTPError:
            if attempt == limits.attempts - 1:
                raise SourceUnavailable(f"The answer of {url} broke off.", _TRY_LATER) from None
        except requests.exceptions.RequestException as error:
            raise SourceUnavailable(f"{url} cannot be reached ({cause_of(error)}).", _TRY_LATER) from None
    raise SourceUnavailable(f"{url} was not asked: no attempt is allowed.", "Allow at least one.")


def _once(
    session: requests.Session,
    url: str,
    limits: FetchLimits,
    deadline: float,
    send: Mapping[str, Any] | None,
    hints: Mapping[int, str],
) -> tuple[bytes, requests.Response]:
    place = url
    timeouts = (limits.connect_seconds, limits.read_seconds)
    for _ in range(limits.redirects + 1):
        options: Any = {"stream": True, "allow_redirects": False, "timeout": timeouts}
        with session.get(place, **options) if send is None else session.post(place, json=send, **options) as response:
            if response.is_redirect:
                place = _next_place(url, place, response.headers["location"])
                continue
            if response.status_code != requests.codes.ok:
                later = response.status_code >= 500 or response.status_code == requests.codes.too_many
                hint = hints.get(response.status_code, _TRY_LATER if later else _MEND_URL)
                raise SourceUnavailable(f"{url} answered with status {response.status_code}.", hint)
            return body_of(response, url, limits, deadline), response
    raise SourceUnavailable(f"{url} redirects more than {limits.redirects} times.", _MEND_URL)


def _next_place(url: str, place: str, location: str) -> str:
    """Where a redirect leads: the same host and port, or from http to https where both have their usual port."""
    try:
        target = urljoin(place, location)
        old, new = _service(place), _service(target)
    except ValueError:
        raise SourceUnavailable(f"{url} redirects to what is no address, {shown(location)}.", _MEND_URL) from None
    if old == new or (old == ("http", old[1], 80) and new == ("https", old[1], 443)):
        return target
    elsewhere = shown(urlsplit(target)._replace(query="", fragment="").geturl())  # what was asked stays out of messages
    raise SourceUnavailable(
        f"{url} redirects to another host or port, {elsewhere}.", "If that is right, give that url."
    )


def _service(place: str) -> tuple[str, str | None, int | None]:
    """Who answers at an address: scheme, host and port."""
    parts = urlsplit(place)
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)


def body_of(response: requests.Response, url: str, limits: FetchLimits, deadline: float) -> bytes:
    """Read the body of an answer.

    Args:
        response: The answer, of which only the headers were read.
        url: What was asked, for messages.
        limits: Size, and seconds for the message.
        deadline: When it must be there, on the monotonic clock.

    Raises:
        SourceUnavailable: It is too large or too slow.
        HTTPError: It broke off.
    """
    too_large = f"{url} sends more than the {limits.max_bytes / MIB:.0f} MiB allowed."
    declared = response.headers.get("content-length", "")
    if says_more_than(declared, limits.max_bytes):
        raise SourceUnavailable(too_large, _MEND_URL)
    body = bytearray()
    too_slow = SourceUnavailable(f"{url} took longer than {limits.total_seconds:.0f} seconds.", _TRY_LATER)
    try:
        with hung_up_at(response, deadline):
            # Whatever has arrived, not a full chunk: waiting for one would let a trickle of bytes outlive the deadline.
            while time.monotonic() <= deadline and (piece := response.raw.read1(_CHUNK, decode_content=True)):
                body += piece
                if len(body) > limits.max_bytes:
                    raise SourceUnavailable(too_large, _MEND_URL)
    except HTTPError:
        if time.monotonic() < deadline:
            raise
    if time.monotonic() > deadline:
        raise too_slow
    return bytes(body)


def says_more_than(declared: str, most: int) -> bool:
    """Whether a Content-Length is a number above some limit.

    >>> says_more_than("11", 10), says_more_than("9" * 5_000, 10), says_more_than("\N{SUPERSCRIPT TWO}", 1)
    (True, True, False)
    """
    is_number = declared.isascii() and declared.isdigit()
    return is_number and (len(declared) > _DIGITS or int(declared) > most)


def cause_of(error: requests.exceptions.RequestException) -> str:
    """Return the innermost reason, without the chain of library names around it."""
    text = str(error)
    for words, plain in (
        ("refused", "connection refused"),
        ("resolve", "the host is not known"),
        ("ertificate", "its certificate is not valid"),
        ("imed out", "no answer in time"),
    ):
        if words in text:
            return plain
    return type(error).__name__
