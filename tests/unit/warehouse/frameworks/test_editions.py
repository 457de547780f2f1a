from datetime import date

import pytest

from warehouse.errors import FrameworkError, InputError
from warehouse.frameworks.editions import framework_of, refuse_period, today
from warehouse.frameworks.loader import load_framework
from warehouse.settings import get_settings

AT = date(2026, 11, 27)


@pytest.mark.parametrize(
    ("kind", "period", "name"),
    [
        ("online_services", "2019-01", "online_services_2019"),
        ("online_services", "2022-05", "online_services_2019"),
        ("online_services", "2022-06", "online_services_2022"),
        ("online_services", "2026-11", "online_services_2022"),
        ("province", "2020", "province_2020"),
    ],
)
def test_framework_of__period__the_edition_in_force(kind, period, name):
    assert framework_of(kind, period, AT) == name


def test_framework_of__before_the_first_edition__says_when_it_begins():
    with pytest.raises(
        InputError, match="2018-12 is before the first edition of online_services, which begins with"
    ) as error:
        framework_of("online_services", "2018-12", AT)
    assert "online_services_2022 for 2022-06 and later" in error.value.hint


@pytest.mark.parametrize(("period", "latest"), [("2026-12", "2026-11"), ("2027", "2026")])
def test_framework_of__in_the_future__says_what_day_it_is(period, latest):
    with pytest.raises(InputError, match=f"{period} lies in the future: today is 2026-11-27") as error:
        framework_of("online_services", period, AT)
    assert latest in error.value.hint


def test_framework_of__the_month_that_runs__is_no_future():
    assert framework_of("online_services", "2026-11", date(2026, 11, 1))


def test_framework_of__a_year_across_two_editions__is_refused():
    with pytest.raises(InputError, match="No edition of online_services is for 2022"):
        framework_of("online_services", "2022", AT)


@pytest.mark.parametrize("period", ["", "2020-8", "../x"])
def test_framework_of__no_period__is_refused(period):
    with pytest.raises(InputError, match="is not a period"):
        framework_of("online_services", period, AT)


def test_framework_of__unknown_kind__names_those_there_are():
    with pytest.raises(FrameworkError, match="no kind of framework 'monthly'") as error:
        framework_of("monthly", "2020-08", AT)
    assert "online_services" in error.value.hint


def test_framework_of__two_editions_claim_a_month__is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("DTI_HOME", str(tmp_path))
    get_settings.cache_clear()
    source = load_framework("online_services_2022").folder
    folder = tmp_path / "frameworks" / "online_services_2030"
    folder.mkdir(parents=True)
    for file in source.glob("*.*"):
        text = file.read_text(encoding="utf-8")
        (folder / file.name).write_text(text.replace("online_services_2022", "online_services_2030"), encoding="utf-8")
    try:
        with pytest.raises(FrameworkError, match="Several editions of online_services are in force in 2023-01"):
            framework_of("online_services", "2023-01", AT)
    finally:
        get_settings.cache_clear()


def test_refuse_period__another_edition__says_what_it_is_for():
    description = load_framework("online_services_2019").description
    refuse_period(description, "2022-05", AT)
    with pytest.raises(InputError, match="online_services_2019 is for 2019-01 to 2022-05, not for 2022-06"):
        refuse_period(description, "2022-06", AT)


def test_today__is_a_day_of_viet_nam():
    assert abs((today() - date.today()).days) <= 1  # noqa: DTZ011  another zone is the point
