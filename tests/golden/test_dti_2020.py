"""DTI 2020 of nine provinces from their published pillar values: totals at four decimals, and ranks."""

import csv
from pathlib import Path

import pandas as pd
import pytest

from tasks.scoring.engine import score
from warehouse.frameworks.loader import load_framework

FILE = Path(__file__).parents[2] / ".." / "shared" / "data" / "dti" / "results_dti_2020_province.csv"
pytestmark = [pytest.mark.shared, pytest.mark.skipif(not FILE.is_file(), reason="the design folder is not here")]

PILLARS = {"CQS": "cqs_score", "KTS": "kts_score", "XHS": "xhs_score"}


def published() -> list[dict[str, str]]:
    with FILE.open(encoding="utf-8-sig", newline="") as stream:
        return [row for row in csv.DictReader(stream) if row["score"] and all(row[name] for name in PILLARS.values())]


@pytest.fixture(scope="module")
def scores() -> pd.DataFrame:
    rows = [(row["agency"], node, float(row[name]), "2020") for row in published() for node, name in PILLARS.items()]
    frame = pd.DataFrame(rows, columns=["agency", "node", "value", "period"])
    return score(load_framework("province_2020"), frame)


def test_dti__totals_and_ranks_of_nine_provinces(scores):
    total = scores[scores["node"] == "DTI"].set_index("agency")
    assert len(total) == 9
    for row in published():
        assert f"{total.at[row['agency'], 'share']:.4f}" == row["score"]
        assert total.at[row["agency"], "rank"] == int(row["rank"])


def test_dti__points_are_the_shares_of_400_300_and_300(scores):
    da_nang = scores[scores["agency"] == "TP. Đà Nẵng"].set_index("node")["points"]
    assert da_nang.to_dict() == pytest.approx({"DTI": 487.4, "CQS": 213.84, "KTS": 124.65, "XHS": 148.92}, abs=0.02)


def test_dti__everything_below_the_pillars_is_covered(scores):
    assert set(scores["node"]) == {"DTI", *PILLARS}
    assert set(scores.loc[scores["node"] != "DTI", "status"]) == {"published"}
