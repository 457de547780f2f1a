"""Listings, sitemaps, comments, articles: from bytes."""

import contextlib
import gzip
import json
import time

import pytest

from tasks.sources.crawl.articles import read_article
from tasks.sources.crawl.comments import read_comments
from tasks.sources.crawl.declaration import Portal
from tasks.sources.crawl.faults import Unreadable
from tasks.sources.crawl.feeds import read_feed
from tasks.sources.crawl.listing import listing_of
from tasks.sources.crawl.places import absolute, site_of
from tasks.sources.crawl.sitemaps import read_sitemap

BASE = "https://bao.example.vn/a/"


def portal(kind="feed", channel="news", **more):
    return Portal(name="bao", url=BASE, kind=kind, channel=channel, **more)


def test_listing__of_pages__links_with_titles_on_own_hosts_outside_the_menu():
    page = """<nav><a href=/menu>Một mục của trang tin</a></nav><a href=/x1>Tỉnh đẩy mạnh chuyển đổi số</a>
    <a href=/kurz>Xem</a><a href=https://other.vn/a>Tin của trang khác hẳn</a><a href=javascript:alert(1)>a b c d e</a>
    <a href="?page=2">Trang sau</a>"""
    found = listing_of(page.encode(), {}, BASE, portal("pages"), 0)
    assert [url for url, _ in found.articles] == ["https://bao.example.vn/x1"]
    assert found.lists == ("https://bao.example.vn/a/?page=2",)


def test_listing__with_selectors__takes_what_they_find():
    page = "<div class='t'><a href=/1>A</a></div><div class='t x'><a href=/2>B</a></div><i id=n><a href=/n>mehr</a></i>"
    declared = portal("pages", selectors={"items": "div.t > a", "next": "#n a"})
    found = listing_of(page.encode(), {}, BASE, declared, 0)
    assert [url for url, _ in found.articles] == ["https://bao.example.vn/1", "https://bao.example.vn/2"]
    assert found.lists == ("https://bao.example.vn/n",)


def test_feed__atom__gives_links_dates_and_the_next_page():
    atom = b"""<feed xmlns='http://www.w3.org/2005/Atom'><title>x</title><link rel='next' href='?p=2'/>
    <entry><title>T</title><link href='/1'/><author><name>An</name></author><updated>2020-08-02T00:00:00Z</updated>
    <published>2020-08-01T00:00:00Z</published>
    <content type='html'>&lt;p&gt;N\xe1\xbb\x99i dung&lt;/p&gt;</content></entry></feed>"""
    found = read_feed(atom, {"content-type": "application/atom+xml; charset=utf-8"}, BASE)
    (entry,) = found.entries
    assert (entry.url, entry.author, entry.published_at, entry.text) == (
        "https://bao.example.vn/1",
        "An",
        "2020-08-01T00:00:00Z",
        "Nội dung",
    )
    assert entry.changed.isoformat() == "2020-08-02T00:00:00+00:00"
    assert found.next == "https://bao.example.vn/a/?p=2"


def test_feed__bytes_that_look_like_a_file__are_not_opened(tmp_path):
    file = tmp_path / "feed.xml"
    file.write_text("<rss version='2.0'><channel><item><title>secret</title><link>/x</link></item></channel></rss>")
    with pytest.raises(Unreadable):
        read_feed(str(file).encode(), {}, BASE)


def test_sitemap__packed__is_unpacked_within_the_limit():
    written = b"<urlset><url><loc>https://bao.example.vn/1</loc></url></urlset>"
    assert read_sitemap(gzip.compress(written), BASE).pages[0].url == "https://bao.example.vn/1"
    with pytest.raises(Unreadable, match="too large"):
        read_sitemap(gzip.compress(b" " * 50_000_000), BASE)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html/>",
        b"<urlset",
        b"\x1f\x8bxx",
        b"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><urlset><url><loc>&a;</loc></url></urlset>",
    ],
)
def test_sitemap__what_is_none__is_unreadable(content):
    with pytest.raises(Unreadable):
        read_sitemap(content, BASE)


def test_comments__usual_names__are_found():
    said = {
        "data": {"comments": [{"comment_id": 7, "user": {"name": "An"}, "content": "Tốt", "created_at": 1588555800}]}
    }
    (post,) = read_comments(json.dumps(said).encode(), {}, BASE, portal("comments", "comment", about="VNeID")).posts
    assert (post.author, post.text, post.published_at, post.about) == ("An", "Tốt", "2020-05-04T01:30:00Z", "VNeID")


def test_comments__declared_fields__go_before_usual_ones():
    said = {"r": {"list": [{"k": 1, "id": 2, "nd": "Chậm", "text": "no", "sao": "4/5"}]}, "tiep": "/next"}
    fields = {"items": "r.list", "id": "k", "text": "nd", "stars": "sao", "next": "tiep"}
    page = read_comments(json.dumps(said).encode(), {}, BASE, portal("reviews", "app_review", fields=fields))
    assert [(post.text, post.stars) for post in page.posts] == [("Chậm", "4")]
    assert page.next == "https://bao.example.vn/next"


@pytest.mark.parametrize(
    "content", [b"{", b"[" * 100_000, b'{"a": 1}', b"", b"text", b'{"items": [1' + b"1" * 5_000 + b"]}", b"[NaN"]
)
def test_comments__what_is_none__is_unreadable_or_empty(content):
    with contextlib.suppress(Unreadable):
        assert read_comments(content, {}, BASE, portal("comments", "comment")).posts == ()


def test_comments__odd_values__do_no_harm():
    odd = [
        {"id": 1, "text": "a\ud83d"},
        {"text": None},
        {"text": ["x"]},
        {"id": {}, "text": 5},
        7,
        {"id": 1, "text": "b"},
    ]
    found = read_comments(json.dumps({"comments": odd}).encode(), {}, BASE, portal("comments", "comment")).posts
    assert [post.text for post in found] == ["a\ufffd", "5", "b"]


def test_reviews__marked_as_schema_org_says__are_found():
    page = """<div itemprop=review id=r1><span itemprop=author>An</span><meta itemprop=ratingValue content=2>
    <time itemprop=datePublished datetime=2020-08-01></time><p itemprop=reviewBody>Lỗi hoài</p></div>
    <a rel=next href=?p=2>x</a>"""
    found = read_comments(page.encode(), {}, BASE, portal("reviews", "app_review"))
    assert [(post.author, post.stars, post.published_at, post.text) for post in found.posts] == [
        ("An", "2", "2020-08-01T00:00:00Z", "Lỗi hoài")
    ]
    assert found.next == "https://bao.example.vn/a/?p=2"


def test_article__selectors_of_the_declaration__go_before_extraction():
    page = "<html><h1>Khác</h1><p class=x>Nội dung thật của bài viết này.</p><b id=d>05/08/2020 10:30</b></html>"
    declared = portal(selectors={"text": "p.x", "date": "//b[@id='d']", "title": "h1"})
    (post,) = read_article(page.encode(), {}, BASE, declared, None)
    assert (post.title, post.text, post.published_at) == (
        "Khác",
        "Nội dung thật của bài viết này.",
        "2020-08-05T03:30:00Z",
    )


@pytest.mark.parametrize(
    "content", [b"", b"abc", b"\x89PNG\r\n\x1a\n" + bytes(100), b"<div>" * 100_000, b"<p " + b"a " * 200_000 + b">x"]
)
def test_article__what_is_none__is_unreadable(content):
    with pytest.raises(Unreadable):
        read_article(content, {}, BASE, portal(), None)


def test_article__a_text_of_100_000_characters__is_cut():
    page = f"<html><body><article><h1>T</h1><p>{'dài ' * 25_000}</p></article></body></html>"
    assert len(read_article(page.encode(), {}, BASE, portal(), None)[0].text) == 20_000


@pytest.mark.parametrize(
    "link",
    [
        "javascript:x",
        "data:text/html,x",
        "http://a:b@x.vn/",
        "http://[::1",
        "http://x.vn:99999/",
        "a\0b",
        None,
        5,
        "x" * 3_000,
    ],
)
def test_absolute__what_may_not_be_followed__is_empty(link):
    assert absolute(link, BASE) == ""


def test_site_of__names_the_port_only_where_it_is_unusual():
    assert site_of("http://x.vn:80/") == site_of("https://www.x.vn/") == "x.vn"
    assert site_of("http://x.vn:8080/") == "x.vn:8080"


@pytest.mark.parametrize(
    "content",
    [
        b'<?xml version="1.0" encoding="punycode"?><rss version="2.0">' + b"a" * 300_000 + b"-" + b"b" * 300_000,
        b'<rss version="2.0"><channel>' + b"<item><link>/a</link></item>" * 100_000 + b"</channel></rss>",
        b"<" * 4_000_000,
        b"<rss " + b" ".join(b'a%d="1"' % at for at in range(100_000)) + b">",
    ],
    ids=["charset that takes minutes", "items", "brackets", "attributes"],
)
def test_feed__made_to_keep_the_parser_busy__is_unreadable_soon(content):
    began = time.monotonic()
    with pytest.raises(Unreadable):
        read_feed(content, {}, BASE)
    assert time.monotonic() - began < 5


def test_feed__author_of_a_million_letters__is_cut():
    began = time.monotonic()
    feed = b"<rss version='2.0'><channel><item><link>/a</link><author>%b</author></item></channel></rss>"
    (entry,) = read_feed(feed % (b"a" * 1_000_000), {}, BASE).entries
    assert len(entry.author) == 500
    assert time.monotonic() - began < 5


BELOW = """<html lang="vi"><head><title>Tỉnh số hóa hồ sơ</title></head><body>
<article><h1>Tỉnh số hóa hồ sơ</h1><p>{}</p></article>
<div id="comments" class="comment-list"><div class="comment"><p>Nộp online nhanh thật, khỏi phải chờ.</p></div>
<div class="comment"><p>App hay <script>alert(1)</script>lỗi quá ad ơi.</p></div></div></body></html>"""


def test_read_article__comments_below_it__are_posts_where_that_is_declared():
    page = BELOW.format("Người dân nộp hồ sơ qua mạng, cán bộ trả kết quả đúng hẹn. " * 8).encode()
    assert len(read_article(page, {}, BASE, portal(), None)) == 1
    article, *comments = read_article(page, {}, BASE, portal(with_comments=True), None)
    assert "Nộp online" not in article.text
    assert [post.text for post in comments] == ["Nộp online nhanh thật, khỏi phải chờ.", "App hay lỗi quá ad ơi."]
    assert {(post.channel, post.thread, post.author) for post in comments} == {("comment", BASE, "")}
    assert len({post.post_id for post in [article, *comments]}) == 3
