"""Portals of a synthetic round: news sites, comment pages and app stores, good ones and bad ones.

A folder `web` of the round holds `posts.jsonl`, one post a line (portal, channel, kind, agency, date, author, title,
text, stars, about, true_polarity), and `portals.json`, which gives each portal's kind and fault. A portal stands below
`/web/NAME`: `feed.xml`, `sitemap.xml`, `list`, `bai/N.html` (N counts the posts of the portal from 0 in the order of
the file), `comments`, `reviews` and `reviews.html`. The last three take `about`, where a portal tells of several apps.
"""

import hashlib
import json
import re
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tasks.demo.servers.faults import send
from tasks.demo.servers.portal_pages import (
    Post,
    article,
    comments,
    feed,
    listing,
    review_page,
    reviews,
    sitemap,
    windows_1258,
)
from tasks.harmonise.text import tokens
from warehouse.errors import InputError

FOLDER = "web"
KINDS = ("feed", "sitemap", "pages", "comments", "reviews")
PORTAL_FAULTS = ("dead", "slow", "broken_html", "429", "forbidden", "windows-1258", "not_xml")
CONTACT = "dti@example.invalid"
_STARTS = {"feed": "feed.xml", "sitemap": "sitemap.xml", "pages": "list", "comments": "comments", "reviews": "reviews"}
_CHANNELS = {"comments": "comment", "reviews": "app_review"}
_ABOUT_NOTHING = "-"
_SLOW_SECONDS = 0.2
_MAKE_AGAIN = "Make the round again: dti demo make-round."


@dataclass
class Web:
    """The portals of one round.

    Attributes:
        kinds: Portal to its kind.
        faults: Portal to what is wrong with it; empty text: nothing.
        posts: Portal to its posts, in the order of the file.
        formats: Portal to `html`, where its reviews are web pages.
        asked: Path of every request, with ` 304` behind it where nothing had changed.
    """

    kinds: Mapping[str, str]
    faults: Mapping[str, str]
    posts: Mapping[str, Sequence[Post]]
    formats: Mapping[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    _held_back: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @cached_property
    def robots(self) -> str:
        """The robots.txt of the server."""
        forbidden = [f"Disallow: /{FOLDER}/{name}/" for name, fault in self.faults.items() if fault == "forbidden"]
        return "\n".join(["User-agent: *", *forbidden, "Allow: /", ""])

    def answer(self, handler: BaseHTTPRequestHandler, words: Sequence[str], query: Mapping[str, str]) -> None:
        """Answer a request.

        Args:
            handler: The request.
            words: The parts of its path.
            query: Its parameters.
        """
        if list(words) == ["robots.txt"]:
            self._send(handler, self.robots.encode(), "text/plain; charset=utf-8")
            return
        portal, rest = (words[1], "/".join(words[2:])) if len(words) > 2 else ("", "")
        fault = self.faults.get(portal, "")
        if fault == "dead":
            handler.close_connection = True  # and not a word
            return
        if fault == "slow":
            time.sleep(_SLOW_SECONDS)
        if fault == "429" and self._holds_back(portal):
            send(handler, b"", status=429, headers={"Retry-After": "1"})
            return
        found = self._page(portal, rest, query, f"http://{handler.headers['Host']}")
        if found is None:
            send(handler, b"Not found.", status=404, media="text/plain")
        else:
            self._send(handler, *found)

    def _page(self, portal: str, rest: str, query: Mapping[str, str], host: str) -> tuple[bytes, str] | None:
        """Body and media type of a page, None where there is none."""
        posts, fault, base = self.posts.get(portal), self.faults.get(portal, ""), f"{host}/{FOLDER}/{portal}"
        if posts is None:
            return None
        page = int(query["page"]) if query.get("page", "").isdigit() else 1
        if number := re.fullmatch(r"bai/(\d{1,9})\.html", rest):
            return self._article(posts, int(number[1]), base, fault)
        if rest == "feed.xml":
            if fault == "not_xml":
                return b"<html><body>Please log in & come back", "text/html; charset=utf-8"
            return feed(posts, page, base).encode(), "application/rss+xml; charset=utf-8"
        if rest == "sitemap.xml":
            return sitemap(posts, base).encode(), "application/xml"
        if rest == "list":
            return listing(posts, page, base).encode(), "text/html; charset=utf-8"
        about = query.get("about", "")
        wanted = {"": None, _ABOUT_NOTHING: ""}.get(about, about)
        numbered = [(at, post) for at, post in enumerate(posts) if wanted in (None, str(post.get("about") or ""))]
        address = f"{base}/{rest}" + (f"?about={quote(about)}" if about else "")
        if rest == "reviews.html":
            return review_page(numbered, page, address).encode(), "text/html; charset=utf-8"
        makers = {"comments": comments, "reviews": reviews}
        if rest in makers:
            return makers[rest](numbered, page, address).encode(errors="replace"), "application/json"
        return None

    def _article(self, posts: Sequence[Post], number: int, base: str, fault: str) -> tuple[bytes, str] | None:
        if number >= len(posts):
            return None
        if fault == "windows-1258":  # and the page claims something else
            text = article(posts[number], number, len(posts), base, charset="iso-8859-1")
            return windows_1258(text), "text/html"
        text = article(posts[number], number, len(posts), base, broken=fault == "broken_html")
        return text.encode(errors="replace"), "text/html; charset=utf-8"

    def _holds_back(self, portal: str) -> bool:
        """Whether this is the first request, which comes too soon."""
        with self._lock:
            first = portal not in self._held_back
            self._held_back.add(portal)
        return first

    def _send(self, handler: BaseHTTPRequestHandler, body: bytes, media: str) -> None:
        etag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
        if handler.headers.get("If-None-Match") == etag:
            self.asked.append(f"{handler.path} 304")
            handler.send_response(304)
            handler.send_header("ETag", etag)
            handler.end_headers()
            return
        self.asked.append(handler.path)
        send(handler, body, media=media, headers={"ETag": etag})


def read_web(round_folder: Path) -> Web | None:
    """Read the portals of a round, None where it has none.

    Raises:
        InputError: A file of them is damaged.
    """
    folder = round_folder / FOLDER
    if not (folder / "portals.json").is_file():
        return None
    try:
        said: dict[str, Any] = json.loads((folder / "portals.json").read_text(encoding="utf-8"))
        posts: dict[str, list[Post]] = {name: [] for name in said}
        with (folder / "posts.jsonl").open(encoding="utf-8") as lines:
            for line in lines:
                post = json.loads(line)
                posts.setdefault(str(post["portal"]), []).append(post)
        kinds = {name: str(one["kind"]) for name, one in said.items()}
        faults = {name: str(one.get("fault") or "") for name, one in said.items()}
        formats = {name: str(one.get("format") or "") for name, one in said.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise InputError(f"{folder} holds no portals of a synthetic round.", _MAKE_AGAIN) from None
    for name, kind in kinds.items():
        if kind not in KINDS or faults[name] not in ("", *PORTAL_FAULTS):
            raise InputError(f"{folder / 'portals.json'}: {name} has an unknown kind or fault.", _MAKE_AGAIN)
    return Web(kinds, faults, posts, formats)


def portals_yaml(round_folder: Path, address: str) -> dict[str, Any]:
    """What portals.yaml must say so that the portals of a round are gathered.

    Args:
        round_folder: The round.
        address: Address at which they are served, without a slash at its end.

    Returns:
        The whole content: `contact` and `portals`, in the order of portals.json. A portal whose posts are about several
        apps or agencies gives one entry for each, `NAME-APP`.

    Raises:
        InputError: The round has no portals.
    """
    web = read_web(round_folder)
    if web is None:
        raise InputError(f"{round_folder} has no portals.", _MAKE_AGAIN)
    return {"contact": CONTACT, "portals": [one for name in web.kinds for one in _declared(web, name, address)]}


def _declared(web: Web, name: str, address: str) -> list[dict[str, Any]]:
    kind, posts = web.kinds[name], web.posts[name]
    start = "reviews.html" if web.formats.get(name) == "html" else _STARTS[kind]
    channel = str(posts[0].get("channel") or "") if posts else ""
    common: dict[str, Any] = {
        "url": f"{address}/{FOLDER}/{name}/{start}",
        "kind": kind,
        "channel": channel or _CHANNELS.get(kind, "news"),
        "delay_seconds": 0.0,
        "most_pages": 100_000,
    }
    about = list(dict.fromkeys(str(post.get("about") or "") for post in posts))
    if kind not in _CHANNELS or len(about) < 2:
        more = {"about": about[0]} if kind in _CHANNELS and about and about[0] else {}
        return [{"name": name, **common, **more}]
    return [
        {**common, "name": f"{name}-{'-'.join(tokens(app)) or 'other'}"[:64], "about": app}
        | {"url": f"{common['url']}?about={quote(app or _ABOUT_NOTHING)}"}
        for app in about
    ]
