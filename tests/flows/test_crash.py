"""Promise 1: a run that is killed at any point and run again leaves the warehouse of an undisturbed run."""

import multiprocessing
import os
import random
import shutil
import signal
import sqlite3
import time
from contextlib import closing, contextmanager

import pytest

pytestmark = pytest.mark.slow

STAGES = ("gather", "standardise", "validate", "measure", "score", "load", "simulate", "publish")
# What differs from run to run by nature: when and by which run a row was written.
OF_THE_RUN = {"fetched_at", "loaded_at", "created_at", "published_at", "run_id", "code_version", "agency_key"}
# Each run is a process of its own, forked from one that has imported everything: that takes longer than a small round.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["flows.cli.run", "flows.launch", "expectations.runner", "great_expectations"])


def run_round(home, api, folder, output):
    from prefect.settings import PREFECT_API_URL, temporary_settings

    from flows.cli import main

    os.dup2(output.fileno(), 1)
    os.dup2(output.fileno(), 2)
    os.environ.update(DTI_HOME=str(home), PREFECT_API_URL=api)
    with temporary_settings({PREFECT_API_URL: api}):
        main(["run", "annual", "--framework", "province_2020", "--round", str(folder)])


@contextmanager
def started(home, api, folder):
    """A process that runs the round, and what it says, line by line."""
    said, output = FORKS.Pipe(duplex=False)
    process = FORKS.Process(target=run_round, args=(home, api, folder, output))
    process.start()
    output.close()
    with os.fdopen(os.dup(said.fileno()), encoding="utf-8") as lines:
        yield process, lines
    process.join(240)
    said.close()


def kill_in(stage, delay, *arguments):
    """Kill the run as soon as it says that it is in `stage`, after a further moment."""
    with started(*arguments) as (process, lines):
        for line in lines:
            if f"% {stage}" in line:
                time.sleep(delay)
                os.kill(process.pid, signal.SIGKILL)
                break
    return process.exitcode


def run_to_the_end(*arguments):
    with started(*arguments) as (process, lines):
        said = lines.read()
    assert process.exitcode == 0, said


def content(home):
    """Every table of a warehouse as a sorted list of rows, without what belongs to the run."""
    with closing(sqlite3.connect(home / "warehouse.db")) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        tables = {}
        for name in sorted(set(names) - {"run"}):
            cursor = connection.execute(f'SELECT * FROM "{name}"')
            kept = [i for i, column in enumerate(cursor.description) if column[0] not in OF_THE_RUN]
            tables[name] = sorted(repr([row[i] for i in kept]) for row in cursor)
    return tables


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, prefect_api, small_round):
    """State folder of a run that nothing disturbed."""
    home = tmp_path_factory.mktemp("undisturbed") / "var"
    run_to_the_end(home, prefect_api, small_round)
    return home


def test_killed_run__at_every_stage_and_again__same_warehouse(tmp_path, prefect_api, small_round, undisturbed):
    moments = random.Random(20201012)
    for stage in STAGES:
        code = kill_in(stage, moments.uniform(0.0, 0.4), tmp_path, prefect_api, small_round)
        assert code == -signal.SIGKILL or stage == STAGES[-1], stage
    run_to_the_end(tmp_path, prefect_api, small_round)
    assert content(tmp_path) == content(undisturbed)


def test_second_run__unchanged_inputs__changes_no_row(tmp_path, prefect_api, small_round, undisturbed):
    home = shutil.copytree(undisturbed, tmp_path / "var")
    run_to_the_end(home, prefect_api, small_round)
    assert content(home) == content(undisturbed)
