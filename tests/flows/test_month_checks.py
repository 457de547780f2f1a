"""Months of one round through the whole way: what is refused, what is accepted with a warning, where that is seen."""

import json
import sqlite3

import pandas as pd
import pytest

from tasks.workspace import Workspace
from warehouse.frames import WARNING
from warehouse.settings import get_settings

FRAMEWORK = """framework: counts_2020
title_vi: Số đếm hằng tháng
population: [province]
levels:
  - {level: board, aggregation: sum}
  - {level: count}
"""
NODES = """code,parent,level,name_vi,max_points,evidence,rule,parameters,unit
B,,board,Bảng số,4,,,,
C.TTHC,B,count,Thủ tục hành chính,1,report,linear,target=1000,thủ tục
C.M4,B,count,Dịch vụ mức độ 4,1,report,linear,target=1000,dịch vụ
C.HS,B,count,Hồ sơ,1,report,linear,target=1000,hồ sơ
C.HS_ON,B,count,Hồ sơ trực tuyến,1,report,linear,target=1000,hồ sơ
"""
CHECKS = """not_above:
  - {item: C.M4, limit: C.TTHC}
  - {item: C.HS_ON, limit: C.HS}
jump: {factor: 3, floor: 20}
unchanged: {months: 3, items: [C.HS]}
"""


@pytest.fixture
def board(tmp_path):
    folder = tmp_path / "counts_2020"
    folder.mkdir()
    (folder / "framework.yaml").write_text(FRAMEWORK, encoding="utf-8")
    (folder / "nodes.csv").write_text(NODES, encoding="utf-8")
    (folder / "checks.yaml").write_text(CHECKS, encoding="utf-8")
    return folder


@pytest.fixture
def run_month(dti, board, tmp_path):
    """Runs a month of Hà Giang and Cao Bằng: code to figure."""

    def run(period, **agencies):
        folder = tmp_path / "rounds" / period
        folder.mkdir(parents=True, exist_ok=True)
        lines = ["round: synthetic-months", "kind: synthetic", f'period: "{period}"', "sources:"]
        (folder / "round.yaml").write_text(
            "\n".join([*lines, "  - {source: agency_report, path: returns}"]), encoding="utf-8"
        )
        (folder / "returns").mkdir(exist_ok=True)
        for agency, figures in agencies.items():
            head = f"Cơ quan báo cáo:,{agency.replace('_', ' ')}\nKỳ báo cáo:,{period}\n\n"
            table = "Mã tiêu chí,Giá trị,Đơn vị tính,Tài liệu minh chứng\n"
            rows = "".join(f"{code},{value},,BC 1/UBND\n" for code, value in figures.items())
            (folder / "returns" / f"{agency}.csv").write_text(head + table + rows, encoding="utf-8")
        done = dti("run", "annual", "--framework", str(board), "--period", period, "--round", str(folder))
        assert done.returncode == 0, done.stdout + done.stderr

    return run


def counts(tthc, m4, hs, hs_on):
    return {"C.TTHC": tthc, "C.M4": m4, "C.HS": hs, "C.HS_ON": hs_on}


def listed(dti, period, *options):
    asked = ("--framework", "counts_2020", "--period", period, "--format", "json", *options)
    return sorted((row["item"], row["reason_en"]) for row in json.loads(dti("quarantine", "list", *asked).stdout))


def test_months__of_one_round__are_held_against_each_other(dti, home, run_month):
    run_month("2020-06", Hà_Giang=counts(1500, 100, 900, 80), Cao_Bằng=counts(1200, 90, 700, 60))
    run_month("2020-07", Hà_Giang=counts(1500, 10, 900, 85), Cao_Bằng=counts(1200, 95, 750, 65))
    # The newest run of a month counts, whatever an earlier one had read.
    run_month("2020-07", Hà_Giang=counts(1500, 110, 900, 85), Cao_Bằng=counts(1200, 95, 750, 65))
    run_month("2020-08", Hà_Giang=counts(1500, 400, 900, 90), Cao_Bằng=counts(1200, 1300, 760, 70))

    assert listed(dti, "2020-08") == [
        ("C.M4", "C.M4 is 1,300, above C.TTHC, which is 1,200; one of them is wrong."),
        ("C.TTHC", "C.M4 is 1,300, above C.TTHC, which is 1,200; one of them is wrong."),
    ]
    doubts = [
        ("C.HS", "The value 900 of C.HS is the same for 3 months in a row, 2020-08 included."),
        ("C.M4", "C.M4 rises over 3-fold, from 110 at 2020-07 to 400."),
    ]
    assert listed(dti, "2020-08", "--warnings") == doubts
    assert listed(dti, "2020-08", "--warnings", "--rule", "value_does_not_jump", "--agency", "Hà Giang") == doubts[1:]
    assert listed(dti, "2020-07", "--warnings") == []
    asked = ("quarantine", "list", "--framework", "counts_2020", "--period", "2020-08", "--warnings")
    assert "2 of 2 doubted rows. They count; look at them." in dti(*asked).stdout
    unknown = dti(*asked, "--rule", "agency_is_known")
    assert unknown.returncode == 1
    assert "No row was doubted by a rule 'agency_is_known'." in unknown.stderr

    kept = Workspace.of(get_settings().lake, "counts_2020", "2020-08", "synthetic-months").read(WARNING)
    with sqlite3.connect(home / "warehouse.db") as connection:
        stored = pd.read_sql("SELECT * FROM warning ORDER BY rule", connection)
        accepted = {row[0] for row in connection.execute("SELECT observation_id FROM observation")}
    assert kept.sort_values("rule")["observation_id"].tolist() == stored["observation_id"].tolist()
    assert set(stored["observation_id"]) <= accepted
