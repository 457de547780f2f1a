"""What a node says of its own values."""

import pytest

from warehouse.frameworks.model import Node


def node(**said: object) -> Node:
    return Node(code="a", parent="T", level="leaf", **said)


@pytest.mark.parametrize(
    ("said", "bounds"),
    [
        ({"rule": "ratio", "unit": "%"}, (0.0, 100.0)),
        ({"rule": "ratio"}, (0.0, float("inf"))),
        ({"rule": "ratio", "unit": "%", "parameters": {"valid_max": 250.0}}, (0.0, 250.0)),
        ({"rule": "likert", "parameters": {"high": 10.0}}, (1.0, 10.0)),
        ({"rule": "tone"}, (-1.0, 1.0)),
        ({"rule": "checklist", "items_vi": ("x", "y")}, (0.0, 2.0)),
        ({"rule": "binary"}, (0.0, 1.0)),
        ({"rule": "points", "max_points": 7.0}, (0.0, 7.0)),
        ({"rule": "published", "parameters": {"scale": 100.0}}, (0.0, 100.0)),
        ({"parameters": {"entry": "share"}}, (0.0, 1.0)),
        ({"parameters": {"entry": "points"}, "max_points": 7.0}, (0.0, 7.0)),
        ({"rule": "linear", "parameters": {"entry": "share", "target": 9.0}}, (0.0, 1.0)),
        ({"rule": "linear", "parameters": {"entry": "value", "target": 9.0}}, (0.0, float("inf"))),
        ({"parameters": {"entry": "share", "valid_min": -1.0}}, (-1.0, 1.0)),
    ],
)
def test_bounds__follow_from_rule_unit_and_entry(said, bounds):
    assert node(**said).bounds == bounds


@pytest.mark.parametrize(("unit", "target"), [("%", 100.0), (" % ", 100.0), ("", 1.0), ("người", 1.0)])
def test_target__of_a_ratio_by_default(unit, target):
    assert node(rule="ratio", unit=unit).parameter("target") == target


@pytest.mark.parametrize(("rule", "clip"), [("ratio", True), ("minmax", True), ("zscore", False), ("published", False)])
def test_clip__by_default(rule, clip):
    assert node(rule=rule).clip is clip
