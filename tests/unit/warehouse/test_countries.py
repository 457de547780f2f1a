"""The table of countries and regions, and the names that lead to them."""

from datetime import date

import pytest

from tasks.harmonise.agencies import Registry
from tasks.harmonise.registries import countries, resolve_anywhere
from warehouse.errors import AgencyError, InputError
from warehouse.reference.countries import load_countries, read_countries

HEADER = "country,iso3,region,sub_region,other_names,source\n"
VIET_NAM = "Viet Nam,VNM,Asia,South-eastern Asia,,M49\n"
AT = date(2020, 12, 31)


def table(tmp_path, *rows):
    file = tmp_path / "m49.csv"
    file.write_text(HEADER + "".join(rows), encoding="utf-8")
    return file


def test_m49__has_193_countries__47_in_asia_and_11_in_south_eastern_asia():
    known = load_countries()
    assert len(known) == 193
    assert sum(country.region == "Asia" for country in known) == 47
    assert sum(country.sub_region == "South-eastern Asia" for country in known) == 11


@pytest.mark.parametrize("name", ["Cyprus", "Georgia", "Armenia", "Azerbaijan", "Türkiye"])
def test_m49__countries_that_others_count_as_european__are_in_western_asia(name):
    (found,) = (country for country in load_countries() if country.name == name)
    assert (found.region, found.sub_region) == ("Asia", "Western Asia")


def test_read_countries__a_country_twice__names_both_lines(tmp_path):
    with pytest.raises(InputError, match=r"Line 3 of m49.csv: 'Viet Nam' stands on line 2 already"):
        read_countries(table(tmp_path, VIET_NAM, VIET_NAM))


def test_read_countries__another_name_that_is_taken__is_an_error(tmp_path):
    with pytest.raises(InputError, match="'VNM' stands on line 2 already"):
        read_countries(table(tmp_path, VIET_NAM, "Vanuatu,VUT,Oceania,Melanesia,VNM,M49\n"))


def test_read_countries__no_code__is_an_error(tmp_path):
    with pytest.raises(InputError, match="'VN' of Viet Nam is no code"):
        read_countries(table(tmp_path, VIET_NAM.replace("VNM", "VN")))


def test_read_countries__a_sub_region_in_two_regions__names_both_countries(tmp_path):
    with pytest.raises(InputError, match="in Europe for Laos, but in Asia for Viet Nam"):
        read_countries(table(tmp_path, VIET_NAM, "Laos,LAO,Europe,South-eastern Asia,,M49\n"))


@pytest.mark.parametrize("country", load_countries(), ids=lambda country: country.iso3)
def test_registry__every_name_and_code__leads_to_its_country(country):
    for text in (country.name, country.name.upper(), country.iso3, *country.other_names):
        assert countries().resolve(text, AT).agency_id == country.name


@pytest.mark.parametrize("text", ["Việt Nam", "Vietnam", "VIET NAM", " viet-nam "])
def test_registry__spellings_of_viet_nam__are_one_country(text):
    assert countries().resolve(text, AT).agency_id == "Viet Nam"


def test_registry__unknown_country__names_the_nearest_and_the_table():
    with pytest.raises(AgencyError) as error:
        countries().resolve("Wakanda", AT)
    assert "Rwanda" in error.value.hint
    assert "warehouse/reference/m49.csv" in error.value.hint


def test_registry__no_name_of_a_country__is_one_of_an_agency():
    agencies = Registry.bundled()
    for country in load_countries():
        assert agencies.find(country.name, AT) is None
        assert agencies.find(country.iso3, AT) is None


def test_resolve_anywhere__finds_both():
    assert resolve_anywhere("VNM", "2020").agency_id == "Viet Nam"
    assert resolve_anywhere("48", "2020").agency_id == "province-da-nang"
