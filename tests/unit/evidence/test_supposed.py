"""Counts that are supposed, and the shares that follow from them."""

import pandas as pd
import pytest

from tasks.evidence.supposed import rederived
from warehouse.frames import MEASUREMENT
from warehouse.frameworks.loader import load_framework

FRAMEWORK = "online_services_2019"


@pytest.fixture(scope="module")
def framework():
    return load_framework(FRAMEWORK)


@pytest.fixture
def rows(framework):
    counts = [
        {"agency": "x", "node": node.code, "value": 10.0, "stage": "final"}
        for node in framework.leaves
        if node.rule == "count"
    ]
    return MEASUREMENT.conform(pd.DataFrame(counts))


def test_rederived__numerator__its_shares_follow(framework, rows):
    (leaf,) = (node for node in framework.leaves if node.code == "S.M4")
    (count,) = leaf.numerator_codes
    before = rederived(rows, framework, {"C.TTHC": 10.0})["S.M4"]
    assert rederived(rows, framework, {count: 5.0})["S.M4"] == pytest.approx(before / 2)


def test_rederived__no_count_of_a_share__nothing_follows(framework, rows):
    assert rederived(rows, framework, {"S.M4": 20.0}) == {}


def test_rederived__share_supposed_itself__keeps_what_is_supposed(framework, rows):
    assert "S.M4" not in rederived(rows, framework, {"S.M4": 20.0, "C.M4": 5.0})


def test_rederived__denominator_zero__is_left_out(framework, rows):
    assert "S.M4" not in rederived(rows, framework, {"C.TTHC": 0.0})


def test_rederived__count_that_did_not_come__is_added(framework, rows):
    without = rows[rows["node"] != "C.M4"]
    assert rederived(without, framework, {"C.M4": 10.0})["S.M4"] == rederived(rows, framework, {"C.M4": 10.0})["S.M4"]


def test_rederived__nothing_measured__nothing_follows(framework):
    assert rederived(MEASUREMENT.empty(), framework, {"C.M4": 10.0}) == {}
