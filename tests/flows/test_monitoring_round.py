"""A month from a monitoring system and from returns in JSON, through the whole flow, and again after a revision."""

import json
import sqlite3

import pytest

from tasks.demo.servers.monitoring import FIGURES_PATH, Monitoring
from tasks.demo.servers.survey import Tools, serve_tools
from warehouse.settings import get_settings

FRAMEWORK = """\
framework: services_2019
periods: ["2020-08"]
population: [province]
levels:
  - {level: dashboard, aggregation: sum}
  - {level: indicator}
"""
NODES = """\
code,parent,level,name_vi,max_points,evidence,rule,parameters,unit
DVC,,dashboard,Bảng theo dõi,,,,,
C.M4,DVC,indicator,Số dịch vụ mức độ 4,1,report,linear,target=1000,dịch vụ
C.VB,DVC,indicator,Số văn bản,1,report,linear,target=1000,văn bản
"""


def record(name, value, revision=1, *, later=False, month="2020-08"):
    return {
        "agency": {"code": "", "name": name},
        "indicator": "C.M4",
        "month": month,
        "value": value,
        "revision": revision,
        "updated_at": f"2020-09-{revision:02d}T08:00:00+07:00",
        "later": later,
    }


RECORDS = [
    record("Tỉnh Hà Giang", 100),
    record("Tỉnh Hà Giang", 110, 2),
    record("Tỉnh Nam Định", 533),
    record("Tỉnh Nam Định", 540, 2, later=True),
    record("Tỉnh Hà Nam", 7, month="2020-09"),
]


@pytest.fixture
def framework(tmp_path):
    folder = tmp_path / "services_2019"
    folder.mkdir()
    (folder / "framework.yaml").write_text(FRAMEWORK, encoding="utf-8")
    (folder / "nodes.csv").write_text(NODES, encoding="utf-8")
    return folder


@pytest.fixture
def month(tmp_path, home, monkeypatch):
    """A round of one month with its server."""
    monkeypatch.setenv("DTI_ALLOW_PRIVATE_ADDRESSES", "true")
    monkeypatch.setenv("DTI_MONITOR_TOKEN", "synthetic")
    get_settings.cache_clear()
    folder = tmp_path / "month"
    (folder / "monitoring").mkdir(parents=True)
    lines = "".join(json.dumps(one) + "\n" for one in RECORDS)
    (folder / "monitoring" / "2020-08.jsonl").write_text(lines, encoding="utf-8")
    item = {"code": "C.VB", "value": 800, "unit": "văn bản", "evidence": "Báo cáo 12/BC"}
    said = {"agency": "UBND tỉnh Hà Giang", "period": "2020-08", "submitted_on": "2020-09-04", "items": [item]}
    (folder / "returns").mkdir()
    (folder / "returns" / "ha-giang.json").write_text(json.dumps(said), encoding="utf-8")
    with serve_tools(Tools([], monitoring=Monitoring(folder, page_size=2))) as url:
        about = ["round: month", "kind: synthetic", 'period: "2020-08"', "sources:"]
        about.append("  - {source: agency_report, path: returns}")
        about.append(f"  - {{source: monitoring, url: '{url}{FIGURES_PATH}?month=2020-08', credential: monitor}}")
        (folder / "round.yaml").write_text("\n".join(about), encoding="utf-8")
        yield folder


@pytest.fixture
def ask(home):
    def query(text):
        with sqlite3.connect(home / "warehouse.db") as connection:
            return connection.execute(text).fetchall()

    return query


FIGURES = "SELECT agency, node, value FROM measurement WHERE node <> 'DVC' AND vintage = {} ORDER BY agency, node"


def test_month__again_after_a_revision__is_a_new_vintage_and_keeps_what_was_said_before(dti, month, framework, ask):
    command = ("run", "annual", "--framework", str(framework), "--period", "2020-08", "--round", str(month))
    first = dti(*command)
    assert first.returncode == 0, first.stderr
    ha_giang = [("province-ha-giang", "C.M4", 110.0), ("province-ha-giang", "C.VB", 800.0)]
    assert ask(FIGURES.format(1)) == [*ha_giang, ("province-nam-dinh", "C.M4", 533.0)]
    assert ask("SELECT value_text FROM observation WHERE superseded_by <> ''") == [("=100",)]
    assert ask("SELECT rule, value_text FROM quarantine") == [("period_matches", "=7")]
    pages = "SELECT outcome, rows_read, rows_accepted FROM batch WHERE source = 'monitoring' ORDER BY origin"
    assert ask(pages) == [("accepted", 2, 2), ("quarantined", 2, 1)]

    assert dti(*command).returncode == 0
    assert ask(FIGURES.format(2)) == [*ha_giang, ("province-nam-dinh", "C.M4", 540.0)]
    assert len(ask("SELECT DISTINCT snapshot_sha256 FROM observation WHERE source = 'monitoring'")) == 4
    assert dti(*command).returncode == 0
    assert ask("SELECT max(vintage) FROM measurement") == [(2,)]


def test_month__the_system_is_down__the_returns_go_on_and_what_is_missing_is_said(dti, month, framework, monkeypatch):
    monkeypatch.setenv("DTI_MONITOR_TOKEN", "wrong")
    done = dti("run", "annual", "--framework", str(framework), "--period", "2020-08", "--round", str(month))
    assert done.returncode == 0, done.stderr
    assert "status 401" in done.stdout
    assert "wrong" not in done.stdout
