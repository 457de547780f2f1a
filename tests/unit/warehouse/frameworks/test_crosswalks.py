import logging
import shutil

import pytest

from warehouse.errors import FrameworkError
from warehouse.frameworks.crosswalks.coverage import coverage
from warehouse.frameworks.crosswalks.tables import (
    BUNDLED,
    crosswalk_file,
    crosswalk_files,
    crosswalks_of,
    read_crosswalk,
)
from warehouse.frameworks.loader import framework_folder, load_framework
from warehouse.settings import get_settings

NAME = "online_services_2019__online_services_2022.csv"
HEADER = "from,to,kind,note,source"


def written(folder, *rows, name=NAME):
    file = folder / name
    file.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return file


def test_bundled__every_node_of_the_first_edition_goes_on():
    rows = crosswalks_of("online_services_2019")
    assert rows == crosswalks_of("online_services_2022")
    assert {row.from_node for row in rows} == {leaf.code for leaf in load_framework("online_services_2019").leaves}
    headline = next(row for row in rows if row.from_node == "S.M4")
    assert (headline.to_node, headline.kind, bool(headline.note)) == ("S.TT", "comparable", True)


def test_crosswalk_files__framework_without_one__none():
    assert crosswalk_files("online_services") == []


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("S.M5,S.TT,same,,", "'S.M5' is not a node of online_services_2019; did you mean S.M"),
        ("S.M4,S.M4,same,,", "'S.M4' is not a node of online_services_2022"),
        ("S.M4,S.TT,alike,,", "the kind 'alike' is not known; write one of same, comparable"),
        ("S.M4,S.TT,comparable,,", "a comparable node needs a note"),
        ("C.HS,S.TT,same,,", "C.HS of online_services_2019 stands already on line 2"),
        ("S.M4,C.HS,same,,", "C.HS of online_services_2022 stands already on line 2"),
    ],
)
def test_read_crosswalk__at_fault__names_file_and_line(tmp_path, row, said):
    with pytest.raises(FrameworkError) as error:
        read_crosswalk(written(tmp_path, "C.HS,C.HS,same,,", row))
    assert f"{NAME}:3: " in str(error.value)
    assert said in str(error.value)


@pytest.mark.parametrize("name", ["online_services_2019.csv", "a__b__c.csv", "province_2020__province_2020.csv"])
def test_read_crosswalk__not_two_editions__says_how_to_call_it(tmp_path, name):
    with pytest.raises(FrameworkError, match="does not name two editions"):
        read_crosswalk(written(tmp_path, "a,b,same,,", name=name))


def test_read_crosswalk__edition_not_at_hand__says_so(tmp_path):
    with pytest.raises(FrameworkError, match="no framework 'online_services_1999'"):
        read_crosswalk(written(tmp_path, "a,b,same,,", name="online_services_1999__online_services_2022.csv"))


SUMS, NAME_2025 = "province_2020__province_2022.csv", "province_2022__province_2025.csv"


def test_read_crosswalk__sums_of_nodes__on_both_sides(tmp_path):
    (row,) = read_crosswalk(written(tmp_path, "CQS.1 + KTS.1,CS1+CS2,comparable,a note,", name=SUMS))
    assert (row.from_node, row.to_node) == ("CQS.1+KTS.1", "CS1+CS2")
    assert (row.from_nodes, row.to_nodes) == (("CQS.1", "KTS.1"), ("CS1", "CS2"))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("CQS.1+CQS.9,CS1,same,,", "'CQS.9' is not a node of province_2020"),
        ("CQS.1+,CS1,same,,", "'' is not a node of province_2020"),
        ("CQS.1+CQS.1,CS1,same,,", "CQS.1 of province_2020 stands already on line 3"),
        ("CQS.1+KTS.7,CS1,same,,", "KTS.7 of province_2020 stands already on line 2"),
        ("CQS+CQS.1,CS1,same,,", "CQS.1 stands below CQS, so the sum counts it twice"),
        ("CQS.1,CS6.1+CS6.2,same,,", "the nodes CS6.1+CS6.2 have no points"),
    ],
)
def test_read_crosswalk__sum_at_fault__names_file_and_line(tmp_path, row, said):
    with pytest.raises(FrameworkError) as error:
        read_crosswalk(written(tmp_path, "KTS.7,CS4,same,,", row, name=SUMS))
    assert f"{SUMS}:3: " in str(error.value)
    assert said in str(error.value)


BETWEEN_EDITIONS = {
    SUMS: (0.89, 1.0),
    "province_2022__province_2025.csv": (1.0, 1.0),
    "ministry_2020__ministry_2022.csv": (0.85, 1.0),
    "ministry_2022__ministry_2025.csv": (1.0, 1.0),
    "national_2020__national_2025.csv": (1.0, 1.0),
}


@pytest.mark.parametrize("name", BETWEEN_EDITIONS)
def test_bundled__dti__share_of_the_points_that_goes_on(name):
    earlier, later = (load_framework(one) for one in name.removesuffix(".csv").split("__"))
    rows = read_crosswalk(BUNDLED / name)
    before, after = coverage(rows, earlier, later)
    assert (before.share, after.share) == BETWEEN_EDITIONS[name]
    assert all(row.source and row.note for row in rows)


def test_coverage__half__says_how_much_and_what_is_left(tmp_path):
    rows = read_crosswalk(written(tmp_path, "CS7,CS6,same,,", "CS8+CS9,CS7+CS8,comparable,n,", name=NAME_2025))
    before, after = coverage(rows, load_framework("province_2022"), load_framework("province_2025"))
    assert (before.share, before.same_share, before.unit) == (0.5, 0.2, "points")
    assert before.uncovered == ("CS1", "CS2", "CS3", "CS4", "CS5", "CS6")
    assert (after.share, after.uncovered) == (0.5, ("CS1", "CS2", "CS3", "CS4", "CS5"))


def test_coverage__point_that_two_rows_join__is_counted_once(tmp_path):
    rows = read_crosswalk(written(tmp_path, "CS1,CS1,comparable,n,", "CS1.1,CS1.1,same,,", name=NAME_2025))
    before, after = coverage(rows, load_framework("province_2022"), load_framework("province_2025"))
    assert (before.covered, before.same) == (100, 20)
    assert (after.covered, after.same) == (100, 25)


def test_coverage__nothing_joined__nothing_is_covered():
    before, after = coverage((), load_framework("province_2022"), load_framework("province_2025"))
    assert (before.share, before.uncovered, after.share) == (0.0, ("DTI",), 0.0)


def test_crosswalk_file__none_between_two_editions__says_which_there_are():
    assert crosswalk_file("province_2020", "province_2022").name == SUMS
    with pytest.raises(FrameworkError, match="nothing of them is known to be comparable") as error:
        crosswalk_file("province_2020", "ministry_2020")
    assert "province_2020 province_2022" in error.value.hint


@pytest.fixture
def imported(tmp_path, monkeypatch):
    """A tree of province_2022 with other codes, in place of the one that comes with the project."""
    monkeypatch.setenv("DTI_HOME", str(tmp_path))
    get_settings.cache_clear()
    folder = get_settings().frameworks / "province_2022"
    shutil.copytree(framework_folder("province_2022"), folder)
    for name in ("nodes.csv", "framework.yaml"):
        text = (folder / name).read_text(encoding="utf-8")
        (folder / name).write_text(text.replace("CS", "CHI-SO-"), encoding="utf-8")
    yield folder
    get_settings.cache_clear()


def test_crosswalks_of__imported_tree_that_the_bundled_one_does_not_fit__is_left_out_and_logged(imported, caplog):
    with caplog.at_level(logging.WARNING):
        assert crosswalks_of("province_2022") == ()
    assert "province_2022__province_2025.csv is left out, because a tree was imported since" in caplog.text


def test_crosswalks_of__imported_crosswalk_at_fault__is_refused(imported):
    folder = imported.parent / "crosswalks"
    folder.mkdir()
    written(folder, "CS1,CS1,same,,", name=NAME_2025)
    with pytest.raises(FrameworkError, match="'CS1' is not a node of province_2022"):
        crosswalks_of("province_2022")
