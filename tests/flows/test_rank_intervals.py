"""How sure ranks are, through the whole path: drawn in a round, stored, shown, kept once published."""

import base64
import csv
import io
import json
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from prefect import flow

from flows.league import ranking_without
from tasks.decide import ranks_without
from tasks.workspace import Workspace
from tests.flows.conftest import Server, artifacts
from warehouse.engine import connect
from warehouse.frames import SCORE, SIMULATION
from warehouse.queries import choose_vintage
from warehouse.settings import get_settings

DRAWS = ("--draws", "300")
PROVINCES = ("--framework", "province_2020", "--period", "2020")
TABLES = ("simulation", "rank_interval", "rank_effect")
NOTHING: dict[str, list[str]] = {table: [] for table in TABLES}
ENDS = ("simulated_low", "simulated_high", "marginal_low", "marginal_high", "simultaneous_low", "simultaneous_high")
NUMBERS = ("share_error", "share_low", "share_high", "top10_probability", "above_next_probability", "interval_level")

FRAMEWORK = """\
framework: sure
title_vi: Chỉ số thử
population: [province]
groups:
  - {group: north, name_vi: Bắc}
  - {group: south, name_vi: Nam}
levels:
  - {level: index, aggregation: weighted_mean}
  - {level: leaf}
"""
NODES = """\
code,parent,level,name_en,weight,rule
T,,index,Total,,
a,T,leaf,One,1,fraction
b,T,leaf,Two,1,fraction
"""
# By a and b: the first of each group is first whatever the weights; the second and third are not so sure.
FIGURES = {
    "Hà Nội": (0.9, 0.9),
    "Cần Thơ": (0.85, 0.85),
    "Hải Phòng": (0.8, 0.3),
    "Lào Cai": (0.31, 0.79),
    "An Giang": (0.7, 0.2),
    "Cà Mau": (0.2, 0.69),
}
NORTH = ("Hà Nội", "Hải Phòng", "Lào Cai")


def rows(home, query, *values):
    with closing(sqlite3.connect(home / "warehouse.db")) as connection:
        return connection.execute(query, values).fetchall()


def content(home):
    """Every row that says how sure a rank is."""
    return {table: sorted(map(repr, rows(home, f"SELECT * FROM {table}"))) for table in TABLES}


def ranking(dti, *arguments):
    done = dti("rank", *arguments, "--format", "csv")
    assert done.returncode == 0, done.stderr
    return {row["agency_name"]: row for row in csv.DictReader(io.StringIO(done.stdout))}


@pytest.fixture
def drawn(once, small_round):
    done = once("run", "annual", "--round", str(small_round), *DRAWS)
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope="session")
def grouped(tmp_path_factory):
    """Folders of a small framework with ranking groups and of its round of a year."""
    folder = tmp_path_factory.mktemp("grouped")
    framework = folder / "sure"
    framework.mkdir()
    (framework / "framework.yaml").write_text(FRAMEWORK, encoding="utf-8")
    (framework / "nodes.csv").write_text(NODES, encoding="utf-8")
    (framework / "uncertainty.yaml").write_text("perturb: [weights]\nweights: {strength: 3}\n", encoding="utf-8")
    groups = [f"{name},{'north' if name in NORTH else 'south'},official,test" for name in FIGURES]
    (framework / "groups.csv").write_text("\n".join(["agency,group,status,source", *groups]) + "\n", encoding="utf-8")

    def round_of(period, figures=FIGURES):
        made = folder / period
        made.mkdir(exist_ok=True)
        sources = "sources:\n  - {source: published, path: values.csv, critical: true}\n"
        (made / "round.yaml").write_text(f'round: sure\nkind: press\nperiod: "{period}"\n{sources}', encoding="utf-8")
        lines = [
            f"{name},{node},{value},test,https://a.vn"
            for name, values in figures.items()
            for node, value in zip("ab", values, strict=True)
        ]
        text = "\n".join(["agency,node,value,citation,url", *lines]) + "\n"
        (made / "values.csv").write_text(text, encoding="utf-8")
        return str(made)

    return str(framework), round_of


def test_artifacts__of_a_round_with_draws__league_table_with_intervals_picture_and_what_moves_ranks(
    drawn, home, prefect_api
):
    found = artifacts(prefect_api, home)
    table = found["league-table"]
    shown = json.loads(table["data"])
    assert len(shown) == 6
    assert {"redrawn", "sure", "all at once", "alike", "above next"} <= set(shown[0])
    assert "top 10" not in shown[0]  # of six
    assert all(re.fullmatch(r"\d+(–\d+)?", row["redrawn"]) for row in shown)
    assert "90 % of the draws of expert, appraisal and weights" in table["description"]
    assert "said of the rank among all" in table["description"]
    assert "SYNTHETIC" in found["rank-chart"]["description"]
    assert found["rank-chart"]["data"].startswith("![")
    assert "data:image/svg+xml;base64," in found["rank-chart"]["data"]
    moved = json.loads(found["what-moves-ranks"]["data"])
    assert moved[0]["agency"] == "(all, on average)"
    # A rank that no draw moves has no variance of which something could be a part.
    moving = {row["agency"] for row in shown if "–" in row["redrawn"]}
    assert moving <= {row["agency"] for row in moved[1:]} < {row["agency"] for row in shown}
    assert {"weights", "expert", "appraisal"} <= set(moved[0])


def test_terminal__of_a_round_with_draws__ends_with_ranks_and_intervals(drawn):
    league = drawn.stdout[drawn.stdout.index("Bộ chỉ số") :]
    assert re.search(r"^rank +agency +share +points +redrawn +sure +all at once +alike", league, re.MULTILINE)
    assert len(re.findall(r"^ +\d  \S.* 0\.\d{4} +\d+\.\d +\d+(–\d)? ", league, re.MULTILINE)) == 6
    assert "covers the true rank of this agency with 90 %" in league
    assert "Moved" not in league


def test_terminal__of_a_second_period__shows_movement_beside_intervals(dti, once, grouped):
    framework, round_of = grouped
    first = once("run", "annual", "--framework", framework, "--round", round_of("2019"), *DRAWS)
    assert first.returncode == 0, first.stderr
    turned = FIGURES | {"Cà Mau": (0.95, 0.95)}
    done = dti("run", "annual", "--framework", framework, "--round", round_of("2020", turned), *DRAWS)
    assert done.returncode == 0, done.stderr
    assert re.search(r"^rank +moved +agency .* redrawn ", done.stdout, re.MULTILINE)
    # Last of all and of the south before, now first of both; Hà Nội is second of all and stays first of the north.
    assert re.search(r"^ +1 +\+2 +Cà Mau .* 1 ", done.stdout, re.MULTILINE)
    assert re.search(r"^ +2 += +Hà Nội ", done.stdout, re.MULTILINE)
    assert "Moved: against 2019, vintage 1." in done.stdout


def test_rank__in_80_columns__names_and_intervals_stay_whole(drawn, seen):
    lines = seen("rank", *PROVINCES)
    assert max(map(len, lines)) <= 80
    shown = "\n".join(line.rstrip() for line in lines)
    assert re.search(r"^rank +agency +share +points +band +redrawn +sure +once +alike +next$", shown, re.MULTILINE), (
        shown
    )
    rows = re.findall(r"^ +\d  \S+ \S+ +0\.\d{4} +\d+\.\d +\d +\d(?:–\d)? .*$", shown, re.MULTILINE)
    assert len(rows) == 6, shown


def test_terminal__of_a_second_period_in_80_columns__shows_movement_beside_intervals(seen, once, grouped):
    framework, round_of = grouped
    first = once("run", "annual", "--framework", framework, "--round", round_of("2019"), *DRAWS)
    assert first.returncode == 0, first.stderr
    lines = seen("run", "annual", "--framework", framework, "--round", round_of("2021"), *DRAWS)
    league = [line.rstrip() for line in lines[lines.index("Chỉ số thử, 2021") :]]
    assert max(map(len, league)) <= 80
    shown = "\n".join(league)
    assert re.search(r"^rank +moved +agency +share +points +group +group +group +group$", shown, re.MULTILINE), shown
    assert re.search(r"^ +1  = +Hà Nội +(?:\d\.\d{4}  ){2}north +1  1 +100 %$", shown, re.MULTILINE), shown


def test_same_round_again__same_seed__no_row_of_the_warehouse_changes(drawn, dti, home, small_round):
    before = content(home)
    assert [len(before[table]) for table in TABLES] == [1, 24, 18]
    done = dti("run", "annual", "--round", str(small_round), *DRAWS)
    assert "it is unchanged" in done.stdout, done.stderr
    assert "keep the intervals" not in done.stdout
    assert content(home) == before


def test_published_round_again__another_seed__keeps_the_published_intervals_and_says_so(
    drawn, dti, home, small_round, prefect_api
):
    before, shown = content(home), drawn.stdout[drawn.stdout.index("Bộ chỉ số") :]
    done = dti("run", "annual", "--round", str(small_round), *DRAWS, "--seed", "2")
    assert done.returncode == 0, done.stderr
    assert "keep the intervals that were published (300 draws, seed 1)" in done.stdout
    assert done.stdout.endswith(shown)
    assert content(home) == before


def test_provisional_round_again__another_seed__has_the_new_intervals(once, dti, home, small_round):
    provisional = ("run", "annual", "--round", str(small_round), *DRAWS, "--no-publish")
    once(*provisional)
    done = dti(*provisional, "--seed", "2")
    assert "keep the intervals" not in done.stdout, done.stderr
    assert rows(home, "SELECT draws, seed FROM simulation") == [(300, 2)]


def test_round__no_draws__has_no_intervals_and_no_picture_of_them(once, dti, home, prefect_api, tmp_path):
    done = once("run", "annual", "--draws", "0")
    assert done.returncode == 0, done.stderr
    assert "redrawn" not in done.stdout
    assert content(home) == NOTHING
    assert not {"rank-chart", "what-moves-ranks"} & set(artifacts(prefect_api, home))
    assert all(row[name] == "" for row in ranking(dti, *PROVINCES).values() for name in (*ENDS, *NUMBERS))
    drawn = dti("rank", *PROVINCES, "--chart", str(tmp_path / "ranks.svg"))
    assert (drawn.returncode, drawn.stdout) == (1, "")
    assert "No rank by DTI has an interval" in drawn.stderr
    assert not (tmp_path / "ranks.svg").exists()


@pytest.mark.parametrize(
    ("options", "status", "words"),
    [
        (["--perturb", "weather"], 1, "the perturbation 'weather' is not known; write one of survey"),
        (["--perturb", "missing"], 1, "the perturbation missing needs an entry under `alternatives`"),
        (["--perturb", "survey", "--perturb", "survey"], 1, "the perturbation survey is named twice"),
        (["--draws", "-1"], 2, "Must be >= 0"),
        (["--draws", "1.5"], 2, '"1.5" is not a whole number'),
        (["--draws", "200001"], 2, "Must be <= 200000"),
        (["--seed", str(2**53)], 2, f"Must be <= {2**53 - 1}"),
        (["--seed", "-1"], 2, "Must be >= 0"),
    ],
)
def test_round__what_cannot_be_drawn__is_refused_before_any_work(dti, home, small_round, options, status, words):
    done = dti("run", "annual", "--round", str(small_round), *options)
    assert done.returncode == status
    assert words in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert not home.exists()


def test_perturb__only_what_is_named_is_drawn(dti, once, small_round, home):
    once("run", "annual", "--round", str(small_round), *DRAWS, "--perturb", "weights", "--perturb", "expert")
    assert rows(home, "SELECT drawn FROM simulation") == [('["expert", "weights"]',)]
    assert rows(home, "SELECT DISTINCT perturbation FROM rank_effect ORDER BY 1") == [("expert",), ("weights",)]


@pytest.fixture
def waiting(once, dti, small_round):
    """A provisional vintage with intervals, and the words that decide about it without its best province."""
    once("run", "annual", "--round", str(small_round), *DRAWS, "--no-publish")
    content = re.search(r"\b[0-9a-f]{12}\b", dti("approve").stdout).group()
    best = next(iter(ranking(dti, *PROVINCES)))
    named = ("--content", content, "--by", "Nguyễn Văn An", "--exclude", best, "--reason", "đang xác minh")
    return best, ("approve", *named)


def test_exclusion__the_others_are_drawn_again_as_if_it_had_not_been_there(waiting, dti):
    best, decide = waiting
    before = ranking(dti, *PROVINCES)
    done = dti(*decide)
    assert done.returncode == 0, done.stderr
    after = ranking(dti, *PROVINCES)
    assert [after[best][name] for name in ("rank", *ENDS, *NUMBERS)] == [""] * 13
    others = [name for name in after if name != best]
    assert len(others) == 5
    for name in others:
        assert int(after[name]["rank"]) == int(before[name]["rank"]) - 1
        # The best was so in every draw: without it each rank is better by one, in every draw.
        for end in ENDS:
            assert int(after[name][end]) == int(before[name][end]) - 1, (name, end)


def test_exclusion__frames_of_the_round_are_gone__no_intervals_rather_than_wrong_ones(waiting, dti, home):
    best, decide = waiting
    shutil.rmtree(home / "lake" / "rounds")
    done = dti(*decide)
    assert done.returncode == 0, done.stderr
    after = ranking(dti, *PROVINCES)
    assert after[best]["rank"] == ""
    assert [row["rank"] for name, row in after.items() if name != best] == ["1", "2", "3", "4", "5"]
    assert all(row["simulated_low"] == "" for row in after.values())
    assert content(home) == NOTHING


def newest(api, key):
    return Server(api).newest(key)[0]


@flow
def publish_again():
    engine = connect(get_settings().url)
    ranking_without(engine, choose_vintage(engine, "province_2020", "2020"), "đang xác minh")


def decoded(artifact):
    """What stands in a picture."""
    return base64.b64decode(artifact["data"].partition("base64,")[2].rstrip(")")).decode()


def test_exclusion__every_artifact_is_published_again_without_who_was_left_out(waiting, dti, prefect_api):
    best, decide = waiting
    assert best in decoded(newest(prefect_api, "rank-chart"))
    assert dti(*decide).returncode == 0
    publish_again()
    table = newest(prefect_api, "league-table")
    assert "as it was approved" in table["description"]
    assert "SYNTHETIC" in table["description"]
    after = {row["agency"]: row for row in json.loads(table["data"])}
    assert (after[best]["rank"], after[best]["redrawn"]) == ("", "")
    assert "đang xác minh" in after[best]["not_ranked_because"]
    others = [name for name in after if name != best]
    assert all(after[name]["redrawn"] for name in others)
    for key in ("league-chart", "rank-chart"):
        picture = decoded(newest(prefect_api, key))
        assert best not in picture
        assert all(name in picture for name in others)
    moved = {row["agency"] for row in json.loads(newest(prefect_api, "what-moves-ranks")["data"])}
    assert best not in moved
    assert moved & set(others)


def test_exclusion__nothing_could_be_drawn_again__no_artifact_shows_the_ranks_of_before(
    waiting, dti, home, prefect_api
):
    _, decide = waiting
    shutil.rmtree(home / "lake" / "rounds")
    assert dti(*decide).returncode == 0
    publish_again()
    assert "redrawn" not in json.loads(newest(prefect_api, "league-table")["data"])[0]
    for key in ("rank-chart", "what-moves-ranks"):
        assert newest(prefect_api, key)["data"].startswith("Nothing was drawn")


def test_exclusion__what_was_asked_for_could_not_be_drawn__nothing_else_is_drawn_in_its_place(once, home, small_round):
    once("run", "annual", "--round", str(small_round), *DRAWS, "--no-publish")
    shown = choose_vintage(connect(get_settings().url), "province_2020", "2020")
    work = Workspace.of(get_settings().lake, "province_2020", "2020", shown.round)
    about = work.read(SIMULATION).assign(drawn="[]", settings=json.dumps({"perturb": ["tone"]}))
    work.write(SIMULATION, about)
    again = ranks_without(shown, work.read(SCORE))
    assert list(again.simulation["drawn"]) == ["[]"]
    work.write(SIMULATION, about.assign(settings=json.dumps({"perturb": []})))  # as uncertainty.yaml says
    again = ranks_without(shown, work.read(SCORE))
    assert "weights" in json.loads(again.simulation["drawn"].iloc[0])


def test_approval__of_everybody__publishes_the_intervals_that_were_shown(waiting, dti, home):
    _, decide = waiting
    before = content(home)
    assert dti(*decide[: decide.index("--exclude")]).returncode == 0
    assert content(home) == before
    assert rows(home, "SELECT state FROM vintage") == [("published",)]


def test_monthly_round__has_no_simulation(dti, home, standing_round, prefect_api):
    done = dti("run", "monthly", "--period", "2020-03", "--round", str(standing_round))
    assert done.returncode == 0, done.stderr
    assert content(home) == NOTHING
    found = artifacts(prefect_api, home)
    assert "league-table" in found
    assert not {"rank-chart", "what-moves-ranks"} & set(found)


def test_rank__framework_with_groups__intervals_are_those_within_the_group(dti, once, grouped):
    framework, round_of = grouped
    once("run", "annual", "--framework", framework, "--round", round_of("2019"), *DRAWS)
    where = ("--framework", framework, "--period", "2019")
    found = ranking(dti, *where)
    assert [(row["agency_name"], row["rank"]) for row in found.values()][:2] == [("Hà Nội", "1"), ("Cần Thơ", "2")]
    assert {name: row["ranked_in"] for name, row in found.items()} == {
        name: "north" if name in NORTH else "south" for name in FIGURES
    }
    ends = {name: (row["simulated_low"], row["simulated_high"]) for name, row in found.items()}
    assert ends == {
        "Hà Nội": ("1", "1"),
        "Cần Thơ": ("1", "1"),
        "Hải Phòng": ("2", "3"),
        "Lào Cai": ("2", "3"),
        "An Giang": ("2", "3"),
        "Cà Mau": ("2", "3"),
    }
    # Nothing that was measured has a known error: nothing is said of true ranks.
    kinds = [f"{kind}_{end}" for kind in ("marginal", "simultaneous") for end in ("low", "high")]
    assert all(row[name] == "" for row in found.values() for name in kinds)
    table = dti("rank", *where, "--group", "south").stdout
    assert re.search(r"An Giang .* south .* 2–3 ", table)
    assert "Hà Nội" not in table


def test_rank__for_programs__every_number_of_the_intervals(drawn, dti):
    found = json.loads(dti("rank", *PROVINCES, "--format", "json").stdout)
    assert len(found) == 6
    for row in found:
        assert all(isinstance(row[name], int) for name in ENDS)
        assert row["simulated_low"] <= row["rank"] <= row["simulated_high"]
        assert row["simultaneous_low"] <= row["marginal_low"] <= row["rank"] <= row["marginal_high"]
        assert row["marginal_high"] <= row["simultaneous_high"]
        assert row["share_low"] <= row["share"] <= row["share_high"]
        assert (row["interval_level"], row["ranked_in"]) == (0.9, "")
    assert [row["above_next_probability"] is None for row in found] == [False] * 5 + [True]
    as_csv = ranking(dti, *PROVINCES)
    assert {float(row["share_error"]) for row in as_csv.values()} == {row["share_error"] for row in found}


def test_rank__figures_that_were_published_above_the_leaves__each_rank_lies_within_its_interval(dti, once):
    once("run", "annual")
    found = ranking(dti, *PROVINCES)
    assert len(found) == 9
    for row in found.values():
        assert int(row["simulated_low"]) <= int(row["rank"]) <= int(row["simulated_high"])
        assert float(row["share_low"]) <= float(row["share"]) <= float(row["share_high"])


def test_rank__node_without_intervals__is_shown_without_and_cannot_be_drawn(drawn, dti, tmp_path):
    assert all(row["simulated_low"] == "" for row in ranking(dti, *PROVINCES, "--node", "CQS.1").values())
    assert "redrawn" not in dti("rank", *PROVINCES, "--node", "CQS.1").stdout
    done = dti("rank", *PROVINCES, "--node", "CQS.1", "--chart", str(tmp_path / "ranks.svg"))
    assert done.returncode == 1
    assert "No rank by CQS.1 has an interval" in done.stderr
    said = " ".join(done.stderr.split())
    assert "Intervals are drawn for the ranks by DTI, CQS, KTS, XHS: name one with --node" in said
    assert "uncertainty.yaml" in done.stderr


def test_rank__chart_of_another_ending__is_refused_and_nothing_is_written(drawn, dti, tmp_path):
    done = dti("rank", *PROVINCES, "--chart", str(tmp_path / "ranks.png"))
    assert done.returncode == 1
    assert "ranks.png does not end with .svg" in " ".join(done.stderr.split())
    assert not list(tmp_path.glob("ranks*"))


def test_rank__pillar__has_intervals_of_its_own(drawn, dti):
    assert all(row["simulated_low"] for row in ranking(dti, *PROVINCES, "--node", "CQS").values())


def test_rank__chart__is_a_picture_with_every_agency(drawn, dti, tmp_path):
    file = tmp_path / "ranks.svg"
    done = dti("rank", *PROVINCES, "--chart", str(file))
    assert done.returncode == 0, done.stderr
    picture = file.read_text(encoding="utf-8")
    assert f"The chart is in {file}." in done.stderr
    assert picture.startswith("<svg")
    assert "SYNTHETIC DATA (DỮ LIỆU MÔ PHỎNG)" in picture
    for name in ranking(dti, *PROVINCES):
        assert name in picture
    assert "http" not in picture.replace("http://www.w3.org/", "")


def test_rank__chart_of_groups__each_group_is_drawn_for_itself(dti, once, grouped, tmp_path):
    framework, round_of = grouped
    once("run", "annual", "--framework", framework, "--round", round_of("2019"), *DRAWS)
    file = tmp_path / "ranks.svg"
    assert dti("rank", "--framework", framework, "--period", "2019", "--chart", str(file)).returncode == 0
    picture = file.read_text(encoding="utf-8")
    places = [picture.index(f">{text}<") for text in ("1. Hà Nội", "2. Hải Phòng", "1. Cần Thơ", "2. An Giang")]
    assert places == sorted(places)
    assert ">north<" in picture
    assert ">south<" in picture


def test_rank__chart_into_a_folder_that_is_not_there__one_sentence(drawn, dti, tmp_path):
    done = dti("rank", *PROVINCES, "--chart", str(tmp_path / "nowhere" / "ranks.svg"))
    assert done.returncode == 1
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


def test_explain__says_how_sure_the_rank_is_and_what_moves_it(drawn, dti):
    row = next(row for row in ranking(dti, *PROVINCES).values() if row["simulated_low"] != row["simulated_high"])
    said = dti("explain", *PROVINCES, "--agency", row["agency"], "--depth", "0").stdout
    assert f"redrawn 300 times, the rank falls on {row['simulated_low']}–{row['simulated_high']} in 90 %" in said
    assert "true rank " in said
    assert "with 90 % confidence" in said
    assert re.search(r"what moves the rank.*: .*\bweights [<>]?\d+ %, [<>]?\d+ %", said)


def test_explain__node_without_intervals__says_nothing_of_them(drawn, dti):
    said = dti("explain", *PROVINCES, "--agency", "Hà Giang", "--node", "CQS.1", "--depth", "0")
    assert said.returncode == 0, said.stderr
    assert "redrawn" not in said.stdout


def heavy_imports(*words):
    """Which of the heavy libraries a command imports that ends well."""
    code = "import sys, atexit; from flows.cli import main\n"
    code += "atexit.register(lambda: print([one for one in ('prefect', 'great_expectations') if one in sys.modules]))\n"
    code += "main(sys.argv[1:])"
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    "words",
    [
        ("rank", *PROVINCES),
        ("rank", *PROVINCES, "--format", "csv"),
        ("explain", *PROVINCES, "--agency", "Hà Giang"),
        ("approve",),
        ("whatif", *PROVINCES, "--agency", "Hà Giang", "--best", "1"),
    ],
    ids=lambda words: " ".join(word for word in words if word not in PROVINCES),
)
def test_commands_that_read__import_neither_prefect_nor_great_expectations(drawn, home, words):
    assert heavy_imports(*words) == "[]"


def test_compare__imports_neither_prefect_nor_great_expectations(dti, once, grouped, home):
    framework, round_of = grouped
    once("run", "annual", "--framework", framework, "--round", round_of("2019"), *DRAWS)
    turned = FIGURES | {"Cà Mau": (0.95, 0.95)}
    dti("run", "annual", "--framework", framework, "--round", round_of("2020", turned), "--draws", "0")
    shutil.copytree(framework, home / "frameworks" / "sure")
    assert heavy_imports("compare", "--framework", "sure", "--period", "2020") == "[]"


def test_postgresql__same_intervals_to_the_last_digit(once, dti, monkeypatch, postgres_url, small_round):
    once("run", "annual", "--round", str(small_round), *DRAWS)
    on_sqlite = dti("rank", *PROVINCES, "--format", "csv").stdout
    monkeypatch.setenv("DTI_WAREHOUSE_URL", postgres_url)
    get_settings.cache_clear()
    for _ in range(2):
        done = dti("run", "annual", "--round", str(small_round), *DRAWS)
        assert done.returncode == 0, done.stderr
    assert dti("rank", *PROVINCES, "--format", "csv").stdout == on_sqlite
    with connect(postgres_url).connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*), max(seed) FROM simulation").one() == (1, 1)
