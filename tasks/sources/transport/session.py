"""A requests session that is patient, bounded, and does not reach into private networks."""

import contextlib
import ipaddress
import socket
import threading
import time
from collections.abc import Iterator
from functools import partial

import requests
from requests.adapters import HTTPAdapter
from urllib3 import Retry
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import InvalidHeader
from urllib3.response import HTTPResponse

from tasks.sources.limits import FetchLimits
from warehouse.errors import SourceUnavailable

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_COMPATIBLE = ipaddress.ip_network("::/96")
_PASSING = (429, 500, 502, 503, 504)  # statuses that may be different in a moment
USER_AGENT = "dti-warehouse/0.1"
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def open_session(limits: FetchLimits, *, allow_private: bool, contact: str = "") -> requests.Session:
    """Return a session for requests that ask: GET, and POST of APIs that ask by posting.

    Args:
        limits: Attempts and pauses. A passing failure (no connection, 429, 5xx) is tried again after a growing pause or
            after the server's Retry-After.
        allow_private: Whether hosts with a loopback, private or otherwise not public address may be asked.
        contact: E-mail or web address for the operators of what is asked; it stands in the user agent.

    Returns:
        The session. It ignores proxies, .netrc and other settings of the environment: whoever asks is always this
        machine, without credentials.
    """
    retry = _Retry(
        total=limits.attempts - 1,
        redirect=0,
        status_forcelist=_PASSING,
        allowed_methods=("GET", "POST"),  # what is posted here asks; it changes nothing
        backoff_factor=limits.backoff_seconds,
        backoff_max=limits.retry_after_seconds,
        retry_after_max=limits.retry_after_seconds,
        raise_on_status=False,
        raise_on_redirect=False,
    )
    session = _Session()
    session.trust_env = False
    session.headers["User-Agent"] = f"{USER_AGENT} (+{contact})" if contact else USER_AGENT
    session.headers["Accept-Encoding"] = "identity"  # the snapshot is the file itself, not a packed form of it
    adapter = _Adapter(retry, limits.total_seconds, guarded=not allow_private)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


def refuse_private(host: str) -> None:
    """Prove that a host name stands for public addresses only.

    Raises:
        SourceUnavailable: One of its addresses is loopback, private, link-local, multicast or reserved.
    """
    try:
        found = {entry[4][0] for entry in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):  # the latter: no name at all, such as `a..vn`
        return  # an unknown host: connecting says so in its own words
    for address in sorted(str(address) for address in found):
        _refuse_address(host, address)


def _refuse_address(host: str, address: str) -> None:
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if any(not one.is_global or one.is_multicast for one in _reached(parsed)):
        raise SourceUnavailable(
            f"{host} has the address {address}, which is not a public one.",
            "If the source is meant to be inside the own network, set DTI_ALLOW_PRIVATE_ADDRESSES=true.",
        )


def _reached(address: Address) -> list[Address]:
    """Whom an address reaches: itself, and the IPv4 address that stands inside one of IPv6."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    if address.ipv4_mapped:
        return [address.ipv4_mapped]
    if address in _NAT64 or address in _COMPATIBLE:
        return [ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)]
    return [address, *filter(None, [address.sixtofour])]


@contextlib.contextmanager
def hung_up_at(response: requests.Response, deadline: float) -> Iterator[None]:
    """End the connection of an answer at a time, whatever reads from it.

    No time limit of the libraries ends an answer of which bytes come but nothing to read: endless trailers, endless
    extensions of a chunk, packed pieces that hold nothing.

    Args:
        response: The answer, of which only the headers were read.
        deadline: The time, on the monotonic clock.
    """
    alarm = threading.Timer(max(0.0, deadline - time.monotonic()), getattr(response.raw, "hang_up", bool))
    alarm.daemon = True
    alarm.start()
    try:
        yield
    finally:
        alarm.cancel()


class _Session(requests.Session):
    """Leaves redirects to whoever asks: requests would read the whole body of each, however large, to prepare them."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Say that there is none."""


class _Retry(Retry):
    """Takes a Retry-After that is neither a number nor a date as none."""

    def parse_retry_after(self, retry_after: str) -> float:
        try:
            return super().parse_retry_after(retry_after)
        except (InvalidHeader, ValueError, OverflowError):
            return 0.0


class _Timely(HTTPConnection):
    """A connection whose answers begin in time: headers that come letter by letter would outlive every timeout."""

    answer_seconds = 300.0

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as in urllib3
        hang_up = partial(_shut, self.sock)
        alarm = threading.Timer(self.answer_seconds, hang_up)
        alarm.daemon = True
        alarm.start()
        try:
            answer = super().getresponse()
        finally:
            alarm.cancel()
        answer.hang_up = hang_up  # type: ignore[attr-defined]  # for `hung_up_at`
        return answer


def _shut(connected: socket.socket | None) -> None:
    with contextlib.suppress(OSError, AttributeError):  # it may just have ended
        connected.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]


class _Guard(_Timely):
    """A connection that is made only to public addresses.

    The name is checked before anything is sent, and the address that answered is checked again: between the two a name
    server may have changed its mind.
    """

    def _new_conn(self) -> socket.socket:
        refuse_private(self.host)
        connected = super()._new_conn()
        try:
            _refuse_address(self.host, str(connected.getpeername()[0]))
        except SourceUnavailable:
            connected.close()
            raise
        return connected


class _TimelyHTTPS(_Timely, HTTPSConnection):
    pass


class _GuardedHTTPS(_Guard, HTTPSConnection):
    pass


class _Adapter(HTTPAdapter):
    """Takes its connections from pools of the kinds above.

    Args:
        max_retries: What is tried again.
        answer_seconds: Until the headers of an answer must be there.
        guarded: Whether only public addresses are asked.
    """

    def __init__(self, max_retries: Retry, answer_seconds: float, *, guarded: bool) -> None:
        super().__init__(max_retries=max_retries)
        plain, secure = (_Guard, _GuardedHTTPS) if guarded else (_Timely, _TimelyHTTPS)
        within = {"answer_seconds": answer_seconds}
        self.poolmanager.pool_classes_by_scheme = {
            "http": type("Pool", (HTTPConnectionPool,), {"ConnectionCls": type("Connection", (plain,), within)}),
            "https": type("Pools", (HTTPSConnectionPool,), {"ConnectionCls": type("Connections", (secure,), within)}),
        }
