"""Units of a framework: agencies of the registry, countries, or any text."""

import pytest

from tasks.harmonise.agencies import Registry
from tasks.harmonise.groups import agency_groups, unranked_units
from tasks.harmonise.registries import countries, full_unit_name, registry_of, resolve_unit, unit_name
from warehouse.errors import AgencyError
from warehouse.frameworks.declaration import Description
from warehouse.frameworks.loader import load_framework

AGENCIES = Description(framework="a", levels=(), population=("province",))
COUNTRIES = Description(framework="c", levels=(), units="m49")
ANY = Description(framework="x", levels=())


def test_registry_of__what_the_framework_ranks():
    assert registry_of(AGENCIES) is Registry.bundled()
    assert registry_of(COUNTRIES) is countries()
    assert registry_of(ANY) is None


@pytest.mark.parametrize(
    ("description", "text", "unit"),
    [(AGENCIES, "Huế", "province-thua-thien-hue"), (COUNTRIES, "vnm", "Viet Nam"), (ANY, " FI ", "FI")],
)
def test_resolve_unit__by_the_registry_of_the_framework(description, text, unit):
    assert resolve_unit(description, text, "2020").agency_id == unit


def test_resolve_unit__a_country_where_agencies_are_ranked__is_an_error():
    with pytest.raises(AgencyError):
        resolve_unit(AGENCIES, "Viet Nam", "2020")


@pytest.mark.parametrize(
    ("description", "unit", "names"),
    [
        (AGENCIES, "province-ha-giang", ("Hà Giang", "Tỉnh Hà Giang")),
        (COUNTRIES, "Viet Nam", ("Viet Nam", "Viet Nam")),
        (ANY, "FI", ("FI", "FI")),
        (AGENCIES, "gone", ("gone", "gone")),
    ],
)
def test_names__of_a_unit(description, unit, names):
    assert (unit_name(description, unit, "2020"), full_unit_name(description, unit, "2020")) == names


def test_groups__of_countries__are_the_finest_ones():
    assert agency_groups(load_framework("egdi"), "2020")["Viet Nam"] == "south_eastern_asia"


def test_groups__by_kind__ministries_and_ministerial_bodies_together():
    groups = agency_groups(load_framework("it_application_2019"), "2019")
    assert groups["ministerial-body-ngan-hang-nha-nuoc-viet-nam"] == groups["ministry-tai-chinh"] == "ministries"


def test_unranked__of_the_period_only():
    framework = load_framework("it_application_2019")
    assert len(unranked_units(framework, "2019")) == 5
    assert unranked_units(framework, "2018") == {}
