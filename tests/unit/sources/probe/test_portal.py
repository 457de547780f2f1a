"""The inspection of one portal, over real HTTP and TLS on the loopback address."""

import time
from dataclasses import replace

import pytest

HOME = "<html lang=vi><head><title>Cổng</title></head><body><h1>Cổng</h1>{}</body></html>"


def redirect(answer, target, status=302):
    return lambda handler: answer(handler, "", status=status, Location=target)


def test_inspect__valid_certificate__passes_with_the_days_left(secure_site, look):
    with secure_site({"/": HOME}) as (url, _):
        portal, found = look(url)
    assert (found["https_valid"].outcome, found["https_valid"].value) == ("pass", 90.0)
    assert found["https_valid"].locator == "/tls"
    assert found["https_valid"].extract == "Test CA"
    assert found["https_days_left"].outcome == found["reachable"].outcome == "pass"
    assert portal.response("home").content.decode() == HOME


def test_inspect__certificate_about_to_expire__is_valid_but_not_for_long(secure_site, look):
    with secure_site({"/": HOME}, days=5) as (url, _):
        _, found = look(url)
    assert found["https_valid"].outcome == "pass"
    assert (found["https_days_left"].outcome, found["https_days_left"].value) == ("fail", 5.0)


@pytest.mark.parametrize(
    ("certificate", "said"),
    [
        ({"days": -3}, "has expired"),
        ({"host": "other.example"}, "is for another host"),
        ({"self_signed": True}, "signed by itself"),
    ],
)
def test_inspect__certificate_not_to_be_trusted__is_told_and_its_page_never_read(secure_site, look, certificate, said):
    with secure_site({"/": HOME}, **certificate) as (url, site):
        _, found = look(url, http_url=url.replace("https", "http"))
    assert found["https_valid"].outcome == "fail"
    assert said in found["https_valid"].reason
    assert found["reachable"].outcome == "fail"
    assert found["page_title"].outcome == "unchecked"
    assert site.asked == []


def test_inspect__certificate_not_to_be_trusted__what_http_shows_is_still_looked_at(secure_site, site, look):
    with secure_site({"/": HOME}, days=-3) as (url, _), site({"/": HOME}) as (plain, _):
        _, found = look(url, http_url=plain)
    assert [found[code].outcome for code in ("https_valid", "reachable", "page_title")] == ["fail", "pass", "pass"]


def test_inspect__unknown_authority__is_told(secure_site, look, manners):
    with secure_site({"/": HOME}) as (url, _):
        _, found = look(url, manners=replace(manners, ca_bundle=None))
    assert found["https_valid"].outcome == "fail"
    assert "unknown authority" in found["https_valid"].reason


@pytest.mark.parametrize(("leads_home", "outcome"), [(True, "pass"), (False, "fail")])
def test_inspect__http__must_lead_to_https_of_the_same_site(secure_site, site, look, answer, leads_home, outcome):
    with secure_site({"/": HOME}) as (url, _):
        target = url if leads_home else "https://example.com/"
        with site({"/": redirect(answer, target, 301)}) as (plain, _):
            _, found = look(url, http_url=plain)
    assert found["http_redirect"].outcome == outcome


def test_inspect__headers__only_those_sent_pass(secure_site, look, answer):
    def home(handler):
        sent = {"Strict-Transport-Security": "max-age=31536000", "X-Content-Type-Options": "off"}
        answer(handler, HOME, **sent, **{"Content-Security-Policy": "frame-ancestors 'none'"})

    with secure_site({"/": home}) as (url, _):
        _, found = look(url)
    outcomes = {code: one.outcome for code, one in found.items() if code.startswith("header_")}
    assert outcomes == {
        "header_hsts": "pass",
        "header_csp": "pass",
        "header_content_type_options": "fail",
        "header_referrer_policy": "fail",
        "header_frame_options": "pass",
    }
    assert found["header_hsts"].locator == "header strict-transport-security"


def test_inspect__dead_portal__is_a_finding_and_everything_else_is_open(look):
    portal, found = look("http://127.0.0.1:9/")
    assert found["reachable"].outcome == "fail"
    assert "refused" in found["reachable"].reason
    assert found["section_contact"].outcome == "unchecked"
    assert portal.facts["times_ms"] == []


@pytest.mark.parametrize("status", [403, 429])
def test_inspect__portal_that_refuses_robots__is_not_called_dead(site, look, answer, status):
    pages = {"/": lambda handler: answer(handler, "", status=status)}
    with site(pages) as (url, _):
        _, found = look(url)
    assert found["reachable"].outcome == "unchecked"


def test_inspect__robots_txt_forbids__nothing_else_is_asked(site, look):
    with site({"/robots.txt": "User-agent: *\nDisallow: /", "/": HOME}) as (url, asked):
        _, found = look(url)
        assert asked.asked == ["/robots.txt"]
    assert found["reachable"].outcome == "unchecked"
    assert found["reachable"].reason == "robots.txt forbids it"


def test_inspect__robots_txt_that_cannot_be_read__forbids_all(site, look, answer):
    with site({"/robots.txt": lambda handler: answer(handler, "", status=503), "/": HOME}) as (url, asked):
        look(url)
        assert set(asked.asked) == {"/robots.txt"}


def test_inspect__what_passes_by_itself__is_tried_again(site, look, answer, manners):
    states = iter([(503, "1"), (200, "")])

    def home(handler):
        status, later = next(states, (200, ""))
        answer(handler, HOME, status=status, **({"Retry-After": later} if later else {}))

    patient = replace(manners, limits=replace(manners.limits, attempts=2, retry_after_seconds=2))
    began = time.monotonic()
    with site({"/": home}) as (url, _):
        _, found = look(url, manners=patient)
    assert found["reachable"].outcome == "pass"
    assert time.monotonic() - began >= 1


def test_inspect__says_who_asks(site, look, manners):
    with site({"/": HOME}) as (url, asked):
        look(url, manners=replace(manners, contact="mailto:dti@example.vn"))
        assert asked.agents == {"dti-warehouse/0.1 (+mailto:dti@example.vn)"}


def test_inspect__private_address__is_never_asked(site, look, manners):
    with site({"/": HOME}) as (url, asked):
        _, found = look(url, manners=replace(manners, allow_private=False))
        assert asked.asked == []
    assert found["reachable"].outcome == "unchecked"
    assert "not a public one" in found["reachable"].reason


def test_inspect__redirect_loop__ends(site, look, answer):
    with site({"/": redirect(answer, "/")}) as (url, _):
        _, found = look(url)
    assert "redirects more than" in found["reachable"].reason


def test_inspect__redirect_to_another_site__is_not_followed(site, look, answer):
    with site({"/": HOME}) as (other, strangers):
        target = other.replace("127.0.0.1", "localhost")
        with site({"/": redirect(answer, target)}) as (url, _):
            _, found = look(url)
        assert strangers.asked == []
    assert "redirects to another site" in found["reachable"].reason


def test_inspect__page_without_end__is_cut_off(site, look):
    sent = 0

    def endless(handler):
        nonlocal sent
        handler.send_response(200)
        handler.send_header("Content-Type", "text/html")
        handler.end_headers()
        handler.close_connection = True
        for _ in range(200):
            sent += handler.wfile.write(b"x" * 1024 * 1024)

    with site({"/": endless}) as (url, _):
        _, found = look(url)
    assert "more than the 1 MiB allowed" in found["reachable"].reason
    assert sent < 20 * 1024 * 1024


def test_inspect__page_that_declares_200_mb__is_not_read(site, look):
    def huge(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(200 * 1024 * 1024))
        handler.end_headers()
        handler.close_connection = True

    with site({"/": huge}) as (url, _):
        _, found = look(url)
    assert "MiB allowed" in found["reachable"].reason


def test_inspect__slow_drip__ends_in_time(site, look):
    def drip(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        for _ in range(1000):
            handler.wfile.write(b"x")
            time.sleep(0.05)

    began = time.monotonic()
    with site({"/": drip}) as (url, _):
        _, found = look(url)
    assert time.monotonic() - began < 10
    assert "longer than 1.5 seconds" in found["reachable"].reason


def test_inspect__headers_that_drip__end_in_time(site, look, manners):
    def drip(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(400):
            handler.wfile.write(f"X-{number}: 1\r\n".encode())
            time.sleep(0.05)

    began = time.monotonic()
    with site({"/": drip}) as (url, _):
        _, found = look(url)
    assert time.monotonic() - began < 15
    assert found["reachable"].outcome == "fail"


@pytest.mark.parametrize("location", ["http://[::1", "javascript:alert(1)", "http://user:secret@127.0.0.1/", ""])
def test_inspect__redirect_to_no_address__is_told_without_it(site, look, answer, location):
    with site({"/": redirect(answer, location)}) as (url, _):
        portal, found = look(url)
    assert found["reachable"].outcome == "fail"
    assert "secret" not in str(portal.facts)


def test_inspect__time_is_up__the_rest_is_open(site, look, manners):
    with site({"/": HOME}) as (url, asked):
        _, found = look(url, manners=replace(manners, portal_seconds=-1.0))
        assert asked.asked == []
    assert found["reachable"].reason == "the time for this portal was up"


def test_inspect__links__are_followed_on_the_own_site_only(site, look):
    links = '<a href="/so">Chuyển đổi số</a><a href="https://example.com/x">Dữ liệu mở</a><a href="/x">Kinh tế số</a>'
    pages = {"/": HOME.format(links), "/so": HOME.format("<p>Kế hoạch năm</p>")}
    with site(pages) as (url, asked):
        _, found = look(url)
        assert {"/so", "/x"} <= set(asked.asked)
    assert found["digital_transformation_documents"].outcome == "pass"
    assert found["digital_economy_documents"].outcome == "fail"  # 404: the portal links to what it does not have
    assert found["open_data_public"].outcome == "unchecked"
    assert found["open_data_public"].reason == "it stands on another site"


def test_inspect__search__asks_through_the_own_form(site, look, answer):
    form = (
        '<form action="/tim"><input type="hidden" name="lang" value="vi"><input name="q" placeholder="Tìm kiếm"></form>'
    )

    def results(handler):
        answer(handler, HOME.format('<p>chuyển đổi số</p><a href="/1">Kế hoạch chuyển đổi số năm 2020</a>'))

    with site({"/": HOME.format(form), "/tim": results}) as (url, asked):
        _, found = look(url)
        (query,) = [path for path in asked.asked if path.startswith("/tim?")]
    assert query == "/tim?lang=vi&q=chuy%E1%BB%83n+%C4%91%E1%BB%95i+s%E1%BB%91"
    assert (found["search_works"].outcome, found["search_works"].value) == ("pass", 1.0)


def test_inspect__search_that_only_repeats_the_question__does_not_work(site, look):
    form = '<form action="/tim"><input name="q" placeholder="Tìm kiếm"></form>'
    with site({"/": HOME.format(form), "/tim": HOME.format("<p>chuyển đổi số: 0</p>")}) as (url, _):
        _, found = look(url)
    assert found["search_works"].outcome == "fail"


def test_inspect__forms_that_post__are_never_sent(site, look):
    form = '<form method="post" action="/tim"><input name="q" placeholder="Tìm kiếm"></form>'
    with site({"/": HOME.format(form)}) as (url, asked):
        _, found = look(url)
        assert not any(path.startswith("/tim") for path in asked.asked)
    assert found["section_search"].outcome == "fail"


def test_inspect__pause__is_kept_between_two_calls_of_a_host(site, look, manners, monkeypatch):
    monkeypatch.setattr("tasks.sources.probe.portal._is_loopback", lambda url: False)
    times = []
    pages = {"/robots.txt": lambda handler: times.append(time.monotonic()) or handler.send_error(404)}
    pages["/"] = lambda handler: times.append(time.monotonic()) or handler.send_error(404)
    with site(pages) as (url, _):
        look(url, manners=replace(manners, delay_seconds=0.2))
    assert times[1] - times[0] >= 0.19


def test_inspect__crawl_delay__is_obeyed(site, look):
    times = []

    def home(handler):
        times.append(time.monotonic())
        handler.send_error(404)

    def robots(handler):
        times.append(time.monotonic())
        body = b"User-agent: *\nCrawl-delay: 0.3\n"
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    with site({"/robots.txt": robots, "/": home}) as (url, _):
        look(url)
    assert times[1] - times[0] >= 0.29


def test_inspect__refusal_whose_body_drips__ends_in_time(site, look):
    def drip(handler):
        handler.send_response(404)
        handler.send_header("Content-Length", "9000")
        handler.end_headers()
        for _ in range(600):
            handler.wfile.write(b"x")
            time.sleep(0.05)

    began = time.monotonic()
    with site({"/": drip}) as (url, _):
        _, found = look(url)
    assert time.monotonic() - began < 12
    assert "status 404" in found["reachable"].reason


def test_inspect__search_form_with_a_huge_hidden_field__is_not_asked(site, look):
    form = f'<form action="/s"><input name="q"><input type="hidden" name="h" value="{"x" * 100_000}"></form>'
    with site({"/": f"<html><body>{form}</body></html>"}) as (url, server):
        look(url)
    assert not [path for path in server.asked if path.startswith("/s?")]
