"""The source of inspections: whose portals are asked, what is kept, and that a cut one goes on."""

from dataclasses import replace
from datetime import date

import pytest

from tasks.evidence.inspection.record import is_record
from tasks.sources.base import Page
from tasks.sources.inspection import SOURCE
from tasks.sources.rounds import Entry
from warehouse.errors import BatchRefused, PartlyUnavailable, SourceUnavailable
from warehouse.settings import get_settings

AT = date(2020, 12, 31)
AGENCIES = ("province-ha-noi", "province-da-nang")
HOME = "<html><body><h1>x</h1></body></html>"


@pytest.fixture
def gather(tmp_path, manners):
    def run(text, earlier=(), agencies=AGENCIES, manners=manners):
        (tmp_path / "portals.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
        entry = Entry(source="inspection", path="portals.csv")
        return SOURCE.gather(entry, tmp_path, agencies, AT, earlier, manners)

    return run


def pages(receipts):
    return [Page(receipt.origin, receipt.content) for receipt in receipts]


def test_gather__each_portal_of_the_list__in_its_order_with_its_record(gather, site):
    with site({"/": HOME}) as (one, _), site({"/": HOME}) as (two, _):
        found = list(gather(f"agency,url\nTP. Đà Nẵng,{one}\nHà Nội,{two}\n"))
    records = [receipt.origin for receipt in found if is_record(receipt.origin)]
    assert records == ["inspection/province-da-nang.json", "inspection/province-ha-noi.json"]
    assert {receipt.origin for receipt in found} >= {one, two}


def test_gather__again__asks_nobody(gather, site):
    with site({"/": HOME}) as (url, asked):
        text = f"agency,url\nHà Nội,{url}\n"
        first = list(gather(text))
        asked.asked.clear()
        assert list(gather(text, earlier=pages(first))) == []
        assert asked.asked == []


def test_gather__other_address__is_asked(gather, site):
    with site({"/": HOME}) as (url, _), site({"/": HOME}) as (other, asked):
        first = list(gather(f"agency,url\nHà Nội,{url}\n"))
        list(gather(f"agency,url\nHà Nội,{other}\n", earlier=pages(first)))
        assert "/" in asked.asked


def test_gather__after_a_cut__goes_on_with_the_next_portal(gather, site):
    with site({"/": HOME}) as (one, first_asked), site({"/": HOME}) as (two, second_asked):
        text = f"agency,url\nHà Nội,{one}\nĐà Nẵng,{two}\n"
        whole = list(gather(text))
        cut = pages(whole[: 1 + next(at for at, r in enumerate(whole) if is_record(r.origin))])
        first_asked.asked.clear()
        second_asked.asked.clear()
        rest = list(gather(text, earlier=cut))
        assert first_asked.asked == []
        assert "/" in second_asked.asked
    assert [portal.agency for portal in SOURCE.read_portals(cut + pages(rest))] == list(AGENCIES)


def test_settled__pages_of_an_inspection_without_its_record__are_not(gather, site):
    with site({"/": HOME}) as (url, _):
        found = pages(gather(f"agency,url\nHà Nội,{url}\n"))
    assert len(SOURCE.settled(found)) == len(found)
    assert SOURCE.settled([page for page in found if not is_record(page.origin)]) == set()


def test_settled__record_that_cannot_be_read__counts_as_none():
    assert SOURCE.settled([Page("inspection/province-ha-noi.json", b'{"version": 0}')]) == set()


def test_gather__rows_that_cannot_be_understood__are_named_after_the_others_came(gather, site):
    with site({"/": HOME}) as (url, _):
        text = f"agency,url\nAtlantis,{url}\nHà Nội,{url}\nĐà Nẵng,javascript:x\nHà Nội,{url}\n"
        coming = gather(text)
        found = []
        with pytest.raises(PartlyUnavailable) as caught:
            found.extend(coming)
    for words in ("line 2", "Atlantis", "line 4", "line 5"):
        assert words in caught.value.message


def test_gather__agencies_that_the_framework_does_not_rank__are_not_asked(gather, site):
    with site({"/": HOME}) as (url, asked):
        assert list(gather(f"agency,url\nHà Nội,{url}\n", agencies=())) == []
        assert asked.asked == []


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\xff", b"name,address\nx,y\n", b"agency\nHN\n", b"\x00\x00"])
def test_gather__list_that_is_none__is_an_unavailable_source(gather, content):
    with pytest.raises(SourceUnavailable) as caught:
        list(gather(content))
    assert caught.value.hint


def test_gather__registry__names_agencies_without_a_portal(tmp_path, manners):
    entry = Entry(source="inspection", portals="registry")
    with pytest.raises(PartlyUnavailable, match="government-agency-thong-tan-xa-viet-nam"):
        list(SOURCE.gather(entry, tmp_path, ["government-agency-thong-tan-xa-viet-nam"], AT, (), manners))


def test_gather__authorities_that_cannot_be_read__is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("DTI_CA_BUNDLE", str(tmp_path / "none.pem"))
    get_settings.cache_clear()
    try:
        with pytest.raises(SourceUnavailable, match="trusted authorities"):
            list(SOURCE.gather(Entry(source="inspection", portals="registry"), tmp_path, [], AT))
    finally:
        monkeypatch.undo()
        get_settings.cache_clear()


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"version": 1}', b'{"version": 9, "pages": {}}', b"[" * 99999]
)
def test_read_portals__record_that_is_none__is_refused(content):
    with pytest.raises(BatchRefused):
        SOURCE.read_portals([Page("inspection/province-ha-noi.json", content)])


def test_entry__registry__is_a_key_of_inspections_only():
    with pytest.raises(ValueError, match="inspection only"):
        Entry(source="kobo", portals="registry")
    with pytest.raises(ValueError, match="exactly one"):
        Entry(source="inspection", portals="registry", path="x.csv")


def test_gather__one_portal_after_the_other__finds_what_several_at_a_time_find(gather, site, manners):
    with site({"/": HOME}) as (one, _), site({"/": HOME}) as (two, _):
        text = f"agency,url\nHà Nội,{one}\nĐà Nẵng,{two}\n"
        together = [receipt.origin for receipt in gather(text)]
        single = [receipt.origin for receipt in gather(text, manners=replace(manners, workers=1))]
    assert together == single
