from datetime import date

import pytest

from tasks.evidence.tone.evaluate.linking import labelled_mentions, link_all, link_quality
from tasks.evidence.tone.link import Mention, linked, mentions
from tasks.evidence.tone.names import Names
from tasks.evidence.tone.normalise import compose
from tasks.harmonise.agencies import Registry
from warehouse.reference.agencies import PROVINCE, Agency, Alias, load_agencies

AT = date(2020, 12, 31)
HANOI = "province-ha-noi"


def agencies(text, at=AT, names=None):
    return set(linked(mentions(compose(text), at, names or Names.bundled())))


def agency(agency_id, name, valid_from=None, valid_to=None):
    return Agency(agency_id, valid_from, valid_to, PROVINCE, name, f"Tỉnh {name}", name, "tỉnh")


def test_link__labelled_mentions__precision_and_recall():
    posts = labelled_mentions()
    assert len(posts) >= 400
    found = link_quality(posts, link_all(posts, Names.bundled()))
    assert found["link_precision"].value >= 0.94
    assert found["link_recall"].value >= 0.965


@pytest.mark.parametrize(
    "text",
    [
        "Giải Nobel Hòa Bình năm nay trao cho ai",
        "mong hòa bình cho mọi người",
        "hệ thống trở lại trạng thái bình thường",
        "trang thai binh thuong roi nha",
        "CLB bóng đá Nam Định thắng đậm",
        "ăn bún bò Huế ở quán đầu ngõ",
        "ca sĩ Hà Giang hát hay quá",
        "app da nang cap xong chay rat nhanh",
    ],
)
def test_link__an_ordinary_word__is_no_agency(text):
    assert agencies(text) == set()


@pytest.mark.parametrize(
    ("text", "agency_id"),
    [
        ("UBND tỉnh Hoà Bình trả lời rất nhanh", "province-hoa-binh"),
        ("cong dich vu cong tinh thai binh bi loi", "province-thai-binh"),
        ("TPHCM làm hộ chiếu nhanh thật", "province-ho-chi-minh"),
        ("VNeID lỗi hoài", "ministry-cong-an"),
        ("HÀ NỘI LÀM ĂN QUÁ CHẬM", HANOI),
        ("vào https://dichvucong.hanoi.gov.vn/ nộp hồ sơ", HANOI),
        ("Bộ Văn hóa, Thể thao và Du lịch vừa công bố", "ministry-van-hoa-the-thao-va-du-lich"),
    ],
)
def test_link__ways_people_write(text, agency_id):
    assert agencies(text) == {agency_id}


def test_link__names_stand_for_what_existed_on_the_day():
    before, after = date(2025, 6, 30), date(2025, 7, 1)
    assert agencies("UBND tỉnh Hà Giang trả hồ sơ trễ", before) == {"province-ha-giang"}
    assert agencies("UBND tỉnh Hà Giang trả hồ sơ trễ", after) == set()
    old = agencies("UBND tỉnh Lào Cai trả hồ sơ trễ", before)
    new = agencies("UBND tỉnh Lào Cai trả hồ sơ trễ", after)
    assert len(old) == len(new) == 1
    assert old != new


def test_link__two_agencies_of_one_name__is_never_a_guess():
    registry = Registry(
        [agency("province-a", "Bình Minh"), agency("province-b", "Bình Minh"), agency("province-c", "Sông Xanh")]
    )
    names = Names(registry)
    assert agencies("UBND tỉnh Bình Minh làm chậm", names=names) == set()
    assert mentions("UBND tỉnh Bình Minh làm chậm", AT, names) == []
    assert agencies("UBND tỉnh Sông Xanh làm chậm", names=names) == {"province-c"}


def test_link__two_agencies_of_one_name_at_different_times__the_one_of_the_day():
    registry = Registry(
        [
            agency("province-a", "Bình Minh", None, date(2019, 12, 31)),
            agency("province-b", "Bình Minh", date(2020, 1, 1), None),
        ]
    )
    names = Names(registry)
    assert agencies("UBND tỉnh Bình Minh làm chậm", date(2019, 6, 1), names) == {"province-a"}
    assert agencies("UBND tỉnh Bình Minh làm chậm", date(2020, 6, 1), names) == {"province-b"}


def test_link__an_app_that_two_agencies_claim__is_never_a_guess():
    registry = Registry([agency("province-a", "Sông Xanh"), agency("province-b", "Núi Đỏ")])
    names = Names(registry, [Alias("SuperApp", "province-a"), Alias("SuperApp", "province-b")])
    assert agencies("SuperApp lỗi hoài", names=names) == set()


def test_link__hosts_and_what_lies_below_them():
    registry = Registry([agency("province-a", "Sông Xanh")])
    names = Names(registry, hosts=[("songxanh.gov.vn", "province-a")])
    assert agencies("vào dichvucong.songxanh.gov.vn bị lỗi", names=names) == {"province-a"}
    assert agencies("vào songxanh.gov.vn bị lỗi", names=names) == {"province-a"}
    assert agencies("vào songxanhgiả.gov.vn bị lỗi", names=names) == set()
    assert agencies("vào xsongxanh.gov.vn bị lỗi", names=names) == set()


def test_mentions__places_are_those_of_the_text():
    text = compose("Ở Đà Nẵng và Hà Nội đều nhanh")
    assert [text[one.start : one.end] for one in mentions(text, AT, Names.bundled())] == ["Đà Nẵng", "Hà Nội"]


def test_mentions__leftmost_and_of_those_the_longest():
    found = mentions("Bộ Kế hoạch và Đầu tư trả lời", AT, Names.bundled())
    assert [one.agency for one in found] == ["ministry-ke-hoach-va-dau-tu"]


def test_linked__the_surest_mention_counts_and_the_doubtful_ones_not():
    found = [Mention("a", 0, 1, 0.4), Mention("a", 5, 6, 0.8), Mention("b", 9, 10, 0.49)]
    assert linked(found) == {"a": 0.8}
    assert linked(found, 0.4) == {"a": 0.8, "b": 0.49}


@pytest.mark.parametrize("text", ["", "😍😍", "x" * 20_000, "Hà Nội " * 2_800, "\u0301" * 50])
def test_mentions__odd_texts(text):
    for one in mentions(compose(text), AT, Names.bundled()):
        assert 0 <= one.confidence <= 1
        assert one.agency == HANOI


def test_names__every_agency_of_the_registry_is_found_by_its_full_name():
    missed = {
        agency.full_name_vi
        for agency in load_agencies()
        if agency.valid_at(AT) and agency.agency_id not in agencies(f"Sáng nay {agency.full_name_vi} công bố kết quả")
    }
    assert missed == set()
