import gzip
import socket
import time

import pytest

from tasks.sources.http import gather_entry, gather_urls
from tasks.sources.limits import FetchLimits
from tasks.sources.rounds import Entry
from tasks.sources.transport.session import refuse_private
from warehouse.errors import PartlyUnavailable, SourceUnavailable
from warehouse.settings import get_settings

QUICK = FetchLimits(1, 0.4, 5.0, attempts=3, backoff_seconds=0.01, retry_after_seconds=1, redirects=2, max_bytes=10_000)


def fetched(*urls, limits=QUICK):
    return [receipt.content for receipt in gather_urls(urls, limits)]


def why_not(url, limits=QUICK):
    with pytest.raises(SourceUnavailable) as error:
        fetched(url, limits=limits)
    return str(error.value)


def one_after_another(*statuses, **headers):
    """Answers with each status in turn, then with `figures`."""
    left = list(statuses)

    def answer(handler):
        if left:
            handler.answer(left.pop(0), b"wait", **headers)
        else:
            handler.answer(200, b"figures")

    return answer


@pytest.mark.usefixtures("private_allowed")
class TestAllowed:
    def test_gather_urls__gives_the_body_and_what_matters_of_the_answer(self, site):
        site.answers["/a.csv"] = lambda handler: handler.answer(
            200, b"figures", Content_Type="text/csv; charset=utf-8", ETag='"7"', Set_Cookie="secret"
        )
        (receipt,) = gather_urls([site.url + "/a.csv"], QUICK)
        assert (receipt.content, receipt.http_status, receipt.media_type) == (b"figures", 200, "text/csv")
        assert receipt.origin == site.url + "/a.csv"
        assert receipt.headers == {"content-type": "text/csv; charset=utf-8", "etag": '"7"'}

    def test_gather_entry__goes_where_the_entry_points(self, site, tmp_path):
        site.answers["/a"] = lambda handler: handler.answer(200, b"from the web")
        (tmp_path / "a").write_bytes(b"from a file")
        by_url = gather_entry(Entry(source="published", url=site.url + "/a"), tmp_path)
        by_path = gather_entry(Entry(source="published", path="a"), tmp_path)
        assert [receipt.content for receipt in (*by_url, *by_path)] == [b"from the web", b"from a file"]

    def test_gather_urls__a_dead_url_does_not_keep_the_others_from_coming(self, site):
        for path, status in (("/1", 200), ("/2", 404), ("/3", 200)):
            site.answers[path] = lambda handler, status=status: handler.answer(status, handler.path.encode())
        arrived = []
        receipts = gather_urls([site.url + path for path in ("/1", "/2", "/3")], QUICK)
        with pytest.raises(PartlyUnavailable, match=r"/2 answered with status 404\."):
            arrived.extend(receipt.content for receipt in receipts)
        assert arrived == [b"/1", b"/3"]

    @pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
    def test_gather_urls__a_passing_failure_is_tried_again(self, site, status):
        site.answers["/"] = one_after_another(status, status)
        assert fetched(site.url + "/") == [b"figures"]
        assert len(site.asked) == 3

    def test_gather_urls__a_lasting_failure_ends_after_the_attempts(self, site):
        site.answers["/"] = one_after_another(*[503] * 9)
        assert "answered with status 503. Try again later" in why_not(site.url + "/")
        assert len(site.asked) == 3

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
    def test_gather_urls__a_refusal_is_not_tried_again(self, site, status):
        site.answers["/"] = one_after_another(*[status] * 9)
        assert f"answered with status {status}. Mend the url" in why_not(site.url + "/")
        assert len(site.asked) == 1

    def test_gather_urls__waits_as_long_as_the_server_asks(self, site):
        site.answers["/"] = one_after_another(503, Retry_After=1)
        started = time.monotonic()
        assert fetched(site.url + "/") == [b"figures"]
        assert time.monotonic() - started >= 1

    def test_gather_urls__but_not_longer_than_the_limit(self, site):
        site.answers["/"] = one_after_another(503, Retry_After=3600)
        started = time.monotonic()
        assert fetched(site.url + "/") == [b"figures"]
        assert time.monotonic() - started < 10

    def test_gather_urls__follows_a_redirect_on_the_same_host(self, site):
        site.answers["/old"] = lambda handler: handler.answer(301, Location="/new")
        site.answers["/new"] = lambda handler: handler.answer(200, b"figures")
        (receipt,) = gather_urls([site.url + "/old"], QUICK)
        assert (receipt.content, receipt.origin) == (b"figures", site.url + "/old")

    @pytest.mark.parametrize(
        "target", ["http://127.0.0.2/x", "http://127.0.0.1:9/x", "ftp://127.0.0.1/x", "//localhost/x"]
    )
    def test_gather_urls__does_not_follow_a_redirect_to_another_host(self, site, target):
        site.answers["/"] = lambda handler: handler.answer(302, Location=target)
        assert "redirects to another host" in why_not(site.url + "/")

    def test_gather_urls__redirects_in_a_circle_end(self, site):
        site.answers["/"] = lambda handler: handler.answer(302, Location="/")
        assert "redirects more than 2 times" in why_not(site.url + "/")
        assert len(site.asked) == 3

    def test_gather_urls__a_declared_size_above_the_limit_is_refused(self, site):
        site.answers["/"] = lambda handler: handler.answer(200, Content_Length=10_001)
        assert "sends more than the 0 MiB allowed" in why_not(site.url + "/")

    def test_gather_urls__an_undeclared_size_above_the_limit_is_refused(self, site):
        def answer(handler):
            handler.send_response(200)
            handler.send_header("Connection", "close")
            handler.end_headers()
            handler.wfile.write(b"x" * 50_000)
            handler.close_connection = True

        site.answers["/"] = answer
        assert "sends more than" in why_not(site.url + "/")

    def test_gather_urls__a_packed_answer_counts_as_it_unpacks(self, site):
        packed = gzip.compress(b"0" * 1_000_000)
        site.answers["/"] = lambda handler: handler.answer(200, packed, Content_Encoding="gzip")
        assert len(packed) < 10_000
        assert "sends more than" in why_not(site.url + "/")

    def test_gather_urls__an_answer_that_breaks_off_is_asked_for_again_and_never_kept(self, site):
        def answer(handler):
            handler.answer(200, b"half", Content_Length=100)
            handler.close_connection = True

        site.answers["/"] = answer
        assert "broke off" in why_not(site.url + "/")
        assert len(site.asked) == 3

    def test_gather_urls__silence_ends(self, site):
        site.answers["/"] = lambda handler: time.sleep(1.5)
        limits = FetchLimits(1, 0.2, 1.0, attempts=1, backoff_seconds=0.01)
        assert "cannot be reached (no answer in time)" in why_not(site.url + "/", limits)

    def test_gather_urls__silence_in_the_middle_ends(self, site):
        def answer(handler):
            handler.answer(200, b"half", Content_Length=100)
            handler.wfile.flush()
            time.sleep(1.0)

        site.answers["/"] = answer
        assert "stopped coming" in why_not(site.url + "/")

    def test_gather_urls__an_answer_in_chunks_comes_whole(self, site):
        def answer(handler):
            handler.send_response(200)
            handler.send_header("Transfer-Encoding", "chunked")
            handler.end_headers()
            for number in range(50):
                handler.wfile.write(b"64\r\n" + b"%02d" % number * 50 + b"\r\n")
            handler.wfile.write(b"0\r\n\r\n")

        site.answers["/"] = answer
        assert fetched(site.url + "/") == [b"".join(b"%02d" % number * 50 for number in range(50))]

    def test_gather_urls__an_empty_answer_is_an_answer(self, site):
        site.answers["/"] = lambda handler: handler.answer(200, b"")
        assert fetched(site.url + "/") == [b""]

    def test_gather_urls__a_trickle_ends(self, site):
        def answer(handler):
            handler.send_response(200)
            handler.send_header("Content-Length", "10000")
            handler.end_headers()
            for _ in range(60):
                handler.wfile.write(b"x" * 100)
                handler.wfile.flush()
                time.sleep(0.05)

        site.answers["/"] = answer
        limits = FetchLimits(1, 1.0, 0.5, attempts=1, max_bytes=10_000)
        started = time.monotonic()
        assert "took longer than" in why_not(site.url + "/", limits)
        assert time.monotonic() - started < 2.5

    def test_gather_urls__a_closed_port_is_said_plainly(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
        assert f"http://127.0.0.1:{port}/ cannot be reached (connection refused)." in why_not(
            f"http://127.0.0.1:{port}/"
        )


class TestGuarded:
    @pytest.fixture(autouse=True)
    def _default_settings(self, monkeypatch):
        monkeypatch.delenv("DTI_ALLOW_PRIVATE_ADDRESSES", raising=False)
        get_settings.cache_clear()
        yield
        get_settings.cache_clear()

    def test_gather_urls__a_loopback_address_is_not_asked(self, site):
        site.answers["/"] = lambda handler: handler.answer(200, b"inner secret")
        assert "has the address 127.0.0.1, which is not a public one" in why_not(site.url + "/")
        assert site.asked == []

    def test_gather_urls__a_name_of_the_loopback_address_is_not_asked(self, site):
        site.answers["/"] = lambda handler: handler.answer(200, b"inner secret")
        assert "not a public one" in why_not(site.url.replace("127.0.0.1", "localhost") + "/")
        assert site.asked == []

    def test_gather_urls__a_name_that_changes_its_address_between_check_and_call_is_not_asked(self, site, monkeypatch):
        site.answers["/"] = lambda handler: handler.answer(200, b"inner secret")
        real, asked = socket.getaddrinfo, []

        def rebinding(host, *args, **kwargs):
            asked.append(host)
            return real("8.8.8.8" if len(asked) == 1 else host, *args, **kwargs)

        monkeypatch.setattr(socket, "getaddrinfo", rebinding)
        assert "has the address 127.0.0.1, which is not a public one" in why_not(site.url + "/")
        assert (len(asked), site.asked) == (2, [])

    def test_gather_urls__an_unknown_host_is_said_plainly(self):
        assert "http://nowhere.invalid/ cannot be reached (the host is not known)." in why_not(
            "http://nowhere.invalid/"
        )

    @pytest.mark.parametrize(
        "address",
        [
            "10.0.0.1",
            "172.16.5.4",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "224.0.0.1",
            "::1",
            "fe80::1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "::7f00:1",
            "2002:7f00:1::",
        ],
    )
    def test_refuse_private__knows_every_kind_of_address_that_is_not_public(self, address):
        with pytest.raises(SourceUnavailable, match="DTI_ALLOW_PRIVATE_ADDRESSES"):
            refuse_private(address)

    def test_refuse_private__what_is_no_name__is_left_to_the_connection(self):
        refuse_private("a..vn")

    @pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "64:ff9b::808:808"])
    def test_refuse_private__lets_public_addresses_pass(self, address):
        refuse_private(address)


def test_gather_urls__where_nothing_came_the_whole_source_is_unavailable():
    receipts = gather_urls(["http://127.0.0.1:1/dead"], QUICK)
    with pytest.raises(SourceUnavailable) as error:
        list(receipts)
    assert type(error.value) is SourceUnavailable
