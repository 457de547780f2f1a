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
