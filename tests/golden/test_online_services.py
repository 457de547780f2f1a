"""Dated figures of online public services that somebody else printed, run through the whole path and reproduced."""

import csv
import json
from pathlib import Path

import pandas as pd
import pytest

import warehouse.reference
from tasks.harmonise.agencies import Registry
from tasks.harmonise.periods import period_end
from tasks.load import open_warehouse
from tasks.sources.rounds import bundled_round
from warehouse.frames import QUARANTINE
from warehouse.frameworks.editions import framework_of
from warehouse.queries import choose_vintage, measurements, observations_by_id, online_services

ROUND = bundled_round("press_online_services")
EXPECTED = ROUND.folder / "expected.csv"
MONTHS = ("2020-05", "2024-12")
NATIONAL = Path(warehouse.reference.__file__).parent / "national_online_services.csv"
TARGETS = Path(__file__).parents[2] / ".." / "shared" / "data" / "dti" / "targets_dvctt.csv"


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def published(whole_path):
    """The jobs of both months, run into a warehouse of each kind, and the rows of the view."""
    jobs = {period: whole_path(framework_of("online_services", period), period, ROUND.folder) for period in MONTHS}
    return jobs, online_services(open_warehouse(), ROUND.round)


@pytest.fixture(scope="module")
def rows(published) -> pd.DataFrame:
    return published[1]


@pytest.mark.parametrize("row", rows_of(EXPECTED), ids=lambda row: f"{row['agency']} {row['period']}")
def test_share__of_each_agency__is_the_printed_one(rows, row):
    found = rows[(rows["period"] == row["period"]) & (rows["node"] == row["node"])]
    agency = Registry.bundled().resolve(row["agency"], at=period_end(row["period"]))
    of_agency = found[found["agency"] == agency.agency_id]
    assert len(of_agency) == 1
    decimals = len(row["share_percent"].partition(".")[2])
    assert f"{of_agency['share_percent'].iloc[0]:.{decimals}f}" == row["share_percent"]
    for part in ("numerator", "denominator"):
        value = of_agency[part].iloc[0]
        assert ("" if pd.isna(value) else f"{value:.0f}") == row[part]


def test_round__every_printed_row__is_accepted(published):
    jobs, _ = published
    assert [len(job.workspace.read(QUARANTINE)) for job in jobs.values()] == [0, 0]


def test_ha_nam__leads_the_provinces_and_is_fourth_of_all(rows):
    found = rows[(rows["node"] == "S.HS_TT") & (rows["period"] == "2024-12")].set_index("agency")
    assert (found.loc["province-ha-nam", "rank"], found.loc["province-ha-nam", "group_rank"]) == (4, 1)


def test_targets__of_2020__months_left_and_pace(rows):
    found = rows[(rows["node"] == "S.M4") & (rows["period"] == "2020-05")].set_index("agency")
    assert found["target_is_met"].all()  # 37.6 and 31.81 against 30
    assert set(found["target_months_left"]) == {7}
    assert found["target_pace_points"].isna().all()


def test_targets__of_2024__each_group_has_its_own(rows):
    found = rows[(rows["node"] == "S.HS_TT") & (rows["period"] == "2024-12")]
    assert dict(zip(found["group"], found["target_percent"], strict=True)) == {"province": 30.0, "ministry": 70.0}
    assert found["target_is_met"].all()


def test_ha_nam__leads_back_to_the_two_printed_counts(published):
    engine = open_warehouse()
    chosen = choose_vintage(engine, "online_services_2022", "2024-12", ROUND.round)
    behind = measurements(engine, chosen, "province-ha-nam").set_index("node")
    share = behind.loc["S.HS_TT"]
    assert share["method"] == "derived:ratio"
    assert json.loads(share["detail"]) == {"numerator": 115665, "denominator": 168746}
    found = observations_by_id(engine, json.loads(share["observation_ids"]))
    assert dict(zip(found["item"], found["value"], strict=True)) == {"C.HS_TT": 115665.0, "C.HS": 168746.0}


@pytest.mark.shared
@pytest.mark.skipif(not TARGETS.is_file(), reason="the design folder is not here")
def test_national_figures__stand_in_the_data_they_come_from():
    said = " ".join(f"{row['value']} {row['measure']}" for row in rows_of(TARGETS))
    for row in rows_of(NATIONAL):
        assert row["value"] in said, row
        assert row["url"] in {other["address"] for other in rows_of(TARGETS)}, row
