"""Feeds (RSS, Atom): what they say of articles. Parsed from bytes; nothing is ever fetched from here."""

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from xml.sax import SAXException  # the class only; nothing is parsed with it

from tasks.harmonise.markup import is_overfull
from tasks.sources.crawl.charset import decode
from tasks.sources.crawl.dates import moment, utc_text
from tasks.sources.crawl.faults import Unreadable
from tasks.sources.crawl.places import absolute
from tasks.sources.crawl.plain import one_line, plain
from tasks.sources.limits import MAX_PAGE_BYTES

_DECLARES = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_HEAD = re.compile(r"\A\s*<\?xml[^>]*\?>")
_MOST_ENTRIES = 10_000
_LONGEST_NAME = 1_000
_MOST_TAGS = 200_000  # the parser takes 50 µs for each


@dataclass(frozen=True, repr=False)
class Entry:
    """What a feed says of one article.

    Attributes:
        url: Its address.
        title: Title.
        author: Author.
        published_at: As in POST.
        changed: When it changed last, where the feed says so.
        text: Its whole text or a summary of it.
    """

    url: str
    title: str = ""
    author: str = ""
    published_at: str = ""
    changed: datetime | None = None
    text: str = ""


@dataclass(frozen=True, repr=False)
class Feed:
    """A feed: its entries, and the address of its next page."""

    entries: tuple[Entry, ...]
    next: str = ""


def refuse_declarations(content: bytes) -> None:
    """Refuse XML that declares a document type or entities: nobody needs them here, and they make small files huge.

    Raises:
        Unreadable: It does.
    """
    if len(content) > MAX_PAGE_BYTES:
        raise Unreadable("XML that is too large")
    if _DECLARES.search(content.replace(b"\0", b"")):  # without zero bytes UTF-16 looks like ASCII
        raise Unreadable("XML that declares a document type or entities")


def read_feed(content: bytes, headers: Mapping[str, str], base: str) -> Feed:
    """Read a feed.

    Args:
        content: Its bytes.
        headers: Headers of the answer.
        base: Its address.

    Raises:
        Unreadable: It is no feed, or declares entities.
    """
    feedparser = _feedparser()
    refuse_declarations(content)
    text = decode(content, headers)
    content = _HEAD.sub("", text, count=1).encode(errors="replace")
    refuse_declarations(content)  # some charsets hide them
    if content.count(b"<") > _MOST_TAGS or is_overfull(text):
        raise Unreadable("feed with too many elements")
    # In UTF-8, because the parser would believe any charset of Python that the feed names; some of them take hours.
    said = {"content-type": "application/xml; charset=utf-8", "content-location": base}
    try:
        # A stream, because feedparser would open bytes that look like the name of a file.
        found = feedparser.parse(
            io.BytesIO(content), response_headers=said, sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as error:  # the parser meets every kind of damage
        raise Unreadable("not a feed") from error
    is_broken = isinstance(found.get("bozo_exception"), SAXException)
    if not found.get("version") or (is_broken and not found.entries):
        raise Unreadable("not a feed")
    links = found.feed.get("links") or []
    more = next((link.get("href") for link in links if link.get("rel") == "next"), "")
    entries = (_entry(one, base) for one in found.entries[:_MOST_ENTRIES])
    return Feed(tuple(one for one in entries if one.url), absolute(more, base))


@lru_cache(maxsize=1)
def _feedparser() -> Any:
    """The parser, which looks for a mail address in the name of an author in quadratic time: long names are cut."""
    import feedparser
    from feedparser.mixin import _FeedParserMixin

    look_for_address = _FeedParserMixin._sync_author_detail

    def look_within_reason(parser: Any, key: str = "author") -> None:
        context = parser._get_context()
        if isinstance(name := context.get(key), str):
            context[key] = name[:_LONGEST_NAME]
        look_for_address(parser, key)

    _FeedParserMixin._sync_author_detail = look_within_reason
    return feedparser


def _entry(one: Any, base: str) -> Entry:
    content = max((str(part.get("value") or "") for part in one.get("content") or []), key=len, default="")
    # As a plain dictionary: asked as its own kind it gives the date of publication where none of a change stands.
    dates = {name: dict.get(one, name) for name in ("published", "created", "updated")}
    return Entry(
        url=absolute(one.get("link"), base),
        title=one_line(str(one.get("title") or "")),
        author=one_line(str(one.get("author") or "")),
        published_at=next((text for said in dates.values() if (text := utc_text(said))), ""),
        changed=moment(dates["updated"]),
        text=plain(content or str(one.get("summary") or "")),
    )
