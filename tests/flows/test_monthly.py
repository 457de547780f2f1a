"""The monthly statistics: one command a month, and refusals before any work is done."""

import sqlite3
from contextlib import closing

import pytest

from flows.monthly import monthly
from flows.months import month_job, months_between
from flows.parameters_of.months import MonthlyParameters
from warehouse.errors import DtiError
from warehouse.settings import get_settings


def vintages(home):
    with closing(sqlite3.connect(home / "warehouse.db")) as connection:
        return connection.execute("SELECT period, vintage, state FROM vintage ORDER BY period, vintage").fetchall()


def test_monthly__a_month__is_published_by_the_edition_of_its_day(dti, home, standing_round):
    done = dti("run", "monthly", "--period", "2020-03", "--round", str(standing_round))
    assert done.returncode == 0, done.stderr
    assert "online_services_2019 2020-03" in done.stdout
    assert vintages(home) == [("2020-03", 1, "published")]
    again = dti("run", "monthly", "--period", "2020-03", "--round", str(standing_round), "--no-publish")
    assert "it is unchanged" in again.stdout, again.stderr
    assert vintages(home) == [("2020-03", 1, "published")]


def test_monthly__a_file_that_does_not_change__counts_in_each_month_and_is_found_from_each(dti, home, standing_round):
    folder = standing_round
    declared = (folder / "round.yaml").read_text(encoding="utf-8")
    (folder / "round.yaml").write_text(declared.replace("{period}", "2020-01"), encoding="utf-8")
    for month in ("2020-01", "2020-02"):
        done = dti("run", "monthly", "--period", month, "--round", str(folder))
        assert done.returncode == 0, done.stderr
    assert vintages(home) == [("2020-01", 1, "published"), ("2020-02", 1, "published")]
    for month in ("2020-01", "2020-02"):
        done = dti("explain", "--framework", "online_services_2019", "--period", month, "--agency", "Hà Nội")
        assert "2020-01.csv" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("period", "reason"), [("2099-01", "lies in the future"), ("2018-12", "before the first edition")]
)
def test_monthly__a_month_that_cannot_be__is_refused_before_any_work(dti, home, standing_round, period, reason):
    done = dti("run", "monthly", "--period", period, "--round", str(standing_round))
    assert (done.returncode, reason in done.stderr, "Traceback" in done.stderr) == (1, True, False)
    assert not (home / "warehouse.db").exists()


def test_monthly__no_round__says_where_it_was_looked_for(home):
    with pytest.raises(DtiError, match=r"rounds/monthly/round\.yaml does not exist") as refusal:
        month_job("online_services", "2020-03", None)
    assert "DTI_ROUNDS" in refusal.value.hint


def test_monthly__folder_of_the_rounds__is_a_setting(home, standing_round, monkeypatch):
    monkeypatch.setenv("DTI_ROUNDS", str(standing_round.parent))
    get_settings.cache_clear()
    assert month_job("online_services", "2020-03", None).round.round == "test-monthly"


def test_monthly__without_a_month__the_run_is_of_the_one_before_its_start(home, prefect_api, standing_round):
    from prefect.client.orchestration import get_client

    from flows.months import month_due

    expected = month_due()
    state = monthly(MonthlyParameters(round_folder=standing_round), return_state=True)
    assert state.is_failed()
    assert expected in state.message
    with get_client(sync_client=True) as client:
        run = client.read_flow_run(state.state_details.flow_run_id)
    assert run.name == f"online_services {expected}"


def test_months__the_other_way_round__are_none():
    assert months_between("2020-02", "2020-01") == []
