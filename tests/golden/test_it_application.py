"""The IT application ranking of 2018 and 2019 as far as it was printed, through the whole path."""

import csv

import pandas as pd
import pytest

from tasks.harmonise.agencies import Registry
from tasks.harmonise.periods import period_end
from tasks.load import open_warehouse
from tasks.sources.rounds import bundled_round
from warehouse.decisions import exclusions
from warehouse.frames import QUARANTINE
from warehouse.queries import choose_vintage, league_table

ROUND = bundled_round("press_it_application")
YEARS = ("2018", "2019")
with (ROUND.folder / "expected.csv").open(encoding="utf-8", newline="") as _stream:
    EXPECTED = list(csv.DictReader(_stream))


@pytest.fixture(scope="module")
def ran(whole_path):
    """The jobs of both years and the rows of the mart view, by year and node."""
    jobs = {year: whole_path(f"it_application_{year}", year, ROUND.folder) for year in YEARS}
    engine = open_warehouse()
    chosen = {year: choose_vintage(engine, f"it_application_{year}", year, ROUND.round) for year in YEARS}
    rows = {(year, node): league_table(engine, chosen[year], node) for year in YEARS for node in ("CSUD", "HANG")}
    left_out = {year: exclusions(engine, one) for year, one in chosen.items()}
    return jobs, rows, left_out


@pytest.fixture(scope="module")
def rows(ran) -> dict[tuple[str, str], pd.DataFrame]:
    return ran[1]


def of(table: pd.DataFrame, year: str, agency: str) -> pd.Series:
    found = Registry.bundled().resolve(agency, at=period_end(year)).agency_id
    return table.set_index("agency").loc[found]


def test_round__every_printed_row__is_accepted(ran):
    assert [len(job.workspace.read(QUARANTINE)) for job in ran[0].values()] == [0, 0]


@pytest.mark.parametrize("row", EXPECTED, ids=lambda row: f"{row['agency']} {row['period']}")
def test_printed_rank__stands_in_the_mart_as_it_was_printed(rows, row):
    found = of(rows[row["period"], "HANG"], row["period"], row["agency"])
    assert (f"{found['value']:.0f}", found["group"]) == (row["rank"], row["group"])
    assert pd.isna(found["rank"])  # it is a figure of the press; nothing is ranked by it


@pytest.mark.parametrize("row", [row for row in EXPECTED if row["share"]], ids=lambda row: row["agency"])
def test_rank_from_the_printed_score__is_the_printed_rank(rows, row):
    found = of(rows[row["period"], "CSUD"], row["period"], row["agency"])
    assert f"{found['share']:.4f}" == row["share"]
    assert (int(found["rank"]), int(found["group_rank"])) == (int(row["rank"]), int(row["rank"]))


def test_ministries_of_2019__finance_leads_and_construction_is_17th_of_17(rows):
    table = rows["2019", "CSUD"]
    ministries = table[(table["group"] == "ministries") & table["rank"].notna()]
    assert list(ministries["agency_name"])[:3] == ["Bộ Tài chính", "Bộ Công Thương", "Bộ Thông tin và Truyền thông"]
    assert (len(ministries), ministries["agency_name"].iloc[-1]) == (17, "Bộ Xây dựng")
    assert f"{ministries['share'].mean():.2f}" == "0.82"  # the printed mean


def test_provinces_of_2019__hue_leads_before_da_nang(rows):
    table = rows["2019", "HANG"]
    provinces = table[table["group"] == "provinces"].set_index("agency_name")["value"].to_dict()
    expected = {"Thừa Thiên Huế": 1, "Đà Nẵng": 2, "Quảng Ninh": 3, "An Giang": 7, "Bắc Kạn": 16, "Bắc Ninh": 17}
    assert provinces | expected == provinces
    assert of(rows["2018", "HANG"], "2018", "Đà Nẵng")["value"] == 1  # whom Huế overtook


def test_no_printed_score__no_share_and_no_rank(rows):
    table = rows["2019", "CSUD"]
    without = table[table["group"] != "ministries"]
    assert len(without) == 12
    assert without[["share", "rank", "points"]].isna().all(axis=None)


def test_not_ranked__each_with_its_reason(ran):
    left_out = {year: dict(zip(found["agency_name"], found["reason"], strict=True)) for year, found in ran[2].items()}
    assert set(left_out["2018"]) == {"Văn phòng Chính phủ", "Bộ Công an", "Bộ Quốc phòng"}
    assert set(left_out["2019"]) == {
        "Bộ Công an",
        "Bộ Quốc phòng",
        "Văn phòng Chính phủ",
        "Ủy ban Dân tộc",
        "Thanh tra Chính phủ",
    }
    assert "đặc thù thông tin và nhiệm vụ" in left_out["2018"]["Bộ Công an"]
    assert "no reason was printed" in left_out["2019"]["Ủy ban Dân tộc"]
