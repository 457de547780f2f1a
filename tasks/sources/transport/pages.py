"""What the clients of survey tools share: where to go on, and whether a page says anything new."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from tasks.sources.base import Page, Receipt
from tasks.sources.limits import FetchLimits
from tasks.sources.messages import shown
from tasks.sources.rounds import Entry
from tasks.sources.transport.api import Api
from tasks.sources.transport.session import open_session
from warehouse.errors import BatchRefused, PartlyUnavailable, SourceUnavailable
from warehouse.settings import get_settings

Row = Mapping[str, Any]
PAGE_SIZE = 1_000
_MOST_PAGES = 10_000
_MEND_TOOL = "Ask the operator of the tool to set its public address right, or give that address in round.yaml."


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
        SourceUnavailable: It is no address, or on another host, where the token must not be sent.
    """
    if not isinstance(link, str) or not link:
        return None
    here = urlsplit(place)
    try:
        link.encode()  # half an emoji is in no address
        there = urlsplit(link)
    except ValueError:
        raise SourceUnavailable(f"{here.netloc} names a next page that is no address.", _MEND_TOOL) from None
    if here.netloc.casefold() != there.netloc.casefold():
        raise SourceUnavailable(
            f"A next page of {here.netloc} lies on another host, {shown(there.netloc)}; the token is not sent there.",
            _MEND_TOOL,
        )
    return there._replace(scheme=here.scheme).geturl()


def walk(api: Api, first: str, link: str) -> Iterator[Receipt]:
    """Yield every page from an address on; `link` is the key under which a page names the next one.

    The origin of a later page is the first address with `&page=2` and so on: the tool's own link to it may hold the id
    of a submission, which may stand nowhere but in the pages.

    Raises:
        SourceUnavailable: A page does not come, or one that came is named as the next.
    """
    place: str | None = first
    asked: set[str] = set()
    for number in numbered():
        if place is None:
            return
        if place in asked:
            raise SourceUnavailable(f"After page {number} of {first} comes a page that came before.", _MEND_TOOL)
        asked.add(place)
        receipt, said = api.call(place, origin=f"{first}&page={number + 1}" if number else first)
        yield receipt
        place = next_page(place, said.get(link) if isinstance(said, dict) else None)


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
            self.note(page.content)

    def news(self, coming: Iterable[Receipt]) -> Iterator[Receipt]:
        """Yield the pages that hold a record, or a state of one, that no page before them held."""
        for receipt in coming:
            before = len(self._seen)
            self.note(receipt.content)
            if len(self._seen) > before:
                yield receipt

    def whole(self, coming: Iterable[Receipt], known: Iterable[Page]) -> Iterator[Receipt]:
        """Yield all pages of a reading that says anything else than the known pages, and else none."""
        before = {key for page in known for key in self.note(page.content)}
        said: set[str] = set()
        held: list[Receipt] = []
        changed = False
        for receipt in coming:
            keys = self.note(receipt.content)
            said |= keys
            changed = changed or not keys <= before
            held.append(receipt)
            if changed:
                yield from held
                held.clear()
        if said != before:  # something is gone
            yield from held

    def note(self, content: bytes) -> set[str]:
        """Remember the records of a page; they are returned as keys.

        Raises:
            BatchRefused: It is no page of the tool.
        """
        try:
            keys = {_key(record) for record in self._records_of(content)}
        except RecursionError:
            raise BatchRefused("The page is nested too deeply.", "Check the address in round.yaml.") from None
        self._seen |= keys
        return keys

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


def numbered() -> Iterator[int]:
    """Count pages from 0, and end where no form can have that many.

    Raises:
        SourceUnavailable: There are too many: the tool pages in a circle.
    """
    yield from range(_MOST_PAGES)
    raise SourceUnavailable(f"After {_MOST_PAGES} pages there is still a next one.", "Check the address in round.yaml.")


def _key(record: Row) -> str:
    said = json.dumps(record, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.blake2b(said.encode(errors="surrogatepass"), digest_size=16).hexdigest()
