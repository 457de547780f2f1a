"""Articles: main text, date and author of a news page."""

import json
import logging
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from lxml.html import HtmlElement

from tasks.sources.crawl.dates import utc_text
from tasks.sources.crawl.declaration import Portal
from tasks.sources.crawl.faults import Unreadable
from tasks.sources.crawl.feeds import Entry
from tasks.sources.crawl.plain import one_line, plain
from tasks.sources.crawl.selectors import select, value_of
from tasks.sources.crawl.trees import tree_of
from tasks.sources.posts import Post, cut, post_id

# Fixed bounds: trafilatura's own end with the day on which it runs, and the same bytes must always read the same.
_DATES = {"original_date": True, "extensive_search": False, "min_date": "1995-01-01", "max_date": "2100-01-01"}
_OPTIONS: dict[str, Any] = {
    "fast": True,
    "include_comments": True,  # kept apart from the main text
    "include_tables": False,
    "with_metadata": True,
    "date_extraction_params": _DATES,
}
_PUBLISHED = (
    "//meta[@property='article:published_time' or @name='pubdate' or @itemprop='datePublished']/@content",
    "//*[@itemprop='datePublished']/@datetime",
    "//article//time/@datetime",
)
_MOST_COMMENTS = 1_000
_MOST_JSON = 200_000  # characters of one JSON-LD block

for _name in ("trafilatura", "htmldate"):  # they tell of every odd page, with words of the page
    logging.getLogger(_name).setLevel(logging.CRITICAL)


def read_article(
    content: bytes, headers: Mapping[str, str], place: str, portal: Portal, entry: Entry | None
) -> list[Post]:
    """Read an article, and what readers wrote below it where the declaration asks for that.

    What the declaration names a selector for is taken from there, where it finds anything; all else is extracted. What
    neither gives is taken from the feed.

    Args:
        content: The page.
        headers: Headers of the answer.
        place: Its address.
        portal: The portal.
        entry: What the feed says of it.

    Returns:
        The article, and each paragraph of the comments as a post without author and date.

    Raises:
        Unreadable: It is no web page, or has no main text.
    """
    tree = tree_of(content, headers)
    chosen = {name: _selected(tree, getattr(portal.selectors, name)) for name in ("title", "text", "author", "date")}
    date = chosen["date"] or next((said for said in _dates_said(tree) if utc_text(said)), "")
    found = _extracted(tree)  # last: it takes the tree apart
    title = one_line(chosen["title"] or found["title"])
    text = cut(_without_title(plain(chosen["text"] or found["text"]), title))
    if not text:
        raise Unreadable("web page without a main text")
    feed = entry or Entry(place)
    article = Post(
        post_id(portal.name, place),
        portal.channel,
        portal.name,
        place,
        one_line(chosen["author"] or found["author"]) or feed.author,
        utc_text(date) or utc_text(found["date"]) or feed.published_at,
        title or feed.title,
        text,
        about=portal.about,
    )
    return [article, *(_below(found["comments"], article) if portal.with_comments else ())]


def _below(comments: str, article: Post) -> Iterator[Post]:
    """What readers wrote below an article; who and when, extraction does not tell."""
    for text in dict.fromkeys(filter(None, map(one_line, comments.splitlines()[:_MOST_COMMENTS]))):
        identity = post_id(article.portal, f"{article.place}#{text}")
        yield Post(identity, "comment", article.portal, article.place, text=cut(text), thread=article.place)


def _extracted(tree: HtmlElement) -> dict[str, str]:
    """What trafilatura finds: only what is surely the main text; on a badly kept page, what may be it."""
    from trafilatura import bare_extraction

    whole = deepcopy(tree)  # extracting takes a tree apart
    try:
        found = bare_extraction(tree, favor_precision=True, **_OPTIONS)
        if not getattr(found, "text", None):
            found = bare_extraction(whole, favor_recall=True, **_OPTIONS)
    except Exception as error:  # it meets every kind of damage
        raise Unreadable("web page that cannot be extracted") from error
    names = ("text", "author", "date", "title", "comments")
    return {name: str(getattr(found, name, None) or "") for name in names}


def _without_title(text: str, title: str) -> str:
    """The main text without the headline above it, where there is anything below."""
    first, _, rest = text.partition("\n")
    return rest if title and rest and first.strip() == title else text


def _selected(tree: HtmlElement, selector: str | None) -> str:
    return "\n".join(value_of(one) for one in select(tree, selector)[:200])


def _dates_said(tree: HtmlElement) -> list[str]:
    """What the page itself says of its date, the surest first."""
    said: list[str] = []
    for block in tree.xpath("//script[@type='application/ld+json']/text()")[:10]:
        said += _published_in(str(block)[:_MOST_JSON])
    for path in _PUBLISHED:
        said += [str(one) for one in tree.xpath(path)[:3]]
    return said


def _published_in(block: str) -> list[str]:
    try:
        found: Any = json.loads(block)
    except (ValueError, RecursionError):
        return []
    several = found if isinstance(found, list) else found.get("@graph", [found]) if isinstance(found, dict) else []
    dates = [one.get("datePublished") for one in several if isinstance(one, dict)] if isinstance(several, list) else []
    return [one for one in dates if isinstance(one, str)]
