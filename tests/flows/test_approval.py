"""The decision before publishing, against a real server and worker: asked for, answered, carried out once."""

import shutil
import sqlite3
import time
from contextlib import closing

import pytest

pytestmark = pytest.mark.slow
AN = "Nguyễn Văn An"


@pytest.fixture
def press_round(tmp_path, served):
    """A round of its own for each test: its figures are the published ones."""
    from tasks.sources.rounds import bundled_round

    folder = tmp_path / "round"
    shutil.copytree(bundled_round().folder, folder)
    card = folder / "round.yaml"
    name = tmp_path.name.lower().replace("_", "-")[:60]
    lines = [f"round: {name}" if line.startswith("round:") else line for line in card.read_text().splitlines()]
    card.write_text("\n".join(lines), encoding="utf-8")
    return folder, name


def ask(served, folder, **parameters):
    run = served.start(
        "annual", {"framework": "province_2020", "period": "2020", "round_folder": str(folder), **parameters}
    )
    state = served.wait(run)
    assert (state["type"], state["name"]) == ("PAUSED", "Suspended"), state["message"]
    return run


def rows(served, query, *values):
    with closing(sqlite3.connect(served.home / "warehouse.db")) as connection:
        return connection.execute(query, values).fetchall()


def vintage(served, name):
    return rows(served, "SELECT vintage, state, digest, published_at FROM vintage WHERE round = ?", name)


def decisions(served, name):
    return rows(served, "SELECT outcome, decided_by, reason FROM decision WHERE round = ? ORDER BY decided_at", name)


def test_approve__what_was_shown__is_published_with_who_and_when(served, press_round):
    folder, name = press_round
    run = ask(served, folder)
    (before,) = vintage(served, name)
    assert before[1] == "provisional"
    # The sources say something else by now: what was shown is published all the same, nothing is computed anew.
    figures = folder / "dti_2020_province.csv"
    figures.write_text(figures.read_text(encoding="utf-8").replace("0.5346", "0.1"), encoding="utf-8")
    served.resume(run, approve=True, decided_by=AN)
    state = served.wait(run, until=("COMPLETED", "FAILED", "CRASHED"))
    assert state["type"] == "COMPLETED", state
    assert "Vintage 1 of province_2020 2020 was approved; it is published." in state["message"]
    assert AN not in state["message"]
    (after,) = vintage(served, name)
    assert after[:3] == (1, "published", before[2])
    assert decisions(served, name) == [("approved", AN, "")]


def test_reject__with_a_reason__stays_provisional_and_says_so(served, press_round):
    folder, name = press_round
    run = ask(served, folder)
    served.resume(run, approve=False, decided_by=AN, reason="Thiếu báo cáo")
    state = served.wait(run, until=("COMPLETED", "FAILED", "CRASHED"))
    assert (state["type"], state["name"]) == ("COMPLETED", "Rejected")
    assert vintage(served, name)[0][1] == "provisional"
    assert decisions(served, name) == [("rejected", AN, "Thiếu báo cáo")]


def test_exclude__a_named_agency__is_published_without_a_rank_for_it(served, press_round):
    folder, name = press_round
    run = ask(served, folder)
    served.resume(run, approve=True, decided_by=AN, reason="đang xác minh", agencies=["Đà Nẵng"])
    assert served.wait(run, until=("COMPLETED", "FAILED", "CRASHED"))["type"] == "COMPLETED"
    assert vintage(served, name)[0][1] == "published"
    ranks = dict(rows(served, "SELECT agency, rank FROM score WHERE round = ? AND node = 'DTI'", name))
    assert ranks["province-da-nang"] is None
    assert ranks["province-thua-thien-hue"] == 1
    assert rows(served, "SELECT agency, reason FROM exclusion WHERE round = ?", name) == [
        ("province-da-nang", "đang xác minh")
    ]
    shown = served.dti("rank", "--framework", "province_2020", "--period", "2020", "--round", name).stdout
    assert "Đà Nẵng" in shown
    assert "đang xác minh" in shown


def test_exclude__an_agency_that_nobody_knows__is_asked_again(served, press_round):
    folder, name = press_round
    run = ask(served, folder)
    served.resume(run, approve=True, decided_by=AN, reason="x", agencies=["Gotham"])
    state = served.wait(run, until=("COMPLETED", "FAILED", "CRASHED", "RUNNING"))
    assert state["type"] == "RUNNING"
    assert served.wait(run)["type"] == "PAUSED"
    assert decisions(served, name) == []
    served.resume(run, approve=True, decided_by=AN)
    assert served.wait(run, until=("COMPLETED", "FAILED", "CRASHED"))["type"] == "COMPLETED"
    assert decisions(served, name) == [("approved", AN, "")]


def test_approve__by_nobody__the_server_refuses_and_the_run_waits_on(served, press_round):
    folder, name = press_round
    run = ask(served, folder)
    for answer in ({"approve": True, "decided_by": ""}, {"approve": True}, {}):
        assert served.resume(run, **answer)["status"] == "REJECT"
        assert served.state(run)["type"] == "PAUSED"
    assert vintage(served, name)[0][1] == "provisional"


def test_approve__after_the_figures_changed__refused_and_nothing_published(served, press_round):
    folder, name = press_round
    run = ask(served, folder)
    figures = folder / "dti_2020_province.csv"
    figures.write_text(figures.read_text(encoding="utf-8").replace("0.5346", "0.5"), encoding="utf-8")
    again = served.dti("run", "annual", "--round", folder, "--no-publish")
    assert again.returncode == 0, again.stderr
    served.resume(run, approve=True, decided_by=AN)
    state = served.wait(run, until=("COMPLETED", "FAILED", "CRASHED"))
    assert state["type"] == "FAILED"
    assert "have changed since" in state["message"]
    assert vintage(served, name)[0][1] == "provisional"


def test_retry__of_a_run_whose_question_lapsed__asks_anew_and_can_be_answered(served, press_round):
    folder, name = press_round
    run = ask(served, folder)
    served.post(f"flow_runs/{run}/set_state", state={"type": "FAILED", "message": "as after the time-out"}, force=True)
    served.post(f"flow_runs/{run}/set_state", state={"type": "SCHEDULED", "name": "AwaitingRetry"}, force=True)
    for _ in range(240):
        if (state := served.state(run))["type"] == "PAUSED":
            break
        time.sleep(0.5)
    assert state["type"] == "PAUSED", state
    served.resume(run, approve=True, decided_by="   ", reason="")  # a name of blanks is nobody: asked again
    time.sleep(1)
    assert served.wait(run, until=("PAUSED", "COMPLETED", "FAILED"))["type"] == "PAUSED"
    served.resume(run, approve=True, decided_by=AN)
    assert served.wait(run, until=("COMPLETED", "FAILED", "CRASHED"))["type"] == "COMPLETED"
    assert decisions(served, name) == [("approved", AN, "")]


def test_dti_approve__while_a_run_waits__publishes_and_the_run_goes_on_to_its_end(served, press_round):
    folder, name = press_round
    run = ask(served, folder)
    listed = served.dti("approve", "--round", name)
    (_, _, digest, _) = vintage(served, name)[0]
    assert digest[:12] in listed.stdout
    nobody = served.dti("approve", "--content", digest[:12])
    assert nobody.returncode == 1
    assert "Nobody is named" in nobody.stderr
    done = served.dti("approve", "--content", digest[:12], "--by", AN)
    assert done.returncode == 0, done.stderr
    assert vintage(served, name)[0][1] == "published"
    assert served.wait(run, until=("COMPLETED", "FAILED", "CRASHED"))["type"] == "COMPLETED"
    assert decisions(served, name) == [("approved", AN, "")]


def test_waiting_run__does_not_hold_the_place_of_another__which_runs_meanwhile(served, press_round):
    folder, _ = press_round
    waiting = ask(served, folder)
    other = served.start("annual", {"framework": "province_2020", "period": "2020", "publication": "now"})
    assert served.wait(other)["type"] == "COMPLETED"
    assert served.state(waiting)["type"] == "PAUSED"


def test_schedule__of_the_monthly_deployment__makes_the_runs_that_are_due(served):
    deployment = served.deployment("monthly")
    for _ in range(120):
        due = served.post(
            "flow_runs/filter",
            deployments={"id": {"any_": [deployment["id"]]}},
            flow_runs={"state": {"type": {"any_": ["SCHEDULED"]}}},
        )
        if due:
            break
        time.sleep(0.5)
    days = sorted(run["expected_start_time"] for run in due)
    assert days
    assert all("-04T23:00:00" in day for day in days)  # day 5, 06:00 in Viet Nam
