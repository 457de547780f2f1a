"""The published figures that come with the project: found by framework and period."""

import csv

import pytest

from tasks.sources.bundled import bundled_folder, bundled_periods, bundled_rounds
from tasks.sources.rounds import BUNDLED, load_round
from warehouse.frameworks.loader import load_framework

PERIODS = {
    "province_2020": ["2020"],
    "egdi": ["2018", "2020"],
    "it_application_2018": ["2018"],
    "it_application_2019": ["2019"],
    "ict_index_2016": ["2016", "2022", "2023"],
    "online_services_2019": ["2020-05"],
    "online_services_2022": ["2024-12"],
    "ministry_2020": [],
}
FOLDERS = sorted(file.parent for file in BUNDLED.glob("*/round.yaml"))


@pytest.mark.parametrize(("name", "periods"), PERIODS.items())
def test_periods__of_each_framework(name, periods):
    assert bundled_periods(load_framework(name).description) == periods


def test_folder__of_the_framework_and_period__or_none():
    egdi = load_framework("egdi").description
    assert bundled_folder(egdi, "2018") == (BUNDLED / "press_egdi").resolve()
    assert bundled_folder(egdi, "2022") is None


def test_rounds__of_a_framework_that_is_named_nowhere__none():
    assert bundled_rounds("ministry_2020") == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_round__its_files_stand_beside_it_and_say_where_each_figure_was_printed(folder):
    found = load_round(folder)
    assert found.kind == "press"
    assert (folder / "README.md").is_file()
    for entry in found.sources:
        files = list(folder.glob(entry.path.replace("{period}", "[0-9]*")))
        assert files
        for file in files:
            with file.open(encoding="utf-8", newline="") as stream:
                assert all(row["citation"] for row in csv.DictReader(stream)), file
