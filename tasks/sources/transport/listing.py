"""A list that an API gives page by page and that may change meanwhile: read again until one reading is whole.

Three ways of paging are understood: `next` with the address of the following page, `next` or `next_cursor` with a token
that is sent back as `cursor`, and plain page numbers where a page names neither.
"""

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from tasks.sources.base import Receipt
from tasks.sources.limits import MAX_LIST_BYTES, MAX_LIST_PAGES, MAX_LIST_SECONDS, MIB, FetchLimits
from tasks.sources.messages import shown
from tasks.sources.transport.api import Api
from tasks.sources.transport.pages import next_page
from warehouse.errors import BatchRefused, SourceUnavailable

READINGS = 3  # of a list that changes while it is read
_LINK = ("http://", "https://", "/", "?")
_ASK_OPERATOR = "Run again later; where it stays so, ask the operator of the system."


@dataclass(frozen=True)
class ListPage:
    """What a page says.

    Attributes:
        records: Its records.
        total: Number of records on all pages, None where it says none.
        link: Address of the next page, or empty.
        cursor: Token of the next page, or empty.
        is_numbered: Whether it names no next page at all, so that pages are asked for by number.
    """

    records: Sequence[Any]
    total: int | None = None
    link: str = ""
    cursor: str = ""
    is_numbered: bool = False


@dataclass
class Reading:
    """One reading of a list from its first page on.

    Attributes:
        receipts: The pages.
        seen: Key of each different record.
        received: Number of records, with those that came twice.
        totals: The numbers of records that the pages say there are.
        fault: Why it is not whole, as a sentence; empty where it is.
        may_pass: Whether another reading may be whole.
    """

    receipts: list[Receipt] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    received: int = 0
    totals: set[int] = field(default_factory=set)
    fault: str = ""
    may_pass: bool = False

    def add(self, page: ListPage) -> bool:
        """Count the records of a page; whether it is empty or brought a new one."""
        keys = {_key(record) for record in page.records}
        is_new = not keys <= self.seen
        self.seen |= keys
        self.received += len(page.records)
        self.totals |= set() if page.total is None else {page.total}
        return is_new or not keys

    @property
    def is_complete(self) -> bool:
        """Whether all records that there are have come."""
        return bool(self.totals) and self.received >= max(self.totals)


def read_list(
    api: Api, first: str, understand: Callable[[bytes], ListPage], limits: FetchLimits | None = None
) -> Reading:
    """Read all pages from an address on.

    Where the pages contradict each other, the list changed while it was read, and it is read again. Two readings that
    agree are what the list holds, even where it holds a record twice.

    Args:
        api: The API.
        first: Address of the first page.
        understand: Gives what a page says; raises BatchRefused.
        limits: How long to wait before another reading.

    Returns:
        The first reading that is whole, else the last one with its fault. The origin of a later page is the first
        address with `page=2` and so on.
    """
    walk = _Walk(api, first, understand, time.monotonic() + MAX_LIST_SECONDS)
    earlier: set[str] | None = None
    reading = walk.once(earlier)
    for _ in range(READINGS - 1):
        if not (reading.fault and reading.may_pass):
            break
        time.sleep((limits or FetchLimits()).backoff_seconds)
        earlier = reading.seen
        reading = walk.once(earlier)
    return reading


@dataclass(frozen=True)
class _Walk:
    api: Api
    first: str
    understand: Callable[[bytes], ListPage]
    deadline: float  # on the monotonic clock, for all readings together

    def once(self, earlier: set[str] | None) -> Reading:
        """One reading; `earlier` are the records of the reading before."""
        reading = Reading()
        try:
            reading.fault = self._pages(reading)
            reading.may_pass = bool(reading.fault)
        except (SourceUnavailable, BatchRefused) as error:
            number = len(reading.receipts)
            page = f"Page {number} of {shown(self.first)}: " if isinstance(error, BatchRefused) else ""
            reading.fault = f"{page}{error.message}"
        if not reading.fault:
            reading.fault = self._disagreement(reading, earlier)
            reading.may_pass = bool(reading.fault)
        return reading

    def _pages(self, reading: Reading) -> str:
        """Fetch page after page; what is wrong with their order, or empty text."""
        place: str | None = self.first
        asked: set[str] = set()
        while place is not None:
            number = len(reading.receipts) + 1
            asked.add(place)
            receipt = self.api.fetch(place, origin=self._origin(number))
            reading.receipts.append(receipt)
            page = self.understand(receipt.content)
            if not reading.add(page):
                if page.is_numbered and not reading.totals:  # it knows no pages: the first one is the list
                    reading.receipts.pop()
                    return ""
                return f"Page {number} of {shown(self.first)} only repeats what came before it."
            self._refuse_endless(reading)
            place = self._next(page, place, number, reading)
            if place in asked:
                return f"After page {number} of {shown(self.first)} comes a page that came before."
        return ""

    def _origin(self, number: int) -> str:
        return self.first if number == 1 else _with(self.first, "page", str(number))

    def _next(self, page: ListPage, place: str, number: int, reading: Reading) -> str | None:
        if page.link:
            return next_page(place, urljoin(place, page.link))
        if page.cursor:
            return _with(self.first, "cursor", page.cursor)
        if not page.is_numbered or not page.records or reading.is_complete:
            return None
        return self._origin(number + 1)

    def _refuse_endless(self, reading: Reading) -> None:
        size = sum(len(receipt.content) for receipt in reading.receipts)
        if len(reading.receipts) >= MAX_LIST_PAGES or size > MAX_LIST_BYTES:
            most = f"{MAX_LIST_PAGES} pages or {MAX_LIST_BYTES // MIB} MiB"
            raise SourceUnavailable(f"{shown(self.first)} gives more than {most}.", "Ask for one month only.")
        if time.monotonic() > self.deadline:
            minutes = f"{MAX_LIST_SECONDS / 60:.0f} minutes"
            raise SourceUnavailable(f"{shown(self.first)} took longer than {minutes}.", _ASK_OPERATOR)

    def _disagreement(self, reading: Reading, earlier: set[str] | None) -> str:
        """What is wrong with the number of records; empty text where nothing is."""
        different, where = len(reading.seen), shown(self.first)
        if not reading.totals or reading.totals == {different}:
            return ""
        if len(reading.totals) > 1:
            said = " and ".join(map(str, sorted(reading.totals)[:: len(reading.totals) - 1]))
            return f"The pages of {where} say that there are {said} records: they changed while they were read."
        (total,) = reading.totals
        if reading.received < total:
            return f"{where} ends after {reading.received} of {total} records."
        if different < total and earlier == reading.seen:
            return ""
        return f"{where} says that there are {total} records and gives {different} different ones."


def next_of(said: dict[str, Any]) -> dict[str, Any]:
    """Return what a page says about the next one, as fields of `ListPage`.

    Args:
        said: The page.

    Raises:
        BatchRefused: It names a next page that is neither an address nor a token.
    """
    named = [said[key] for key in ("next", "next_cursor") if key in said]
    following = next((value for value in named if value not in (None, "")), None)
    if following is None:
        return {"is_numbered": not named}
    if not isinstance(following, str):
        raise BatchRefused("It names a next page that is no address and no token.", _ASK_OPERATOR)
    return {"link": following} if following.startswith(_LINK) else {"cursor": following}


def _with(url: str, name: str, value: str) -> str:
    """The address with one parameter set."""
    parts = urlsplit(url)
    others = [(key, said) for key, said in parse_qsl(parts.query, keep_blank_values=True) if key != name]
    return parts._replace(query=urlencode([*others, (name, value)])).geturl()


def _key(record: Any) -> str:
    said = json.dumps(record, sort_keys=True, ensure_ascii=False)
    return hashlib.blake2b(said.encode(errors="surrogatepass"), digest_size=16).hexdigest()
