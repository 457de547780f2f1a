from dataclasses import replace
from datetime import date

import pytest

from warehouse.errors import InputError
from warehouse.reference.agencies import load_agencies
from warehouse.reference.checks import Check, check_checks, load_checks
from warehouse.reference.portals import Portal, bare_host, check_portals, load_portals, portals_at

HANOI = Portal("province-ha-noi", None, None, "https://hanoi.gov.vn", "https://dichvucong.hanoi.gov.vn")


def test_load_portals__every_province_of_2020_and_of_2025__has_one():
    for day in (date(2020, 12, 31), date(2025, 12, 31)):
        known = portals_at(day)
        provinces = [a for a in load_agencies() if a.kind == "province" and a.valid_at(day)]
        assert [a.agency_id for a in provinces if a.agency_id not in known] == []


def test_load_portals__addresses__are_of_the_state_and_encrypted():
    assert all(host.endswith((".gov.vn", ".chinhphu.vn")) for portal in load_portals() for host in portal.hosts)
    assert all(portal.url.startswith("https://") and portal.source for portal in load_portals())


def test_load_portals__city_of_hue__changed_its_domain_with_its_name():
    assert portals_at(date(2020, 12, 31))["province-thua-thien-hue"].hosts[0] == "thuathienhue.gov.vn"
    assert portals_at(date(2025, 12, 31))["province-thua-thien-hue"].hosts[0] == "hue.gov.vn"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([replace(HANOI, agency_id="province-atlantis")], "is no agency"),
        ([replace(HANOI, agency_id="province-ha-giang")], "on days on which it did not exist"),
        ([replace(HANOI, valid_from=date(2021, 1, 1), valid_to=date(2020, 1, 1))], "before it starts"),
        ([HANOI, replace(HANOI, url="https://other.gov.vn", services_url="")], "has two portals on one day"),
        ([HANOI, replace(HANOI, agency_id="province-cao-bang", services_url="")], "share the host hanoi.gov.vn"),
        ([replace(HANOI, url="")], "without an address"),
        ([replace(HANOI, url="ftp://hanoi.gov.vn")], "is no web address"),
        ([replace(HANOI, url="https://[::1")], "is no web address"),
        ([replace(HANOI, services_url="https://a:b@hanoi.gov.vn")], "user name or password"),
    ],
)
def test_check_portals__faults__are_named(rows, said):
    with pytest.raises(InputError, match=r"portals\.csv") as caught:
        check_portals(rows)
    assert said in caught.value.message
    assert caught.value.hint


def test_check_portals__one_after_the_other__is_sound():
    end = date(2021, 12, 31)
    check_portals([replace(HANOI, valid_to=end), replace(HANOI, valid_from=date(2022, 1, 1), url="https://x.gov.vn")])


def test_bare_host__www_and_case__make_no_difference():
    assert bare_host("HTTPS://WWW.HaNoi.gov.vn:443/") == "hanoi.gov.vn"


def test_load_checks__each__has_a_title_in_both_languages_and_a_citation():
    checks = load_checks()
    assert len(checks) > 100
    assert all(check.title_vi and check.title_en and check.citation for check in checks.values())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kind": "magic"}, "unknown kind"),
        ({"page": "cellar"}, "unknown page"),
        ({"argument": "a||b"}, "empty word"),
        ({"kind": "fresh", "argument": "soon"}, "no number"),
        ({"kind": "words", "follow": "open_data"}, "cannot lead to a page"),
        ({"citation": ""}, "no title or no citation"),
    ],
)
def test_check_checks__faults__are_named(changes, said):
    sound = Check("x", "sections", "link", "home", "liên hệ", "", "Liên hệ", "Contact", "", "project rule")
    check_checks([sound])
    with pytest.raises(InputError, match=said):
        check_checks([replace(sound, **changes)])
    with pytest.raises(InputError, match="stands there twice"):
        check_checks([sound, sound])
