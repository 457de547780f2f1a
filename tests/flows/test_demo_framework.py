"""`dti demo run --framework F`: a synthetic round of any edition through the whole path, its ranking at the end."""

import re

import pytest

EDITIONS = {
    "province_2022": "2023",
    "ministry_2022": "2023",
    "ministry_2025": "2024",
    "national_2020": "2020",
    "national_2025": "2024",
}


@pytest.mark.parametrize("name", EDITIONS)
def test_demo_run__ends_with_the_ranking_of_the_framework(dti, name):
    done = dti("demo", "run", "--framework", name, "--limit", "4", "--seed", "7")
    assert done.returncode == 0, done.stderr
    assert f"{name} {EDITIONS[name]}, round synthetic-{name}-{EDITIONS[name]}-seed7" in done.stdout
    assert "SYNTHETIC DATA" in done.stdout
    agencies = 1 if name.startswith("national") else 4
    assert len(re.findall(r"^ +\d+ {2}\S.* 0\.\d{4} +\d+\.\d", done.stdout, re.MULTILINE)) == agencies


@pytest.mark.parametrize("name", ["egdi_components_2018", "egdi_components_2020"])
def test_demo_run__an_index_of_countries__made_up_figures_within_regions(dti, name):
    done = dti("demo", "run", "--framework", name, "--limit", "20")
    assert done.returncode == 0, done.stderr
    assert "20 agencies ranked" in done.stdout
    assert "SYNTHETIC DATA" in done.stdout
    assert "caribbean" in done.stdout


def test_demo_run__another_vintage__shows_who_moved(dti):
    done = dti("demo", "run", "--framework", "egdi_components_2018", "--limit", "5")
    assert "moved" not in done.stdout
    done = dti("demo", "run", "--framework", "egdi_components_2018", "--limit", "6")
    assert "Moved: against vintage 1 of the same period." in done.stdout, done.stderr


def test_demo_run__framework_that_nobody_reports_to__says_so(dti, tmp_path):
    levels = "levels:\n  - {level: index}\n  - {level: leaf}\n"
    (tmp_path / "framework.yaml").write_text(f"framework: f\npopulation: [province]\n{levels}", encoding="utf-8")
    (tmp_path / "nodes.csv").write_text(
        "code,parent,level,name_en,rule,evidence\nD,,index,All,,\nA,D,leaf,One,tone,tone\n", encoding="utf-8"
    )
    done = dti("demo", "run", "--framework", str(tmp_path))
    assert done.returncode == 1
    assert "Nobody reports anything to the framework f" in done.stderr


def test_demo_run__monthly_statistics__names_the_commands_for_months(dti):
    done = dti("demo", "run", "--framework", "online_services_2022")
    assert done.returncode == 1
    assert "dti demo make-months" in done.stderr
    assert "dti run monthly" in done.stderr
    assert "Traceback" not in done.stderr


def test_demo_run__period_of_another_edition__is_refused(dti):
    done = dti("demo", "run", "--framework", "province_2025", "--period", "2023")
    assert done.returncode == 1
    assert "is for 2024, not for 2023" in done.stderr


def test_demo_run__tour_with_a_period__is_refused(dti):
    done = dti("demo", "run", "--period", "2024")
    assert done.returncode == 1
    assert "--framework" in done.stderr


def test_make_round__of_another_edition__is_a_round_of_its_last_period(dti, tmp_path):
    done = dti("demo", "make-round", str(tmp_path / "r"), "--framework", "ministry_2025", "--limit", "3")
    assert done.returncode == 0, done.stderr
    assert "dti run annual --framework ministry_2025 --period 2024" in done.stdout
    assert "export" not in done.stdout  # it has nothing that a server must serve
    assert 'period: "2024"' in (tmp_path / "r" / "round.yaml").read_text(encoding="utf-8").replace("'", '"')
