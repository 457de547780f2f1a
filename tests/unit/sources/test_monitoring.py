"""The monitoring system: its pages from a real server, with everything that pages do wrong."""

import json
import re
from pathlib import Path

import pytest

from tasks.sources import monitoring
from tasks.sources.limits import FetchLimits
from tasks.sources.monitoring import SOURCE
from tasks.sources.rounds import Entry
from tasks.sources.transport import listing
from warehouse.errors import BatchRefused, PartlyUnavailable, SourceUnavailable

QUICK = FetchLimits(read_seconds=0.5, attempts=2, backoff_seconds=0.01, retry_after_seconds=2, pause_seconds=0.0)
PLACE = "/figures?month=2020-08"
UPDATED = "2020-09-02T08:00:00+07:00"


def record(number, value=1, **more):
    said = {"agency": {"code": "02", "name": f"Tỉnh {number}"}, "indicator": "C.M4", "month": "2020-08"}
    return {**said, "value": value, "revision": 1, "updated_at": UPDATED, **more}


def page(*records, following=None, total=None, **more):
    said = {"data": list(records), "next": following, **more}
    return said if total is None else {**said, "total": total}


@pytest.fixture
def serve(site, private_allowed):
    """Serve pages by path; a list of pages is answered in turn, the last one for good. Gives the address."""

    def begin(pages):
        for path, given in pages.items():
            site.answers[path] = _in_turn(given if isinstance(given, list) else [given])
        return site.url + PLACE

    return begin


def _in_turn(answers):
    left = list(answers)

    def answer(handler):
        said = left.pop(0) if len(left) > 1 else left[0]
        handler.answer(200, said if isinstance(said, bytes) else json.dumps(said).encode())

    return answer


def gather(url, **more):
    """Gather; give the receipts and what was said at the end."""
    receipts, coming = [], SOURCE.gather(Entry(source="monitoring", url=url, **more), Path(), QUICK)
    try:
        receipts.extend(iter(coming))
    except SourceUnavailable as error:
        return receipts, error
    return receipts, None


def values(receipts, framework):
    rows = [SOURCE.read(receipt.content, framework)["agency_text"] for receipt in receipts]
    return [name.removeprefix("Tỉnh ") for names in rows for name in names]


def test_gather__links__one_receipt_a_page_with_an_origin_of_its_own(serve, site, framework):
    url = serve(
        {
            PLACE: page(record(1), record(2), following="/other?cursor=secret", total=3),
            "/other?cursor=secret": page(record(3), total=3),
        }
    )
    receipts, fault = gather(url)
    assert fault is None
    assert values(receipts, framework) == ["1", "2", "3"]
    assert [receipt.origin for receipt in receipts] == [url, f"{url}&page=2"]
    assert (receipts[0].http_status, receipts[0].media_type) == (200, "application/json")


def test_gather__cursor__is_sent_back(serve, site, framework):
    url = serve({PLACE: page(record(1), next_cursor="a b", total=2), f"{PLACE}&cursor=a+b": page(record(2), total=2)})
    assert values(gather(url)[0], framework) == ["1", "2"]


def test_gather__numbered_pages__until_all_records_came(serve, site, framework):
    pages = {f"{PLACE}{more}": {"data": [record(more)], "total": 3} for more in ("", "&page=2", "&page=3")}
    receipts, fault = gather(serve(pages))
    assert (len(receipts), fault) == (3, None)
    assert site.asked == list(pages)


def test_gather__numbered_pages_without_a_total__until_one_is_empty(serve, site, framework):
    receipts, fault = gather(serve({PLACE: {"data": [record(1)]}, f"{PLACE}&page=2": {"data": []}}))
    assert (values(receipts, framework), fault) == (["1"], None)


def test_gather__a_system_that_knows_no_pages__gives_its_list_once(serve, site, framework):
    receipts, fault = gather(serve({PLACE: {"data": [record(1)]}, f"{PLACE}&page=2": {"data": [record(1)]}}))
    assert (len(receipts), fault) == (1, None)


def test_gather__the_credential__is_sent_and_never_said(serve, site, monkeypatch):
    monkeypatch.setenv("DTI_MONITOR_TOKEN", "s3cret")
    seen = []

    def answer(handler):
        seen.append(handler.headers["Authorization"])
        handler.answer(401, b"{}")

    site.answers[PLACE] = answer
    _, fault = gather(site.url + PLACE, credential="monitor")
    assert seen == ["Bearer s3cret"]
    assert "status 401" in str(fault)
    assert "s3cret" not in str(fault)


def test_gather__without_the_credential_that_is_named__says_what_to_set(serve, site):
    _, fault = gather(site.url + PLACE, credential="monitor")
    assert "DTI_MONITOR_TOKEN" in fault.hint
    assert site.asked == []


def test_gather__private_addresses__are_refused_unless_allowed(site):
    _, fault = gather(site.url + PLACE)
    assert "not a public one" in str(fault)


def test_gather__a_record_moved_to_the_next_page__is_read_again_until_nothing_is_missing(serve, site, framework):
    """While page 1 is read a record is added before it: the last one comes again, and the new one is missed."""
    second = f"{PLACE}&page=2"
    before = page(record(1), record(2), following=second, total=3)
    after = page(record(0), record(1), following=second, total=4)
    url = serve({PLACE: [before, after], second: page(record(2), record(3), total=4)})
    receipts, fault = gather(url)
    assert fault is None
    assert values(receipts, framework) == ["0", "1", "2", "3"]


def test_gather__totals_that_never_agree__are_said_and_what_came_stays(serve, site, framework):
    second = f"{PLACE}&page=2"
    url = serve({PLACE: page(record(1), following=second, total=2), second: page(record(2), total=5)})
    receipts, fault = gather(url)
    assert values(receipts, framework) == ["1", "2"]
    assert isinstance(fault, PartlyUnavailable)
    assert "2 and 5 records: they changed" in fault.message
    assert len(site.asked) == 2 * listing.READINGS


def test_gather__a_record_that_the_system_holds_twice__is_no_fault(serve, site, framework):
    receipts, fault = gather(serve({PLACE: page(record(1), record(1), record(2), total=3)}))
    assert (len(receipts), fault) == (1, None)


@pytest.mark.parametrize(
    ("second", "said"),
    [
        (page(record(1), total=2), "Page 2 of .* only repeats"),
        (page(record(2), following=PLACE, total=2), "After page 2 of .* comes a page that came before"),
        (page(total=2), "ends after 1 of 2 records"),
        (page(record(2), record(3), total=2), "says that there are 2 records and gives 3"),
        (b"<html>Please log in</html>", "Page 2 of .*A web page stands where JSON should be"),
        (b'{"data": [', "not JSON, or it was cut"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"data": [' + b"9" * 5_000 + b'], "next": null}', "No record of the page has a key"),
        (b'{"data": [NaN], "next": null}', "Page 2 of .*holds NaN"),
        (b'{"data": [1e999, -Infinity], "next": null}', "holds -Infinity"),
        (b'{"data": [], "data": [], "next": null}', "'data' stands twice"),
        ({"rows": []}, "no list 'data'"),
        (page(record(2), following={"page": 3}, total=2), "no address and no token"),
        (page(record(2), following="http://other.example/3", total=2), "lies on another host"),
    ],
)
def test_gather__a_second_page_at_fault__is_named_and_the_first_stays(serve, site, framework, second, said):
    url = serve({PLACE: page(record(1), following=f"{PLACE}&page=2", total=2), f"{PLACE}&page=2": second})
    receipts, fault = gather(url)
    assert isinstance(fault, PartlyUnavailable)
    assert re.search(said, fault.message)
    assert fault.hint
    assert values(receipts[:1], framework) == ["1"]


@pytest.mark.parametrize("content", [b"<html>", b"", b"{", b'{"data": [NaN]}', b'{"rows": []}'])
def test_gather__nothing_that_can_be_used__is_an_unavailable_source(serve, site, content):
    _, fault = gather(serve({PLACE: content}))
    assert isinstance(fault, SourceUnavailable)
    assert not isinstance(fault, PartlyUnavailable)


def test_gather__a_page_that_cannot_be_understood__is_kept_so_that_it_can_be_looked_at(serve, site, framework):
    receipts, _ = gather(serve({PLACE: b'{"data": [NaN], "next": null}'}))
    with pytest.raises(BatchRefused, match="NaN"):
        SOURCE.read(receipts[0].content, framework)


def test_gather__a_month_without_a_record__is_said(serve, site):
    receipts, fault = gather(serve({PLACE: page(total=0)}))
    assert len(receipts) == 1
    assert "has no record yet" in fault.message


def test_gather__one_address_is_dead__the_other_comes(serve, site, framework):
    serve({PLACE: page(record(1), total=1)})
    site.answers["/dead"] = lambda handler: handler.answer(404)
    entry = Entry(source="monitoring", urls=(site.url + "/dead", site.url + PLACE))
    coming = SOURCE.gather(entry, Path(), QUICK)
    assert values([next(coming)], framework) == ["1"]
    with pytest.raises(PartlyUnavailable, match="status 404"):
        next(coming)


def test_gather__busy_for_a_moment__is_asked_again(site, private_allowed, framework):
    left = [429, 503]

    def answer(handler):
        if left:
            handler.answer(left.pop(0), Retry_After="0")
        else:
            handler.answer(200, json.dumps(page(record(1), total=1)).encode())

    site.answers[PLACE] = answer
    entry = Entry(source="monitoring", url=site.url + PLACE)
    patient = FetchLimits(attempts=3, backoff_seconds=0.01, pause_seconds=0.0)
    assert values(SOURCE.gather(entry, Path(), patient), framework) == ["1"]


def test_gather__pages_without_end__stop_at_the_limit(site, private_allowed, monkeypatch):
    monkeypatch.setattr(listing, "MAX_LIST_PAGES", 5)

    class Endless(dict):
        def __missing__(self, path):
            number = len(site.asked)
            return lambda handler: handler.answer(
                200, json.dumps(page(record(number), following=f"/{number}")).encode()
            )

    site.answers = Endless()
    receipts, fault = gather(site.url + PLACE)
    assert len(receipts) == 5
    assert "more than 5 pages" in fault.message


def test_gather__a_list_that_takes_for_ever__stops_after_the_page_at_hand(serve, site, monkeypatch):
    monkeypatch.setattr(listing, "MAX_LIST_SECONDS", -1.0)
    url = serve({PLACE: page(record(1), following=f"{PLACE}&page=2", total=2)})
    receipts, fault = gather(url)
    assert (len(receipts), site.asked) == (1, [PLACE])
    assert "took longer than" in fault.message


def test_gather__a_page_larger_than_allowed__is_not_taken(serve, site):
    serve({PLACE: page(record("x" * 10_000), total=1)})
    small = FetchLimits(attempts=1, pause_seconds=0.0, max_bytes=5_000)
    with pytest.raises(SourceUnavailable, match="sends more than"):
        list(SOURCE.gather(Entry(source="monitoring", url=site.url + PLACE), Path(), small))


def test_gather__again__asks_for_everything_again_and_gives_what_was_revised(serve, site, framework):
    url = serve({PLACE: [page(record(1, 5), total=1), page(record(1, 6, revision=2), total=1)]})
    found = [SOURCE.read(gather(url)[0][0].content, framework)["value_text"].tolist() for _ in range(2)]
    assert found == [["=5"], ["=6"]]


def read(framework, *records, **more):
    return SOURCE.read(json.dumps(page(*records, **more), ensure_ascii=False).encode(), framework)


def test_read__a_record__with_its_revision_and_its_place(framework):
    (row,) = read(framework, record("Hà Giang", 123, revision=2, unit="dịch vụ")).to_dict("records")
    assert row == {
        "agency_text": "Tỉnh Hà Giang",
        "item_text": "C.M4",
        "part": "value",
        "value_text": "=123",
        "unit_text": "dịch vụ",
        "evidence_text": "",
        "note": "",
        "period_text": "2020-08",
        "stage": "self_reported",
        "form_version": "monitoring/1#2 2020-09-02T01:00:00Z",
        "submitted_text": UPDATED,
        "locator": "/data/0/value",
    }


@pytest.mark.parametrize(
    ("updated", "instant"),
    [
        ("2020-09-02T08:00:00+07:00", "2020-09-02T01:00:00Z"),
        ("2020-09-02T08:00:00", "2020-09-02T01:00:00Z"),
        ("2020-09-02T01:00:00.987Z", "2020-09-02T01:00:00Z"),
        ("yesterday", ""),
        ("0001-01-01T00:00:00", ""),
        (20200902, "2020-09-01T17:00:00Z"),
        (None, ""),
    ],
)
def test_read__times_of_all_zones__order_as_texts(framework, updated, instant):
    (version,) = read(framework, record(1, updated_at=updated))["form_version"]
    assert version == f"monitoring/1#1 {instant}".strip()


@pytest.mark.parametrize("revision", [None, -1, "x", 1.5, True, 10**12, [1]])
def test_read__a_revision_that_is_none__comes_before_all_others(framework, revision):
    (version,) = read(framework, record(1, revision=revision))["form_version"]
    assert version.startswith("monitoring/1#0 ")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.5, "=1.5"),
        ("1.234", "=1.234"),
        ("12 dịch vụ", "12 dịch vụ"),
        (None, "null"),
        (True, "true"),
        ([1, 2], "1; 2"),
    ],
)
def test_read__a_value__as_it_is_written(framework, value, text):
    assert read(framework, record(1, value))["value_text"].tolist() == [text]


def test_read__one_record_at_fault__stays_beside_the_others(framework):
    lost = {key: value for key, value in record(2).items() if key not in ("agency", "month")}
    found = read(framework, record(1), lost, "what?", record(3, indicator=None))
    assert found["agency_text"].tolist() == ["Tỉnh 1", "", "", "Tỉnh 3"]
    assert found["period_text"].tolist() == ["2020-08", "0000-00", "0000-00", "2020-08"]
    assert found["item_text"].tolist() == ["C.M4", "C.M4", "", ""]


def test_read__an_agency_without_a_name__is_called_by_its_code(framework):
    assert read(framework, record(1, agency={"code": "02", "name": None}))["agency_text"].tolist() == ["02"]


@pytest.mark.parametrize("key", ["agency", "indicator", "month", "value"])
def test_read__a_key_that_no_record_has__is_a_fault_of_the_page(framework, key):
    with pytest.raises(BatchRefused, match=f"has a key '{key}'"):
        read(framework, {name: value for name, value in record(1).items() if name != key})


def test_read__an_empty_page__has_no_rows(framework):
    assert read(framework).empty


def test_read__more_records_than_any_page__are_refused(framework, monkeypatch):
    monkeypatch.setattr(monitoring, "MAX_JSON_ITEMS", 2)
    with pytest.raises(BatchRefused, match="more than 2 records"):
        read(framework, record(1), record(2), record(3))
