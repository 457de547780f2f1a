"""What the portals show: articles and listings as news sites lay them out, feeds, sitemaps, comment APIs."""

import email.utils
import html
import json
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

Post = Mapping[str, Any]
PAGE_SIZE = 100
_MENU = ("Thời sự", "Kinh tế", "Chuyển đổi số", "Pháp luật", "Giáo dục", "Sức khỏe", "Đời sống", "Bạn đọc")
_RSS = "<?xml version='1.0' encoding='utf-8'?>\n<rss version='2.0' xmlns:atom='http://www.w3.org/2005/Atom'><channel>"
_SITEMAP = (
    "<?xml version='1.0' encoding='utf-8'?>\n<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{}</urlset>"
)


def article(post: Post, number: int, total: int, base: str, *, broken: bool = False, charset: str = "utf-8") -> str:
    """An article page: menu, scripts and related links around the text.

    Args:
        post: The post.
        number: Its number on the portal.
        total: Number of posts of the portal.
        base: Address of the portal.
        broken: Whether tags are left open and stray signs stand in it, as on badly kept sites.
        charset: Charset that the page claims.
    """
    title, text = html.escape(str(post["title"])), str(post["text"])
    paragraphs = "".join(f"<p>{html.escape(part)}</p>" for part in text.split("\n") if part.strip())
    menu = "".join(f"<li><a href='{base}/list'>{name}</a></li>" for name in _MENU)
    related = "".join(f"<li><a href='{base}/bai/{(number + step) % total}.html'>Tin khác</a></li>" for step in (1, 2))
    page = f"""<!DOCTYPE html>
<html lang="vi"><head><meta charset="{charset}"><title>{title}</title>
<meta property="og:title" content="{title}">
<meta property="article:published_time" content="{html.escape(str(post["date"]))}">
<script>var ads = "<div>quảng cáo</div>"; document.title += "";</script><style>.a {{ color: #333 }}</style></head>
<body><header><a href="{base}/list">Trang chủ</a></header><nav><ul class="menu">{menu}</ul></nav>
<main><article class="detail"><h1>{title}</h1>
<div class="author" rel="author">{html.escape(str(post["author"]))}</div>
<div class="content">{paragraphs}</div></article></main>
<aside><h3>Tin liên quan</h3><ul>{related}</ul></aside>
<footer><p>Trang tin mô phỏng. Mọi nội dung là giả định.</p></footer>
<script src="/static/track.js"></script></body></html>"""
    if broken:
        page = page.replace("</li>", "").replace("</div></article>", "<div><b><i></article>").replace("</nav>", "< <p")
        page = page.replace("</body></html>", "<table><tr><td>&nbsp;&copy")
    return page


def feed(posts: Sequence[Post], page: int, base: str) -> str:
    """One page of an RSS feed, with a link to the next."""
    items = []
    for number, post in _of_page(posts, page):
        title, address = html.escape(str(post["title"])), f"{base}/bai/{number}.html"
        when = email.utils.format_datetime(_time(post))
        items.append(f"<item><title>{title}</title><link>{address}</link><pubDate>{when}</pubDate></item>")
    more = f"<atom:link rel='next' href='{base}/feed.xml?page={page + 1}'/>" if _has_more(posts, page) else ""
    return f"{_RSS}<title>Trang tin mô phỏng</title><link>{base}/list</link>{more}{''.join(items)}</channel></rss>"


def sitemap(posts: Sequence[Post], base: str) -> str:
    """The sitemap."""
    said = (
        f"<url><loc>{base}/bai/{number}.html</loc><lastmod>{_time(post):%Y-%m-%d}</lastmod></url>"
        for number, post in enumerate(posts)
    )
    return _SITEMAP.format("".join(said))


def listing(posts: Sequence[Post], page: int, base: str) -> str:
    """One page of the listing."""
    items = "".join(
        f"<li class='item'><h3><a href='{base}/bai/{number}.html'>{html.escape(str(post['title']))}</a></h3></li>"
        for number, post in _of_page(posts, page)
    )
    more = (
        f"<a class='next' rel='next' href='{base}/list?page={page + 1}'>Trang sau</a>" if _has_more(posts, page) else ""
    )
    return (
        f"<!DOCTYPE html><html lang='vi'><head><meta charset='utf-8'><title>Danh sách</title></head><body><nav>"
        f"<a href='{base}/list'>Tất cả các tin trong ngày</a></nav><ul>{items}</ul>{more}</body></html>"
    )


def comments(posts: Sequence[tuple[int, Post]], page: int, address: str) -> str:
    """One page of a comment API."""
    shown = posts[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    found = [
        {"id": number, "user": {"name": post["author"]}, "content": post["text"], "created_at": post["date"]}
        for number, post in shown
    ]
    return _answer("comments", found, len(posts), page, address)


def reviews(posts: Sequence[tuple[int, Post]], page: int, address: str) -> str:
    """One page of an app store's reviews."""
    shown = posts[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    found = [
        {
            "id": number,
            "userName": post["author"],
            "rating": int(post["stars"]) if str(post["stars"]).isdigit() else None,
            "title": post["title"],
            "text": post["text"],
            "date": post["date"],
        }
        for number, post in shown
    ]
    return _answer("reviews", found, len(posts), page, address)


def review_page(posts: Sequence[tuple[int, Post]], page: int, address: str) -> str:
    """One web page of reviews, marked as schema.org says."""
    shown = posts[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    items = "".join(
        f"<div id='{number}' itemprop='review'><b itemprop='name'>{html.escape(str(post['title']))}</b>"
        f"<span itemprop='author'>{html.escape(str(post['author']))}</span>"
        f"<meta itemprop='ratingValue' content='{html.escape(str(post['stars']))}'>"
        f"<time itemprop='datePublished' datetime='{html.escape(str(post['date']))}'></time>"
        f"<p itemprop='reviewBody'>{html.escape(str(post['text']))}</p></div>"
        for number, post in shown
    )
    more = f"<a rel='next' href='{_page(address, page + 1)}'>Tiếp</a>" if len(posts) > page * PAGE_SIZE else ""
    return f"<!DOCTYPE html><html lang='vi'><head><meta charset='utf-8'></head><body>{items}{more}</body></html>"


def windows_1258(text: str) -> bytes:
    """A text in windows-1258, where tone marks are letters of their own."""
    written = bytearray()
    for letter in unicodedata.normalize("NFC", text):
        try:
            written += letter.encode("cp1258")
        except UnicodeEncodeError:
            whole = unicodedata.normalize("NFD", letter)
            tone = next((mark for mark in whole if mark in "\u0300\u0301\u0303\u0309\u0323"), "")
            rest = unicodedata.normalize("NFC", whole.replace(tone, "", 1) if tone else whole)
            written += (rest + tone).encode("cp1258", errors="xmlcharrefreplace")
    return bytes(written)


def _answer(name: str, found: list[dict[str, Any]], total: int, page: int, address: str) -> str:
    more = _page(address, page + 1) if total > page * PAGE_SIZE else None
    return json.dumps({"page": page, "total": total, name: found, "next": more}, ensure_ascii=False)


def _page(address: str, page: int) -> str:
    return f"{address}{'&' if '?' in address else '?'}page={page}"


def _of_page(posts: Sequence[Post], page: int) -> list[tuple[int, Post]]:
    return list(enumerate(posts))[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]


def _has_more(posts: Sequence[Post], page: int) -> bool:
    return len(posts) > page * PAGE_SIZE


def _time(post: Post) -> datetime:
    found = datetime.fromisoformat(str(post["date"]))
    return found if found.tzinfo else found.replace(tzinfo=UTC)
