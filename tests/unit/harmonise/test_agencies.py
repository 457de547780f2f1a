"""From any spelling to one agency at a date."""

import csv
import unicodedata
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tasks.harmonise.agencies import Registry
from tasks.harmonise.text import agency_key
from warehouse.errors import AgencyError
from warehouse.reference.agencies import Agency, Alias, load_agencies, load_aliases

SHARED = Path(__file__).parents[4] / "shared" / "data" / "vn_units"
IN_2020 = date(2020, 12, 31)
IN_2026 = date(2026, 12, 31)
REGISTRY = Registry.bundled()


def shared_rows(name):
    if not SHARED.is_dir():
        pytest.skip("the shared tables are not here")
    with (SHARED / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.mark.parametrize(
    ("text", "agency_id"),
    [
        ("Thừa Thiên – Huế", "province-thua-thien-hue"),
        ("thua thien hue", "province-thua-thien-hue"),
        ("TT. Huế", "province-thua-thien-hue"),
        ("TP.HCM", "province-ho-chi-minh"),
        ("Tp. Hồ Chí Minh", "province-ho-chi-minh"),
        ("TPHCM", "province-ho-chi-minh"),
        ("Ho Chi Minh City", "province-ho-chi-minh"),
        ("Hanoi", "province-ha-noi"),
        ("BR-VT", "province-ba-ria-vung-tau"),
        ("Bà Rịa Vũng Tàu", "province-ba-ria-vung-tau"),
        ("Đắk Lắk", "province-dak-lak"),
        ("Đắc Lắc", "province-dak-lak"),
        ("Dak Lak", "province-dak-lak"),
        ("Đăk Lăk", "province-dak-lak"),
        ("Đắc Nông", "province-dak-nong"),
        ("Bắc Cạn", "province-bac-kan"),
        ("Hòa Bình", "province-hoa-binh"),
        ("Hoà Bình", "province-hoa-binh"),
        ("UBND tỉnh Thanh Hoá", "province-thanh-hoa"),
        ("Bộ TTTT", "ministry-thong-tin-va-truyen-thong"),
        ("Bộ TT&TT", "ministry-thong-tin-va-truyen-thong"),
        ("BTTTT", "ministry-thong-tin-va-truyen-thong"),
        ("MIC", "ministry-thong-tin-va-truyen-thong"),
        ("Bộ KH&ĐT", "ministry-ke-hoach-va-dau-tu"),
        ("Bộ KHĐT", "ministry-ke-hoach-va-dau-tu"),
        ("Bộ LĐTBXH", "ministry-lao-dong-thuong-binh-va-xa-hoi"),
        ("Bộ LĐ-TB&XH", "ministry-lao-dong-thuong-binh-va-xa-hoi"),
        ("Bộ Lao động – Thương binh và Xã hội", "ministry-lao-dong-thuong-binh-va-xa-hoi"),
        ("Bộ Văn hoá, Thể thao và Du lịch", "ministry-van-hoa-the-thao-va-du-lich"),
        ("Bộ NN&PTNT", "ministry-nong-nghiep-va-phat-trien-nong-thon"),
        ("Bộ GDĐT", "ministry-giao-duc-va-dao-tao"),
        ("Ministry of Finance", "ministry-tai-chinh"),
        ("Tài chính", "ministry-tai-chinh"),
        ("NHNN", "ministerial-body-ngan-hang-nha-nuoc-viet-nam"),
        ("Uỷ ban Dân tộc", "ministerial-body-uy-ban-dan-toc"),
        ("BHXH Việt Nam", "government-agency-bao-hiem-xa-hoi-viet-nam"),
        ("VTV", "government-agency-dai-truyen-hinh-viet-nam"),
        ("Viện Hàn lâm KHCN Việt Nam", "government-agency-vien-han-lam-khoa-hoc-va-cong-nghe-viet-nam"),
        ("Viện HLKHXHVN", "government-agency-vien-han-lam-khoa-hoc-xa-hoi-viet-nam"),
    ],
)
def test_resolve__spellings_of_2020(text, agency_id):
    assert REGISTRY.resolve(text, IN_2020).agency_id == agency_id
    assert REGISTRY.resolve(unicodedata.normalize("NFD", text), IN_2020).agency_id == agency_id


@pytest.mark.parametrize("text", ["Tp. Hồ Chí Minh", "TP.HCM", "Đắc Lắc", "Bộ KHCN", "Bộ Nội vụ"])
def test_resolve__one_alias_serves_before_and_after_a_merger(text):
    before, after = REGISTRY.resolve(text, IN_2020), REGISTRY.resolve(text, IN_2026)
    assert after.agency_id == f"{before.agency_id}-2025"


def test_resolve__the_old_name_of_an_agency_that_remains():
    assert REGISTRY.resolve("Thừa Thiên Huế", IN_2026).name_vi == "Huế"


@pytest.mark.parametrize(("day", "name"), [(IN_2020, "Bắc Giang"), (IN_2026, "Bắc Ninh")])
def test_resolve__code_24_at_a_date(day, name):
    assert REGISTRY.resolve("24", day).name_vi == name


def test_resolve__code_only_as_two_digits():
    with pytest.raises(AgencyError, match="No agency is called '1'"):
        REGISTRY.resolve("1", IN_2020)


def test_resolve__code_that_is_no_more_names_what_became_of_it():
    with pytest.raises(AgencyError, match=r"Tỉnh Hòa Bình .* existed until 2025-06-30.*now part of Tỉnh Phú Thọ"):
        REGISTRY.resolve("17", IN_2026)


def test_resolve__agency_id():
    assert REGISTRY.resolve("province-lao-cai", IN_2020).name_vi == "Lào Cai"


def test_resolve__province_that_no_longer_exists_names_its_successor():
    with pytest.raises(AgencyError, match=r"Hà Giang .* existed until 2025-06-30, not on 2026-12-31.*Tỉnh Tuyên Quang"):
        REGISTRY.resolve("Hà Giang", IN_2026)


def test_resolve__ministry_of_the_future_names_its_predecessors():
    with pytest.raises(
        AgencyError, match=r"exists only from 2025-03-01.*Bộ Nông nghiệp và Phát triển nông thôn.*; Bộ Tài"
    ):
        REGISTRY.resolve("Bộ Nông nghiệp và Môi trường", IN_2020)


def test_resolve__successor_that_is_not_known_is_not_invented():
    with pytest.raises(AgencyError, match="What took it over is not recorded"):
        REGISTRY.resolve("Ban Quản lý Lăng Chủ tịch Hồ Chí Minh", IN_2026)


def test_resolve__unknown_name_lists_the_nearest():
    with pytest.raises(AgencyError, match=r"No agency is called 'Ha Gang' on 2020-12-31\. Nearest: Tỉnh Hà Giang"):
        REGISTRY.resolve("Ha Gang", IN_2020)


def test_resolve__department_is_not_the_ministry():
    with pytest.raises(AgencyError, match="No agency is called 'Sở Tài chính'"):
        REGISTRY.resolve("Sở Tài chính", IN_2020)


def test_resolve__no_text():
    with pytest.raises(AgencyError, match="not named"):
        REGISTRY.resolve(" \u200b", IN_2020)


def test_resolve__other_kind_than_wanted():
    with pytest.raises(AgencyError, match=r"Thành phố Hà Nội is a province\. Wanted here: ministry, ministerial body"):
        REGISTRY.resolve("Hà Nội", IN_2020, ["ministry", "ministerial_body"])


def test_resolve__city_within_a_province_is_not_the_province():
    with pytest.raises(AgencyError, match=r"'TP\. Bắc Ninh' would on 2020-12-31 be a city within Tỉnh Bắc Ninh"):
        REGISTRY.resolve("TP. Bắc Ninh", IN_2020)
    assert REGISTRY.find("TP. Bắc Ninh", IN_2020) is None


def test_resolve__no_cities_within_provinces_after_the_reform():
    assert REGISTRY.resolve("TP. Bắc Ninh", IN_2026).agency_id == "province-bac-ninh-2025"


def agency(agency_id, name, **changes):
    row = Agency(agency_id, None, None, "province", name, f"Tỉnh {name}", name, "tỉnh")
    return replace(row, **changes)


def test_resolve__ambiguous_name_is_an_error_that_lists_the_candidates():
    registry = Registry([agency("one", "Bình An"), agency("two", "Bình Ân")])
    with pytest.raises(AgencyError, match=r"for several agencies: .*\(one\).*\(two\)") as caught:
        registry.resolve("binh an", IN_2020)
    assert caught.value.hint == "Give the id of one."


def test_resolve__kinds_decide_between_namesakes():
    registry = Registry([agency("one", "Bình An"), agency("two", "Bình An", kind="ministry")])
    assert registry.resolve("Bình An", IN_2020, ["ministry"]).agency_id == "two"


def test_resolve__name_without_bo_stays_with_whoever_bears_it():
    registry = Registry([agency("m", "Bộ An Bình", full_name_vi="Bộ An Bình", kind="ministry"), agency("p", "An Bình")])
    assert registry.resolve("An Bình", IN_2020).agency_id == "p"


def test_resolve__alias_holds_between_its_dates():
    registry = Registry([agency("one", "Bình An")], [Alias("BA", "one", date(2020, 1, 1), date(2020, 12, 31))])
    assert registry.find("BA", IN_2020) is not None
    assert registry.find("BA", IN_2026) is None


def test_valid_at__provinces():
    assert len(REGISTRY.valid_at(IN_2020, ["province"])) == 63
    assert len(REGISTRY.valid_at(IN_2026, ["province"])) == 34


def test_by_id__version_of_the_day():
    assert REGISTRY.by_id("province-thua-thien-hue", IN_2020).name_vi == "Thừa Thiên Huế"


def test_by_id__unknown_id():
    with pytest.raises(AgencyError, match="No agency has the id 'province-x'"):
        REGISTRY.by_id("province-x", IN_2020)


def test_by_id__not_in_force():
    with pytest.raises(AgencyError, match="existed until"):
        REGISTRY.by_id("province-ha-giang", IN_2026)


def test_report__unmatched_names_and_unused_aliases():
    registry = Registry([agency("one", "Bình An")], [Alias("BA", "one"), Alias("B.An", "one")])
    report = registry.report(["BA", "Bình An", "Nowhere"], IN_2020)
    assert list(report.unmatched) == ["Nowhere"]
    assert report.unused_aliases == ("B.An",)


def test_aliases__each_gives_what_folding_does_not():
    names = {agency_key(name)[0] for row in load_agencies() for name in (row.name_vi, row.full_name_vi, row.name_en)}
    keys = [agency_key(alias.alias)[0] for alias in load_aliases()]
    assert [
        alias.alias for alias, key in zip(load_aliases(), keys, strict=True) if key in names or keys.count(key) > 1
    ] == []


def test_aliases__each_leads_to_its_agency():
    for alias in load_aliases():
        day = next(row for row in load_agencies() if row.agency_id == alias.agency_id).valid_to or IN_2026
        assert REGISTRY.resolve(alias.alias, day).agency_id == alias.agency_id


@pytest.mark.parametrize("row", load_agencies(), ids=lambda row: f"{row.agency_id}@{row.valid_from}")
def test_resolve__every_name_of_every_version_at_its_dates(row):
    for day in (row.valid_from or IN_2020, row.valid_to or IN_2026):
        for name in (row.name_vi, row.full_name_vi, row.name_en, row.full_name_vi.upper()):
            assert REGISTRY.resolve(name, day) == row


@pytest.mark.shared
@pytest.mark.parametrize(
    ("table", "column", "day"),
    [
        ("provinces_63.csv", "full_name_to_2024_12_31", date(2024, 12, 31)),
        ("provinces_63.csv", "full_name_2025_01_01_to_2025_06_30", date(2025, 6, 30)),
        ("provinces_63.csv", "name", IN_2020),
        ("provinces_63.csv", "name_en", IN_2020),
        ("provinces_34.csv", "full_name_2025_07_01", date(2025, 7, 1)),
        ("provinces_34.csv", "full_name_2026_04_30", date(2026, 4, 30)),
        ("provinces_34.csv", "full_name_nso_2026_09_20", date(2026, 9, 20)),
    ],
)
def test_resolve__official_province_names(table, column, day):
    for row in shared_rows(table):
        assert REGISTRY.resolve(row[column], day).code == row["gso_code"]
        assert REGISTRY.resolve(row["gso_code"], day) == REGISTRY.resolve(row[column], day)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("table", "day"),
    [
        ("gov_bodies_2016_2025_and_successors.csv", date(2025, 2, 28)),
        ("gov_bodies_from_2025_03_01.csv", date(2025, 3, 1)),
    ],
)
def test_resolve__official_bodies(table, day):
    for row in shared_rows(table):
        found = REGISTRY.resolve(row["body"], day)
        assert (found.full_name_vi, found.type_vi) == (row["body"], row["level"])


@pytest.mark.shared
def test_resolve__codes_reused_for_another_name():
    for row in shared_rows("codes_reused_for_another_name.csv"):
        before, after = (REGISTRY.resolve(row["gso_code"], day) for day in (IN_2020, IN_2026))
        assert before.full_name_vi == row["full_name_before_2025_07_01"]
        assert after.full_name_vi == row["full_name_from_2025_07_01"]


@pytest.mark.shared
@pytest.mark.parametrize(
    "table", ["dti_2020_province", "dti_2020_ministry", "ictapp_2019_province", "ictapp_2019_ministry"]
)
def test_resolve__names_as_the_press_printed_them(table):
    for row in shared_rows(f"../dti/results_{table}.csv"):
        if not row["agency"].startswith("("):
            assert REGISTRY.find(row["agency"], IN_2020), row["agency"]
