"""Units: spellings that meet, conversions that are declared."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.harmonise.units import conversion, convert, rescale, unit_key


@pytest.mark.parametrize(
    "unit", ["%", " % ", "Tỷ lệ %", "tỉ lệ (%)", "phần trăm", "Đơn vị tính: %", "ĐVT: %", "Tỷ lệ phần trăm"]
)
def test_convert__percent_in_any_spelling(unit):
    assert convert(98.5, unit, "%") == 98.5


@pytest.mark.parametrize(
    ("value", "written", "expected", "result"),
    [
        (2.5, "tỷ đồng", "triệu đồng", 2500),
        (2500, "triệu VNĐ", "tỷ đồng", 2.5),
        (1.2, "tỉ đồng", "đồng", 1_200_000_000),
        (985, "‰", "%", 98.5),
        (1.5, "nghìn người", "người", 1500),
        (2, "Gbps", "Mbps", 2000),
        (2, "Gbps", "Mbit/s", 2000),
        (1.5, "triệu đồng/người", "nghìn đồng/người", 1500),
        (12, "người/vạn dân", "người/10.000 dân", 12),
        (5, "", "người", 5),
        (5, "Người", "người", 5),
        (5, "văn bản", "Văn bản", 5),
    ],
)
def test_convert__declared(value, written, expected, result):
    assert convert(value, written, expected) == result


@pytest.mark.parametrize(
    ("written", "expected"), [("người", "%"), ("%", "người"), ("hồ sơ", "người"), ("Mbps", "đồng")]
)
def test_convert__not_declared(written, expected):
    assert convert(1, written, expected) is None


def test_convert__a_share_is_no_count():
    assert convert(98.5, "%", "") is None


def test_conversion__multiples_of_a_count_become_its_base():
    found = conversion("nghìn người", "")
    assert (found.factor, found.unit) == (1000, "người")


def test_conversion__any_other_count_stays_as_written():
    found = conversion("máy chủ", "")
    assert (found.factor, found.unit) == (1, "máy chủ")


def test_conversion__result_bears_the_expected_spelling():
    assert conversion("Tỷ lệ %", "%").unit == "%"


def test_unit_key__percent_and_per_mille_differ():
    assert unit_key("%") != unit_key("‰")


@given(st.floats(min_value=-1e12, max_value=1e12))
def test_convert__there_and_back(value):
    there = convert(value, "tỷ đồng", "đồng")
    assert convert(there, "đồng", "tỷ đồng") == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize("value", [math.inf, -math.inf])
def test_rescale__infinity_stays(value):
    assert rescale(value, conversion("tỷ đồng", "đồng").factor) == value


def test_rescale__too_large_is_infinite():
    assert rescale(-1e308, conversion("tỷ đồng", "đồng").factor) == -math.inf
