"""What the clients of survey tools share: where to go on, and whether a page says anything new."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from tasks.sources.base import Page, Receipt
from tasks.sources.limits import FetchLimits
from tasks.sources.rounds import Entry
from tasks.sources.transport.api import Api
from tasks.sources.transport.session import open_session
from warehouse.errors import BatchRefused, PartlyUnavailable, SourceUnavailable
from warehouse.settings import get_settings

Row = Mapping[str, Any]
PAGE_SIZE = 1_000
_MOST_PAGES = 10_000


@contextmanager
def open_api(headers: Mapping[str, str], limits: FetchLimits | None = None) -> Iterator[Api]:
    """A tool's API; the headers carry the token."""
    limits = limits or FetchLimits()
    with open_session(limits, allow_private=get_settings().allow_private_addresses) as session:
        session.headers.update(headers)
        yield Api(session, limits)


def require(entry: Entry, *names: str) -> None:
    """Prove that an entry of round.yaml says what its source needs.

    Raises:
        SourceUnavailable: A key is missing.
    """
    missing = [name for name in names if not getattr(entry, name)]
    if missing:
        raise SourceUnavailable(
            f"The entry of the source {entry.source} has no key {' and no key '.join(missing)}.",
            "Complete it in round.yaml; docs/rounds.md shows what each survey tool needs.",
        )


def next_page(place: str, link: object) -> str | None:
    """Address of the following page, or None at the end.

    Raises:
        SourceUnavailable: It lies on another host, where the token must not be sent.
    """
    if not isinstance(link, str) or not link:
        return None
    here, there = urlsplit(place), urlsplit(link)
    if here.netloc.casefold() != there.netloc.casefold():
        raise SourceUnavailable(
            f"The next page after {place} lies on another host, {there.netloc}; the token is not sent there.",
            "Ask the operator of the tool to set its public address right, or give that address in round.yaml.",
        )
    return there._replace(scheme=here.scheme).geturl()


class Harvest:
    """What one gathering has brought so far, with what earlier ones brought.

    A page that only repeats known records is not kept again, so that gathering twice leaves the same snapshots.

    Args:
        earlier: Pages of earlier gatherings.
        records_of: The records of a page.
    """

    def __init__(self, earlier: Iterable[Page], records_of: Callable[[bytes], Sequence[Row]]) -> None:
        self._records_of = records_of
        self._seen: set[str] = set()
        for page in earlier:
            self._is_new(page.content)

    def follow(self, api: Api, place: str | None, link: str) -> Iterator[Receipt]:
        """Yield the new pages from an address on; `link` is the key under which a page names the next one."""
        for _ in numbered():
            receipt, said = api.call(str(place))
            yield from self.keep(receipt)
            place = next_page(str(place), said.get(link))
            if place is None:
                return

    def keep(self, receipt: Receipt) -> Iterator[Receipt]:
        """Yield a page if it holds a record, or a state of one, that no page before it held."""
        if self._is_new(receipt.content):
            yield receipt

    @contextmanager
    def partly(self) -> Iterator[None]:
        """What arrived stays: only a source of which nothing is known is missing as a whole.

        Raises:
            SourceUnavailable: Something failed, and there is no page at all.
            PartlyUnavailable: Something failed after some pages.
        """
        try:
            yield
        except (SourceUnavailable, BatchRefused) as error:
            kind = PartlyUnavailable if self._seen else SourceUnavailable
            raise kind(error.message, error.hint) from None

    def _is_new(self, content: bytes) -> bool:
        keys = {_key(record) for record in self._records_of(content)}
        fresh = bool(keys - self._seen)
        self._seen |= keys
        return fresh


def numbered() -> Iterator[int]:
    """Count pages from 0, and end where no form can have that many.

    Raises:
        SourceUnavailable: There are too many: the tool pages in a circle.
    """
    yield from range(_MOST_PAGES)
    raise SourceUnavailable(f"After {_MOST_PAGES} pages there is still a next one.", "Check the address in round.yaml.")


def _key(record: Row) -> str:
    said = json.dumps(record, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()
