"""The backfill: idempotent, goes on after a failed month and after being killed, one line a month."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest


def lines(said):
    return dict(re.findall(r"^(\d{4}-\d\d)  (\w+)", said.stdout, re.MULTILINE))


def vintages(home):
    with closing(sqlite3.connect(home / "warehouse.db")) as connection:
        return connection.execute("SELECT period, vintage, state FROM vintage ORDER BY period, vintage").fetchall()


@pytest.fixture
def backfill(dti, standing_round):
    def run(first, last):
        return dti("backfill", "monthly", "--from", first, "--to", last, "--round", str(standing_round))

    return run


def test_backfill__again_and_with_a_changed_month__only_that_month_is_done(backfill, home, standing_round):
    first = backfill("2020-01", "2020-02")
    assert lines(first) == {"2020-01": "done", "2020-02": "done"}, first.stderr
    assert lines(backfill("2020-01", "2020-02")) == {"2020-01": "unchanged", "2020-02": "unchanged"}
    file = standing_round / "2020-02.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("C.M4,200", "C.M4,210"), encoding="utf-8")
    assert lines(backfill("2020-01", "2020-03")) == {"2020-01": "unchanged", "2020-02": "done", "2020-03": "done"}
    published = "published"
    assert vintages(home) == [
        ("2020-01", 1, published),
        ("2020-02", 1, published),
        ("2020-02", 2, published),
        ("2020-03", 1, published),
    ]


def test_backfill__a_failed_month__the_others_are_done_and_the_command_fails(backfill, standing_round):
    (standing_round / "2020-02.csv").unlink()
    done = backfill("2020-01", "2020-03")
    assert done.returncode == 1
    assert lines(done) == {"2020-01": "done", "2020-02": "failed", "2020-03": "done"}
    assert "1 month of 3 failed" in done.stderr
    assert "2020-02.csv" in done.stderr


def test_backfill__another_warehouse__takes_nothing_as_done(backfill, home):
    backfill("2020-01", "2020-01")
    (home / "warehouse.db").unlink()
    assert lines(backfill("2020-01", "2020-01")) == {"2020-01": "done"}
    assert vintages(home) == [("2020-01", 1, "published")]


@pytest.mark.parametrize(
    ("first", "last", "reason"),
    [("2020-03", "2020-01", "no range"), ("2020", "2021", "no range"), ("2020-01", "2099-01", "future")],
)
def test_backfill__a_range_that_cannot_be__is_refused_before_any_work(backfill, home, first, last, reason):
    done = backfill(first, last)
    assert (done.returncode, reason in done.stderr) == (1, True)
    assert not (home / "warehouse.db").exists()


@pytest.mark.slow
def test_backfill__killed_in_the_middle__goes_on_where_it_was(backfill, home, prefect_api, standing_round):
    command = ["backfill", "monthly", "--from", "2020-01", "--to", "2020-04", "--round", str(standing_round)]
    process = subprocess.Popen(
        [sys.executable, "-m", "flows.cli", *command],
        env={**os.environ, "DTI_HOME": str(home), "PREFECT_API_URL": prefect_api, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    for line in process.stdout:
        if line.startswith("2020-02"):
            time.sleep(1.0)
            process.send_signal(signal.SIGKILL)
            break
    process.wait()
    process.stdout.close()
    found = lines(backfill("2020-01", "2020-04"))
    assert found == {"2020-01": "unchanged", "2020-02": "unchanged", "2020-03": "done", "2020-04": "done"}
    assert vintages(home) == [(f"2020-{month:02d}", 1, "published") for month in range(1, 5)]
