"""From the pages of portals to posts: from the snapshots alone, with an account of what could not be read."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pandas as pd

from tasks.sources.base import Page
from tasks.sources.crawl.articles import read_article
from tasks.sources.crawl.comments import read_comments
from tasks.sources.crawl.declaration import Declaration, Portal, read_declaration
from tasks.sources.crawl.faults import Unreadable
from tasks.sources.crawl.feeds import Entry, read_feed
from tasks.sources.crawl.fontcodes import is_font_coded
from tasks.sources.crawl.known import ARTICLE, DECLARATION, LIST, place_of, portal_of, role_of
from tasks.sources.posts import Post, cut, post_frame, post_id
from warehouse.errors import BatchRefused, InputError

OLD_FONT = "text for an old font (TCVN3 or VNI)"
_STRANGE = "page of a portal that is no longer declared"


def read_posts(pages: Sequence[Page]) -> tuple[pd.DataFrame, dict[str, int]]:
    """Read the pages of all portals together.

    Args:
        pages: What was gathered, the declaration included, in the order in which it came.

    Returns:
        POST rows, and how many pages or posts were left out, by reason. An article counts as it came last; of a feed's
        entry whose article did not come or has no text the words of the feed are taken.

    Raises:
        BatchRefused: There is no declaration among the pages, or it has a fault.
    """
    return _Reading(pages).result()


class _Reading:
    def __init__(self, pages: Sequence[Page]) -> None:
        self._portals = {portal.name: portal for portal in _declaration(pages).portals}
        self._left_out: Counter[str] = Counter()
        self._lists: list[tuple[Portal, Page]] = []
        self._articles: dict[str, tuple[Portal, Page]] = {}
        for page in pages:
            self._sort(page)

    def result(self) -> tuple[pd.DataFrame, dict[str, int]]:
        kept = []
        for post in self._posts():
            if is_font_coded(f"{post.title} {post.text}"):
                self._left_out[OLD_FONT] += 1
            else:
                kept.append(post)
        return post_frame(kept), dict(sorted(self._left_out.items()))

    def _sort(self, page: Page) -> None:
        role = role_of(page)
        if role not in (ARTICLE, LIST):
            return
        portal = self._portals.get(portal_of(page))
        if portal is None:
            self._left_out[_STRANGE] += 1
        elif role == LIST:
            self._lists.append((portal, page))
        else:
            self._articles[place_of(page)] = (portal, page)

    def _posts(self) -> Iterator[Post]:
        entries: dict[str, tuple[Portal, Entry, str]] = {}
        for portal, page in self._lists:
            try:
                if portal.kind == "feed":
                    found = read_feed(page.content, page.headers, place_of(page)).entries
                    entries |= {one.url: (portal, one, page.origin) for one in found}
                elif portal.kind in ("comments", "reviews"):
                    comments = read_comments(page.content, page.headers, place_of(page), portal).posts
                    yield from (replace(post, place=page.origin) for post in comments)
            except Unreadable as error:
                self._left_out[error.reason] += 1
        read = set()
        for place, (portal, page) in self._articles.items():
            try:
                entry = entries[place][1] if place in entries else None
                written = read_article(page.content, page.headers, place, portal, entry)
                yield from (replace(post, place=page.origin) for post in written)
                read.add(place)
            except Unreadable as error:
                self._left_out[error.reason] += 1
        for url, (portal, one, origin) in entries.items():
            if url not in read and one.text:
                yield _of_entry(portal, one, origin)


def _of_entry(portal: Portal, one: Entry, origin: str) -> Post:
    return Post(
        post_id(portal.name, one.url),
        portal.channel,
        portal.name,
        origin,
        one.author,
        one.published_at,
        one.title,
        cut(one.text),
        about=portal.about,
    )


def _declaration(pages: Sequence[Page]) -> Declaration:
    """The declaration that came last."""
    found = [page for page in pages if role_of(page) == DECLARATION]
    if not found:
        raise BatchRefused("Among the pages there is no declaration of portals.", "Gather the round again.")
    try:
        return read_declaration(found[-1].content, place_of(found[-1]))
    except InputError as error:
        raise BatchRefused(error.message, error.hint) from None
