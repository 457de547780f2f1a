"""Web pages as trees, and the links of a listing."""

import re
from collections.abc import Mapping

import lxml.etree
import lxml.html
from lxml.html import HtmlElement

from tasks.harmonise.markup import is_overfull
from tasks.sources.crawl.charset import decode
from tasks.sources.crawl.declaration import Portal
from tasks.sources.crawl.faults import Unreadable
from tasks.sources.crawl.places import absolute, site_of
from tasks.sources.crawl.selectors import select

_NEXT_WORDS = re.compile(
    r"\s*(trang sau|trang tiếp|trang kế|tiếp theo|tiếp|sau|next|older|›|»|>|>>)\s*[›»>]*\s*", re.IGNORECASE
)
_APART = "nav|header|footer|aside|form"  # where links of the portal stand, not those of the listing
_MOST_LINKS = 2_000
_FEWEST_WORDS = 4  # of a title
_MOST_ELEMENTS = 30_000  # the largest honest article pages have about 10,000


def tree_of(content: bytes, headers: Mapping[str, str]) -> HtmlElement:
    """Parse a web page.

    Raises:
        Unreadable: It is empty, no web page, or has more elements than any.
    """
    text = decode(content, headers)
    if not text.strip():
        raise Unreadable("empty page")
    if "<" not in text:
        raise Unreadable("not a web page")
    if is_overfull(text):
        raise Unreadable("web page with too many attributes")
    parser = lxml.html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        tree = lxml.html.document_fromstring(text.encode(errors="replace"), parser=parser)
    except (lxml.etree.LxmlError, ValueError, AssertionError, RecursionError):
        raise Unreadable("not a web page") from None
    if sum(1 for _, _ in zip(tree.iter(), range(_MOST_ELEMENTS + 1), strict=False)) > _MOST_ELEMENTS:
        raise Unreadable("web page with too many elements")
    return tree


def article_links(tree: HtmlElement, base: str, portal: Portal) -> list[str]:
    """Addresses of the articles that a listing names, in its order, each once.

    With a selector `items` its links; else links on the portal's own hosts whose text is as long as a title.
    """
    chosen = select(tree, portal.selectors.items)
    links: list[str] = []
    if chosen:
        for one in chosen:
            found = [one] if isinstance(one, str) else [link.get("href") for link in _anchors(one)]
            links += [absolute(link, base) for link in found[:1]]
    else:
        for anchor in _anchors(tree):
            is_title = len(str(anchor.text_content()).split()) >= _FEWEST_WORDS
            if is_title and not any(parent.tag in _APART.split("|") for parent in anchor.iterancestors()):
                links.append(absolute(anchor.get("href"), base))
    here = absolute(base, base)
    kept = [link for link in links if link and link != here and site_of(link) in portal.sites]
    return list(dict.fromkeys(kept))[:_MOST_LINKS]


def next_link(tree: HtmlElement, base: str, portal: Portal) -> str:
    """Address of the next page of a listing, empty where there is none."""
    for one in select(tree, portal.selectors.next):
        link = one if isinstance(one, str) else next((each.get("href") for each in _anchors(one)), None)
        return absolute(link, base)
    for found in tree.xpath("//link[@rel='next']/@href | //a[contains(concat(' ', @rel, ' '), ' next ')]/@href"):
        return absolute(str(found), base)
    for anchor in tree.iter("a"):
        said = str(anchor.text_content())
        if len(said) < 30 and _NEXT_WORDS.fullmatch(said) and anchor.get("href"):
            return absolute(anchor.get("href"), base)
    return ""


def _anchors(element: HtmlElement) -> list[HtmlElement]:
    return [one for one in element.iter("a") if one.get("href")]
