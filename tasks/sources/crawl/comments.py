"""Comments and reviews: from a JSON API, or from a web page that marks them."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lxml.html import HtmlElement

from tasks.sources.crawl.dates import utc_text
from tasks.sources.crawl.declaration import Portal
from tasks.sources.crawl.faults import Unreadable
from tasks.sources.crawl.places import absolute
from tasks.sources.crawl.plain import one_line, plain
from tasks.sources.crawl.selectors import select, value_of
from tasks.sources.crawl.trees import next_link, tree_of
from tasks.sources.posts import Post, cut, post_id

# Where APIs keep things, in the order in which they are tried; the empty path is the answer itself.
_USUAL = {
    "items": ("items", "comments", "reviews", "results", "data.items", "data.comments", "data.reviews", "data", ""),
    "next": ("next", "next_url", "paging.next", "links.next", "data.next"),
    "id": ("id", "comment_id", "review_id", "_id", "uuid"),
    "author": ("author.name", "user.name", "author", "user", "userName", "user_name", "full_name", "name"),
    "date": ("date", "created_at", "published_at", "createdAt", "updated_at", "creation_time", "time", "at"),
    "title": ("title", "subject"),
    "text": ("text", "content", "body", "comment", "message", "noi_dung"),
    "stars": ("stars", "rating", "score"),
    "thread": ("thread", "article_url", "url"),
}
_ITEMS = "[itemprop=review], [itemprop=comment]"
_PARTS = {
    "title": "[itemprop=name]",
    "text": "[itemprop=reviewBody], [itemprop=text]",
    "author": "[itemprop=author]",
    "date": "[itemprop=datePublished], time",
    "stars": "[itemprop=ratingValue]",
}
_MOST = 10_000  # comments on one page


@dataclass(frozen=True, repr=False)
class CommentPage:
    """A page of comments: the posts, and the address of the next page."""

    posts: tuple[Post, ...]
    next: str = ""


def read_comments(content: bytes, headers: Mapping[str, str], base: str, portal: Portal) -> CommentPage:
    """Read a page of comments or reviews.

    Args:
        content: JSON, or a web page.
        headers: Headers of the answer.
        base: Its address.
        portal: The portal.

    Raises:
        Unreadable: It is neither, or holds no list.
    """
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return _from_json(content, base, portal)
    tree = tree_of(content, headers)
    items = [one for one in select(tree, portal.selectors.items or _ITEMS) if not isinstance(one, str)]
    posts = (_from_element(one, base, portal) for one in items[:_MOST])
    return CommentPage(tuple(post for post in posts if post.text), next_link(tree, base, portal))


def stars_of(value: Any) -> str:
    """Return stars as `1` to `5`, empty where there are none.

    >>> [stars_of(said) for said in (4, "5/5", "3 sao", 4.6, 0, "", None, True, "12")]
    ['4', '5', '3', '5', '', '', '', '', '']
    """
    if isinstance(value, bool) or value is None:
        return ""
    found = re.match(r"\s*(\d{1,3}(?:[.,]\d+)?)", str(value))
    number = float(found[1].replace(",", ".")) if found else 0.0
    return str(int(number + 0.5)) if 1 <= number <= 5 else ""


def _from_json(content: bytes, base: str, portal: Portal) -> CommentPage:
    try:
        said = json.loads(content.decode("utf-8-sig", errors="replace"))
    except (ValueError, RecursionError):
        raise Unreadable("not JSON") from None
    paths = _paths(portal, "items")
    items = next((found for path in paths if isinstance(found := _dig(said, path), list)), None)
    if items is None:
        raise Unreadable("JSON without a list of comments")
    more = next((found for path in _paths(portal, "next") if isinstance(found := _dig(said, path), str)), "")
    posts = (_from_record(one, base, portal) for one in items[:_MOST] if isinstance(one, dict))
    return CommentPage(tuple(post for post in posts if post.text), absolute(more, base))


def _from_record(one: dict[str, Any], base: str, portal: Portal) -> Post:
    said = {name: _first(one, _paths(portal, name)) for name in _USUAL if name not in ("items", "next")}
    return _post(said, base, portal)


def _from_element(one: HtmlElement, base: str, portal: Portal) -> Post:
    said = {name: _found(one, getattr(portal.selectors, name) or usual) for name, usual in _PARTS.items()}
    if not said["text"] and not portal.selectors.text:
        said["text"] = str(one.text_content())
    anchor = one.get("id") or one.get("data-id") or ""
    return _post({**said, "id": anchor, "thread": ""}, base, portal)


def _post(said: Mapping[str, Any], base: str, portal: Portal) -> Post:
    text, author = cut(plain(_text(said["text"]))), one_line(_text(said["author"]))
    published = utc_text(said["date"])
    native = _text(said["id"])[:200] or "\0".join((author, published, text))
    return Post(
        post_id(portal.name, native),
        portal.channel,
        portal.name,
        base,
        author,
        published,
        one_line(_text(said["title"])),
        text,
        stars_of(said["stars"]),
        absolute(said["thread"], base),
        portal.about,
    )


def _found(one: HtmlElement, selector: str) -> str:
    return next((value_of(part) for part in select(one, selector)), "")


def _paths(portal: Portal, name: str) -> Sequence[str]:
    declared = getattr(portal.fields, name)
    return (declared,) if declared else _USUAL[name]


def _first(one: Mapping[str, Any], paths: Sequence[str]) -> Any:
    values = (_dig(one, path) for path in paths)
    return next((value for value in values if isinstance(value, str | int | float) and value != ""), None)


def _dig(said: Any, path: str) -> Any:
    for key in path.split(".") if path else ():
        if isinstance(said, dict):
            said = said.get(key)
        elif isinstance(said, list) and key.isdigit() and int(key) < len(said):
            said = said[int(key)]
        else:
            return None
    return said


def _text(value: Any) -> str:
    return "" if value is None else str(value)
