"""A month from returns and a second source to the view: precedence, punctuality, what could not be derived."""

import shutil

import pytest

from tasks.job import Job
from tasks.load import open_warehouse
from tests.whole_round import run_round
from warehouse.frames import QUARANTINE
from warehouse.frameworks.loader import load_framework
from warehouse.queries import online_services
from warehouse.settings import get_settings

ROUND = """\
round: monthly
kind: synthetic
due: 5
corrections: corrections.yaml
sources:
  - {source: agency_report, path: "returns/{period}"}
  - {source: published, path: "{period}.csv"}
"""
RETURN = """\
Cơ quan báo cáo: {agency}
Kỳ báo cáo: {period}
Ngày báo cáo: {sent}
Mã tiêu chí;Tiêu chí;ĐVT;Giá trị;Tử số (a);Mẫu số (b);Tài liệu minh chứng
"""
PRINTED = """\
agency,node,value,citation,url
Hà Nội,C.M4,250,a report,https://a.vn
Huế,S.M4,40,a report,https://a.vn
Huế,DVC.CC,0.4,a report,https://a.vn
Huế,C.DVC_HS,1.5,a report,https://a.vn
"""
CORRECTION = """\
corrections:
  - {id: c1, agency: "Hà Nội", item: C.TTHC, part: value, period: "2020-07", source: agency_report, action: replace,
     expect: "500", value: 900, reason: "sai", by: "vụ", date: 2020-09-01, status: open}
"""


def returned(agency, sent, **counts):
    head = RETURN.format(agency=agency, period="tháng 8/2020", sent=sent)
    return head + "".join(f"{code.replace('_', '.', 1)};;;{value};;;1/BC\n" for code, value in counts.items())


@pytest.fixture
def month(tmp_path, monkeypatch):
    """The job of August 2020, run, in a framework where published figures go before returns."""
    monkeypatch.setenv("DTI_HOME", str(tmp_path / "var"))
    get_settings.cache_clear()
    own = tmp_path / "var" / "frameworks" / "online_services_2019"
    shutil.copytree(load_framework("online_services_2019").folder, own)
    text = (own / "framework.yaml").read_text(encoding="utf-8")
    changed = text.replace("precedence: [monitoring, agency_report]", "precedence: [published, agency_report]")
    (own / "framework.yaml").write_text(changed, encoding="utf-8")
    (own / "checks.yaml").unlink()  # figures that contradict each other: tests/flows/test_month_checks.py
    folder = tmp_path / "round"
    (folder / "returns" / "2020-08").mkdir(parents=True)
    (folder / "round.yaml").write_text(ROUND, encoding="utf-8")
    (folder / "corrections.yaml").write_text(CORRECTION, encoding="utf-8")
    (folder / "2020-08.csv").write_text(PRINTED, encoding="utf-8")
    for name, content in {
        "ha-noi.csv": returned("Hà Nội", "03/09/2020", C_M4=200, C_M3=50, C_TTHC=1000),
        "hue.csv": returned("Thừa Thiên Huế", "09/09/2020", C_M4=100, C_TTHC=400, C_DK=0),
        "broken.csv": "not a return",
    }.items():
        (folder / "returns" / "2020-08" / name).write_text(content, encoding="utf-8")
    yield run_round(Job(framework="online_services_2019", period="2020-08", round_folder=str(folder)))
    get_settings.cache_clear()


def test_month__from_two_sources__is_published_with_what_there_is_to_know(month):
    refused = month.workspace.read(QUARANTINE)
    assert dict(zip(refused["locator"], refused["rule"], strict=True)) == {
        "line 4": "item_is_known",  # a topic has no figure
        "line 5": "value_is_whole",
    }
    rows = online_services(open_warehouse(), "monthly", "2020-08").set_index(["agency", "node"])
    assert set(rows["state"]) == {"published"}

    # The source named first counts, and the share follows from it.
    ha_noi = rows.loc["province-ha-noi", "S.M4"]
    assert (ha_noi["numerator"], ha_noi["denominator"], ha_noi["share_percent"]) == (250, 1000, 25)

    # A share that was printed counts as printed; the counts beside it say otherwise.
    hue = rows.loc["province-thua-thien-hue", "S.M4"]
    assert (hue["numerator"], hue["denominator"], hue["share_percent"]) == (100, 400, 40)
    differences = month.workspace.read_json("differences")
    assert [(one["node"], one["source"], one["value"], one["exceeds"]) for one in differences] == [
        ("C.M4", "agency_report", 200.0, True),
        ("S.M4", "derived", 25.0, True),
    ]


def test_month__late_and_missing_agencies__are_listed(month):
    listed = {one["agency"]: one for one in month.workspace.read_json("punctuality")}
    assert "province-ha-noi" not in listed
    late = listed["province-thua-thien-hue"]
    assert (late["state"], late["days_late"], late["due"]) == ("late", 4, "2020-09-05")
    missing = [one for one in listed.values() if one["state"] == "missing"]
    assert len(missing) == len(month.ranked_agencies) - 2


def test_month__what_could_not_be_derived__is_named_with_the_reason(month):
    reasons = {(one["agency"], one["node"]): one["reason"] for one in month.workspace.read_json("underived")}
    assert reasons["province-thua-thien-hue", "S.M4_DK"] == "C.DK is 0"
    assert reasons["province-ha-noi", "S.M4_DK"] == "C.DK did not come"


def test_month__corrections_of_other_months__are_not_out_of_date(month):
    assert month.workspace.read_json("corrections") == {"applied": [], "faults": []}
