"""Promise 1: a run that is killed at any point and run again leaves the warehouse of an undisturbed run."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

pytestmark = [pytest.mark.xdist_group("prefect"), pytest.mark.slow]

STAGES = ("gather", "standardise", "validate", "measure", "score", "load", "publish")
# What differs from run to run by nature: when and by which run a row was written.
OF_THE_RUN = {"fetched_at", "loaded_at", "created_at", "published_at", "run_id", "code_version", "agency_key"}


def start(home, api, folder):
    return subprocess.Popen(
        [sys.executable, "-m", "flows.cli", "run", "annual", "--framework", "province_2020", "--round", str(folder)],
        env={**os.environ, "DTI_HOME": str(home), "PREFECT_API_URL": api},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def kill_in(stage, delay, process):
    """Kill the run as soon as it says that it is in `stage`, after a further moment."""
    for line in process.stderr:
        if f"% {stage}" in line:
            time.sleep(delay)
            os.killpg(process.pid, signal.SIGKILL)
            break
    process.wait()
    process.stderr.close()
    return process.returncode


def content(home):
    """Every table of a warehouse as a sorted list of rows, without what belongs to the run."""
    with sqlite3.connect(home / "warehouse.db") as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        tables = {}
        for name in sorted(set(names) - {"run"}):
            cursor = connection.execute(f'SELECT * FROM "{name}"')
            kept = [i for i, column in enumerate(cursor.description) if column[0] not in OF_THE_RUN]
            tables[name] = sorted(repr([row[i] for i in kept]) for row in cursor)
    return tables


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, prefect_api, small_round):
    home = tmp_path_factory.mktemp("undisturbed")
    process = start(home, prefect_api, small_round)
    _, errors = process.communicate(timeout=240)
    assert process.returncode == 0, errors
    return content(home)


def test_killed_run__at_every_stage_and_again__same_warehouse(tmp_path, prefect_api, small_round, undisturbed):
    moments = random.Random(20201012)
    for stage in STAGES:
        code = kill_in(stage, moments.uniform(0.0, 0.4), start(tmp_path, prefect_api, small_round))
        assert code in (-signal.SIGKILL, 0), stage
    process = start(tmp_path, prefect_api, small_round)
    _, errors = process.communicate(timeout=240)
    assert process.returncode == 0, errors
    assert content(tmp_path) == undisturbed


def test_second_run__unchanged_inputs__changes_no_row(tmp_path, prefect_api, small_round, undisturbed):
    for _ in range(2):
        process = start(tmp_path, prefect_api, small_round)
        _, errors = process.communicate(timeout=240)
        assert process.returncode == 0, errors
    assert content(tmp_path) == undisturbed
