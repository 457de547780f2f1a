import pytest

from warehouse.errors import FrameworkError
from warehouse.frameworks.crosswalks.tables import crosswalk_files, crosswalks_of, read_crosswalk
from warehouse.frameworks.loader import load_framework

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
    assert crosswalk_files("province_2020") == []


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
