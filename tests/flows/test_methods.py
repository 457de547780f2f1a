"""Methods beyond the rules on the whole path: a framework that uses them, its account and its audit."""

import csv
import io
import json
import re

import pytest

from tasks.scoring.engine import evaluated
from tasks.scoring.files import read_inputs
from warehouse.frameworks.loader import load_framework

YAML = """\
framework: methods_2020
title_en: Methods
population: [province]
outliers: winsorise
levels:
  - {level: index, aggregation: penalised_mean, weights: optimised}
  - {level: leaf}
"""
NODES = """\
code,parent,level,name_en,weight,aggregation,rule,parameters,missing
T,,index,Total,,,,available=0.9,exclude_and_reweight
a,T,leaf,Services per head,,,minmax,per=POP; per_scale=1000,
b,T,leaf,Percentile,,,percentile,ties=lowest,
G,T,index2,Group,,weighted_mean,,weights=equal,
c,G,leaf,Fraction,,,fraction,,exclude_and_reweight
POP,G,leaf,Population,,,fraction,cap=900,
"""
PROVINCES = (
    "Hà Nội",
    "Hải Phòng",
    "Đà Nẵng",
    "Cần Thơ",
    "Huế",
    "Phú Thọ",
    "An Giang",
    "Bắc Kạn",
    "Lào Cai",
    "Hà Giang",
)


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "methods_2020"
    made.mkdir()
    levels = YAML.replace("  - {level: leaf}", "  - {level: index2}\n  - {level: leaf}")
    (made / "framework.yaml").write_text(levels, encoding="utf-8")
    (made / "nodes.csv").write_text(NODES, encoding="utf-8")
    return made


@pytest.fixture
def values():
    """Ten provinces; the services of the last are far out, and the seventh has no population."""
    rows = []
    for place, province in enumerate(PROVINCES):
        figures = {
            "a": 10.0 + place + 5000 * (place == 9),
            "b": float(place * 7 % 10),
            "c": float((place * 3 + 1) % 10),
            "POP": 100.0 + 50 * (place * 3 % 10) + 900 * (place == 3),
        }
        rows += [(province, node, value) for node, value in figures.items() if (place, node) != (6, "POP")]
    return rows


@pytest.fixture
def inputs(tmp_path, values):
    file = tmp_path / "in.csv"
    file.write_text("agency,node,value\n" + "".join(f"{a},{n},{v}\n" for a, n, v in values), encoding="utf-8")
    return file


def test_score__account_says_what_was_done_to_the_figures(dti, folder, inputs, tmp_path):
    arguments = ("score", "--framework", str(folder), "--inputs", str(inputs), "--out", str(tmp_path / "out.csv"))
    said = dti(*arguments)
    assert said.returncode == 0
    assert "weights 1, undivided 1, capped 1, outliers 1" in said.stderr
    quiet = dti(*arguments, "--account", str(tmp_path / "account.json"))
    account = json.loads((tmp_path / "account.json").read_text(encoding="utf-8"))
    assert quiet.stderr == ""
    assert [one["agency"] for one in account["undivided"]] == ["An Giang"]
    assert [one["agency"] for one in account["outliers"][0]["moved"]] == ["Hà Giang"]
    assert account["capped"][0]["from"] == 1450.0
    assert account["weights"][0]["node"] == "T"


def test_score__the_weights_of_the_account_given_in_the_framework__same_scores(dti, folder, inputs):
    scoring = evaluated(load_framework(str(folder)), read_inputs(inputs))
    text = (folder / "framework.yaml").read_text(encoding="utf-8")
    (folder / "framework.yaml").write_text(text.replace(", weights: optimised", ""), encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(NODES)))
    for row in rows:
        row["weight"] = scoring.account()["weights"][0]["weights"].get(row["code"], "")
    with (folder / "nodes.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    again = evaluated(load_framework(str(folder)), read_inputs(inputs))
    assert again.scores().equals(scoring.scores())


def test_audit__of_a_file(dti, folder, inputs):
    arguments = ("framework", "audit", str(folder), "--inputs", str(inputs))
    rows = {row["node"]: row for row in json.loads(dti(*arguments, "--format", "json").stdout)}
    assert rows["a"]["units"] == 10
    assert sum(rows[code]["weight"] for code in ("a", "b", "G")) == pytest.approx(1)
    assert rows["T"]["weight"] is None
    pairs = list(csv.DictReader(io.StringIO(dti(*arguments, "--table", "pairs", "--format", "csv").stdout)))
    assert {(row["node"], row["other"]) for row in pairs} >= {("a", "b"), ("a", "G"), ("c", "POP")}
    assert "10 units" in dti(*arguments).stdout


def test_audit__in_80_columns__weights_and_findings_stay_whole(seen, folder, inputs):
    lines = seen("framework", "audit", str(folder), "--inputs", str(inputs))
    assert max(map(len, lines)) <= 80
    shown = "\n".join(line.rstrip() for line in lines)
    assert re.search(r"^node  name .* weight .* finding$", shown, re.MULTILINE), shown
    assert re.search(r"^a +\S.* 10  0\.\d{4} ", shown, re.MULTILINE), shown
    assert "A wider terminal also shows: " in shown
    assert "…" not in shown


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "needs measurements of one origin"),
        (("--inputs", "x.csv", "--period", "2020"), "needs measurements of one origin"),
        (("--inputs", "absent.csv"), "There is no file absent.csv"),
        (("--inputs", "x.csv", "--silent", "30"), "--silent is 30"),
        (("--period", "2020"), "has no tables yet"),
    ],
    ids=["nothing", "both", "no file", "limit", "no warehouse"],
)
def test_audit__cannot_be_made(dti, folder, options, words):
    said = dti("framework", "audit", str(folder), *options)
    assert said.returncode == 1
    assert words in said.stderr
    assert "Traceback" not in said.stderr


def test_annual_round__with_methods__account_in_the_workspace_and_audit_of_the_vintage(
    dti, home, folder, values, tmp_path
):
    rounds = tmp_path / "round"
    rounds.mkdir()
    sources = "sources:\n  - {source: published, path: values.csv, critical: true}\n"
    text = f'round: methods\nkind: press\nperiod: "2020"\n{sources}'
    (rounds / "round.yaml").write_text(text, encoding="utf-8")
    lines = [f"{agency},{node},{value},test,https://a.vn" for agency, node, value in values]
    (rounds / "values.csv").write_text("\n".join(["agency,node,value,citation,url", *lines]) + "\n", encoding="utf-8")
    (home / "frameworks").mkdir(parents=True)
    folder.rename(home / "frameworks" / "methods_2020")
    done = dti("run", "annual", "--framework", "methods_2020", "--period", "2020", "--round", str(rounds))
    assert done.returncode == 0, done.stderr
    account = json.loads(next(home.rglob("treatment.json")).read_text(encoding="utf-8"))
    assert [one["agency"] for one in account["undivided"]] == ["province-an-giang"]
    names = ("--framework", "methods_2020", "--period", "2020", "--agency", "An Giang", "--node", "a")
    assert "the value cannot be divided by POP" in dti("explain", *names).stdout
    rows = json.loads(dti("framework", "audit", "methods_2020", "--period", "2020", "--format", "json").stdout)
    assert {row["node"]: row["units"] for row in rows} == {"T": 10, "a": 10, "b": 10, "G": 10, "c": 10, "POP": 10}
