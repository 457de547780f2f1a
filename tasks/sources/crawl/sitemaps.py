"""Sitemaps: addresses with the day of their last change, and indexes of further sitemaps."""

import zlib
from dataclasses import dataclass
from datetime import datetime

import lxml.etree

from tasks.sources.crawl.dates import moment
from tasks.sources.crawl.faults import Unreadable
from tasks.sources.crawl.feeds import refuse_declarations
from tasks.sources.crawl.places import absolute
from tasks.sources.limits import MAX_PAGE_BYTES

_GZIP = b"\x1f\x8b"
_MOST = 50_000  # addresses, as the protocol says


@dataclass(frozen=True)
class Listed:
    """One address of a sitemap.

    Attributes:
        url: The address.
        changed: When it changed last, where the sitemap says so.
    """

    url: str
    changed: datetime | None


@dataclass(frozen=True)
class Sitemap:
    """A sitemap: pages, the latest changed first, and further sitemaps."""

    pages: tuple[Listed, ...]
    sitemaps: tuple[Listed, ...]


def read_sitemap(content: bytes, base: str) -> Sitemap:
    """Read a sitemap, packed with gzip or not.

    Raises:
        Unreadable: It is no sitemap, unpacks to too much, or declares entities.
    """
    if content.startswith(_GZIP):
        content = _unpacked(content)
    refuse_declarations(content)
    parser = lxml.etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = lxml.etree.fromstring(content, parser)
    except (lxml.etree.XMLSyntaxError, ValueError):
        raise Unreadable("not a sitemap") from None
    kind = lxml.etree.QName(root).localname
    if kind not in ("urlset", "sitemapindex"):
        raise Unreadable("not a sitemap")
    found = [one for element in root[:_MOST] if (one := _listed(element, base)).url]
    found.sort(key=lambda one: -one.changed.timestamp() if one.changed else float("inf"))
    return Sitemap(tuple(found), ()) if kind == "urlset" else Sitemap((), tuple(found))


def _listed(element: lxml.etree._Element, base: str) -> Listed:
    said = {lxml.etree.QName(part).localname: part.text or "" for part in element if isinstance(part.tag, str)}
    return Listed(absolute(said.get("loc"), base), moment(said["lastmod"]) if said.get("lastmod") else None)


def _unpacked(content: bytes) -> bytes:
    packed = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        found = packed.decompress(content, MAX_PAGE_BYTES + 1)
    except zlib.error:
        raise Unreadable("damaged gzip") from None
    if len(found) > MAX_PAGE_BYTES:
        raise Unreadable("XML that is too large")
    return found
