from datetime import date

import pytest

from tasks.job import Job, refuse_period_of
from warehouse.errors import InputError

AT = date(2026, 11, 27)
ROUND = """\
round: monthly
kind: official
sources:
  - {source: agency_report, path: "{period}"}
"""


def job(folder, period, framework="online_services_2019", text=ROUND):
    (folder / "round.yaml").write_text(text, encoding="utf-8")
    return Job(framework=framework, period=period, round_folder=str(folder))


def test_job__standing_round__is_of_the_period_of_the_job(tmp_path):
    months = [job(tmp_path, period) for period in ("2020-08", "2020-09")]
    assert [one.round.period for one in months] == ["2020-08", "2020-09"]
    assert [one.round.sources[0].path for one in months] == ["2020-08", "2020-09"]
    assert [one.scope["round"] for one in months] == ["monthly", "monthly"]
    assert months[0].is_standing


def test_job__ranked_agencies__all_kinds_in_two_groups(tmp_path):
    ranked = job(tmp_path, "2020-08").ranked_agencies
    assert {agency.split("-")[0] for agency in ranked} >= {"province", "ministry"}
    assert len([agency for agency in ranked if agency.startswith("province-")]) == 63


def test_refuse_period_of__month_of_the_edition__is_let_through(tmp_path):
    refuse_period_of(job(tmp_path, "2020-08"), AT)


@pytest.mark.parametrize(
    ("period", "said"),
    [
        ("2018-12", "is for 2019-01 to 2022-05, not for 2018-12"),
        ("2022-06", "is for 2019-01 to 2022-05, not for 2022-06"),
        ("2026-12", "2026-12 lies in the future"),
        ("2020-8", "is not a period"),
    ],
)
def test_refuse_period_of__period_that_cannot_be_measured__is_refused(tmp_path, period, said):
    with pytest.raises(InputError, match=said):
        refuse_period_of(job(tmp_path, period), AT)


def test_refuse_period_of__round_of_another_period__says_what_to_do(tmp_path):
    text = ROUND.replace("kind: official", 'kind: official\nperiod: "2020-07"')
    with pytest.raises(InputError, match="is of 2020-07, not of 2020-08") as error:
        refuse_period_of(job(tmp_path, "2020-08", text=text), AT)
    assert "leave period out" in error.value.hint
