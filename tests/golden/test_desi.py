"""The EU's Digital Economy and Society Index 2022 from its raw indicators: 140 official scores.

A framework of another index in the documented format: fixed goalposts without clipping, weighted means, a mean.
"""

import csv
from pathlib import Path

import pandas as pd
import pytest

from tasks.scoring.engine import score
from warehouse.frameworks.loader import load_framework
from warehouse.frameworks.model import Framework

DATA = Path(__file__).parents[2] / ".." / "shared" / "data" / "desi_2022"
pytestmark = [pytest.mark.shared, pytest.mark.skipif(not DATA.is_dir(), reason="the design folder is not here")]

YAML = """\
framework: desi_2022
title_en: Digital Economy and Society Index 2022
levels:
  - {level: index, aggregation: mean, count: 1}
  - {level: dimension, aggregation: weighted_mean, count: 4}
  - {level: subdimension, aggregation: weighted_mean, count: 10}
  - {level: indicator, count: 33}
groups:
  - {group: EU27}
"""
COLUMNS = ("code", "parent", "level", "name_en", "weight", "rule", "parameters")


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def nodes() -> list[dict[str, str]]:
    found = [{"code": "DESI_total", "level": "index", "name_en": "DESI"}]
    parts = rows("subdimension_weights.csv")
    for dimension in dict.fromkeys(part["dimension"] for part in parts):
        found.append({"code": dimension, "parent": "DESI_total", "level": "dimension", "name_en": dimension})
    for part in parts:
        code, weight = part["subdimension"], part["weight_in_dimension"]
        found.append(
            {"code": code, "parent": part["dimension"], "level": "subdimension", "name_en": code, "weight": weight}
        )
    for indicator in rows("goalposts_and_indicator_weights.csv"):
        found.append(
            {
                "code": indicator["code"],
                "parent": indicator["code"][:2],
                "level": "indicator",
                "name_en": indicator["Indicator"],
                "weight": indicator["Weight"],
                "rule": "minmax",
                "parameters": f"minimum={indicator['Min']}; maximum={indicator['Max']}; clip=no",
            }
        )
    return found


@pytest.fixture(scope="module")
def framework(tmp_path_factory) -> Framework:
    folder = tmp_path_factory.mktemp("desi_2022")
    folder.joinpath("framework.yaml").write_text(YAML, encoding="utf-8")
    with folder.joinpath("nodes.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        writer.writerows(nodes())
    return load_framework(folder)


@pytest.fixture(scope="module")
def scores(framework) -> pd.DataFrame:
    raw = pd.read_csv(DATA / "indicators_raw_2022.csv").drop(columns="Year")
    long = raw.melt(id_vars="Country", var_name="node").rename(columns={"Country": "agency"})
    eu27 = {country: "EU27" for country in raw["Country"] if country != "EU"}
    return score(framework, long, groups=eu27)


def test_desi__140_official_scores(scores):
    expected = {row["ref_area"]: row for row in rows("expected_scores_2022.csv")}
    names = ("HC", "CN", "IDT", "DPS", "DESI_total")
    official = scores[scores["node"].isin(names)]
    assert len(official) == 140
    for row in official.itertuples():
        assert row.share == pytest.approx(float(expected[row.agency][row.node]), abs=1e-6), (row.agency, row.node)


def test_desi__official_ranks_of_the_27(scores):
    expected = {row["ref_area"]: int(row["rank_eu27"]) for row in rows("expected_scores_2022.csv") if row["rank_eu27"]}
    total = scores[(scores["node"] == "DESI_total") & (scores["group"] == "EU27")]
    assert dict(zip(total["agency"], total["group_rank"], strict=True)) == expected
