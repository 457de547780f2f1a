from datetime import date

import pytest

from warehouse.frameworks.faults import Report
from warehouse.frameworks.loader import framework_digest, load_framework
from warehouse.frameworks.model import Node
from warehouse.frameworks.targets import read_targets

HEADER = "node,applies_to,due,value,legal_basis,status,source,address"
NODES = (Node(code="T", parent="", level="l"), Node(code="S", parent="T", level="l", rule="ratio", unit="%"))


def read(folder, *rows):
    (folder / "targets.csv").write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    report = Report("targets.csv")
    return read_targets(folder / "targets.csv", NODES, ("north",), report), [str(fault) for fault in report.faults]


def test_read_targets__no_file__no_targets(tmp_path):
    report = Report("targets.csv")
    assert read_targets(tmp_path / "targets.csv", NODES, (), report) == ()
    assert report.faults == []


def test_read_targets__for_all_a_group_and_the_country(tmp_path):
    rows = ("S,all,2020-12-31,30,,,,", "S,north,2021-12-31,50,,,,", "S,overall,2021-12-31,40,,,,")
    found, faults = read(tmp_path, *rows)
    assert faults == []
    assert [(target.applies_to, target.due.year, target.value) for target in found] == [
        ("all", 2020, 30.0),
        ("north", 2021, 50.0),
        ("overall", 2021, 40.0),
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("X,all,2020-12-31,30,,,,", "'X' is not a code of nodes.csv"),
        ("S,south,2020-12-31,30,,,,", "applies_to is 'south'; write one of all, overall, north"),
        ("S,all,2020-12,30,,,,", "due is '2020-12'; write a day"),
        ("S,all,2020-02-30,30,,,,", "due is '2020-02-30'; write a day"),
        ("S,all,20201231,30,,,,", "due is '20201231'"),
        ("S,all,2020-12-31,130,,,,", "value is '130'; write a number between 0 and 100"),
        ("S,all,2020-12-31,nan,,,,", "value is 'nan'"),
        ('S,all,2020-12-31,"30,5",,,,', "value is '30,5'"),
        ("S,all,2020-12-31,30,,guess,,", "the status 'guess' is not known"),
    ],
)
def test_read_targets__at_fault__names_the_line(tmp_path, row, said):
    found, faults = read(tmp_path, "S,all,2019-12-31,10,,,,", row)
    assert len(found) == 1
    assert len(faults) == 1
    assert faults[0].startswith("targets.csv:3: ")
    assert said in faults[0]


def test_read_targets__twice__is_a_fault(tmp_path):
    _, faults = read(tmp_path, "S,all,2020-12-31,30,,,,", "S,all,2020-12-31,40,,,,")
    assert faults == ["targets.csv:3: the target of S for all by 2020-12-31 stands twice."]


def test_bundled__the_targets_that_were_printed():
    found = {
        (target.node, target.applies_to, target.due): target.value
        for name in ("online_services_2019", "online_services_2022")
        for target in load_framework(name).targets
    }
    assert found["S.M4", "all", date(2020, 12, 31)] == 30
    assert found["S.M4_DK", "all", date(2021, 12, 31)] == 100
    assert found["S.VB", "all", date(2020, 12, 31)] == 90
    assert found["S.HS_TT", "ministry", date(2024, 12, 31)] == 70
    assert found["S.HS_TT", "province", date(2024, 12, 31)] == 30
    assert found["S.HS_TT", "overall", date(2024, 12, 31)] == 50


def test_digest__another_target__is_another_content(tmp_path):
    (tmp_path / "framework.yaml").write_text("framework: t", encoding="utf-8")
    before = framework_digest(tmp_path)
    read(tmp_path, "S,all,2020-12-31,30,,,,")
    assert framework_digest(tmp_path) != before
