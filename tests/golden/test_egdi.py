"""The UN E-Government Development Index 2018 and 2020 from its published sub-indices."""

import csv
from pathlib import Path

import pandas as pd
import pytest

from tasks.scoring.engine import score
from warehouse.frameworks.loader import load_framework
from warehouse.frameworks.model import Framework

DATA = Path(__file__).parents[2] / ".." / "shared" / "data" / "egdi"
pytestmark = [pytest.mark.shared, pytest.mark.skipif(not DATA.is_dir(), reason="the design folder is not here")]

YAML = """\
framework: egdi
title_en: E-Government Development Index
levels:
  - {level: index, aggregation: mean}
  - {level: subindex, count: 3}
"""
NODES = """\
code,parent,level,name_en,rule
egdi,,index,E-Government Development Index,
osi,egdi,subindex,Online Service Index,published
tii,egdi,subindex,Telecommunication Infrastructure Index,published
hci,egdi,subindex,Human Capital Index,published
"""


@pytest.fixture(scope="module")
def framework(tmp_path_factory) -> Framework:
    folder = tmp_path_factory.mktemp("egdi")
    folder.joinpath("framework.yaml").write_text(YAML, encoding="utf-8")
    folder.joinpath("nodes.csv").write_text(NODES, encoding="utf-8")
    return load_framework(folder)


@pytest.fixture(scope="module")
def table() -> list[dict[str, str]]:
    with (DATA / "egdi_2018_2020.csv").open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def measurements(table: list[dict[str, str]], *nodes: str) -> pd.DataFrame:
    rows = [(row["country"], row["year"], node, float(row[node])) for row in table for node in nodes]
    return pd.DataFrame(rows, columns=["agency", "period", "node", "value"])


def of_viet_nam(scores: pd.DataFrame, node: str, name: str) -> dict[str, int]:
    rows = scores[(scores["agency"] == "Viet Nam") & (scores["node"] == node)]
    return dict(zip(rows["period"], rows[name], strict=True))


def unlike_published(scores: pd.DataFrame, table: list[dict[str, str]]) -> dict[tuple[str, str], tuple[int, int]]:
    """Rank of ours and rank published where they differ, by period and country."""
    total = scores[scores["node"] == "egdi"]
    ours = dict(zip(zip(total["period"], total["agency"], strict=True), total["rank"], strict=True))
    published = {(row["year"], row["country"]): int(row["egdi_rank"]) for row in table}
    return {key: (ours[key], rank) for key, rank in published.items() if ours[key] != rank}


def test_egdi__is_the_mean_of_its_sub_indices(framework, table):
    total = score(framework, measurements(table, "osi", "tii", "hci"))
    total = total[total["node"] == "egdi"].set_index(["period", "agency"])["share"]
    for row in table:
        assert total[row["year"], row["country"]] == pytest.approx(float(row["egdi"]), abs=7e-5)


def test_egdi__ranks_from_the_sub_indices(framework, table):
    scores = score(framework, measurements(table, "osi", "tii", "hci"))
    assert of_viet_nam(scores, "egdi", "rank") == {"2018": 88, "2020": 86}
    assert of_viet_nam(scores, "tii", "rank") == {"2018": 100, "2020": 69}
    assert of_viet_nam(scores, "hci", "rank") == {"2018": 120, "2020": 117}
    assert of_viet_nam(scores, "osi", "rank") == {"2018": 59, "2020": 81}
    # Neighbours that four decimals of the sub-indices cannot tell apart or put the other way round.
    assert unlike_published(scores, table) == {
        ("2018", "Iraq"): (156, 155),
        ("2018", "Serbia"): (50, 49),
        ("2020", "Andorra"): (79, 80),
        ("2020", "North Macedonia"): (71, 72),
        ("2020", "Timor-Leste"): (133, 134),
    }


def test_egdi__ranks_from_the_published_index_entered_at_the_root(framework, table):
    scores = score(framework, measurements(table, "egdi"))
    assert set(scores["status"]) == {"published"}
    # The four rows of 2020 that tie at four decimals: competition ranks give both the better place.
    assert unlike_published(scores, table) == {
        ("2020", "Andorra"): (79, 80),
        ("2020", "Hungary"): (51, 52),
        ("2020", "North Macedonia"): (71, 72),
        ("2020", "Timor-Leste"): (133, 134),
    }


@pytest.mark.parametrize(("grouping", "place", "members"), [("un_region", 24, 47), ("un_subregion", 6, 11)])
def test_egdi__rank_within_a_region(framework, table, grouping, place, members):
    groups = {row["country"]: row[grouping] for row in table}
    scores = score(framework, measurements(table, "osi", "tii", "hci"), groups=groups)
    assert of_viet_nam(scores, "egdi", "group_rank")["2020"] == place
    region = scores[(scores["node"] == "egdi") & (scores["period"] == "2020") & (scores["group"] == groups["Viet Nam"])]
    assert len(region) == members
