import json

import pandas as pd

from warehouse.queries import runs
from warehouse.runs import finish_run, start_run


def states(engine):
    found = runs(engine)
    return dict(zip(found["run_id"], found["state"], strict=True))


def test_start_run__new__is_running_without_an_end(engine, scope):
    start_run(engine, "r1", "annual", scope)
    row = runs(engine).iloc[0]
    assert (row["state"], row["flow"], row["round"]) == ("running", "annual", "press")
    assert pd.isna(row["finished_at"])


def test_finish_run__completed__keeps_the_summary(engine, scope):
    start_run(engine, "r1", "annual", scope)
    finish_run(engine, "r1", "completed", {"verdict": "xong"})
    row = runs(engine).iloc[0]
    assert json.loads(row["summary"]) == {"verdict": "xong"}
    assert row["finished_at"] >= row["started_at"]


def test_start_run__earlier_run_was_killed__it_is_noted_as_interrupted(engine, scope):
    start_run(engine, "killed", "annual", scope)
    start_run(engine, "other round", "annual", {**scope, "round": "other"})
    start_run(engine, "next", "annual", scope)
    assert states(engine) == {"killed": "interrupted", "other round": "running", "next": "running"}


def test_start_run__same_run_taken_up_again__starts_anew(engine, scope):
    start_run(engine, "r1", "annual", scope)
    finish_run(engine, "r1", "failed", {})
    start_run(engine, "r1", "annual", scope)
    assert states(engine) == {"r1": "running"}
