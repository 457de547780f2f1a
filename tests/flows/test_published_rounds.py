"""`dti run annual --framework F` without a round: published figures, one's own, or a sentence on what to do."""

import base64
import json
import re
import shutil

import pytest

from tasks.sources.rounds import bundled_round
from tests.flows.conftest import Server
from warehouse.frameworks.loader import framework_folder

EGDI = ("--framework", "egdi", "--period", "2020")


def flat(text):
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize(
    ("framework", "period", "round_name", "ranked"),
    [
        ("egdi", "2020", "press-egdi", "193 agencies"),
        ("it_application_2018", "2018", "press-it-application", "0 agencies"),
        ("it_application_2019", "2019", "press-it-application", "17 agencies"),
        ("ict_index_2016", "2023", "press-ict-index", "1 agency"),
    ],
)
def test_no_round_named__newest_published_figures__and_says_which(once, framework, period, round_name, ranked):
    done = once("run", "annual", "--framework", framework)
    assert done.returncode == 0, done.stderr
    assert f"round {round_name}, published figures that come with the project" in flat(done.stdout)
    assert f"{framework} {period}, round {round_name}" in flat(done.stdout)
    assert f"{ranked} ranked" in done.stdout


def test_no_round_named__a_kind__its_newest_edition(dti):
    done = dti("run", "annual", "--framework", "it_application")
    assert "it_application_2019 2019" in done.stdout, done.stderr


def test_no_round_named__own_round_of_the_period__goes_first(dti, home):
    own = home / "rounds" / "2020"
    shutil.copytree(bundled_round("press_egdi").folder, own)
    file = own / "round.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("press-egdi", "mine"), encoding="utf-8")
    done = dti("run", "annual", *EGDI)
    assert "round mine, your own round of the period" in flat(done.stdout), done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--framework", "egdi_components"), "dti demo run --framework egdi_components_2020"),
        (("--framework", "egdi", "--period", "2016"), "dti demo run --framework egdi"),
        (("--framework", "online_services_2019", "--period", "2020-08"), "dti demo make-months"),
        (("--framework", "online_services_2019", "--period", "2020-08"), "come with the project for 2020-05"),
        (("--framework", "egdi", "--period", "2016"), "for 2018, 2020: --period 2020"),
        (("--framework", "egdi", "--period", "2099"), "lies in the future"),
        (("--framework", "it_application_2019", "--period", "2018"), "is for 2019, not for 2018"),
    ],
)
def test_no_inputs__one_sentence_and_what_to_do(dti, arguments, said):
    done = dti("run", "annual", *arguments)
    assert done.returncode == 1
    assert said in flat(done.stderr)
    assert "Traceback" not in done.stderr


def test_second_edition__league_table_of_the_run__shows_who_moved(dti, home, prefect_api):
    dti("run", "annual", "--framework", "egdi", "--period", "2018")
    dti("run", "annual", *EGDI)
    league = Server(prefect_api).newest("league-table")[0]
    assert "Movement against 2018, vintage 1" in league["description"]
    (viet_nam,) = (row for row in json.loads(league["data"]) if row["agency"] == "Viet Nam")
    assert (viet_nam["rank"], viet_nam["moved"]) == (86, "+2")
    picture = base64.b64decode(re.search(r"base64,([^)]*)", Server(prefect_api).newest("league-chart")[0]["data"])[1])
    assert b">asia<" in picture  # a colour for each region; 22 sub-regions would share ten colours
    assert b"south_eastern_asia" not in picture
    table = dti("compare", *EGDI, "--group", "south_eastern_asia").stdout
    assert "2018 → 2020, in the group south_eastern_asia" in flat(table)
    (line,) = (line.split() for line in table.splitlines() if "Viet Nam" in line)
    assert line[0] == "6"
    assert "Denmark" not in table


def test_moved__ranked_in_groups__counts_places_within_the_group(dti, tmp_path):
    lines = ["agency,node,value,citation,url"]
    shares = {"Đà Nẵng": 0.9, "Bộ Y tế": 0.8, "Hà Nội": 0.6}
    for year, changed in (("2022", {}), ("2023", {"Đà Nẵng": 0.5})):
        rows = [f"{one},{node},{v},a test," for one, v in (shares | changed).items() for node in ("HTKT", "HTNL", "UD")]
        (tmp_path / f"{year}.csv").write_text("\n".join(lines + rows), encoding="utf-8")
    source = '{source: published, framework: ict_index_2016, path: "{period}.csv", critical: true}'
    (tmp_path / "round.yaml").write_text(f"round: test\nkind: press\nsources:\n  - {source}\n", encoding="utf-8")
    of = ("--framework", "ict_index_2016", "--period")
    for year in ("2022", "2023"):
        done = dti("run", "annual", *of, year, "--round", str(tmp_path))
    moved = {name: line.split()[1] for line in done.stdout.splitlines() for name in shares if f" {name} " in line}
    assert moved == {"Đà Nẵng": "-1", "Bộ Y tế": "=", "Hà Nội": "+1"}
    table = dti("compare", *of, "2023", "--format", "json").stdout
    places = {row["agency_name"]: (row["ranked_in"], row["rank"], row["places"]) for row in json.loads(table)}
    assert places == {"Bộ Y tế": ("ministries", 1, 0), "Hà Nội": ("provinces", 1, 1), "Đà Nẵng": ("provinces", 2, -1)}


def test_intervals__of_countries__are_those_of_the_rank_among_all(once, dti):
    done = once("run", "annual", "--framework", "egdi")
    (viet_nam,) = (line for line in done.stdout.splitlines() if " Viet Nam " in line)
    low, high = map(int, re.search(r" (\d+)–(\d+) ", viet_nam).groups())
    assert 6 < low <= 86 <= high
    for said in (done.stdout, dti("rank", *EGDI).stdout):
        assert "All this is said of the rank among all." in flat(said)
        assert "in group " not in said.replace("rank in group ", "")
        assert "a printed score" not in said


def test_intervals__of_ministries__are_those_in_the_group_and_say_so(once, dti):
    done = once("run", "annual", "--framework", "it_application_2019")
    for said in (done.stdout, dti("rank", "--framework", "it_application_2019", "--period", "2019").stdout):
        assert "nothing could be drawn" in flat(said)  # totals were printed as totals: no draw moves them
        assert "the rank in the group of the agency" in flat(said)
        assert "17 of 88 agencies have a printed score; ranks are among these." in flat(said)
        assert "top 10" not in said


def test_rank__nobody_has_a_score__nothing_is_said_of_intervals(once, dti):
    done = once("run", "annual", "--framework", "it_application_2018")
    shown = dti("rank", "--framework", "it_application_2018", "--period", "2018")
    assert shown.returncode == 0, shown.stderr
    assert "All this is said" not in done.stdout + shown.stdout


def test_rank__of_a_group_that_was_printed_whole__is_no_part(once, dti):
    once("run", "annual", "--framework", "it_application_2019")
    asked = ("--framework", "it_application_2019", "--period", "2019", "--group", "ministries")
    assert "a printed score" not in dti("rank", *asked).stdout


def test_part_of_the_press__one_agency__is_no_ranking_and_says_so(once, dti):
    done = once("run", "annual", "--framework", "ict_index_2016")
    assert "- 1 of 93 agencies has a printed score; ranks are among these." in done.stdout
    shown = dti("rank", "--framework", "ict_index_2016", "--period", "2023").stdout
    assert "1 of 93 agencies has a printed score; ranks are among these." in shown
    assert "redrawn" not in (done.stdout + shown).lower()
    refused = dti("rank", "--framework", "ict_index_2016", "--period", "2023", "--chart", "x.svg").stderr
    assert "ranked alone" in refused


@pytest.mark.parametrize(
    ("framework", "period", "agency", "why"),
    [
        (
            "it_application_2019",
            "2019",
            "Bộ Công an",
            "Bộ Công an is not ranked in round press-it-application: named as",
        ),
        ("province_2020", "2020", "tinh phu tho", "Phú Thọ is not ranked in round press-2020: its figures were not"),
    ],
)
def test_explain__agency_that_is_not_ranked__by_its_name_and_the_true_reason(once, dti, framework, period, agency, why):
    once("run", "annual", "--framework", framework)
    done = dti("explain", "--framework", framework, "--period", period, "--agency", agency)
    assert done.returncode == 1
    assert why in flat(done.stderr)
    assert "readable return" not in done.stderr


def test_rank__mistyped_group__names_the_nearest(once, dti):
    once("run", "annual", "--framework", "egdi")
    done = dti("rank", *EGDI, "--group", "south_easten_asia")
    assert done.returncode == 1
    assert "egdi has no group 'south_easten_asia'" in flat(done.stderr)
    assert "Did you mean south_eastern_asia?" in flat(done.stderr)


def test_explain__no_node__says_how_sure_the_rank_by_the_headline_is(once, dti):
    once("run", "annual", "--framework", "it_application_2019")
    asked = ("explain", "--framework", "it_application_2019", "--period", "2019", "--agency", "Bộ Tài chính")
    said = flat(dti(*asked, "--depth", "0").stdout)
    assert re.search(r"the rank by CSUD [^;]* in ministries (falls on|falls when redrawn)", said), said
    assert "best ten" not in said
    assert "redrawn" not in dti(*asked, "--node", "HANG", "--depth", "0").stdout


def test_rank__of_a_region__ranks_all_sub_regions_together(dti, once):
    once("run", "annual", "--framework", "egdi")
    rows = json.loads(dti("rank", *EGDI, "--group", "asia", "--format", "json").stdout)
    (viet_nam,) = (row for row in rows if row["agency"] == "Viet Nam")
    assert len(rows) == 47
    assert (viet_nam["rank"], viet_nam["within"], viet_nam["within_rank"]) == (86, "asia", 24)
    assert (viet_nam["group"], viet_nam["group_rank"]) == ("south_eastern_asia", 6)
    assert [row["within_rank"] for row in rows] == sorted(row["within_rank"] for row in rows)
    table = dti("rank", *EGDI, "--group", "asia").stdout
    assert re.search(r"^ *24 +86 +Viet Nam +0\.6667", table, re.MULTILINE), table
    assert (viet_nam["ranked_in"], viet_nam["simulated_low"] > 24) == ("", True)
    assert "The intervals are those of the rank among all, not of the one in asia." in table


def test_rank__of_a_sub_region__has_its_own_ranks(dti, once):
    once("run", "annual", "--framework", "egdi")
    rows = json.loads(dti("rank", *EGDI, "--group", "south_eastern_asia", "--format", "json").stdout)
    assert [row["group_rank"] for row in rows] == list(range(1, 12))
    assert {row["within"] for row in rows} == {None}


def test_explain__a_country_in_any_spelling__reaches_the_bytes(dti, once):
    once("run", "annual", "--framework", "egdi")
    done = dti("explain", *EGDI, "--agency", "vietnam")
    assert "rank 86 of 193 (6 in south_eastern_asia)" in flat(done.stdout), done.stderr
    assert re.search(r"sha256 [0-9a-f]{64} verified", done.stdout)
    assert "standard error" not in done.stdout  # nobody printed any


def test_a_country_twice__both_rows_are_refused_and_named(dti, home, tmp_path):
    folder = shutil.copytree(bundled_round("press_egdi").folder, tmp_path / "r")
    file = folder / "2020.csv"
    file.write_text(file.read_text(encoding="utf-8") + "VNM,OSI,0.9,twice,https://a.vn\n", encoding="utf-8")
    dti("run", "annual", *EGDI, "--round", str(folder))
    listed = dti("quarantine", "list", *EGDI, "--agency", "Vietnam", "--format", "csv").stdout
    assert [line.split(",")[0] for line in listed.splitlines()[1:]] == ["Viet Nam", "VNM"]
    assert "given 2 times: 0.6529 (line 569); 0.9 (line 581)" in flat(listed), listed


def test_an_unknown_country__is_refused_by_name(dti, home, tmp_path):
    folder = shutil.copytree(bundled_round("press_egdi").folder, tmp_path / "r")
    file = folder / "2020.csv"
    file.write_text(file.read_text(encoding="utf-8") + "Wakanda,OSI,0.9,film,https://a.vn\n", encoding="utf-8")
    done = dti("run", "annual", *EGDI, "--round", str(folder))
    assert "1 row in quarantine" in done.stdout, done.stderr
    assert "193 agencies ranked" in done.stdout


def test_rank__printed_ranks_without_a_score__in_their_order(dti, once):
    once("run", "annual", "--framework", "it_application_2019")
    asked = ("--framework", "it_application_2019", "--period", "2019", "--node", "HANG", "--group", "provinces")
    lines = dti("rank", *asked).stdout.splitlines()[2:10]
    assert [re.split(r"\s{2,}", line.strip())[:2] for line in lines] == [
        ["Thừa Thiên Huế", "1"],
        ["Đà Nẵng", "2"],
        ["Quảng Ninh", "3"],
        ["Bình Dương", "4"],
        ["Hồ Chí Minh", "5"],
        ["An Giang", "7"],
        ["Bắc Kạn", "16"],
        ["Bắc Ninh", "17"],
    ]


def test_not_ranked__by_declaration__shown_with_the_reason_to_people_and_programs(dti, once):

    asked = ("--framework", "it_application_2019", "--period", "2019")
    once("run", "annual", "--framework", "it_application_2019")
    assert "Not ranked: Bộ Công an, named as not ranked" in flat(dti("rank", *asked).stdout)
    rows = json.loads(dti("rank", *asked, "--format", "json").stdout)
    (row,) = (row for row in rows if row["agency"] == "ministry-cong-an")
    assert (row["rank"], row["share"], row["group"]) == (None, None, "ministries")
    assert "no reason was printed" in row["reason"]
    provinces = json.loads(dti("rank", *asked, "--group", "provinces", "--format", "json").stdout)
    assert not any(row["reason"] for row in provinces)


def test_not_ranked__with_figures__keeps_its_share_and_the_others_close_the_gap(dti, tmp_path, prefect_api):
    folder = shutil.copytree(framework_folder("province_2020"), tmp_path / "province_2020")
    row = "Đà Nẵng,2020,đang được xác minh,under review,a test\n"
    (folder / "unranked.csv").write_text("agency,period,reason_vi,reason_en,source\n" + row, encoding="utf-8")
    figures = str(bundled_round().folder)
    done = dti("run", "annual", "--framework", str(folder), "--round", figures)
    assert "8 agencies ranked" in done.stdout, done.stderr
    assert "Not ranked, as unranked.csv says: Thành phố Đà Nẵng." in flat(done.stdout)
    asked = ("rank", "--framework", str(folder), "--period", "2020")
    rows = {row["agency"]: row for row in json.loads(dti(*asked, "--format", "json").stdout)}
    da_nang = rows["province-da-nang"]
    assert (da_nang["rank"], round(da_nang["share"], 4)) == (None, 0.4874)
    assert da_nang["reason"] == "under review / đang được xác minh"
    assert rows["province-thua-thien-hue"]["rank"] == 1
    assert "Not ranked: Thành phố Đà Nẵng, under review" in flat(dti(*asked).stdout)
    league = Server(prefect_api).newest("league-table")[0]
    assert any("under review / đang được xác minh" in row.values() for row in json.loads(league["data"]))
