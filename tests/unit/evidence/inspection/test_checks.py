"""Golden pages: what each check finds on a page whose outcome is known."""

import unicodedata

import pytest

from tasks.evidence.inspection.checks import LOOKS
from warehouse.reference.checks import KINDS, load_checks


def outcomes(found, *codes):
    return [found[code].outcome for code in codes]


def test_looks__every_kind_of_check__has_its_function():
    assert set(LOOKS) == set(KINDS) == {check.kind for check in load_checks().values()}


@pytest.mark.parametrize(
    "text",
    [
        "Liên hệ",
        "LIÊN HỆ",
        "Lien he",
        unicodedata.normalize("NFD", "Liên hệ"),
        "Thông tin liên hệ",
        "<b>Liên</b>\n hệ",
        '<img src="x" alt="Liên hệ">',
    ],
)
def test_section__however_its_link_is_written__is_found(found, text):
    one = found(f'<html><body><ul><li><a href="/lh">{text}</a></li></ul></body></html>')["section_contact"]
    assert (one.outcome, one.locator) == ("pass", "/html/body/ul/li/a")


@pytest.mark.parametrize(
    "text",
    [
        "Liên hoan hệ thống",
        "Sở Nội vụ đề nghị các đơn vị liên hệ để nhận hướng dẫn",  # a headline
        "<script>Liên hệ</script>",
    ],
)
def test_section__other_text__is_none(found, text):
    one = found(f'<html><body>Liên hệ <a href="/x">{text}</a></body></html>')["section_contact"]
    assert (one.outcome, one.reason) == ("fail", "no link of that name")


def test_section__word_that_differs_by_its_marks__is_another(found):
    page = '<html><body><a href="/x">Dữ liệu mô</a></body></html>'
    assert found(page)["section_open_data"].outcome == "fail"


def test_extract__of_a_hostile_title__is_inert_and_short(found):
    title = "&lt;script&gt;alert(1)&lt;/script&gt;[x](javascript:y)\u202e 0912 345 678 an@example.vn " + "x" * 500
    one = found(f"<html><head><title>{title}</title></head><body></body></html>")["page_title"]
    assert one.outcome == "pass"
    assert len(one.extract) == 160
    assert not set("<>[]|`\u202e") & set(one.extract)
    assert "0912" not in one.extract
    assert "example.vn" not in one.extract


def test_words__in_scripts_and_styles__are_not_read(found):
    hidden = "<script>kế hoạch</script><style>kế hoạch</style>"
    page = f"<html><body>{hidden}<p>Tin</p></body></html>"
    assert found(digital_economy=page)["digital_economy_documents"].outcome == "fail"
    page = f"<html><body>{hidden}<p>Kế hoạch năm 2020</p></body></html>"
    one = found(digital_economy=page)["digital_economy_documents"]
    assert (one.outcome, one.locator, one.extract) == ("pass", "/html/body/p", "kế hoạch")


@pytest.mark.parametrize(("kind", "outcome"), [("absent", "fail"), ("unseen", "unchecked"), ("dead", "unchecked")])
def test_page_that_is_not_there__fails_only_where_the_portal_has_none(found, kind, outcome):
    one = found(missing={"open_data": kind})["open_data_formats"]
    assert (one.outcome, one.locator) == (outcome, "/pages/open_data")


def test_page_that_is_no_html__is_unchecked(found):
    assert found(open_data=b"\x00\x00")["open_data_public"].outcome == "unchecked"


def test_open_data__formats_login_and_links(found):
    page = '<html><body><a href="a.csv?x=1">a</a><a href="https://data.gov.vn/">b</a><p>Y tế</p></body></html>'
    one = found(open_data=page)
    codes = ("open_data_formats", "open_data_public", "open_data_national", "open_data_health", "open_data_labour")
    assert outcomes(one, *codes) == ["pass", "pass", "pass", "pass", "fail"]
    asked = found(open_data='<html><body><input type="password"></body></html>')
    assert asked["open_data_public"].outcome == "fail"


def item(day, text="Hội nghị trực tuyến toàn quốc"):
    return f'<html><body><ul><li><a href="/1">{text}</a> <i>{day}</i></li></ul></body></html>'


@pytest.mark.parametrize(
    ("page", "outcome", "age"),
    [
        (item("10/12/2020"), "pass", 5.0),
        (item("2020-12-08"), "pass", 7.0),
        (item("7.12.2020"), "fail", 8.0),
        (item("16/12/2020"), "fail", None),  # tomorrow is no news
        (item("31/02/2020"), "fail", None),
        (item("15/12/2020", "Xem"), "fail", None),  # no headline
        (item("Thứ Ba, 15/12/2020"), "fail", None),  # today's date in the head of a page
        ("<html><body><script>var d = '15/12/2020'</script></body></html>", "fail", None),
        ('<html><body><time datetime="2020-12-14T08:00:00+07:00">hôm qua</time></body></html>', "pass", 1.0),
    ],
)
def test_freshness__counts_dates_of_items_only(found, page, outcome, age):
    one = found(page)["news_fresh"]
    assert (one.outcome, one.value) == (outcome, age)


def rss(body, head=""):
    return f'<?xml version="1.0"?>{head}<rss version="2.0"><channel>{body}</channel></rss>'


def test_freshness__newest_item_of_the_feed__counts_too(found):
    entry = "<item><title>a</title><pubDate>Mon, 14 Dec 2020 08:00:00 +0700</pubDate></item>"
    one = found(item("01/12/2020"), feed=rss(entry))
    assert (one["news_fresh"].outcome, one["news_fresh"].value) == ("pass", 1.0)
    assert (one["feed"].outcome, one["feed"].value) == ("pass", 1.0)


@pytest.mark.parametrize(
    "content",
    [
        "<html><body>no feed</body></html>",
        "not xml at all",
        rss(""),
        rss("<item>&a;</item>", '<!DOCTYPE rss [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;">]>'),
        rss("<item>&x;</item>", '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
    ],
)
def test_feed__that_is_none_or_a_bomb__fails(found, content):
    assert found(feed=content)["feed"].outcome == "fail"


def test_connection__facts_of_the_record__decide(found):
    one = found()
    codes = ("https_valid", "https_days_left", "http_redirect", "response_time", "ipv6_portal", "ipv6_services")
    assert outcomes(one, *codes) == ["pass"] * 5 + ["unchecked"]
    assert [one[code].value for code in codes[:2]] == [365.0, 365.0]
    assert (one["response_time"].value, one["response_time"].locator) == (200.0, "/times_ms")
    assert one["ipv6_portal"].extract == "2606:4700::1"


@pytest.mark.parametrize(
    ("dns", "outcome"),
    [
        ({"ipv4": ["1.1.1.1"], "ipv6": [], "error": ""}, "fail"),
        ({"ipv4": [], "ipv6": [], "error": "the name server did not answer"}, "unchecked"),
    ],
)
def test_ipv6__without_an_answer__is_open(found, dns, outcome):
    assert found(facts={"dns": {"portal": dns}})["ipv6_portal"].outcome == outcome


@pytest.mark.parametrize(
    ("location", "outcome"),
    [
        ("https://www.x.gov.vn/trang-chu", "pass"),
        ("http://x.gov.vn/trang-chu", "fail"),
        ("https://x.gov.vn.example.com/", "fail"),
        ("", "fail"),
    ],
)
def test_http_redirect__leads_to_https_of_the_portal(found, location, outcome):
    redirect = {"url": "", "status": 301, "location": location, "error": "", "kind": ""}
    assert found(facts={"redirect": redirect})["http_redirect"].outcome == outcome


@pytest.mark.parametrize(
    ("said", "outcome"), [("max-age=100", "pass"), ('max-age="1"; includeSubDomains', "pass"), ("max-age=0", "fail")]
)
def test_hsts__needs_a_duration(found, said, outcome):
    assert found(headers={"strict-transport-security": said})["header_hsts"].outcome == outcome


@pytest.mark.parametrize(
    ("page", "code", "outcome", "value"),
    [
        ("<html lang=vi><body></body></html>", "page_lang", "pass", None),
        ("<html lang=''><body></body></html>", "page_lang", "fail", None),
        ("<html lang='tiếng Việt'><body></body></html>", "page_lang", "fail", None),
        ("<html><head><title> </title></head><body></body></html>", "page_title", "fail", None),
        ("<html><body><svg><title>x</title></svg></body></html>", "page_title", "fail", None),
        ('<html><body><img alt=""><img alt=a></body></html>', "page_alt", "pass", 100.0),
        ("<html><body><img><img alt=a></body></html>", "page_alt", "fail", 50.0),
        ("<html><body>x</body></html>", "page_alt", "pass", None),
        ("<html><body><h1>a</h1><h2>b</h2><h3>c</h3><h2>d</h2></body></html>", "page_headings", "pass", None),
        ("<html><body><h1>a</h1><h3>b</h3></body></html>", "page_headings", "fail", None),
        ("<html><body><h2>a</h2></body></html>", "page_headings", "fail", None),
        ('<html><body><p style="color:#767676;background:#fff">a</p></body></html>', "page_contrast", "pass", 4.54),
        ('<html><body><p style="color:#777;background:white">a</p></body></html>', "page_contrast", "fail", 4.48),
        ('<html><body><p style="color:#777">a</p></body></html>', "page_contrast", "unchecked", None),
        ('<html><meta name="viewport" content="width=device-width"></html>', "page_viewport", "pass", None),
        ('<html><meta name="viewport" content="width=1024"></html>', "page_viewport", "fail", None),
        (
            '<html><meta name="viewport" content="width=device-width, user-scalable=no"></html>',
            "page_viewport",
            "fail",
            None,
        ),
    ],
)
def test_accessibility__golden_pages(found, page, code, outcome, value):
    assert (found(page)[code].outcome, found(page)[code].value) == (outcome, value)


@pytest.mark.parametrize(
    ("page", "total", "four"),
    [
        ("<li>Mức độ 2: 700 dịch vụ</li><li>Mức độ 3: 200</li><li>Mức độ 4: 1.100</li>", 2000.0, 55.0),
        ("<p>Dịch vụ công toàn trình (30)</p><p>Một phần (70)</p>", 100.0, 30.0),
        ("<table><tr><td>Mức độ 4</td></tr><tr><td>Mức 3</td></tr><tr><td>Mức độ 3</td></tr></table>", 3.0, 33.3333),
    ],
)
def test_catalogue__counts_by_level(found, page, total, four):
    one = found(catalogue=f"<html><body>{page}</body></html>")
    assert (one["catalogue_levels"].outcome, one["catalogue_levels"].value) == ("pass", total)
    assert one["catalogue_level_4_share"].value == four


def test_catalogue__without_levels__contradicts_nobody(found):
    one = found(catalogue="<html><body><p>Đang xây dựng</p></body></html>")
    assert outcomes(one, "catalogue_levels", "catalogue_level_4_share") == ["fail", "unchecked"]
    assert one["catalogue_level_4_share"].value is None


def test_page__in_another_charset__is_read(found):
    page = '<html><body><a href="/x">Liên hệ</a></body></html>'.encode("utf-16")
    assert found(page, headers={"content-type": "text/html; charset=utf-16"})["section_contact"].outcome == "pass"


@pytest.mark.parametrize(
    "content",
    [b"<" * 100_000, b"<div>" * 50_000, b"<a href='x'>" * 20_000, b"\xff\xfe\x00<html", b"<p>" + b"A" * 900_000],
)
def test_page__made_to_hurt__is_looked_at_all_the_same(found, content):
    one = found(content, open_data=content)
    assert len(one) == len(load_checks())
    assert all(len(finding.extract) <= 160 for finding in one.values())


@pytest.mark.parametrize("said", ["Mon, 01 Jan 99999999999999999 00:00:00 GMT", "0001-01-01T00:00:00+14:00"])
def test_fresh__date_beyond_all_calendars__is_none(found, said):
    feed = f"<rss><channel><item><pubDate>{said}</pubDate></item></channel></rss>"
    assert found(feed=feed)["news_fresh"].reason == "no item with a date"


def test_fresh__thousands_of_dates_in_one_block__cost_no_more_each_than_hundreds(found, growth):
    def work(size):
        found(f"<html><body><div>{'<b>01/01/2020</b>' * size}</div></body></html>")

    assert growth(work, 5_000, 20_000) < 8


def test_page__100_000_attributes__is_not_parsed(found):
    many = " ".join(f"a{at}=1" for at in range(100_000))
    assert found(f"<html lang=vi><body {many}>x</body></html>")["page_lang"].outcome == "unchecked"
