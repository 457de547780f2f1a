"""The nine published rows of DTI 2020 through the whole path: from the figures to the ranking in the warehouse."""

import csv
import io
from pathlib import Path

import pytest

from warehouse.engine import connect
from warehouse.queries import choose_vintage, league_table
from warehouse.settings import get_settings

FILE = Path(__file__).parents[2] / ".." / "shared" / "data" / "dti" / "results_dti_2020_province.csv"
pytestmark = [pytest.mark.shared, pytest.mark.skipif(not FILE.is_file(), reason="the design folder is not here")]
COLUMNS = {"DTI": "score", "CQS": "cqs_score", "KTS": "kts_score", "XHS": "xhs_score"}
SPELLED = {"TP. Đà Nẵng": "Đà Nẵng", "TP. Hồ Chí Minh": "Hồ Chí Minh", "TP. Hà Nội": "Hà Nội", "TP. Cần Thơ": "Cần Thơ"}


def printed() -> dict[str, dict[str, str]]:
    with FILE.open(encoding="utf-8-sig", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if all(row[name] for name in COLUMNS.values())]
    return {SPELLED.get(row["agency"], row["agency"]): row for row in rows}


def test_published_round__nine_rows_are_as_printed(dti, once):
    done = once("run", "annual", "--framework", "province_2020", "--period", "2020")
    assert done.returncode == 0, done.stderr
    engine = connect(get_settings().url)
    chosen = choose_vintage(engine, "province_2020", "2020")
    rows = printed()
    assert len(rows) == 9
    for node, column in COLUMNS.items():
        table = league_table(engine, chosen, node).set_index("agency_name")
        assert set(table.index) == set(rows)
        for name, row in rows.items():
            assert f"{table.at[name, 'share']:.4f}" == f"{float(row[column]):.4f}", (name, node)
            if node == "DTI":
                assert table.at[name, "rank"] == int(row["rank"])


def test_published_round__command_line_gives_the_same_rows(dti, once):
    once("run", "annual", "--framework", "province_2020", "--period", "2020")
    shown = dti("rank", "--framework", "province_2020", "--period", "2020", "--format", "csv").stdout
    found = {row["agency_name"]: row for row in csv.DictReader(io.StringIO(shown))}
    assert {name: f"{float(row['share']):.4f}" for name, row in found.items()} == {
        name: f"{float(row['score']):.4f}" for name, row in printed().items()
    }
