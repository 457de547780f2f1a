"""`dti compare` and `dti whatif` on a small warehouse: output, refusals, and that nothing is written."""

import csv
import io
import json
import re
import subprocess
import sys

import pandas as pd
import pytest

from tasks.harmonise.groups import agency_groups
from tasks.harmonise.mergers import families_of
from tasks.scoring.engine import score
from warehouse.engine import connect, upgrade
from warehouse.frames import MEASUREMENT, SCORE
from warehouse.frameworks.loader import load_framework
from warehouse.load import load_reference
from warehouse.reference.agencies import load_agencies
from warehouse.settings import get_settings
from warehouse.vintages import publish, write_vintage

HUE, HN, BG, BN = ("province-thua-thien-hue", "province-ha-noi", "province-bac-giang", "province-bac-ninh")
YAML = """\
framework: {name}
title_vi: Chỉ số nhỏ
population: [province]
levels:
  - {{level: index, aggregation: sum}}
  - {{level: pillar, aggregation: sum}}
  - {{level: criterion}}
"""
NODES = """\
code,parent,level,name_vi,max_points,rule,unit
D,,index,Chỉ số,10,,
P,D,pillar,Chính quyền số,6,,
P.1,P,criterion,Một,4,ratio,%
P.2,P,criterion,Hai,2,ratio,%
Q,D,criterion,Ba,{points},ratio,%
"""
MERGERS = "mergers: {as_of: 2025-07-01, level: pillar, take: mean}\n"
BEFORE = {HUE: (50, 50, 20), HN: (40, 50, 50), BG: (10, 50, 50), BN: (30, 50, 50)}


@pytest.fixture
def put(home):
    """Write a framework, and a vintage of figures of P.1, P.2 and Q by agency."""
    engine = connect(get_settings().url)
    upgrade(engine)

    def put_vintage(figures, period="2020", *, name="small_2020", points="4", kind="official", final=True):
        folder = get_settings().frameworks / name
        folder.mkdir(parents=True, exist_ok=True)
        folder.joinpath("framework.yaml").write_text(YAML.format(name=name), encoding="utf-8")
        total = str(6 + float(points))
        nodes = NODES.format(points=points).replace("D,,index,Chỉ số,10", f"D,,index,Chỉ số,{total}")
        folder.joinpath("nodes.csv").write_text(nodes, encoding="utf-8")
        framework = load_framework(name)
        load_reference(engine, load_agencies(), framework)
        rows = [
            {"agency": agency, "node": node, "value": float(value), "stage": "final"}
            for agency, values in figures.items()
            for node, value in zip(("P.1", "P.2", "Q"), values, strict=True)
            if value is not None
        ]
        scope = {"framework": name, "round": f"{kind}-1", "period": period}
        measured = MEASUREMENT.conform(pd.DataFrame(rows).assign(**scope, observation_ids="[]"))
        scores = score(framework, measured, groups=agency_groups(framework, period)).assign(**scope)
        write_vintage(
            engine,
            framework=framework,
            round_name=scope["round"],
            kind=kind,
            period=period,
            measurements=measured,
            scores=SCORE.conform(scores),
            run_id="run",
            code_version="1",
        )
        if final:
            publish(engine, framework=name, round_name=scope["round"], period=period)

    return put_vintage


def of(name="small_2020", period="2021"):
    return ("--framework", name, "--period", period)


@pytest.fixture
def elsewhere(home, put, tmp_path):
    """The folder of a framework that no longer lies where names are looked for, with vintages of two periods."""
    put(BEFORE)
    put(BEFORE | {BG: (60, 50, 50)}, "2021")
    return get_settings().frameworks.joinpath("small_2020").rename(tmp_path / "small_2020")


def test_compare__framework_by_its_folder__needs_no_name(say, elsewhere):
    status, out, err = say("compare", *of(str(elsewhere)))
    assert (status, "Chỉ số nhỏ, 2020 → 2021" in out) == (0, True), err


def test_whatif__framework_by_its_folder__needs_no_name(say, elsewhere):
    status, out, err = say("whatif", *of(str(elsewhere)), "--agency", "Huế", "--best", "1")
    assert (status, "Huế" in out) == (0, True), err


def rows_of(out):
    return {row["agency_before"]: row for row in csv.DictReader(io.StringIO(out))}


def test_compare__no_other_named__the_period_before(say, put):
    put(BEFORE)
    put(BEFORE | {BG: (60, 50, 50)}, "2021")
    status, out, _ = say("compare", *of())
    assert status == 0
    assert "Chỉ số nhỏ, 2020 → 2021" in out
    (line,) = (line for line in out.splitlines() if "Bắc Giang" in line)
    assert line.split()[:3] == ["1", "4", "+3"]
    assert "P.1 +2.0" in line
    assert "Official round." in out


def test_compare__csv__unrounded_and_summing_to_the_change(say, put):
    put(BEFORE)
    put(BEFORE | {BG: (60, 70, 10)}, "2021")
    row = rows_of(say("compare", *of(), "--format", "csv")[1])[BG]
    causes = ("own", "others", "framework", "merger")
    assert sum(float(row[f"change_{cause}"]) for cause in causes) == pytest.approx(float(row["change"]), abs=1e-15)
    assert sum(int(row[f"places_{cause}"]) for cause in causes) == int(row["places"])
    assert float(row["change_points"]) == pytest.approx(2 + 0.4 - 1.6)
    assert [part.split(":")[0] for part in row["moved_by"].split("|")] == ["P.1", "Q", "P.2"]


def test_compare__json__nodes_with_points(say, put):
    put(BEFORE)
    put(BEFORE | {BG: (60, 50, 50)}, "2021")
    rows = json.loads(say("compare", *of(), "--depth", "1", "--format", "json")[1])
    (row,) = (row for row in rows if row["agency"] == BG)
    assert [(one["node"], round(one["points"], 9)) for one in row["moved_by"]] == [("P", 2.0)]
    assert (row["period_before"], row["period"], row["places"]) == ("2020", "2021", 3)


def test_compare__index_of_few_points__shown_with_four_decimals(say, put):
    put(BEFORE, points="2")
    put(BEFORE | {BG: (60, 50, 51)}, "2021", points="2")
    (line,) = (line for line in say("compare", *of())[1].splitlines() if "Bắc Giang" in line)
    assert "P.1 +2.0000, Q +0.0200" in line
    out = say("compare", *of(), "--agency", BG)[1]
    assert "+2.0200 points (own figures +2.0200)" in out
    assert "Q Ba: 0.5000 → 0.5100, +0.0200 points" in out


def test_compare__agency__the_whole_way_as_a_tree(say, put):
    put(BEFORE)
    put(BEFORE | {BG: (60, 50, 30)}, "2021")
    status, out, _ = say("compare", *of(), "--agency", "tinh bac giang")
    assert status == 0
    assert "Bắc Giang: rank 4 → 1, +3 places (own figures +3)" in out
    assert "P Chính quyền số: 0.2333 → 0.5667, +2.00 points" in out
    assert "Q Ba: 0.5000 → 0.3000, -0.80 points" in out
    assert "1 more moved nothing" in out


def test_compare__agency_in_json__nodes(say, put):
    put(BEFORE)
    put(BEFORE | {BG: (60, 50, 30)}, "2021")
    rows = json.loads(say("compare", *of(), "--agency", BG, "--depth", "1", "--format", "json")[1])
    assert {row["node"]: round(row["points_through"], 9) for row in rows} == {"D": 1.2, "P": 2.0, "Q": -0.8}


def test_compare__agency_unknown__names_the_nearest(say, put):
    put(BEFORE)
    put(BEFORE, "2021")
    status, _, err = say("compare", *of(), "--agency", "Bắc Giàng Mới")
    assert status == 1
    assert "Bắc Giang" in err


def test_compare__revision__a_vintage_with_the_one_before(say, put):
    put(BEFORE)
    put(BEFORE | {HUE: (100, 100, 100)})
    status, out, _ = say("compare", *of(period="2020"))
    assert status == 0
    assert "2020 vintage 1 → 2020 vintage 2" in out
    turned = say("compare", *of(period="2020"), "--vintage", "1", "--with-vintage", "2")[1]
    assert turned == out


def test_compare__nothing_before__says_what_to_name(say, put):
    put(BEFORE)
    status, _, err = say("compare", *of(period="2020"))
    assert status == 1
    assert "nothing before vintage 1 of small_2020 2020" in err
    assert "--with-period" in err


def test_compare__edited_framework__its_share_is_shown(say, put):
    put(BEFORE)
    put(BEFORE, "2021", points="14")
    out = say("compare", *of(), "--format", "csv")[1]
    row = rows_of(out)[HUE]
    assert float(row["change_framework"]) == pytest.approx(float(row["change"]))
    assert float(row["change_own"]) == pytest.approx(0)
    out = say("compare", *of())[1]
    assert "The framework changed in between (2 nodes scored differently, 0 new, 0 gone)" in out
    assert "framework" in out.splitlines()[1]


def test_compare__merger__every_predecessor_has_a_line(say, put):
    put(BEFORE, "2024")
    after = {HN: (40, 50, 50), "province-bac-ninh-2025": (60, 50, 50), "province-hue": (50, 50, 20)}
    put(after, "2025")
    status, out, _ = say("compare", *of(period="2025"))
    assert status == 0
    assert "Bắc Ninh (was Bắc Giang)" in out
    assert "A merged agency is compared with the mean of its predecessors" in out
    rows = rows_of(say("compare", *of(period="2025"), "--format", "csv")[1])
    assert {rows[agency]["agency"] for agency in (BG, BN)} == {"province-bac-ninh-2025"}
    assert float(rows[BG]["change_merger"]) == pytest.approx(0.04)
    assert float(rows[BN]["change_merger"]) == pytest.approx(-0.04)
    assert float(rows[BG]["change_own"]) == float(rows[BN]["change_own"]) == pytest.approx(0.16)


def test_compare__one_place__is_one_place_and_who_is_ranked_heads_its_column(say, put):
    put(BEFORE)
    put({agency: figures for agency, figures in BEFORE.items() if agency != HN}, "2021")
    out = say("compare", *of(), "--agency", BG)[1]
    assert re.search(r", [+]1 place \(", out), out
    assert "merger, who is ranked" in say("compare", *of())[1].splitlines()[1]


def test_compare__in_80_columns__no_figure_is_cut_and_the_last_columns_are_named(seen, put):
    put(BEFORE)
    put({HUE: (55, 50, 20), HN: (41, 55, 50), BG: (9, 50, 50), BN: (20, 40, 55)}, "2021", points="14")
    lines = seen("compare", *of())
    assert max(map(len, lines)) <= 80
    shown = "\n".join(line.rstrip() for line in lines)
    assert re.search(r"^rank  places  agency +share  change   own  framework  points, most by$", shown, re.MULTILINE)
    second = r"^   2  0       Bắc Ninh +0\.4650  \+0\.0450  -1   \+1         P\.1 -0\.6, Q \+0\.6,\n +P\.2 -0\.3$"
    assert re.search(second, shown, re.MULTILINE), shown
    assert "A wider terminal also shows: before, share before." in shown


def test_compare__synthetic_and_official__is_refused(say, put):
    put(BEFORE)
    put(BEFORE, "2021", kind="synthetic")
    status, out, err = say("compare", *of(), "--with-period", "2020", "--with-round", "official-1")
    assert (status, out) == (1, "")
    assert "synthetic-1 is synthetic, and official-1 holds official figures" in err


def test_compare__other_round_of_the_same_kind__is_chosen_by_itself(say, put):
    put(BEFORE)
    put(BEFORE, kind="synthetic")
    put(BEFORE, "2021", kind="synthetic")
    status, out, _ = say("compare", *of(), "--with-period", "2020")
    assert status == 0
    assert "SYNTHETIC" in out


def crosswalk(*rows):
    folder = get_settings().frameworks / "crosswalks"
    folder.mkdir(parents=True, exist_ok=True)
    text = "\n".join(["from,to,kind,note,source", *rows]) + "\n"
    folder.joinpath("small_2020__small_2022.csv").write_text(text, encoding="utf-8")


def test_compare__other_edition__only_what_the_crosswalk_carries_over(say, put):
    put(BEFORE)
    put(BEFORE | {HUE: (100, 50, 20)}, "2022", name="small_2022", points="14")
    against = (*of("small_2022", "2022"), "--with", "small_2020", "--with-period", "2020")
    status, _, err = say("compare", *against)
    assert status == 1
    assert "No crosswalk leads from small_2020 to small_2022" in err
    crosswalk("P,P,same,,", "P.1,P.1,same,,")
    status, _, err = say("compare", *against)
    assert status == 1
    assert "60% of the points of small_2020 (60% defined alike)" in err
    assert "30% of the points of small_2022 (30% defined alike)" in err
    assert "--node: P, P.1" in err
    status, out, _ = say("compare", *against, "--node", "P")
    assert status == 0
    assert "P of small_2020 goes on as P of small_2022, defined alike." in out
    assert "P.1 +2.0" in out


def test_compare__other_edition_without_period__asks_for_it(say, put):
    put(BEFORE)
    put(BEFORE, "2022", name="small_2022")
    status, _, err = say("compare", *of("small_2022", "2022"), "--with", "small_2020")
    assert status == 1
    assert "--with-period" in err


def test_whatif__set__rank_share_and_whom_it_overtakes(say, put):
    put(BEFORE)
    status, out, _ = say(
        "whatif", *of(period="2020"), "--agency", "Bắc Giang", "--set", "P.1=35", "--set", "Q=points:2"
    )
    assert status == 0
    assert "rank 4 → 2, +2 places; share 0.3400 → 0.4400, +1.00 points." in out
    assert "Bắc Ninh, Thừa Thiên Huế" in out or "Thừa Thiên Huế, Bắc Ninh" in out
    assert "Nothing was written." in out


def test_whatif__index_of_few_points__shown_with_four_decimals(say, put):
    put(BEFORE, points="2")
    asked = ("whatif", *of(period="2020"), "--agency", BG)
    out = say(*asked, "--set", "P.1=10.02")[1]
    assert "+0.0008 points." in out
    assert re.search(r"P\.1 Một +\(set\) +0\.1002 +0\.1000 +0\.4008 +0\.4000 +4", out), out
    assert "+3.6000" in say(*asked, "--best", "1")[1]


def test_whatif__json__before_and_after(say, put):
    put(BEFORE)
    (found,) = json.loads(say("whatif", *of(period="2020"), "--agency", BG, "--set", "P=0.5", "--format", "json")[1])
    assert (found["rank_before"], found["rank"], found["node"]) == (4, 1, "D")
    assert found["share"] == pytest.approx(0.5)
    assert [row["node"] for row in found["nodes"]] == ["D", "P"]


def test_whatif__best__three_criteria_and_how_many_places(say, put):
    put(BEFORE)
    status, out, _ = say("whatif", *of(period="2020"), "--agency", "Bắc Giang", "--best", "2")
    assert status == 0
    assert out.index("P.1 Một") < out.index("Q Ba")
    assert "All 2 together: rank 4 → 1, +3 places; share 0.3400 → 0.9000, +5.60 points." in out


def test_whatif__best_in_json__one_at_a_time_and_together(say, put):
    put(BEFORE)
    (found,) = json.loads(
        say("whatif", *of(period="2020"), "--agency", BG, "--best", "1", "--to", "best", "--format", "json")[1]
    )
    assert [(row["node"], row["share"], row["places"]) for row in found["criteria"]] == [("P.1", 0.5, 3)]
    assert found["together"]["rank"] == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--set", "P.9=1"), "no node 'P.9'"),
        (("--set", "P.1=120"), "P.1 is between 0 and 100 %"),
        (("--set", "P.1"), "not of the form NODE=VALUE"),
        (("--best", "2", "--to", "moon"), "'moon' is no aim"),
        ((), "--best 3"),
        (("--set", "P.1=1", "--best", "1"), "exclude each other"),
    ],
)
def test_whatif__impossible__one_sentence(say, put, arguments, said):
    put(BEFORE)
    status, out, err = say("whatif", *of(period="2020"), "--agency", BG, *arguments)
    assert (status, out) == (1, "")
    assert said in err


def test_whatif__figure_entered_above__says_where(say, put):
    put(BEFORE)
    engine = connect(get_settings().url)
    framework = load_framework("small_2020")
    rows = pd.DataFrame({"agency": [BG, HN], "node": ["P", "P"], "value": [0.5, 0.5], "stage": "final"})
    scope = {"framework": "small_2020", "round": "official-1", "period": "2021"}
    measured = MEASUREMENT.conform(rows.assign(**scope, observation_ids="[]"))
    scores = SCORE.conform(score(framework, measured).assign(**scope))
    about = {"round_name": "official-1", "kind": "official", "period": "2021", "run_id": "r", "code_version": "1"}
    write_vintage(engine, framework=framework, measurements=measured, scores=scores, **about)
    status, _, err = say("whatif", *of(), "--agency", BG, "--set", "P.1=50")
    assert status == 1
    assert "A figure entered at P, above P.1" in err


def test_whatif__agency_that_is_not_scored__is_refused(say, put):
    put({agency: figures for agency, figures in BEFORE.items() if agency != BG})
    status, _, err = say("whatif", *of(period="2020"), "--agency", "Bắc Giang", "--best", "1")
    assert status == 1
    assert "Bắc Giang is not scored in round official-1" in err


def test_whatif__framework_edited_since__is_scored_as_it_was(say, put):
    put(BEFORE)
    put(BEFORE, "2021", points="14")
    status, out, _ = say("whatif", *of(period="2020"), "--agency", BG, "--set", "Q=100")
    assert status == 0
    assert "+2.00 points" in out


@pytest.mark.parametrize("command", ["compare", "whatif"])
def test_command__needs_neither_prefect_nor_great_expectations(put, command):
    put(BEFORE)
    put(BEFORE, "2021")
    extra = ["--agency", BG, "--best", "1"] if command == "whatif" else []
    program = (
        "import sys\nfrom flows.cli import main\n"
        "try:\n    main(sys.argv[1:])\n"
        "except SystemExit as end:\n    assert not end.code, end.code\n"
        "heavy = {'prefect', 'great_expectations', 'requests', 'underthesea'} & sys.modules.keys()\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, command, *of(), *extra], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_commands__write_nothing(say, put, home):
    put(BEFORE)
    put(BEFORE, "2021")
    before = {path: path.read_bytes() for path in home.rglob("warehouse.db")}
    say("compare", *of())
    say("whatif", *of(), "--agency", BG, "--best", "2")
    assert before
    assert {path: path.read_bytes() for path in home.rglob("warehouse.db")} == before


def test_whatif__merged_agency__its_predecessors_have_the_figures(say, put):
    framework = get_settings().frameworks / "small_2020"
    put(BEFORE, "2024")
    text = framework.joinpath("framework.yaml").read_text(encoding="utf-8")
    framework.joinpath("framework.yaml").write_text(text + MERGERS, encoding="utf-8")
    nodes = framework.joinpath("nodes.csv").read_text(encoding="utf-8")
    nodes = nodes.replace("Chính quyền số,6", "Chính quyền số,10").replace("Q,D,", "Q,P,")
    framework.joinpath("nodes.csv").write_text(nodes, encoding="utf-8")
    loaded = load_framework("small_2020")
    scope = {"framework": "small_2020", "round": "merged", "period": "2024"}
    engine = connect(get_settings().url)
    rows = [
        {"agency": agency, "node": node, "value": float(value), "stage": "final"}
        for agency, values in BEFORE.items()
        for node, value in zip(("P.1", "P.2", "Q"), values, strict=True)
    ]
    measured = MEASUREMENT.conform(pd.DataFrame(rows).assign(**scope, observation_ids="[]"))
    scores = score(loaded, measured, families=families_of(loaded, "2024")).assign(**scope)
    about = {"round_name": "merged", "kind": "official", "period": "2024", "run_id": "r", "code_version": "1"}
    write_vintage(engine, framework=loaded, measurements=measured, scores=SCORE.conform(scores), **about)
    asked = (*of(period="2024"), "--round", "merged", "--best", "1")
    status, _, err = say("whatif", *asked, "--agency", "Bắc Ninh")
    assert status == 1
    assert f"Bắc Giang ({BG}), Bắc Ninh ({BN})" in err
    status, out, _ = say("whatif", *asked, "--agency", BG)
    assert status == 0
    assert "Bắc Giang (ranked as Bắc Ninh)" in out
    # P.1 from 10 to 100 % is 3.6 of 10 points, half of it for the mean of two: 0.38 and 0.18.
    assert "rank 2 → 1, +1 place; share 0.3800 → 0.5600, +1.80 points." in out
    assert "It moves the shares" not in out
