"""Every bundled framework keeps the format, and the engine can score it whole."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import warehouse.frameworks
from tasks.scoring.engine import score
from warehouse.frameworks.check import parse_folder
from warehouse.frameworks.loader import load_framework
from warehouse.frameworks.rules import COUNT, NONE

FOLDERS = sorted(file.parent for file in Path(warehouse.frameworks.__file__).parent.glob("*/framework.yaml"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_framework__has_no_fault(folder):
    assert parse_folder(folder)[1] == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_framework__is_named_like_its_folder(folder):
    assert load_framework(folder).name == folder.name


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_framework__every_leaf_can_be_scored(folder):
    framework = load_framework(folder)
    rows = [
        (agency, leaf.code, leaf.bounds[end]) for leaf in framework.leaves for end, agency in enumerate(("low", "high"))
    ]
    frame = pd.DataFrame(rows, columns=["agency", "node", "value"]).replace(np.inf, 1e9)
    scores = score(framework, frame)
    assert len(scores) == 2 * len(framework.nodes)
    unranked = {node.code for node in framework.nodes if node.rule == COUNT or node.aggregation == NONE}
    assert set(scores.loc[scores["share"].isna(), "node"]) == unranked
    compared = {node.code for node in framework.nodes if node.rule == "zscore"}  # deviations from a mean: of any sign
    assert scores.loc[~scores["node"].isin(compared), "share"].dropna().between(0, 1).all()


# Index edition: main indices (or pillars) with the points and components that the decision gives, and the total.
EDITIONS = {
    "province_2022": ("main_index", "component_index", [10, 11, 7, 13, 12, 3, 22, 12, 8], 1000),
    "province_2025": ("main_index", "component_index", [5, 6, 5, 6, 6, 9, 5, 5], 1000),
    "ministry_2022": ("main_index", "component_index", [8, 8, 7, 9, 10, 28], 1000),
    "ministry_2025": ("main_index", "component_index", [3, 4, 4, 4, 5, 11], 1000),
    "national_2020": ("pillar", "main_index", [7, 7, 7], 1000),
    "national_2025": ("pillar", "main_index", [4, 3, 5], 1000),
}
PRINTED_TOTALS = {
    "province_2022": 98,
    "province_2025": 47,
    "ministry_2022": 70,
    "ministry_2025": 31,
    "national_2025": 12,
}
PRINTED_POINTS = {
    "province_2022": [100, 100, 100, 100, 100, 0, 200, 150, 150],
    "national_2025": [400, 300, 300],
}


@pytest.mark.parametrize("name", EDITIONS)
def test_edition__counts_and_points_are_those_of_the_decision(name):
    framework = load_framework(name)
    inner, leaf, counts, total = EDITIONS[name]
    above = framework.children[framework.root.code]
    assert {node.level for node in above} == {inner}
    assert {node.level for node in framework.leaves} == {leaf}
    assert [len(framework.children[node.code]) for node in above] == counts
    assert len(framework.leaves) == PRINTED_TOTALS.get(name, sum(counts))
    assert framework.root.max_points == total
    assert [node.max_points for node in above] == PRINTED_POINTS.get(name, [node.max_points for node in above])


@pytest.mark.parametrize("name", EDITIONS)
def test_edition__what_nobody_printed_says_that_it_is_our_reading(name):
    for node in load_framework(name).nodes:
        assert node.source, node.code
        if node.status == "reconstructed":
            assert "our reading" in node.source, node.code


def test_province_2022__smart_cities_are_shown_and_do_not_score():
    framework = load_framework("province_2022")
    leaves = framework.children["CS6"]
    both = pd.DataFrame(
        [(agency, leaf.code, value) for agency, value in (("with", 2), ("without", 0)) for leaf in leaves],
        columns=["agency", "node", "value"],
    )
    scores = score(framework, both).set_index(["agency", "node"])
    assert scores.loc[("with", "CS6"), "share"] > scores.loc[("without", "CS6"), "share"] == 0
    assert set(scores.xs("DTI", level="node")["points"]) == {0.0}
