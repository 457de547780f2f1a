"""Portals of the web: news, comments and reviews, as a portals.yaml of the round declares them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from tasks.sources.base import Page, Receipt
from tasks.sources.files import gather_path
from tasks.sources.limits import FetchLimits, page_limits
from tasks.sources.rounds import Entry
from warehouse.errors import InputError, PartlyUnavailable, SourceUnavailable
from warehouse.settings import get_settings

if TYPE_CHECKING:
    from tasks.sources.crawl.declaration import Declaration, Portal
    from tasks.sources.crawl.known import Known

_WHAT_TO_DO = "Whatever came stays, and the next run asks for the rest; docs/portals.md says what each portal may need."


class Portals:
    """Posts of news sites, comment pages and app stores."""

    name = "portals"
    title_vi = "Cổng và trang tin trên không gian mạng"
    title_en = "News, comments and reviews on the web"
    evidence = "tone"
    asks_the_web = True

    def gather(
        self, entry: Entry, folder: Path, earlier: Sequence[Page] = (), limits: FetchLimits | None = None
    ) -> Iterator[Receipt]:
        """Yield the declaration, and then what is new on its portals; see `tasks.sources.base.MicroSource.gather`.

        One page of each host comes in turn, in the order of the declaration, whichever host is faster. What an earlier
        page already says is not yielded again.

        Raises:
            SourceUnavailable: The declaration is not there or has a fault, or no portal gave anything, ever.
            PartlyUnavailable: After all others were yielded, naming each portal that did not give everything.
        """
        # Loading the HTTP library and the parsers costs time that commands that fetch nothing do not pay.
        from tasks.sources.crawl.declaration import read_declaration
        from tasks.sources.crawl.known import DECLARATION, Known, receipt

        file = _declaration_file(entry, folder)
        try:
            declaration = read_declaration(file.content, file.origin)
        except InputError as error:
            raise SourceUnavailable(error.message, error.hint) from None
        contact = declaration.contact or get_settings().contact
        if not contact:
            raise SourceUnavailable(
                f"{file.origin} names no contact for the operators of the portals.",
                "Add `contact:` with an e-mail or web address, or set DTI_CONTACT.",
            )
        known = Known.of(earlier)
        if file.content != known.declaration:
            yield receipt(file.content, file.origin, "", DECLARATION, file.fetched_at, file.headers, None)
        failures: dict[str, list[str]] = {portal.name: [] for portal in declaration.portals}
        came = bool(known.latest)
        for found in _walk(declaration, contact, known, file.origin, failures, limits or page_limits()):
            came = True
            yield found
        if said := [sentence for sentences in failures.values() for sentence in sentences]:
            raise (PartlyUnavailable if came else SourceUnavailable)(" ".join(said), _WHAT_TO_DO)

    def read_answers(self, pages: Sequence[Page]) -> pd.DataFrame:
        """Read all pages; see `tasks.sources.base.MicroSource.read_answers`.

        Returns:
            POST rows; see `tasks.sources.posts`.

        Raises:
            BatchRefused: There is no declaration among the pages.
        """
        return self.read_counted(pages)[0]

    def read_counted(self, pages: Sequence[Page]) -> tuple[pd.DataFrame, dict[str, int]]:
        """Read all pages, and count what was left out.

        Returns:
            POST rows, and reason to number of pages or posts that could not be read.

        Raises:
            BatchRefused: There is no declaration among the pages.
        """
        from tasks.sources.crawl.reading import read_posts

        return read_posts(pages)


SOURCE = Portals()


def _declaration_file(entry: Entry, folder: Path) -> Receipt:
    found = list(gather_path(entry.path, folder)) if entry.path else []
    if len(found) != 1:
        raise SourceUnavailable(
            "The entry of the source portals names no single file.",
            "Give the path of a portals.yaml in round.yaml; docs/portals.md says what it holds.",
        )
    return found[0]


def _walk(
    declaration: "Declaration",
    contact: str,
    known: "Known",
    file: str,
    failures: dict[str, list[str]],
    limits: FetchLimits,
) -> Iterator[Receipt]:
    """What is new on all portals; those on one host are walked through one after another."""
    from tasks.sources.crawl.crew import together
    from tasks.sources.crawl.fetch import Fetcher
    from tasks.sources.crawl.places import site_of
    from tasks.sources.crawl.walk import Walk
    from tasks.sources.transport.gates import Gates
    from tasks.sources.transport.session import open_session

    gates, hosts = Gates(), dict[str, list["Portal"]]()
    for portal in declaration.portals:
        hosts.setdefault(site_of(portal.url), []).append(portal)
    allow_private = get_settings().allow_private_addresses

    def walker(portals: Sequence["Portal"]) -> Iterator[Receipt]:
        with open_session(replace(limits, attempts=1), allow_private=allow_private, contact=contact) as session:
            walk = Walk(Fetcher(session, limits, gates), known, file)
            for portal in portals:
                yield from walk.through(portal, failures[portal.name])

    seen: set[str] = set()
    for found in together([lambda portals=portals: walker(portals) for portals in hosts.values()], gates):  # type: ignore[misc]
        if found.origin not in seen:  # a page that portals of two hosts name
            seen.add(found.origin)
            yield found
