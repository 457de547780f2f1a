"""One visit to one site: robots.txt is obeyed, calls are never closer together than they may be, and time runs out."""

import time
from urllib.parse import urlsplit

import requests
from protego import Protego

from tasks.evidence.inspection.page import absolute, is_within
from tasks.sources.limits import FetchLimits
from tasks.sources.probe.fetch import EMPTY, Fetched, fetch

AGENT = "dti-warehouse"
_LONGEST_DELAY = 10.0
_ROBOTS_BYTES = 512 * 1024


class Visit:
    """What one inspector asks of the hosts of one agency, one call after another.

    Args:
        session: The session to ask with.
        limits: Patience with one page.
        delay_seconds: Shortest pause between two calls of one host; robots.txt may ask for a longer one.
        deadline: When the visit is over, by the monotonic clock.
    """

    def __init__(self, session: requests.Session, limits: FetchLimits, delay_seconds: float, deadline: float) -> None:
        self._session, self._limits, self._delay, self._deadline = session, limits, delay_seconds, deadline
        self._robots: dict[str, tuple[Protego | None, str]] = {}
        self._last: dict[str, float] = {}

    def ask(self, url: str, *, follow: bool = True) -> Fetched:
        """Ask for a page, unless robots.txt forbids it or the time is up."""
        rules, refusal = self._rules(url)
        if refusal:
            return Fetched(url, error=refusal)
        if rules is not None and not rules.can_fetch(url, AGENT):
            return Fetched(url, error=FORBIDDEN)
        return self._call(url, rules, follow=follow)

    def sitemap_of(self, url: str) -> str:
        """Where robots.txt says the sitemap is, or where it stands by habit: beside the home page."""
        rules, _ = self._rules(url)
        named = next(iter(rules.sitemaps), "") if rules is not None else ""
        return absolute(url, named) if is_within(named, url) else absolute(url, "sitemap.xml")

    def _rules(self, url: str) -> tuple[Protego | None, str]:
        """The rules of a host, None where it has none, or why it must not be asked at all (RFC 9309, 2.3.1)."""
        host = _at_root(url, "")
        if host not in self._robots:
            found = self._call(_at_root(url, "robots.txt"), None, limits=_robots_limits(self._limits))
            if found.status == requests.codes.ok and found.error in ("", EMPTY):
                self._robots[host] = Protego.parse(found.content[:_ROBOTS_BYTES].decode("utf-8", "replace")), ""
            elif 300 <= found.status < 500:
                self._robots[host] = None, ""
            else:
                self._robots[host] = None, found.error or "its robots.txt cannot be read"
        return self._robots[host]

    def _call(
        self, url: str, rules: Protego | None, *, follow: bool = True, limits: FetchLimits | None = None
    ) -> Fetched:
        if time.monotonic() > self._deadline:
            return Fetched(url, error=TIME_IS_UP)
        host = urlsplit(url).netloc
        wished = float((rules.crawl_delay(AGENT) if rules is not None else None) or 0.0)
        pause = max(self._delay, min(wished, _LONGEST_DELAY))
        time.sleep(max(0.0, self._last.get(host, -float("inf")) + pause - time.monotonic()))
        limits = limits or self._limits
        for attempt in range(1, limits.attempts + 1):
            found = fetch(self._session, url, limits, follow=follow)
            self._last[host] = time.monotonic()
            if not found.passing or attempt == limits.attempts or found.retry_after > limits.retry_after_seconds:
                break
            time.sleep(found.retry_after or max(pause, limits.backoff_seconds * 2 ** (attempt - 1)))
        return found


FORBIDDEN = "robots.txt forbids it"
TIME_IS_UP = "the time for this portal was up"


def _at_root(url: str, path: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/{path}"


def _robots_limits(limits: FetchLimits) -> FetchLimits:
    return FetchLimits(
        connect_seconds=limits.connect_seconds,
        read_seconds=limits.read_seconds,
        total_seconds=limits.total_seconds,
        attempts=limits.attempts,
        redirects=limits.redirects,
        max_bytes=_ROBOTS_BYTES,
    )
