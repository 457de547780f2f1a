"""The table of agencies: what it says, and that its faults are found."""

import csv
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from warehouse.errors import InputError
from warehouse.reference import agencies as module
from warehouse.reference.agencies import (
    PROVINCES_BEFORE,
    Agency,
    check_agencies,
    load_agencies,
    load_aliases,
)

SHARED = Path(__file__).parents[4] / "shared" / "data" / "vn_units"
LAST_OF_63 = date(2025, 6, 30)
shared = pytest.mark.shared
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared tables are not here")


def at(day):
    return [agency for agency in load_agencies() if agency.valid_at(day)]


def version(agency_id, day):
    (found,) = [agency for agency in at(day) if agency.agency_id == agency_id]
    return found


def shared_rows(name):
    with (SHARED / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.mark.parametrize(
    ("day", "counts"),
    [
        (date(2017, 1, 1), {"province": 63, "ministry": 18, "ministerial_body": 4, "government_agency": 8}),
        (date(2025, 2, 28), {"province": 63, "ministry": 18, "ministerial_body": 4, "government_agency": 8}),
        (date(2025, 3, 1), {"province": 63, "ministry": 14, "ministerial_body": 3, "government_agency": 5}),
        (date(2025, 6, 30), {"province": 63, "ministry": 14, "ministerial_body": 3, "government_agency": 5}),
        (date(2025, 7, 1), {"province": 34, "ministry": 14, "ministerial_body": 3, "government_agency": 5}),
    ],
)
def test_agencies__by_kind_on_a_day(day, counts):
    assert Counter(agency.kind for agency in at(day)) == counts


def test_agencies__eleven_provinces_are_unchanged_by_the_reform():
    before = {agency.agency_id for agency in at(LAST_OF_63) if agency.kind == "province"}
    after = {agency.agency_id for agency in at(LAST_OF_63 + timedelta(days=1)) if agency.kind == "province"}
    assert len(before & after) == 11
    assert len(before - after) == 52
    assert len(after - before) == 23


def test_agencies__unchanged_province_changes_its_code_system():
    assert version("province-ha-noi", LAST_OF_63).code_system == "gso_63"
    assert version("province-ha-noi", date(2025, 7, 1)).code_system == "gso_34"


def test_agencies__hue_keeps_its_id_through_its_new_name():
    assert version("province-thua-thien-hue", date(2024, 12, 31)).full_name_vi == "Tỉnh Thừa Thiên Huế"
    assert version("province-thua-thien-hue", date(2025, 1, 1)).full_name_vi == "Thành phố Huế"


def test_agencies__dong_nai_becomes_a_city():
    assert version("province-dong-nai-2025", date(2026, 4, 29)).type_vi == "tỉnh"
    assert version("province-dong-nai-2025", date(2026, 4, 30)).full_name_vi == "Thành phố Đồng Nai"


def test_agencies__every_merged_province_has_one_successor():
    merged = [
        row for row in load_agencies() if row.kind == "province" and row.valid_to == LAST_OF_63 and row.successors
    ]
    assert Counter(len(row.successors) for row in merged) == {1: 52}


def test_agencies__ministries_merged_in_2025_name_their_predecessors():
    finance = version("ministry-tai-chinh-2025", date(2025, 3, 1))
    assert set(finance.predecessors) == {
        "ministry-tai-chinh",
        "ministry-ke-hoach-va-dau-tu",
        "government-agency-bao-hiem-xa-hoi-viet-nam",
        "government-agency-uy-ban-quan-ly-von-nha-nuoc-tai-doanh-nghiep",
    }


def test_agencies__unverified_successor_is_said_and_not_guessed():
    board = version("government-agency-ban-quan-ly-lang-chu-tich-ho-chi-minh", date(2020, 12, 31))
    assert board.successors == ()
    assert "not verified" in board.source


def test_agencies__every_row_cites_its_source():
    assert [agency.agency_id for agency in load_agencies() if not agency.source] == []


def test_aliases__every_agency_exists():
    assert {alias.agency_id for alias in load_aliases()} <= {agency.agency_id for agency in load_agencies()}


def without_reform():
    """The smallest sound table: 63 provinces that become 34 on 1 July 2025, without families."""
    end, start = LAST_OF_63, LAST_OF_63 + timedelta(days=1)
    rows = []
    for number in range(PROVINCES_BEFORE):
        row = Agency(
            f"p{number}", None, end, "province", f"P{number}", f"P{number}", f"P{number}", "tỉnh", f"{number:02}"
        )
        rows.append(row)
        if number < 34:
            rows.append(replace(row, valid_from=start, valid_to=None))
    return rows


def test_check__sound_table_passes():
    check_agencies(without_reform())


def mended(change):
    rows = without_reform()
    rows[0] = replace(rows[0], **change)
    return rows


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"kind": "district"}, "unknown kind 'district'"),
        ({"valid_from": date(2026, 1, 1)}, "before it starts"),
        ({"valid_to": date(2025, 7, 5)}, "do not follow each other"),
        ({"valid_to": date(2025, 6, 20)}, "do not follow each other"),
        ({"successors": ("nowhere",)}, "nowhere is named as predecessor or successor"),
        ({"successors": ("p1",)}, "p0 and p1 do not name each other"),
        ({"code": "01"}, "share the code 01"),
    ],
)
def test_check__fault_names_the_agency(change, says):
    with pytest.raises(InputError, match=says):
        check_agencies(mended(change))


def test_check__a_missing_province_is_counted():
    with pytest.raises(InputError, match=r"has 62 provinces on 0001-01-01, not 63"):
        check_agencies([row for row in without_reform() if row.agency_id != "p62"])


def test_load__text_outside_nfc_is_refused(tmp_path, monkeypatch):
    file = tmp_path / "aliases.csv"
    file.write_text("alias,agency_id,valid_from,valid_to,note\nHo\u0300a,province-ha-noi,,,\n", encoding="utf-8")
    monkeypatch.setattr(module, "ALIASES_FILE", file)
    with pytest.raises(InputError, match=r"Line 2 of aliases\.csv: alias is not in Unicode NFC"):
        load_aliases.__wrapped__()


@pytest.mark.parametrize(
    ("row", "says"),
    [("X,province-x,,,", "'X' names the unknown agency"), ("X,province-ha-noi,1/7/2025,,", "'1/7/2025' is no date")],
)
def test_load__bad_alias_is_named_with_its_line(tmp_path, monkeypatch, row, says):
    file = tmp_path / "aliases.csv"
    file.write_text(f"alias,agency_id,valid_from,valid_to,note\n{row}\n", encoding="utf-8")
    monkeypatch.setattr(module, "ALIASES_FILE", file)
    with pytest.raises(InputError, match=says):
        load_aliases.__wrapped__()


@shared
@needs_shared
def test_agencies__merge_map_equals_the_shared_one():
    names = {agency.agency_id: agency.code for agency in load_agencies() if agency.valid_at(date(2025, 7, 1))}
    ours = {
        agency.code: names[(agency.successors or (agency.agency_id,))[0]]
        for agency in at(LAST_OF_63)
        if agency.kind == "province"
    }
    assert ours == {row["old_code"]: row["new_code"] for row in shared_rows("province_merge_63_to_34.csv")}


@shared
@needs_shared
def test_agencies__dates_names_and_codes_equal_the_shared_dimension():
    def display(name):
        return name.replace("Hoà", "Hòa").replace("Hoá", "Hóa")

    theirs = {
        (row["gso_code"], display(row["full_name"]), row["type"], row["valid_from"], row["valid_to"], row["system"])
        for row in shared_rows("dim_province_scd2.csv")
    }
    ours = {
        (
            row.code,
            row.full_name_vi,
            row.type_vi,
            str(row.valid_from or ""),
            str(row.valid_to or ""),
            row.code_system[4:],
        )
        for row in load_agencies()
        if row.kind == "province"
    }
    assert ours == theirs


@shared
@needs_shared
def test_agencies__bodies_and_successors_equal_the_shared_tables():
    after = {row["body"] for row in shared_rows("gov_bodies_from_2025_03_01.csv")}
    assert {row.full_name_vi for row in at(date(2025, 3, 1)) if row.kind != "province"} == after
    names = {row.agency_id: row.full_name_vi for row in load_agencies()}
    ours = {
        row.full_name_vi: [names[successor] for successor in row.successors] or [row.full_name_vi]
        for row in at(date(2025, 2, 28))
        if row.kind != "province"
    }
    theirs = {
        row["body"]: [row["successor_from_2025_03_01"].split(" (")[0]]
        for row in shared_rows("gov_bodies_2016_2025_and_successors.csv")
        if not row["successor_from_2025_03_01"].startswith("(")
    }
    assert {body: ours[body] for body in theirs} == theirs
