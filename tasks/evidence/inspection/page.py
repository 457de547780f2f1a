"""A page of a portal as a tree, and the things on it that an inspection looks for."""

import codecs
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

from lxml import etree, html

from tasks.evidence.inspection.text import plain, says
from tasks.harmonise.markup import is_overfull
from warehouse.reference.portals import bare_host

_EXTRA_WORDS = 4  # words that the name of a section may have beside its synonym; headlines have more
_MOST_LINKS = 5_000
LONGEST_URL = 2_000
_CHARSET = re.compile(r"charset=[\"']?([\w-]+)", re.IGNORECASE)
_CHARSETS = ("windows-1258", "windows-1252", "iso-8859-1", "utf-16", "utf-16le", "utf-16be")
_FEED_TYPES = ("application/rss+xml", "application/atom+xml")
_UNREAD = ("script", "style", "noscript", "template")
_SEEN = " and ".join(f"not(ancestor::{name})" for name in _UNREAD)


@dataclass(frozen=True)
class Link:
    """A link on a page.

    Attributes:
        url: Absolute address.
        text: What it says, with the alternative text of its images.
        locator: XPath of the element.
    """

    url: str
    text: str
    locator: str


@dataclass(frozen=True)
class Form:
    """A form that asks with GET and has a field for words.

    Attributes:
        url: Where it asks.
        field: Name of the field for words.
        fixed: Further fields with their values.
        locator: XPath of the form.
    """

    url: str
    field: str
    fixed: tuple[tuple[str, str], ...]
    locator: str


class Page:
    """One HTML page.

    Args:
        content: The bytes.
        url: Its address, for relative links.
        content_type: The header, which may say the charset.
    """

    def __init__(self, content: bytes, url: str, content_type: str = "") -> None:
        self._content, self.url, self._content_type = content, url, content_type

    @cached_property
    def root(self) -> Any:
        """The tree; None where the bytes hold no element, or a tag that would keep the parser busy for hours."""
        # Never the network, never an external entity, and no buffers beyond what libxml2 thinks sane.
        parser = html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False)
        text = self._content.decode(self._charset, "replace").replace("\0", "")
        if is_overfull(text):
            return None
        try:
            return html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
        except (etree.LxmlError, ValueError, AssertionError):
            return None

    @property
    def _charset(self) -> str:
        """The charset that the bytes, the header or the page say; one of those that pages really have."""
        if self._content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        said = _CHARSET.search(self._content_type) or _CHARSET.search(self._content[:4096].decode("latin-1"))
        name = said[1].lower() if said else ""
        # Not whatever Python knows: some of its codecs take minutes for what a stranger can send.
        return name if name in _CHARSETS else "utf-8-sig"

    def locator(self, element: Any) -> str:
        """XPath of an element."""
        return str(element.getroottree().getpath(element))

    def find(self, xpath: str) -> list[Any]:
        """The elements that an XPath of ours finds; none on a page that cannot be read."""
        return list(self.root.xpath(xpath)) if self.root is not None else []

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """The links that lead to a web page, in the order of the page."""
        return tuple(self._links())

    def _links(self) -> Iterator[Link]:
        for element in self.find("//a[@href]")[:_MOST_LINKS]:
            if url := absolute(self.url, element.get("href")):
                alternatives = (element.get("title"), *element.xpath(".//img/@alt"))
                text = " ".join(read_text(element).split()) or " ".join(filter(None, alternatives))
                yield Link(url, text, self.locator(element))

    @cached_property
    def _said(self) -> tuple[tuple[Link, str], ...]:
        """The links with their plain words, which every check of a section compares."""
        return tuple((link, plain(link.text)) for link in self.links)

    def link_saying(self, synonyms: Sequence[str]) -> Link | None:
        """The first link whose text is one of the synonyms, give or take a few words."""
        wanted = [plain(one) for one in synonyms]
        for link, said in self._said:
            for synonym, one in zip(synonyms, wanted, strict=True):
                if one in said and said.count(" ") - one.count(" ") <= _EXTRA_WORDS and says(link.text, synonym):
                    return link
        return None

    def link_to(self, hosts: Sequence[str]) -> Link | None:
        """The first link to one of the hosts or below it."""
        for link in self.links:
            host = bare_host(link.url)
            if any(host == one or host.endswith(f".{one}") for one in hosts):
                return link
        return None

    @cached_property
    def search_form(self) -> Form | None:
        """The first form that asks with GET and looks like a search of the page."""
        for form in self.find("//form"):
            fields = form.xpath('.//input[@name][not(@type) or @type="text" or @type="search"]')
            about = plain(" ".join([*form.xpath(".//@placeholder | .//@name | .//@id | .//@value | .//@action | @id")]))
            says = any(word in about for word in (" tim ", " search ", " keyword ", " q ", " tu khoa ", "tim kiem"))
            url = absolute(self.url, form.get("action") or self.url)
            if len(fields) == 1 and says and url and (form.get("method") or "get").lower() == "get":
                hidden = form.xpath('.//input[@name][@type="hidden"]')
                fixed = tuple((one.get("name"), one.get("value") or "") for one in hidden[:20])
                return Form(url, fields[0].get("name"), fixed, self.locator(form))
        return None

    @cached_property
    def feed(self) -> Link | None:
        """The first feed that the page names."""
        for element in self.find('//link[contains(@rel, "alternate")][@href]'):
            if (element.get("type") or "").lower() in _FEED_TYPES and (url := absolute(self.url, element.get("href"))):
                return Link(url, element.get("title") or "", self.locator(element))
        return next((one for one in self.links if re.search(r"(?:^|[/.?=])(?:rss|atom|feed)\b", one.url.lower())), None)

    @cached_property
    def text(self) -> str:
        """What a reader sees: no scripts and styles."""
        return " ".join(" ".join(str(piece).split()) for piece in self.find(f"//body//text()[{_SEEN}]"))

    @cached_property
    def plain_text(self) -> str:
        """The words of the page without marks, in lower case."""
        return " ".join(plain(self.text[at : at + 20_000]) for at in range(0, len(self.text), 20_000))


def read_text(element: Any) -> str:
    """The text of an element as a reader sees it: no scripts and styles."""
    if element.find(".//*") is None:
        return str(element.text or "") if element.tag not in _UNREAD else ""
    return "".join(element.xpath(f".//text()[{_SEEN}]"))


def absolute(base: str, link: str | None) -> str:
    """The web address that a link leads to, without a fragment; empty where it leads to none."""
    try:
        url = urldefrag(urljoin(base, (link or "").strip())).url
        parts = urlsplit(url)
        fits = parts.scheme in ("http", "https") and parts.hostname and not parts.username and not parts.password
        return url if fits and url.isprintable() and len(url) <= LONGEST_URL and parts.port != 0 else ""
    except ValueError:
        return ""


def is_within(url: str, portal: str) -> bool:
    """Whether an address belongs to the site of a portal: its host, with or without www., or one below it."""
    host, site = bare_host(url), bare_host(portal)
    return bool(site) and (host == site or host.endswith(f".{site}"))
