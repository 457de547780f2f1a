"""The inspection of one portal: which pages are asked for, and what is kept of them."""

import hashlib
import ipaddress
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from tasks.evidence.inspection.page import LONGEST_URL, Link, Page, is_within
from tasks.evidence.inspection.record import record_bytes, record_origin
from tasks.sources.base import Receipt
from tasks.sources.messages import visible
from tasks.sources.probe.fetch import NOT_PUBLIC, Fetched
from tasks.sources.probe.manners import Manners, Target
from tasks.sources.probe.names import dns_facts
from tasks.sources.probe.tls import tls_facts
from tasks.sources.probe.visit import AGENT, FORBIDDEN, TIME_IS_UP, Visit
from tasks.sources.transport.session import open_session
from warehouse.reference.checks import load_checks

SEARCHED = "chuyển đổi số"  # every agency has published about it
_TRIES = 3
_UNSEEN = (FORBIDDEN, TIME_IS_UP, NOT_PUBLIC)
_NOT_FOR_US = (401, 403, 429)  # what answers so may well answer a citizen
_GONE = (404, 410)


def inspect_portal(target: Target, manners: Manners) -> list[Receipt]:
    """Ask one portal.

    Args:
        target: The portal.
        manners: How to behave.

    Returns:
        What it sent, one receipt per page, and last the record of everything else. A dead portal gives a record.
    """
    # What passes by itself is tried again by the visit, which knows the manners; the session asks once.
    once = replace(manners.limits, attempts=1)
    with open_session(once, allow_private=manners.allow_private) as session:
        session.verify = str(manners.ca_bundle) if manners.ca_bundle else True
        session.headers["User-Agent"] = f"{AGENT}/0.1" + (f" (+{manners.contact})" if manners.contact else "")
        delay = 0.0 if _is_loopback(target.url) else manners.delay_seconds
        visit = Visit(session, manners.limits, delay, time.monotonic() + manners.portal_seconds)
        return _Inspection(target, manners, visit).receipts()


class _Inspection:
    def __init__(self, target: Target, manners: Manners, visit: Visit) -> None:
        self._target, self._manners, self._visit = target, manners, visit
        self._pages: dict[str, dict[str, Any]] = {}
        self._receipts: dict[str, Receipt] = {}
        self._asked: dict[str, Fetched] = {}

    def receipts(self) -> list[Receipt]:
        target, at = self._target, datetime.now(UTC)
        tls = self._tls()
        # A certificate that is not valid is a finding; what stands behind it may still be read over HTTP.
        start = self._http_url() if tls["outcome"] == "fail" and target.url.startswith("https:") else target.url
        home = self._page("home", start)
        times = self._times(home)
        self._of_home(home)
        self._of_services()
        record = {
            "agency": target.agency,
            "url": target.url,
            "services_url": target.services_url,
            "inspected_at": at.isoformat(timespec="seconds"),
            "tls": tls,
            "dns": self._dns(),
            "redirect": self._redirect(),
            "times_ms": times,
            "search": {"word": SEARCHED},
            "pages": self._pages,
        }
        kept = Receipt(record_bytes(record), record_origin(target.agency), "application/json", at)
        return [*self._receipts.values(), kept]

    def _of_home(self, home: Fetched) -> None:
        """The pages that the home page leads to."""
        if home.error:
            for name in ("sitemap", "feed", "search", *_followed("home")):
                self._unseen(name, f"the home page could not be seen: {home.error}")
            return
        page = _tree(home)
        self._page("sitemap", self._visit.sitemap_of(home.url))
        self._linked("feed", page.feed, "the home page names no feed")
        if form := page.search_form:
            self._within("search", f"{form.url.partition('?')[0]}?{urlencode([*form.fixed, (form.field, SEARCHED)])}")
        else:
            self._absent("search", "the home page has no search form that asks with GET")
        for name, synonyms in _followed("home").items():
            self._linked(name, page.link_saying(synonyms), "the home page has no link to it")

    def _of_services(self) -> None:
        """The portal of public services and its catalogue."""
        if not self._target.services_url:
            for name in ("services", *_followed("services")):
                self._unseen(name, "no address of the public service portal is known")
            return
        services = self._page("services", self._target.services_url)
        for name, synonyms in _followed("services").items():
            if services.error:
                self._unseen(name, f"the public service portal could not be seen: {services.error}")
            else:
                self._linked(name, _tree(services).link_saying(synonyms), "the public service portal has no link to it")

    def _linked(self, name: str, link: Link | None, absent: str) -> None:
        if link is None:
            self._absent(name, absent)
        else:
            self._within(name, link.url)

    def _within(self, name: str, url: str) -> None:
        """Ask for a page that another one names, if it belongs to the agency."""
        if len(url) > LONGEST_URL:
            self._unseen(name, "its address is longer than any")
        elif is_within(url, self._target.url) or is_within(url, self._target.services_url):
            self._page(name, url)
        else:
            self._unseen(name, "it stands on another site")

    def _page(self, name: str, url: str) -> Fetched:
        if url not in self._asked:
            self._asked[url] = self._visit.ask(url)
        found = self._asked[url]
        sha256 = ""
        if not found.error:
            sha256 = hashlib.sha256(found.content).hexdigest()
            media = found.headers.get("content-type", "").partition(";")[0].strip().lower()
            receipt = Receipt(
                found.content,
                visible(url),
                media or "application/octet-stream",
                datetime.now(UTC),
                found.status,
                {key: value for key, value in found.headers.items() if key in ("content-type", "last-modified")},
            )
            self._receipts.setdefault(url, receipt)
        self._pages[name] = {
            "url": url,
            "final_url": found.final_url,
            "status": found.status,
            "headers": dict(found.headers),
            "sha256": sha256,
            "error": found.error,
            "kind": _kind(name, found),
        }
        return found

    def _absent(self, name: str, why: str) -> None:
        self._pages[name] = {"error": why, "kind": "absent"}

    def _unseen(self, name: str, why: str) -> None:
        self._pages[name] = {"error": why, "kind": "unseen"}

    def _times(self, home: Fetched) -> list[int]:
        """How long the home page takes, over several tries; of a page that did not come, none."""
        times = [] if home.error else [home.milliseconds]
        while times and len(times) < _TRIES and not _settled(times, self._manners.slow_milliseconds):
            again = self._visit.ask(home.url)
            if again.error:
                break
            times.append(again.milliseconds)
        return times

    def _tls(self) -> dict[str, Any]:
        parts = urlsplit(self._target.url)
        if parts.scheme == "http" and parts.port not in (None, 80):
            where = {"host": parts.hostname, "port": parts.port, "not_after": None, "issuer": "", "protocol": ""}
            return {**where, "outcome": "fail", "reason": "its address is one of plain HTTP"}
        port = (parts.port or 443) if parts.scheme == "https" else 443
        return tls_facts(
            str(parts.hostname),
            port,
            ca_bundle=self._manners.ca_bundle,
            seconds=self._manners.limits.connect_seconds,
            allow_private=self._manners.allow_private,
        )

    def _redirect(self) -> dict[str, Any]:
        url = self._http_url()
        known = self._asked.get(url)
        if known is not None and not known.error:  # it is the home page: where that came from is where HTTP leads
            leads = known.final_url if known.final_url != url else ""
            return {"url": url, "status": known.status, "location": leads, "error": "", "kind": ""}
        found = self._visit.ask(url, follow=False)
        unseen = not found.status and found.error in _UNSEEN
        return {
            "url": found.url,
            "status": found.status,
            "location": found.location,
            "error": found.error,
            "kind": "unseen" if unseen else "",
        }

    def _http_url(self) -> str:
        if self._target.http_url:
            return self._target.http_url
        parts = urlsplit(self._target.url)
        if parts.scheme == "http":
            return self._target.url
        return urlunsplit(("http", str(parts.hostname), parts.path or "/", "", ""))

    def _dns(self) -> dict[str, Any]:
        hosts = {"portal": self._target.url, "services": self._target.services_url}
        return {name: dns_facts(str(urlsplit(url).hostname)) for name, url in hosts.items() if url}


def _kind(name: str, found: Fetched) -> str:
    """Whether a page that did not come is dead, absent or only unseen; see `Response`."""
    if not found.error:
        return ""
    if found.error in _UNSEEN or found.status in _NOT_FOR_US:
        return "unseen"
    if name in ("home", "services"):
        return "dead"
    return "absent" if found.status in _GONE else "unseen"


def _tree(found: Fetched) -> Page:
    return Page(found.content, found.final_url, found.headers.get("content-type", ""))


def _followed(page: str) -> dict[str, tuple[str, ...]]:
    """Name of a page that a link on another one leads to, and what the link may say."""
    return {check.follow: check.words for check in load_checks().values() if check.follow and check.page == page}


def _settled(times: list[int], slow: int) -> bool:
    return len(times) > 1 and all(one > slow for one in times)


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
