"""The crawler against real servers on the loopback address, honest and hostile ones."""

import dataclasses
import json
import threading
import time
from email.utils import format_datetime

import pytest
import yaml

from tasks.sources.base import Page
from tasks.sources.crawl.known import DECLARATION, LIST, PORTAL_HEADER, ROLE_HEADER
from tasks.sources.limits import FetchLimits
from tasks.sources.portals import SOURCE
from tasks.sources.rounds import Entry
from tasks.sources.transport.session import refuse_private
from warehouse.errors import BatchRefused, PartlyUnavailable, SourceUnavailable
from warehouse.settings import get_settings

QUICK = FetchLimits(
    connect_seconds=1,
    read_seconds=0.5,
    total_seconds=1.5,
    attempts=2,
    backoff_seconds=0.01,
    retry_after_seconds=2,
    redirects=3,
    max_bytes=200_000,
)
TEXT = "Người dân nộp hồ sơ qua Cổng dịch vụ công và nhận kết quả đúng hẹn, không phải đi lại nhiều lần. " * 4


def article(title="Nộp hồ sơ qua mạng", text=TEXT):
    return (
        f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1><p>{text}</p></article></body></html>"
    )


def feed(*links, updated=""):
    when = f"<atom:updated>{updated}</atom:updated>" if updated else ""
    items = "".join(f"<item><title>Tin {link}</title><link>{link}</link>{when}</item>" for link in links)
    return (
        f"<rss version='2.0' xmlns:atom='http://www.w3.org/2005/Atom'><channel><title>x</title>{items}</channel></rss>"
    )


def sends(body, status=200, **headers):
    body = body if isinstance(body, bytes) else body.encode()
    return lambda handler: handler.answer(status, body, **headers)


def conditional(body, etag='"1"'):
    """Answers 304 to whoever has it already."""

    def answer(handler):
        if handler.headers.get("If-None-Match") == etag:
            handler.answer(304, ETag=etag)
        else:
            handler.answer(200, body.encode(), ETag=etag)

    return answer


@pytest.fixture
def web(site, tmp_path, private_allowed):
    """A site without a robots.txt, and a way to gather from it."""
    site.answers["/robots.txt"] = sends(b"", 404)
    return Web(site, tmp_path)


class Web:
    def __init__(self, site, folder):
        self.site, self.folder = site, folder
        self.url = site.url

    def declare(self, *portals, **more):
        common = {"kind": "feed", "channel": "news", "delay_seconds": 0}
        written = [{"name": f"p{at}", **common, **portal} for at, portal in enumerate(portals)]
        said = {"contact": "dti@example.vn", "portals": written, **more}
        (self.folder / "portals.yaml").write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")

    def gather(self, earlier=(), limits=QUICK):
        """The receipts, and what did not come."""
        came, entry = [], Entry(source="portals", path="portals.yaml")
        try:
            came.extend(SOURCE.gather(entry, self.folder, earlier, limits))
        except PartlyUnavailable as error:
            return came, error.message
        return came, ""

    def stopped(self, earlier=(), limits=QUICK):
        """Receipts up to the failure, with the failure."""
        came, entry = [], Entry(source="portals", path="portals.yaml")
        coming = SOURCE.gather(entry, self.folder, earlier, limits)
        with pytest.raises(SourceUnavailable) as error:
            came.extend(coming)
        return came, error.value


def pages(receipts):
    return [Page(one.origin, one.content, one.headers, one.fetched_at) for one in receipts]


def paths(receipts, web):
    return [one.origin.removeprefix(web.url) for one in receipts]


def posts(receipts):
    return SOURCE.read_answers(pages(receipts))


def test_gather__a_feed__gives_declaration_feed_and_articles(web):
    web.site.answers |= {"/f": sends(feed("/a", "/b")), "/a": sends(article()), "/b": sends(article("Tin hai"))}
    web.declare({"url": f"{web.url}/f"})
    came, failure = web.gather()
    assert not failure
    assert paths(came, web) == ["portals.yaml", "/f", "/a", "/b"]
    found = posts(came)
    assert found["title"].tolist() == ["Nộp hồ sơ qua mạng", "Tin hai"]
    assert found["place"].tolist() == [f"{web.url}/a", f"{web.url}/b"]
    assert set(found.dtypes.astype(str)) == {"str"}
    assert found["post_id"].str.fullmatch("[0-9a-f]{32}").all()
    assert TEXT.strip() == found["text"][0]


def test_gather__says_who_asks(web):
    said = []
    web.site.answers["/f"] = lambda handler: (
        said.append(handler.headers["User-Agent"]),
        handler.answer(200, feed().encode()),
    )
    web.declare({"url": f"{web.url}/f"})
    web.gather()
    assert said == ["dti-warehouse/0.1 (+dti@example.vn)"]


def test_gather__without_a_contact__is_refused(web):
    web.declare({"url": f"{web.url}/f"}, contact="")
    assert "no contact" in web.stopped()[1].message
    assert web.site.asked == []


def test_gather__a_second_run__fetches_only_what_changed(web):
    web.site.answers |= {"/f": conditional(feed("/a", "/b")), "/a": conditional(article()), "/b": sends(article("B"))}
    web.declare({"url": f"{web.url}/f"})
    first, _ = web.gather()
    web.site.asked.clear()
    again, failure = web.gather(pages(first))
    assert (again, failure) == ([], "")
    assert web.site.asked == ["/robots.txt", "/f"]
    web.site.answers |= {"/f": conditional(feed("/c", "/a"), '"2"'), "/c": sends(article("C"))}
    later, _ = web.gather(pages(first))
    assert paths(later, web) == ["/f", "/c"]


def test_read__the_place__is_the_page_that_holds_the_post():
    def page(origin, role, content, **headers):
        return Page(origin, content.encode(), {PORTAL_HEADER: "p", ROLE_HEADER: role, **headers})

    said = {"name": "p", "url": "http://a.example.vn/c", "kind": "comments", "channel": "comment"}
    declared = page("portals.yaml", DECLARATION, yaml.safe_dump({"portals": [said]}))
    older, newer = (f'[{{"id": {at}, "text": "chậm quá {at}", "author": "An"}}]' for at in (1, 2))
    found = SOURCE.read_answers([declared, page(said["url"], LIST, older), page(f"{said['url']}#again=1", LIST, newer)])
    assert dict(zip(found["text"], found["place"], strict=True)) == {
        "chậm quá 1": said["url"],
        "chậm quá 2": f"{said['url']}#again=1",
    }


def test_gather__an_article_that_changed_after_it_came__is_asked_for_again(web):
    web.site.answers |= {"/f": sends(feed("/a", updated="2020-01-01T00:00:00Z")), "/a": sends(article())}
    web.declare({"url": f"{web.url}/f"})
    first, _ = web.gather()
    assert paths(web.gather(pages(first))[0], web) == []
    web.site.answers |= {"/f": sends(feed("/a", updated="2100-01-01T00:00:00Z")), "/a": sends(article("Đã sửa"))}
    later, _ = web.gather(pages(first))
    assert paths(later, web) == ["/f", "/a"]
    assert posts([*first, *later])["title"].tolist() == ["Đã sửa"]


def test_gather__a_cut_run__goes_on_with_the_rest(web):
    links = [f"/{number}" for number in range(6)]
    web.site.answers |= {link: sends(article(f"Tin {link}")) for link in links} | {"/f": conditional(feed(*links))}
    web.declare({"url": f"{web.url}/f", "every": "day"})
    coming = SOURCE.gather(Entry(source="portals", path="portals.yaml"), web.folder, (), QUICK)
    cut = [next(coming) for _ in range(4)]
    coming.close()
    assert paths(cut, web) == ["portals.yaml", "/f", "/0", "/1"]
    rest, _ = web.gather(pages(cut))
    assert [path for path in paths(rest, web) if path in links] == ["/2", "/3", "/4", "/5"]
    assert len(posts([*cut, *rest])) == 6


def test_gather__a_portal_asked_within_its_period__is_left_alone(web):
    web.site.answers |= {"/f": sends(feed())}
    web.declare({"url": f"{web.url}/f", "every": "day"})
    first, _ = web.gather()
    web.site.asked.clear()
    assert web.gather(pages(first)) == ([], "")
    assert web.site.asked == []
    long_ago = [dataclasses.replace(page, fetched_at=page.fetched_at.replace(year=2020)) for page in pages(first)]
    web.gather(long_ago)
    assert "/f" in web.site.asked


def test_gather__a_sitemap_index__leads_to_the_articles(web):
    index = f"<sitemapindex><sitemap><loc>{web.url}/s</loc></sitemap></sitemapindex>"
    listed = "<urlset>{}</urlset>".format(
        "".join(
            f"<url><loc>/{name}</loc><lastmod>{when}</lastmod></url>"
            for name, when in (("a", "2020-01-01"), ("b", "2020-02-01"))
        )
    )
    web.site.answers |= {"/i": sends(index), "/s": sends(listed), "/a": sends(article()), "/b": sends(article("B"))}
    web.declare({"url": f"{web.url}/i", "kind": "sitemap"})
    assert paths(web.gather()[0], web) == ["portals.yaml", "/i", "/s", "/b", "/a"]


def test_gather__comments_by_page_number__end_with_an_empty_page(web):
    for number, found in ((1, [{"id": 1, "text": "Tốt"}]), (2, [{"id": 2, "text": "Chậm"}]), (3, [])):
        web.site.answers[f"/c?page={number}"] = sends(json.dumps({"comments": found}))
    web.declare(
        {"url": f"{web.url}/c?page=1", "kind": "comments", "channel": "comment", "paging": {"parameter": "page"}}
    )
    came, failure = web.gather()
    assert not failure
    assert posts(came)["text"].tolist() == ["Tốt", "Chậm"]


def test_gather__endless_pages__end(web):
    def answer(handler):
        number = int(handler.path.partition("=")[2])
        page = {"comments": [{"id": number, "text": "x"}], "next": f"/c?n={number + 1}"}
        handler.answer(200, json.dumps(page).encode())

    web.site.answers = Always(answer, web.site.answers)
    web.declare({"url": f"{web.url}/c?n=0", "kind": "comments", "channel": "comment", "most_pages": 20})
    came, failure = web.gather()
    assert len(came) == 21
    assert "p0: after 20 pages (most_pages) there was more" in failure


def test_gather__pages_that_say_the_same_for_ever__end_soon(web):
    def answer(handler):
        number = int(handler.path.partition("=")[2])
        handler.answer(200, json.dumps({"comments": [{"id": 1, "text": "x"}], "next": f"/c?n={number + 1}"}).encode())

    web.site.answers = Always(answer, web.site.answers)
    web.declare({"url": f"{web.url}/c?n=0", "kind": "comments", "channel": "comment"})
    web.gather()
    assert len(web.site.asked) == 3


class Always(dict):
    """One answer for all paths but those that have their own."""

    def __init__(self, answer, others):
        super().__init__(others)
        self.answer = answer

    def __missing__(self, path):
        return self.answer


def test_gather__a_robots_txt_that_forbids__the_portal_is_skipped_and_named(web):
    web.site.answers |= {"/robots.txt": sends("User-agent: *\nDisallow: /f\nDisallow: /b"), "/f": sends(feed())}
    web.site.answers |= {"/g": sends(feed("/a", "/b")), "/a": sends(article()), "/b": sends(article())}
    web.declare({"url": f"{web.url}/f"}, {"url": f"{web.url}/g"})
    came, failure = web.gather()
    assert paths(came, web) == ["portals.yaml", "/robots.txt", "/g", "/a"]
    assert "p0: The robots.txt of" in failure
    assert "p1: the robots.txt forbids an article" in failure
    assert not {"/f", "/b"} & set(web.site.asked)


@pytest.mark.parametrize("status", [500, 503])
def test_gather__a_robots_txt_that_fails__nothing_is_asked(web, status):
    web.site.answers |= {"/robots.txt": sends(b"", status), "/f": sends(feed())}
    web.declare({"url": f"{web.url}/f"})
    _, error = web.stopped()
    assert "robots.txt" in error.message
    assert "/f" not in web.site.asked


def test_gather__crawl_delay__is_kept(web):
    web.site.answers |= {"/robots.txt": sends("User-agent: *\nCrawl-delay: 0.3"), "/f": sends(feed("/a", "/b"))}
    web.site.answers |= {"/a": sends(article()), "/b": sends(article())}
    web.declare({"url": f"{web.url}/f"})
    started = time.monotonic()
    web.gather()
    assert time.monotonic() - started >= 0.6


def test_gather__429_with_retry_after__waits_as_long(web):
    asked = []

    def answer(handler):
        asked.append(time.monotonic())
        if len(asked) == 1:
            handler.answer(429, Retry_After=1)
        else:
            handler.answer(200, feed().encode())

    web.site.answers["/f"] = answer
    web.declare({"url": f"{web.url}/f"})
    assert web.gather()[1] == ""
    assert asked[1] - asked[0] >= 1


def test_gather__429_that_asks_for_an_hour__gives_up_instead_of_coming_sooner(web):
    web.site.answers["/f"] = sends(b"", 429, Retry_After=3600)
    web.declare({"url": f"{web.url}/f"})
    assert "asks to come back after 3600 seconds" in web.stopped()[1].message
    assert web.site.asked.count("/f") == 1


def test_gather__a_dead_portal__does_not_stop_the_others(web):
    web.site.answers |= {"/f": sends(feed("/a")), "/a": sends(article())}
    web.declare({"url": "http://127.0.0.1:9/f"}, {"url": f"{web.url}/f"}, {"url": f"{web.url}/gone"})
    web.site.answers["/gone"] = sends(b"", 404)
    came, failure = web.gather()
    assert [path for path in paths(came, web) if path.startswith("/")] == ["/f", "/a"]
    assert "p0: " in failure
    assert "connection refused" in failure
    assert f"p2: {web.url}/gone answered with status 404" in failure


def test_gather__only_dead_portals__is_an_unavailable_source(web):
    web.declare({"url": "http://127.0.0.1:9/f"})
    assert not isinstance(web.stopped()[1], PartlyUnavailable)


def test_gather__an_endless_redirect__ends(web):
    web.site.answers = Always(lambda handler: handler.answer(302, Location=handler.path + "x"), web.site.answers)
    web.declare({"url": f"{web.url}/f"})
    assert "redirects more than 3 times" in web.stopped()[1].message
    assert len(web.site.asked) == 5


def test_gather__a_redirect_off_the_declared_hosts__is_not_followed(web):
    web.site.answers["/f"] = sends(b"", 302, Location="http://127.0.0.2:9/private?token=1")
    web.declare({"url": f"{web.url}/f"})
    message = web.stopped()[1].message
    assert "127.0.0.2:9/private" in message
    assert "token" not in message


def test_gather__a_page_of_200_mb__is_cut_by_the_limit(web):
    sent = []

    def answer(handler):
        handler.send_response(200)
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.close_connection = True
        try:
            for _ in range(200):
                handler.wfile.write(b"x" * 1_000_000)
                sent.append(1)
        except OSError:
            pass

    web.site.answers |= {"/f": sends(feed("/big", "/a")), "/big": answer, "/a": sends(article())}
    web.declare({"url": f"{web.url}/f"})
    came, failure = web.gather()
    assert paths(came, web)[1:] == ["/f", "/a"]
    assert "/big sends more than" in failure
    assert len(sent) < 50


@pytest.mark.parametrize("where", ["headers", "body"])
def test_gather__a_slow_drip__ends_with_the_time_limit(web, where):
    def answer(handler):
        handler.close_connection = True
        start = b"HTTP/1.1 200 OK\r\nX-A: " if where == "headers" else b"HTTP/1.1 200 OK\r\n\r\n"
        try:
            handler.wfile.write(start)
            for _ in range(200):
                handler.wfile.write(b"x")
                time.sleep(0.1)
        except OSError:
            pass

    web.site.answers["/f"] = answer
    web.declare({"url": f"{web.url}/f"})
    started = time.monotonic()
    web.stopped(limits=dataclasses.replace(QUICK, attempts=1))
    assert time.monotonic() - started < 5


def test_gather__links_to_private_addresses__are_not_followed(web):
    web.site.answers |= {
        "/f": sends(feed("http://169.254.169.254/meta", "http://10.0.0.1/a", "file:///etc/passwd", "/a"))
    }
    web.site.answers |= {"/a": sends(article())}
    web.declare({"url": f"{web.url}/f"})
    came, failure = web.gather()
    assert paths(came, web)[1:] == ["/f", "/a"]
    assert not failure


def test_gather__a_portal_on_a_private_address__is_refused_unless_allowed(web, monkeypatch):
    monkeypatch.setenv("DTI_ALLOW_PRIVATE_ADDRESSES", "false")
    get_settings.cache_clear()
    web.declare({"url": f"{web.url}/f"})
    assert "not a public one" in web.stopped()[1].message
    assert web.site.asked == []
    with pytest.raises(SourceUnavailable):
        refuse_private("127.0.0.1")


@pytest.mark.parametrize(
    "content",
    [
        b"<html><body>Please log in",
        b"/etc/passwd",
        b"\x00\xff" * 50,
        b"",
        b"<!DOCTYPE r [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><rss version='2.0'><channel>&b;</channel></rss>",
        "<!DOCTYPE r [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><rss/>".encode("utf-16"),
    ],
)
def test_gather__what_is_no_feed__is_named_and_the_others_come(web, content):
    web.site.answers |= {"/bad": sends(content), "/f": sends(feed("/a")), "/a": sends(article())}
    web.declare({"url": f"{web.url}/bad"}, {"url": f"{web.url}/f"})
    came, failure = web.gather()
    assert "p0: " in failure
    assert "root:" not in failure
    assert posts(came)["portal"].tolist() == ["p1"]


def test_gather__portals_on_several_hosts__come_in_the_same_order_each_time(web, site):
    other = Elsewhere()
    with other as address:
        web.site.answers |= {"/f": sends(feed("/a", "/b"))} | {path: sends(article(path)) for path in ("/a", "/b")}
        web.declare({"url": f"{web.url}/f"}, {"url": f"{address}/f"})
        orders = {tuple(one.origin for one in web.gather()[0]) for _ in range(5)}
    assert len(orders) == 1


class Elsewhere:
    """A second site."""

    def __enter__(self):
        import http.server

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = feed("/x", "/y") if self.path == "/f" else article()
                self.send_response(404 if self.path == "/robots.txt" else 200)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_):
                """Say nothing."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_port}"

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def test_gather__one_host__is_asked_one_request_at_a_time(web):
    at_once, most, lock = [0], [0], threading.Lock()

    def answer(handler):
        with lock:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
        time.sleep(0.02)
        with lock:
            at_once[0] -= 1
        handler.answer(200, feed().encode())

    web.site.answers |= {f"/{number}": answer for number in range(5)}
    web.declare(*({"url": f"{web.url}/{number}"} for number in range(5)))
    web.gather()
    assert most == [1]


def test_read__scripts_in_titles_and_comments__are_gone(web):
    hostile = "Hay <script>alert(1)</script>&lt;img src=x onerror=alert(2)&gt;\u202e!"
    comments = {"comments": [{"id": 1, "content": f"{hostile} a < b", "user": {"name": "<b>An</b>"}}]}
    item = f"<item><title><![CDATA[{hostile}]]></title><link>/a</link></item>"
    rss = f"<rss version='2.0'><channel><title>x</title>{item}</channel></rss>"
    web.site.answers |= {"/f": sends(rss), "/c": sends(json.dumps(comments)), "/a": sends(article(hostile))}
    web.declare({"url": f"{web.url}/f"}, {"url": f"{web.url}/c", "kind": "comments", "channel": "comment"})
    found = posts(web.gather()[0])
    said = " ".join(found["title"] + found["text"] + found["author"])
    assert "<script" not in said
    assert "<img" not in said
    assert "\u202e" not in said
    assert found["author"].tolist()[0] == "An"
    assert found["text"].tolist()[0].endswith("a < b")


def test_read__wrong_charsets__windows_1258_is_read_and_tcvn3_left_out_and_counted(web):
    from tasks.demo.servers.portal_pages import windows_1258

    body = article("Cải cách hành chính").replace("<head>", "<head><meta charset='iso-8859-1'>")
    font = "Céng hßa x· héi chñ nghÜa ViÖt Nam, ®éc lËp tù do h¹nh phóc. " * 8
    web.site.answers |= {
        "/f": sends(feed("/old", "/font")),
        "/old": sends(windows_1258(body), Content_Type="text/html"),
    }
    web.site.answers["/font"] = sends(article("ViÖt Nam", font), Content_Type="text/html; charset=utf-8")
    web.declare({"url": f"{web.url}/f"})
    found, left_out = SOURCE.read_counted(pages(web.gather()[0]))
    assert found["title"].tolist() == ["Cải cách hành chính"]
    assert TEXT.strip() == found["text"][0]
    assert left_out == {"text for an old font (TCVN3 or VNI)": 1}


def test_read__a_date_in_the_future__stays_as_written(web):
    page = article().replace(
        "<head>", "<head><meta property='article:published_time' content='2199-05-04T08:00:00+07:00'>"
    )
    web.site.answers |= {"/f": sends(feed("/a")), "/a": sends(page)}
    web.declare({"url": f"{web.url}/f"})
    assert posts(web.gather()[0])["published_at"].tolist() == ["2199-05-04T01:00:00Z"]


def test_read__an_article_that_did_not_come__is_what_the_feed_says(web):
    from datetime import UTC, datetime

    when = format_datetime(datetime(2020, 8, 1, tzinfo=UTC))
    said = f"<description>&lt;p&gt;Tóm tắt&lt;/p&gt;</description><pubDate>{when}</pubDate>"
    item = f"<item><title>T</title><link>/gone</link>{said}</item>"
    web.site.answers |= {"/f": sends(f"<rss version='2.0'><channel>{item}</channel></rss>"), "/gone": sends(b"", 410)}
    web.declare({"url": f"{web.url}/f"})
    (post,) = posts(web.gather()[0]).to_dict("records")
    assert (post["text"], post["published_at"]) == ("Tóm tắt", "2020-08-01T00:00:00Z")
    assert post["place"] == f"{web.url}/f"


def test_read__a_page_that_cannot_be_read__is_counted(web):
    web.site.answers |= {"/f": sends(feed("/a", "/b")), "/a": sends(b"<p></p>"), "/b": sends(article())}
    web.declare({"url": f"{web.url}/f"})
    found, left_out = SOURCE.read_counted(pages(web.gather()[0]))
    assert len(found) == 1
    assert sum(left_out.values()) == 1


def test_read__without_the_declaration__is_refused():
    with pytest.raises(BatchRefused):
        SOURCE.read_answers([Page("http://x/", b"x")])


def test_read__the_same_pages__read_the_same(web):
    web.site.answers |= {"/f": sends(feed("/a", "/b")), "/a": sends(article()), "/b": sends(article("B"))}
    web.declare({"url": f"{web.url}/f"})
    kept = pages(web.gather()[0])
    assert SOURCE.read_answers(kept).equals(SOURCE.read_answers(kept))


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("portals: [", "is not YAML"),
        ("[]", "holds no keys"),
        ("portals: [{name: x, kind: feed, channel: news}]", "portal x, key url: it is missing"),
        ("portals: [{name: x, url: 'ftp://x', kind: feed, channel: news}]", "portal x, key url"),
        ("portals: [{name: x, url: 'http://a.vn', kind: feed, channel: news, delay_seconds: 0}]", "delay_seconds"),
        ("portals: [{name: x, url: 'http://a.vn', kind: feeds, channel: news}]", "key kind"),
        (
            "portals: [{name: x, url: 'http://a.vn', kind: pages, channel: news, selectors: {text: '//['}}]",
            "CSS nor XPath",
        ),
        ("portals: [{name: x, url: 'http://a.vn', kind: feed, channel: news, typo: 1}]", "there is no such key"),
    ],
)
def test_gather__a_declaration_with_a_fault__one_sentence_that_names_the_place(tmp_path, said, words):
    (tmp_path / "portals.yaml").write_text(said, encoding="utf-8")
    with pytest.raises(SourceUnavailable) as error:
        list(SOURCE.gather(Entry(source="portals", path="portals.yaml"), tmp_path))
    assert words in error.value.message
    assert error.value.message.startswith("portals.yaml")
    assert error.value.hint


def raw(start, again=b"", pause=0.05):
    """Sends bytes as they are, and others again and again."""

    def answer(handler):
        handler.close_connection = True
        try:
            handler.wfile.write(start)
            for _ in range(600 if again else 0):
                handler.wfile.write(again)
                time.sleep(pause)
        except OSError:
            pass

    return answer


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
GZIP = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"


@pytest.mark.parametrize(
    ("start", "again"),
    [
        (CHUNKED + b"1\r\nx\r\n0\r\n", b"a: b\r\n"),
        (CHUNKED + b"1;", b"x"),
        (GZIP, b"\x00\x00\x00\xff\xff"),
    ],
    ids=["trailers", "extension of a chunk", "packed nothing"],
)
def test_gather__an_answer_without_end_in_which_nothing_comes__ends_with_the_time_limit(web, start, again):
    web.site.answers["/f"] = raw(start, again)
    web.declare({"url": f"{web.url}/f"})
    started = time.monotonic()
    assert "took longer than" in web.stopped(limits=dataclasses.replace(QUICK, attempts=1))[1].message
    assert time.monotonic() - started < 8


def test_gather__a_redirect_with_an_endless_body__is_followed_without_reading_it(web):
    start = b"HTTP/1.1 302 Found\r\nLocation: /g\r\nTransfer-Encoding: chunked\r\n\r\n"
    web.site.answers |= {"/f": raw(start, b"5\r\nxxxxx\r\n"), "/g": sends(feed("/a")), "/a": sends(article())}
    web.declare({"url": f"{web.url}/f"})
    started = time.monotonic()
    assert len(posts(web.gather()[0])) == 1
    assert time.monotonic() - started < 4


@pytest.mark.parametrize(
    "head",
    [
        b"302 Found\r\nLocation: http://[::1\r\nContent-Length: 0",
        b"302 Found\r\nLocation: \xff\xfe\x00\r\nContent-Length: 0",
        b"200 OK\r\nContent-Length: " + b"9" * 5_000,
        b"503 Busy\r\nContent-Length: 0\r\nRetry-After: \xb2",
        b"503 Busy\r\nContent-Length: 0\r\nRetry-After: " + b"9" * 5_000,
        b"503 Busy\r\nContent-Length: 0\r\nRetry-After: Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
    ],
)
def test_gather__headers_with_absurd_values__are_a_failure_of_that_page_only(web, head):
    web.site.answers |= {"/bad": raw(b"HTTP/1.1 " + head + b"\r\n\r\n"), "/f": sends(feed("/bad", "/a"))}
    web.site.answers["/a"] = sends(article())
    web.declare({"url": f"{web.url}/f"})
    came, failure = web.gather(limits=dataclasses.replace(QUICK, attempts=1))
    assert len(posts(came)) == 1
    assert "/bad" in failure
