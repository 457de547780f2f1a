"""Groups within groups, and regions that are held to the UN's M49."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.errors import FrameworkError
from warehouse.frameworks.check import parse_folder
from warehouse.frameworks.declaration import Description, Group
from warehouse.frameworks.loader import load_framework
from warehouse.reference.countries import load_countries

YAML = "framework: tiny\nlevels:\n  - {level: index}\n"
NODES = "code,parent,level,name_en,rule\nT,,index,Tiny,published\n"
REGION = """\
units: m49
groups:
  - {group: asia, name_en: Asia}
  - {group: south_eastern_asia, within: asia}
"""
SOUTH_EAST = [country.name for country in load_countries() if country.sub_region == "South-eastern Asia"]
ELSEWHERE = [c.name for c in load_countries() if c.region == "Asia" and c.sub_region != "South-eastern Asia"]
MEMBERS = dict.fromkeys(SOUTH_EAST, "south_eastern_asia") | dict.fromkeys(ELSEWHERE, "asia")


def write(folder: Path, yaml: str, members: dict[str, str] | None = None, **files: str) -> Path:
    folder.joinpath("framework.yaml").write_text(YAML + yaml, encoding="utf-8")
    folder.joinpath("nodes.csv").write_text(NODES, encoding="utf-8")
    if members is not None:
        rows = "".join(f'"{name}",{group}\n' for name, group in members.items())
        folder.joinpath("groups.csv").write_text("agency,group\n" + rows, encoding="utf-8")
    for name, text in files.items():
        folder.joinpath(f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def said(folder: Path) -> list[str]:
    return [str(fault) for fault in parse_folder(folder)[1]]


def test_within__an_unknown_group__is_a_fault_with_the_nearest(tmp_path):
    yaml = "groups:\n  - {group: asia}\n  - {group: east, within: asai}\n"
    (fault,) = said(write(tmp_path, yaml))
    assert fault.startswith("framework.yaml:6: east is within 'asai'; write one of asia, east")
    assert "did you mean asia?" in fault


def test_within__a_circle__is_a_fault_that_shows_it(tmp_path):
    yaml = "groups:\n  - {group: a, within: b}\n  - {group: b, within: c}\n  - {group: c, within: a}\n"
    assert "a within b within c within a" in said(write(tmp_path, yaml))[0]


def test_within__itself__is_a_fault(tmp_path):
    assert "a within a" in said(write(tmp_path, "groups:\n  - {group: a, within: a}\n"))[0]


def test_groups_within__three_deep__holds_all_below():
    groups = (Group(group="c", within="b"), Group(group="a"), Group(group="b", within="a"), Group(group="z"))
    description = Description(framework="f", levels=(), groups=groups)
    assert description.groups_within("a") == ("c", "a", "b")
    assert description.groups_within("b") == ("c", "b")
    assert description.groups_within("z") == ("z",)


@given(st.lists(st.integers(-1, 6), min_size=1, max_size=7), st.integers(0, 6))
def test_groups_within__any_forest__is_the_group_and_what_is_within_its_inner_ones(outer, start):
    groups = tuple(
        Group(group=str(number), within=str(of) if 0 <= of < number else "") for number, of in enumerate(outer)
    )
    description = Description(framework="f", levels=(), groups=groups)
    start = start % len(outer)
    expected = {str(start)}
    for group in groups:  # a group stands after the one that it is within
        if group.within in expected:
            expected.add(group.group)
    assert set(description.groups_within(str(start))) == expected


@pytest.mark.parametrize(
    ("text", "group", "said"),
    [
        (
            "groups:\n  - {group: asia}\n  - {group: east, within: asia}\n",
            "asai",
            "tiny has no group 'asai'. Did you mean asia? It has asia, east.",
        ),
        (
            "groups:\n  - {group: asia}\n",
            "x",
            "tiny has no group 'x'. It has asia.",
        ),
        ("", "asia", "tiny has no groups: all are ranked together. Leave --group out."),
    ],
)
def test_groups_within__no_such_group__is_refused_with_those_there_are(tmp_path, text, group, said):
    framework = load_framework(write(tmp_path, text))
    with pytest.raises(FrameworkError) as refusal:
        framework.groups_within(group)
    assert str(refusal.value) == said


def test_regions__as_m49_has_them__are_sound(tmp_path):
    assert said(write(tmp_path, REGION, MEMBERS)) == []


def test_regions__a_country_in_another_region__is_a_fault_that_names_it(tmp_path):
    (fault,) = said(write(tmp_path, REGION, MEMBERS | {"Viet Nam": "asia"}))
    line = list(MEMBERS).index("Viet Nam") + 2
    assert fault == (
        f"groups.csv:{line}: Viet Nam is in asia here, but M49 has it in south_eastern_asia "
        "(warehouse/reference/m49.csv)."
    )


def test_regions__a_country_that_is_missing__is_named(tmp_path):
    members = {name: group for name, group in MEMBERS.items() if name != "Cyprus"}
    (fault,) = said(write(tmp_path, REGION, members))
    assert "Cyprus is missing; M49 has it in asia" in fault


def test_regions__no_country__is_a_fault_with_the_nearest(tmp_path):
    (fault,) = said(write(tmp_path, REGION, MEMBERS | {"Vietnam": "south_eastern_asia"}))
    assert "Vietnam is not a country" in fault
    assert "did you mean Viet Nam?" in fault


def test_regions__a_country_twice__names_both_lines(tmp_path):
    folder = write(tmp_path, REGION, MEMBERS)
    file = folder / "groups.csv"
    file.write_text(file.read_text(encoding="utf-8") + '"Viet Nam",asia\n', encoding="utf-8")
    (fault,) = said(folder)
    line = list(MEMBERS).index("Viet Nam") + 2
    assert fault == (
        f"groups.csv:{len(MEMBERS) + 2}: Viet Nam stands already on line {line}; an agency is in one group only."
    )


def test_regions__a_sub_region_within_another_region__is_a_fault(tmp_path):
    yaml = REGION.replace("within: asia", "within: europe").replace(
        "name_en: Asia}", "name_en: Asia}\n  - {group: europe}"
    )
    europe = {country.name: "europe" for country in load_countries() if country.region == "Europe"}
    (fault,) = said(write(tmp_path, yaml, MEMBERS | europe))
    assert "south_eastern_asia is within europe, but M49 has it within asia" in fault


def test_units__beside_population__is_a_fault(tmp_path):
    assert "keep one" in said(write(tmp_path, "units: m49\npopulation: [province]\n"))[0]


def test_units__unknown__is_a_fault(tmp_path):
    assert "write one of" in said(write(tmp_path, "units: planets\n"))[0]


@pytest.mark.parametrize("name", ["egdi", "egdi_components_2018", "egdi_components_2020"])
def test_egdi__ranks_all_193_countries_within_regions(name):
    framework = load_framework(name)
    assert len(framework.groups) == 193
    asia = framework.description.groups_within("asia")
    assert sum(group in asia for group in framework.groups.values()) == 47


UNRANKED = "agency,period,reason_vi,reason_en,source\n"


def test_unranked__sound_rows__are_read_with_the_reason_in_both_languages(tmp_path):
    folder = write(tmp_path, "", unranked=UNRANKED + "Bộ Công an,2019,đặc thù,its nature,press\n")
    (row,) = load_framework(folder).unranked
    assert (row.agency, row.period, row.reason) == ("Bộ Công an", "2019", "its nature / đặc thù")


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("Bộ Công an,2019,,its nature,press", "lacks reason_vi"),
        ("Bộ Công an,2019,đặc thù,its nature,", "lacks source"),
        ("Bộ Công an,19,đặc thù,its nature,press", "the period is '19'"),
        ("Bộ Công an,,a,b,press\nBộ Công an,,a,b,press", "stands already on line 2"),
    ],
)
def test_unranked__a_row_at_fault__is_named(tmp_path, row, fault):
    (found,) = said(write(tmp_path, "", unranked=UNRANKED + row + "\n"))
    assert found.startswith("unranked.csv:")
    assert fault in found


def test_outermost__of_a_group_within_groups__and_of_one_that_lies_in_none():
    egdi = load_framework("egdi").description
    assert [egdi.outermost(group) for group in ("south_eastern_asia", "asia", "")] == ["asia", "asia", ""]
    assert {egdi.outermost(group.group) for group in egdi.groups} == {"africa", "americas", "asia", "europe", "oceania"}
