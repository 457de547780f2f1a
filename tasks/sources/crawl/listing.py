"""What a list page leads to: articles, further lists and the next page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tasks.sources.crawl.comments import read_comments
from tasks.sources.crawl.declaration import Portal
from tasks.sources.crawl.feeds import read_feed
from tasks.sources.crawl.places import site_of, with_parameter
from tasks.sources.crawl.sitemaps import read_sitemap
from tasks.sources.crawl.trees import article_links, next_link, tree_of


@dataclass(frozen=True)
class Listing:
    """What a list page names, all of it on the portal's own hosts.

    Attributes:
        articles: Address and time of the last change, None where that is not said.
        lists: Further lists.
        said: What the page holds, to see whether the next one holds anything else.
    """

    articles: tuple[tuple[str, datetime | None], ...]
    lists: tuple[str, ...]
    said: tuple[str, ...]


def listing_of(content: bytes, headers: Mapping[str, str], place: str, portal: Portal, number: int) -> Listing:
    """Read a list page.

    Args:
        content: Its bytes.
        headers: Headers of the answer.
        place: Its address.
        portal: The portal.
        number: How many pages came before it.

    Raises:
        Unreadable: It is not what the portal is declared to be.
    """
    articles: list[tuple[str, datetime | None]] = []
    lists: list[str] = []
    said: list[str] = []
    if portal.kind == "feed":
        feed = read_feed(content, headers, place)
        articles, lists = [(one.url, one.changed) for one in feed.entries], [feed.next]
    elif portal.kind == "sitemap":
        found = read_sitemap(content, place)
        articles, lists = [(one.url, one.changed) for one in found.pages], [one.url for one in found.sitemaps]
    elif portal.kind == "pages":
        tree = tree_of(content, headers)
        articles = [(url, None) for url in article_links(tree, place, portal)]
        lists = [next_link(tree, place, portal)]
    else:
        page = read_comments(content, headers, place, portal)
        said, lists = [post.post_id for post in page.posts], [page.next]
    said = said or [url for url, _ in articles]
    if portal.paging:
        following = portal.paging.first + (number + 1) * portal.paging.step
        lists = [with_parameter(portal.url, portal.paging.parameter, following)] if said else []
    allowed = [(url, changed) for url, changed in articles if site_of(url) in portal.sites]
    return Listing(tuple(allowed), tuple(url for url in lists if url and site_of(url) in portal.sites), tuple(said))
