"""Which portal is inspected, and how the inspection behaves."""

from dataclasses import dataclass, field
from pathlib import Path

from tasks.sources.limits import MIB, FetchLimits


@dataclass(frozen=True)
class Target:
    """A portal to inspect.

    Attributes:
        agency: Id of the agency.
        url: Address of the portal.
        services_url: Address of its public services; empty where none is known.
        http_url: Where it is asked over HTTP; empty: the same host, port 80.
    """

    agency: str
    url: str
    services_url: str = ""
    http_url: str = ""


@dataclass(frozen=True)
class Manners:
    """How an inspection behaves.

    Attributes:
        limits: Patience with one page.
        delay_seconds: Pause between two calls of one host; none on a loopback address.
        portal_seconds: Time for one agency.
        workers: Agencies asked at the same time.
        slow_milliseconds: From here on two tries that were slower settle what the median of three is.
        ca_bundle: Trusted authorities; None: the usual ones.
        allow_private: Whether addresses that are not public may be asked.
        contact: Address for operators of portals.
    """

    limits: FetchLimits = field(
        default_factory=lambda: FetchLimits(
            read_seconds=15.0,
            total_seconds=30.0,
            attempts=2,
            backoff_seconds=0.2,
            retry_after_seconds=10,
            max_bytes=4 * MIB,
        )
    )
    delay_seconds: float = 1.0
    portal_seconds: float = 180.0
    workers: int = 8
    slow_milliseconds: int = 2_000
    ca_bundle: Path | None = None
    allow_private: bool = False
    contact: str = ""
