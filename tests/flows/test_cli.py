"""The command line where no flow is needed: output, errors, exit status."""

import csv
import io
import json

import pytest


@pytest.mark.parametrize(
    ("text", "at", "agency"),
    [
        ("Thừa Thiên – Huế", "2020-12-31", "province-thua-thien-hue"),
        ("BR-VT", "2020-12-31", "province-ba-ria-vung-tau"),
        ("Bộ TT&TT", "2020-12-31", "ministry-thong-tin-va-truyen-thong"),
        ("24", "2020-12-31", "province-bac-giang"),
        ("24", "2026-12-31", "province-bac-ninh-2025"),
    ],
)
def test_resolve__any_spelling_at_a_date(say, text, at, agency):
    status, out, _ = say("agencies", "resolve", text, "--at", at)
    assert status == 0
    assert out.startswith(agency + " ")


def test_resolve__unknown_name__lists_the_nearest(say):
    status, _, err = say("agencies", "resolve", "Hà Nôi Mới", "--at", "2020-12-31")
    assert status == 1
    assert "Hà Nội" in err


def test_list__provinces_before_and_after_the_merger(say):
    for at, number in (("2025-06-30", 63), ("2025-07-01", 34)):
        _, out, _ = say("agencies", "list", "--kind", "province", "--at", at, "--format", "csv")
        assert len(list(csv.DictReader(io.StringIO(out)))) == number


def test_framework_list__counts_what_is_reconstructed(say):
    status, out, _ = say("framework", "list", "--format", "json")
    rows = {row["framework"]: row for row in json.loads(out)}
    assert status == 0
    assert rows["province_2020"]["criteria"] == 306
    assert rows["ministry_2020"]["criteria"] == 111
    assert 0 < rows["province_2020"]["reconstructed"] < rows["province_2020"]["nodes"]


def test_framework_list__as_a_table__is_readable_in_120_columns(say):
    _, out, _ = say("framework", "list")
    assert max(map(len, out.splitlines())) <= 120
    assert "province_2020" in out


def test_framework_import__says_whether_it_replaced_an_earlier_one(say, tmp_path):
    base = tmp_path / "base"
    base.mkdir()
    (base / "framework.yaml").write_text(
        "framework: f\nlevels:\n  - {level: index, aggregation: sum}\n  - {level: leaf}\n", encoding="utf-8"
    )
    (base / "nodes.csv").write_text(
        "code,parent,level,name_en,max_points,rule,status\nD,,index,All,1,,official\nA,D,leaf,One,1,binary,official\n",
        encoding="utf-8",
    )
    command = ("framework", "import", str(base / "nodes.csv"), "--base", str(base), "--out", str(tmp_path / "out"))
    replaced = "in place of the one that stood there"
    outputs = [say(*command) for _ in range(2)]
    assert [(status, replaced in out) for status, out, _ in outputs] == [(0, False), (0, True)]


def test_framework_check__faults__file_and_line_of_each(say, tmp_path):
    (tmp_path / "framework.yaml").write_text(
        "framework: f\nlevels:\n  - {level: index}\n  - {level: leaf}\n", encoding="utf-8"
    )
    (tmp_path / "nodes.csv").write_text(
        "code,parent,level,name_en,max_points,rule\nT,,index,Total,10,\na,T,leaf,A,4,binary\nb,T,leaf,B,5,ration\n",
        encoding="utf-8",
    )
    status, _, err = say("framework", "check", str(tmp_path))
    assert status == 1
    assert "nodes.csv:2: " in err
    assert "nodes.csv:4: " in err


def test_score__a_folder_and_a_file__unrounded_csv(say, tmp_path):
    (tmp_path / "framework.yaml").write_text(
        "framework: f\nlevels:\n  - {level: index, aggregation: mean}\n  - {level: leaf}\n", encoding="utf-8"
    )
    (tmp_path / "nodes.csv").write_text(
        "code,parent,level,name_en,rule,parameters\nT,,index,Total,,\na,T,leaf,A,minmax,\nb,T,leaf,B,linear,target=3\n",
        encoding="utf-8",
    )
    (tmp_path / "in.csv").write_text("agency,node,value\nX,a,1\nX,b,1\nY,a,2\nY,b,3\n", encoding="utf-8")
    status, out, _ = say("score", "--framework", str(tmp_path), "--inputs", str(tmp_path / "in.csv"))
    rows = list(csv.DictReader(io.StringIO(out)))
    total = {row["agency"]: row for row in rows if row["node"] == "T"}
    assert status == 0
    assert list(rows[0])[:9] == ["period", "agency", "node", "level", "value", "points", "max_points", "share", "rank"]
    assert float(total["X"]["share"]) == (0 + 1 / 3) / 2
    assert (total["Y"]["rank"], total["X"]["rank"]) == ("1", "2")


def test_rank__empty_warehouse__says_what_to_do(say):
    status, _, err = say("rank", "--framework", "province_2020", "--period", "2020")
    assert status == 1
    assert "Traceback" not in err


def test_unknown_option__status_2(say):
    assert say("rank", "--nonsense")[0] == 2


def test_doctor__fresh_machine__everything_named(say):
    _, out, _ = say("doctor", "--format", "json")
    assert {row["what"] for row in json.loads(out)} >= {"Python", "packages", "state folder", "warehouse", "snapshots"}


def test_doctor__altered_snapshot__is_named_and_fails(say, home):
    folder = home / "snapshots" / "ab"
    folder.mkdir(parents=True)
    (folder / ("ab" * 32)).write_bytes(b"not these bytes")
    status, out, err = say("doctor")
    assert status == 1
    assert "altered" in out
    assert "snapshots" in err


def test_demo_make_months__in_a_folder_that_is_taken__one_sentence(say, tmp_path):
    (tmp_path / "mine.txt").write_text("x")
    status, _, err = say("demo", "make-months", str(tmp_path), "--from", "2020-01", "--to", "2020-02")
    assert status == 1
    assert "is not empty" in err


def test_demo_make_months__months_the_wrong_way_round__one_sentence(say, tmp_path):
    status, _, err = say("demo", "make-months", str(tmp_path / "new"), "--from", "2020-02", "--to", "2020-01")
    assert status == 1
    assert "no months from 2020-02 to 2020-01" in err


def test_framework_crosswalk__shows_each_row_and_the_share_that_it_covers(say):
    status, out, _ = say("framework", "crosswalk", "province_2020", "province_2022")
    assert status == 0
    assert "CQS.1+KTS.1+XHS.1" in out
    assert "Of province_2020 it covers 89.0% of the points (890 of 1000), 0.0% by nodes that are the same" in out
    assert "not covered: CQS.4, KTS.4, XHS.4." in out


def test_framework_crosswalk__in_csv__only_the_rows(say):
    status, out, _ = say("framework", "crosswalk", "national_2020", "national_2025", "--format", "csv")
    assert status == 0
    assert [row["points"] for row in csv.DictReader(io.StringIO(out))] == ["400 to 400", "300 to 300", "300 to 300"]


def test_framework_crosswalk__none__says_what_there_is(say):
    status, _, err = say("framework", "crosswalk", "province_2020", "ministry_2020")
    assert status == 1
    assert "nothing of them is known to be comparable" in err


def test_framework_crosswalk__the_wrong_way_round__says_which_way_it_leads(say):
    status, _, err = say("framework", "crosswalk", "province_2022", "province_2020")
    assert status == 1
    assert "leads from province_2020 to province_2022" in err
    assert "dti framework crosswalk province_2020 province_2022" in err


def test_framework_crosswalk__mistyped__is_no_framework(say):
    status, _, err = say("framework", "crosswalk", "provnce_2020", "province_2022")
    assert status == 1
    assert "no framework 'provnce_2020'" in err
