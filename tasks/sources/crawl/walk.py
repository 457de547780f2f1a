"""The walk through one portal: its lists, page by page, and the articles that they name."""

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from tasks.sources.base import Page, Receipt
from tasks.sources.crawl.declaration import LIST_KINDS, PERIODS, Portal
from tasks.sources.crawl.faults import Unreadable
from tasks.sources.crawl.fetch import Answer, Fetcher, HostDown, leave_given
from tasks.sources.crawl.known import ARTICLE, LIST, ROBOTS, Known, finished_receipt, receipt
from tasks.sources.crawl.listing import Listing, listing_of
from tasks.sources.crawl.robots import Forbidden, Robots
from tasks.sources.limits import MAX_ROBOTS_BYTES
from tasks.sources.messages import shown
from warehouse.errors import SourceUnavailable

_GIVE_UP_AFTER = 3  # pages in a row that did not come because the host is down
_OK, _UNCHANGED = 200, 304


@dataclass(frozen=True, repr=False)
class _Came:
    """What is at an address now.

    Attributes:
        page: The page.
        receipt: The same as a receipt, None where it is what an earlier run brought.
    """

    page: Page
    receipt: Receipt | None


class Walk:
    """Walks through portals of one host, one after another.

    Args:
        fetcher: Asks.
        known: What earlier runs brought.
        file: Path of the declaration.
    """

    def __init__(self, fetcher: Fetcher, known: Known, file: str) -> None:
        self._fetcher, self._known, self._file = fetcher, known, file
        self._asked: set[str] = set()  # articles: one that two portals name is asked for once
        self._new: list[Receipt] = []  # robots.txt files that came on the way

    def through(self, portal: Portal, failures: list[str]) -> Iterator[Receipt]:
        """Yield what is new on a portal.

        Args:
            portal: The portal.
            failures: Takes a sentence for whatever did not come.
        """
        now = datetime.now(UTC)
        last = self._known.finished.get(portal.name)
        if portal.every and last is not None and now - last < PERIODS[portal.every]:
            return
        steps = _Steps(portal, self)
        try:
            yield from steps.run()
        except Unreadable as error:
            steps.failed(f"{shown(portal.url)} is {error.reason}")
        except SourceUnavailable as error:
            steps.failed(error.message.rstrip("."))
        yield from self.robots_that_came()
        if steps.failures:
            failures.append(f"{portal.name}: {steps.account()}.")
        elif portal.every:
            yield finished_receipt(self._file, portal.name, now)

    def robots_that_came(self) -> Iterator[Receipt]:
        """Yield each new robots.txt once."""
        came, self._new = self._new, []
        yield from came

    def robots(self, portal: Portal) -> Robots:
        """The rules for a portal."""

        def ask(url: str) -> str | None:
            came = self.ask(url, portal, ROBOTS, None)
            if came is None:
                return None
            if came.receipt:
                self._new.append(came.receipt)
            return came.page.content.decode("utf-8", errors="replace")

        return Robots(ask)

    def ask(self, url: str, portal: Portal, role: str, rules: Robots | None) -> _Came | None:
        """Ask for a page, or for whether it changed.

        Returns:
            What is there now; None where there is no robots.txt.

        Raises:
            SourceUnavailable: It does not come, or may not be asked for.
        """
        before = self._known.latest.get(url)
        pause = portal.delay_seconds
        if rules is not None:
            rules.check(url)
            pause = max(pause, rules.pause(url))
        answer = self._fetcher.get(
            url,
            sites=portal.sites,
            pause=pause,
            may=rules.check if rules is not None else leave_given,
            headers=_conditions(before),
            max_bytes=MAX_ROBOTS_BYTES if role == ROBOTS else None,
        )
        return self._came(answer, url, portal, role, before)

    def _came(self, answer: Answer, url: str, portal: Portal, role: str, before: Page | None) -> _Came | None:
        if answer.status == _UNCHANGED and before is not None:
            return _Came(before, None)
        if answer.status != _OK:
            if role == ROBOTS and 400 <= answer.status < 500:
                return None
            raise SourceUnavailable(f"{shown(url)} answered with status {answer.status}.", "Mend portals.yaml.")
        if before is not None and before.content == answer.content:
            return _Came(before, None)
        found = receipt(answer.content, url, portal.name, role, datetime.now(UTC), answer.headers, answer.status)
        return _Came(Page(url, found.content, found.headers, found.fetched_at), found)

    def is_due(self, url: str, changed: datetime | None) -> bool:
        """Whether an article is to be asked for: it is not known, or changed after it came."""
        if url in self._asked:
            return False
        self._asked.add(url)
        before = self._known.latest.get(url)
        return before is None or bool(changed and before.fetched_at is not None and changed > before.fetched_at)


class _Steps:
    """The steps of one walk through one portal."""

    def __init__(self, portal: Portal, walk: Walk) -> None:
        self._portal, self._walk = portal, walk
        self._rules = walk.robots(portal)
        self._left = portal.most_pages
        self._down = 0
        self.failures: Counter[str] = Counter()

    def failed(self, reason: str) -> None:
        self.failures[reason] += 1

    def account(self) -> str:
        said = [f"{reason} ({times} times)" if times > 1 else reason for reason, times in self.failures.most_common(3)]
        more = sum(self.failures.values()) - sum(times for _, times in self.failures.most_common(3))
        return "; ".join(said) + (f"; {more} more pages did not come" if more else "")

    def run(self) -> Iterator[Receipt]:
        waiting, seen = deque([self._portal.url]), {self._portal.url}
        before: set[tuple[str, ...]] = set()
        number = 0
        while waiting:
            if not self._may_ask():
                return
            place = waiting.popleft()
            came = self._walk.ask(place, self._portal, LIST, self._rules)
            yield from self._walk.robots_that_came()
            if came is None:
                return
            if came.receipt:
                yield came.receipt
            found = self._read(came.page, place, number)
            if found is None:
                continue
            yield from self._articles(found)
            if self._portal.kind != "sitemap" and found.said in before:
                return  # a page that says what one before it said: the portal pages in a circle
            before.add(found.said)
            number += 1
            for url in found.lists:
                if url not in seen:
                    seen.add(url)
                    waiting.append(url)

    def _may_ask(self) -> bool:
        """Whether one more page may be asked for."""
        if self._left <= 0:
            self.failures[f"after {self._portal.most_pages} pages (most_pages) there was more"] = 1
            return False
        self._left -= 1
        return True

    def _read(self, page: Page, place: str, number: int) -> Listing | None:
        """What a list page says; of the first one it must be readable."""
        try:
            return listing_of(page.content, page.headers, place, self._portal, number)
        except Unreadable as error:
            if number == 0 and place == self._portal.url:
                raise
            self.failed(f"a further page is {error.reason}")
            return None

    def _articles(self, found: Listing) -> Iterator[Receipt]:
        if self._portal.kind not in LIST_KINDS:
            return
        for url, changed in found.articles:
            if not self._walk.is_due(url, changed):
                continue
            if not self._may_ask():
                return
            try:
                came = self._walk.ask(url, self._portal, ARTICLE, self._rules)
                self._down = 0
            except Forbidden:
                self.failed("the robots.txt forbids an article")
                continue
            except HostDown as error:
                self._down += 1
                if self._down >= _GIVE_UP_AFTER:
                    raise
                self.failed(error.message.rstrip("."))
                continue
            except SourceUnavailable as error:
                self.failed(error.message.rstrip("."))
                continue
            yield from self._walk.robots_that_came()
            if came is not None and came.receipt:
                yield came.receipt


def _conditions(before: Page | None) -> dict[str, str]:
    """Headers that ask whether a page changed."""
    if before is None:
        return {}
    said = {"If-None-Match": before.headers.get("etag"), "If-Modified-Since": before.headers.get("last-modified")}
    return {name: value for name, value in said.items() if value}
