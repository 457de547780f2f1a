"""Families follow from the predecessors of the registry: never from names or codes."""

from datetime import date

import pytest

from tasks.harmonise.agencies import Registry
from tasks.harmonise.mergers import families_of, groups_of, merged, ranked_of, resolve_scored
from warehouse.errors import AgencyError
from warehouse.frameworks.loader import load_framework
from warehouse.reference.agencies import PROVINCE, Agency

FRAMEWORK = load_framework("province_2025")


def province(agency, first, last, *, before=(), after=()):
    return Agency(agency, first, last, PROVINCE, agency, agency, agency, "tỉnh", predecessors=before, successors=after)


def test_families__63_provinces_become_34():
    families = families_of(FRAMEWORK, "2024")
    members = [one for found in families.values() for one in found]
    assert (len(families), len(members), len(set(members))) == (23, 52, 52)
    assert families["province-tuyen-quang-2025"] == ("province-ha-giang", "province-tuyen-quang")
    assert "province-ha-noi" not in families


def test_families__framework_without_a_merger__none():
    assert families_of(load_framework("province_2022"), "2023") == {}


def test_families__two_mergers_in_a_row__are_one():
    old, between = date(2025, 2, 28), date(2025, 6, 30)
    agencies = [
        province("a", None, old, after=("ab",)),
        province("b", None, old, after=("ab",)),
        province("c", None, between, after=("abc",)),
        province("ab", date(2025, 3, 1), between, before=("a", "b"), after=("abc",)),
        province("abc", date(2025, 7, 1), None, before=("ab", "c")),
        province("d", None, None),
    ]
    assert families_of(FRAMEWORK, "2024", Registry(agencies)) == {"abc": ("a", "b", "c")}


def test_families__agency_without_a_past__has_none():
    agencies = [province("new", date(2025, 7, 1), None), province("d", None, None)]
    assert families_of(FRAMEWORK, "2024", Registry(agencies)) == {}


def test_groups__of_a_merged_agency_are_those_that_its_predecessors_share():
    families = {"x": ("a", "b"), "y": ("c", "d"), "z": ("e",)}
    assert groups_of(families, {"a": "g", "b": "g", "c": "g", "d": "h"}) == {"x": "g"}


def test_merged__names_predecessors_without_scores():
    families = {"x": ("a", "b"), "y": ("c",)}
    assert merged(families, {"a", "x"}) == [
        {"agency": "x", "predecessors": ["a", "b"], "unscored": ["b"]},
        {"agency": "y", "predecessors": ["c"], "unscored": ["c"]},
    ]
    assert ranked_of(families, {"a", "x", "other"}) == {"x", "other"}


@pytest.mark.parametrize(
    ("text", "agency"),
    [
        ("Tuyên Quang", "province-tuyen-quang-2025"),
        ("province-tuyen-quang", "province-tuyen-quang"),
        ("Hà Giang", "province-ha-giang"),
        ("Hà Nội", "province-ha-noi"),
        ("province-lao-cai-2025", "province-lao-cai-2025"),
    ],
)
def test_resolve_scored__ranked_agencies_first_then_those_that_ceased(text, agency):
    assert resolve_scored(FRAMEWORK, text, "2024").agency_id == agency


def test_resolve_scored__nobody_is_called_so__is_refused():
    with pytest.raises(AgencyError, match="Hà Đông Mới"):
        resolve_scored(FRAMEWORK, "Hà Đông Mới", "2024")


def test_name_of__agency_that_begins_later_and_unit_of_no_registry():
    registry = Registry.bundled()
    assert registry.name_of("province-tuyen-quang-2025", date(2024, 12, 31)) == "Tuyên Quang"
    assert registry.name_of("Việt Nam", date(2024, 12, 31)) == "Việt Nam"
    assert registry.known_at("province-ha-giang", date(2026, 1, 1)) is None
