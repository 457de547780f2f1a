"""A small framework with a criterion of every rule, ranking provinces of the registry."""

from pathlib import Path

import pytest

from warehouse.frameworks.model import Description, Framework, Level, Node


def leaf(code, rule, unit, **more):
    return Node(code, code[0], "criterion", f"Tiêu chí {code}", evidence="report", rule=rule, unit=unit, **more)


@pytest.fixture(scope="session")
def framework():
    counted = {"numerator_vi": "Số đạt", "denominator_vi": "Tổng số hồ sơ"}
    nodes = (
        Node("DTI", "", "index", "Chỉ số", aggregation="sum"),
        Node("A", "DTI", "pillar", "Chính quyền số: nền tảng", aggregation="sum"),
        leaf("A.1", "ratio", "%", **counted),
        leaf("A.2", "ratio", "%", parameters={"target": 50.0}, direction="negative", **counted),
        leaf("A.3", "ratio", "", **counted),
        leaf("A.4", "binary", "có/không"),
        leaf("A.5", "checklist", "mục", items_vi=("một", "hai", "ba")),
        leaf("A.6", "linear", "người", parameters={"target": 20.0}),
        leaf("A.7", "linear", "triệu đồng/người", parameters={"floor": 1.0, "target": 15.0}, **counted),
        Node("B", "DTI", "pillar", "Kinh tế số", aggregation="sum"),
        leaf("B.1", "linear", "%", parameters={"floor": 99.0, "target": 99.9}),
        leaf("B.2", "tier", "%", parameters={"tiers": ((0.0, 0.0), (50.0, 0.5), (80.0, 1.0))}),
        leaf("B.3", "tier", "ngày", parameters={"tiers": ((3.0, 1.0), (7.0, 0.5))}, direction="negative"),
        leaf("B.4", "minmax", "điểm"),
        leaf("B.5", "zscore", "lần"),
        leaf("B.6", "likert", "1-5"),
        leaf("B.7", "tone", "-1..1"),
        leaf("B.8", "points", "điểm", max_points=10.0),
        leaf("B.9", "proportion", "%"),
        leaf("B.10", "published", ""),
        Node("B.11", "B", "criterion", "Khảo sát", evidence="survey", rule="likert", unit="1-5"),
    )
    levels = tuple(Level(level=level) for level in ("index", "pillar", "criterion"))
    description = Description(framework="tiny", title_vi="Bộ chỉ số nhỏ", levels=levels, population=("province",))
    return Framework(description, nodes, {}, Path(), "")
