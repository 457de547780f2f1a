"""The EU's Digital Economy and Society Index 2022 from its raw indicators: 140 official scores.

A framework of another index in the documented format: fixed goalposts without clipping, weighted means, a mean.
"""

import csv
from pathlib import Path

import pandas as pd
import pytest

from tasks.load import open_warehouse
from warehouse.frames import QUARANTINE
from warehouse.queries import choose_vintage, league_table

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
def folder(tmp_path_factory) -> Path:
    """The framework's folder; the EU itself is scored but in no group."""
    folder = tmp_path_factory.mktemp("desi_2022")
    folder.joinpath("framework.yaml").write_text(YAML, encoding="utf-8")
    with folder.joinpath("nodes.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        writer.writerows(nodes())
    members = [f"{row['Country']},EU27" for row in rows("indicators_raw_2022.csv") if row["Country"] != "EU"]
    folder.joinpath("groups.csv").write_text("\n".join(["agency,group", *members]) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def round_folder(tmp_path_factory) -> Path:
    """A round of the raw indicators as published figures."""
    folder = tmp_path_factory.mktemp("round")
    sources = "sources:\n  - {source: published, path: raw.csv, critical: true}\n"
    folder.joinpath("round.yaml").write_text(f'round: desi\nkind: press\nperiod: "2022"\n{sources}', encoding="utf-8")
    with folder.joinpath("raw.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["agency", "node", "value", "citation", "url"])
        for row in rows("indicators_raw_2022.csv"):
            figures = {code: value for code, value in row.items() if code not in ("Year", "Country")}
            writer.writerows([row["Country"], code, value, "DESI 2022", ""] for code, value in figures.items())
    return folder


@pytest.fixture(scope="module")
def scores(whole_path, folder, round_folder) -> dict[str, pd.DataFrame]:
    """Rows of the mart view by node, after the whole path from the raw indicators to a published vintage."""
    job = whole_path(str(folder), "2022", round_folder)
    assert job.workspace.read(QUARANTINE).empty
    engine = open_warehouse()
    chosen = choose_vintage(engine, "desi_2022", "2022", "desi")
    return {node: league_table(engine, chosen, node) for node in ("HC", "CN", "IDT", "DPS", "DESI_total")}


def test_desi__140_official_scores(scores):
    expected = {row["ref_area"]: row for row in rows("expected_scores_2022.csv")}
    official = [(row.agency, node, row.share) for node, table in scores.items() for row in table.itertuples()]
    assert len(official) == 140
    for agency, node, share in official:
        assert share == pytest.approx(float(expected[agency][node]), abs=1e-6), (agency, node)


def test_desi__official_ranks_of_the_27(scores):
    expected = {row["ref_area"]: int(row["rank_eu27"]) for row in rows("expected_scores_2022.csv") if row["rank_eu27"]}
    total = scores["DESI_total"]
    total = total[total["group"] == "EU27"]
    assert dict(zip(total["agency"], total["group_rank"], strict=True)) == expected
