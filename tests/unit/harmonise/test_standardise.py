"""From readings to candidates: what is understood, and what stays visible where it is not."""

import math
from pathlib import Path

import pandas as pd
import pytest

from tasks.harmonise.agencies import Registry
from tasks.harmonise.numbers import numeric_cell
from tasks.harmonise.standardise import standardise
from warehouse.errors import InputError
from warehouse.frames import CANDIDATE, READING
from warehouse.frameworks.model import Description, Framework, Level, Node

NODES = (
    Node("DTI", "", "index", name_vi="Chỉ số", aggregation="sum"),
    Node("1.1", "DTI", "criterion", name_vi="Tỷ lệ máy tính", rule="ratio", unit="%"),
    Node("1.2", "DTI", "criterion", name_vi="Kinh phí", rule="linear", unit="triệu đồng", parameters={"target": 100.0}),
    Node("1.3", "DTI", "criterion", name_vi="Có kế hoạch", rule="binary"),
    Node("1.4", "DTI", "criterion", name_vi="Kế hoạch", rule="checklist", items_vi=("a", "b", "c")),
)
FRAMEWORK = Framework(
    Description(framework="f_2020", levels=(Level(level="index"), Level(level="criterion"))), NODES, {}, Path(), "0"
)
SETTING = {
    "framework": FRAMEWORK,
    "round_name": "r",
    "period": "2020",
    "source": "agency_report",
    "snapshot_sha256": "abc",
    "registry": Registry.bundled(),
    "kinds": ["province"],
    "evidence_needed": True,
}
READ = {
    "agency_text": "TP. Đà Nẵng",
    "item_text": "1.2",
    "part": "value",
    "value_text": "50",
    "stage": "self_reported",
    "submitted_text": "15/01/2021",
    "locator": "S!E5",
}


def candidates(*rows, **setting):
    return standardise(pd.DataFrame([{**READ, **row} for row in rows]), **{**SETTING, **setting})


def one(setting=None, **row):
    return candidates(row, **(setting or {})).iloc[0]


def test_standardise__declared_frame():
    frame = candidates({})
    assert {column: str(dtype) for column, dtype in frame.dtypes.items()} == CANDIDATE.columns


def test_standardise__a_plain_figure():
    row = one()
    assert row["agency"] == "province-da-nang"
    assert (row["item"], row["part"], row["stage"], row["source"]) == ("1.2", "value", "self_reported", "agency_report")
    assert (row["value"], row["unit"], row["value_text"], row["unit_expected"]) == (
        50,
        "triệu đồng",
        "50",
        "triệu đồng",
    )
    assert (row["framework"], row["round"], row["period"], row["submitted_on"]) == ("f_2020", "r", "2020", "2021-01-15")
    assert (row["snapshot_sha256"], row["locator"], row["correction"], row["superseded_by"]) == ("abc", "S!E5", "", "")
    assert row["evidence_needed"]
    assert len(row["observation_id"]) == 32


def test_standardise__no_readings():
    frame = standardise(READING.empty(), **SETTING)
    assert frame.empty
    assert list(frame.columns) == list(CANDIDATE.columns)


def test_standardise__order_of_the_readings_is_kept():
    frame = candidates(*({"locator": f"line {number}", "value_text": str(9 - number)} for number in range(5)))
    assert frame["locator"].tolist() == [f"line {number}" for number in range(5)]
    assert frame["value"].tolist() == [9, 8, 7, 6, 5]


@pytest.mark.parametrize("text", ["Atlantis", "", "Bộ Tài chính", "TP. Bắc Ninh"])
def test_standardise__agency_that_is_not_understood_stays_as_text(text):
    row = one(agency_text=text)
    assert (row["agency"], row["agency_text"]) == ("", text)


def test_standardise__agency_at_the_end_of_the_period():
    assert one(agency_text="24")["agency"] == "province-bac-giang"
    assert one({"period": "2025-07"}, agency_text="24")["agency"] == "province-bac-ninh-2025"
    assert one({"period": "2026"}, agency_text="Hà Giang")["agency"] == ""


def test_standardise__without_a_registry_the_name_is_the_id():
    assert one({"registry": None}, agency_text=" Viet  Nam ")["agency"] == "Viet Nam"


def test_standardise__item_that_is_not_understood_stays_as_text():
    row = one(item_text="9.9")
    assert (row["item"], row["item_text"], row["unit_expected"]) == ("", "9.9", "")
    assert row["value"] == 50
    assert math.isnan(row["valid_min"])
    assert math.isnan(row["valid_max"])


def test_standardise__item_by_its_name():
    assert one(item_text="kinh phi")["item"] == "1.2"


@pytest.mark.parametrize(
    ("item", "part", "value_text", "unit_text", "value", "unit"),
    [
        ("1.1", "value", "98,5%", "", 98.5, "%"),
        ("1.1", "value", "98,5", "Tỷ lệ %", 98.5, "%"),
        ("1.1", "value", "985‰", "%", 98.5, "%"),
        ("1.1", "value", numeric_cell(0.985), "", 0.985, "%"),
        ("1.1", "a", "1.234", "", 1234, ""),
        ("1.1", "a", numeric_cell(1.234), "", 1.234, ""),
        ("1.1", "a", "1.234 máy", "", 1234, "máy"),
        ("1.1", "b", "1,5", "nghìn người", 1500, "người"),
        ("1.2", "value", "2,5 tỷ đồng", "triệu đồng", 2500, "triệu đồng"),
        ("1.2", "value", "2,5", "tỷ đồng", 2500, "triệu đồng"),
        ("1.2", "value", "120 (ước)", "", 120, "triệu đồng"),
        ("1.3", "value", "có", "", 1, ""),
        ("1.3", "value", "Chưa", "", 0, ""),
        ("1.3", "value", "1", "", 1, ""),
        ("1.4", "value", "2", "mục", 2, "mục"),
    ],
)
def test_standardise__value_in_the_unit_of_the_node(item, part, value_text, unit_text, value, unit):
    row = one(item_text=item, part=part, value_text=value_text, unit_text=unit_text)
    assert (row["value"], row["unit"]) == (value, unit)


@pytest.mark.parametrize(
    ("item", "part", "value_text", "unit_text", "unit"),
    [
        ("1.2", "value", "nhiều", "", "triệu đồng"),
        ("1.2", "value", "có", "", "triệu đồng"),
        ("1.2", "value", "NaN", "", "triệu đồng"),
        ("1.2", "value", "", "", "triệu đồng"),
        ("1.2", "value", "50", "người", "người"),
        ("1.2", "value", "50%", "triệu đồng", "%"),
        ("1.1", "a", "98%", "", "%"),
        ("1.3", "value", "đang làm", "", ""),
    ],
)
def test_standardise__value_that_is_not_understood_keeps_the_unit_as_written(item, part, value_text, unit_text, unit):
    row = one(item_text=item, part=part, value_text=value_text, unit_text=unit_text)
    assert math.isnan(row["value"])
    assert (row["value_text"], row["unit"]) == (value_text, unit)


@pytest.mark.parametrize(
    ("item", "part", "bounds"),
    [
        ("1.1", "value", (0, 100)),
        ("1.1", "a", (0, math.inf)),
        ("1.1", "b", (0, math.inf)),
        ("1.2", "value", (0, math.inf)),
        ("1.3", "value", (0, 1)),
        ("1.4", "value", (0, 3)),
    ],
)
def test_standardise__bounds_to_compare_with(item, part, bounds):
    row = one(item_text=item, part=part)
    assert (row["valid_min"], row["valid_max"]) == bounds


def test_standardise__counterpart_of_a_ratio():
    frame = candidates(
        {"item_text": "1.1", "part": "a", "value_text": "3"}, {"item_text": "1.1", "part": "b", "value_text": "4"}
    )
    assert frame["counterpart"].tolist() == [4, 3]


def test_standardise__part_that_is_not_named_is_the_value():
    assert one(part="")["part"] == "value"


def test_standardise__text_is_kept_in_nfc():
    assert one(evidence_text="Quye\u0302\u0301t  đi\u0323nh")["evidence_text"] == "Quyết định"


def test_standardise__date_that_is_not_understood_is_empty():
    assert one(submitted_text="hôm qua")["submitted_on"] == ""


def test_standardise__same_readings_same_ids():
    assert candidates({}, {"locator": "S!E6"})["observation_id"].tolist() == (
        candidates({}, {"locator": "S!E6"})["observation_id"].tolist()
    )


def test_standardise__two_cells_are_two_observations():
    assert candidates({}, {"locator": "S!E6"})["observation_id"].is_unique


def test_standardise__period_that_is_none():
    with pytest.raises(InputError, match="is not a period"):
        one({"period": "năm nay"})


def test_standardise__a_cell_of_megabytes_is_cut_and_its_number_not_guessed_at():
    found = one(value_text="1" * 1_000_000)
    assert len(found["value_text"]) == 2_000
    assert math.isnan(found["value"])
