"""Figures of earlier months that are in force, on both databases."""

import json

import pandas as pd
import pytest

from warehouse.frames import BATCH, HISTORY, MEASUREMENT, OBSERVATION, QUARANTINE, SCORE, SNAPSHOT
from warehouse.frameworks.model import Description, Framework, Level, Node
from warehouse.history import earlier_figures
from warehouse.load import load_evidence, load_reference
from warehouse.vintages import write_vintage

ROUND = "official-monthly"
OLD, NEW = "a" * 64, "b" * 64


def observation(value, number=0, **change):
    return {
        "observation_id": f"{number or int(value):032x}",
        "agency": "province-hue",
        "item": "C.M4",
        "part": "value",
        "stage": "self_reported",
        "source": "agency_report",
        "value": value,
        "snapshot_sha256": OLD,
        "locator": "line 1",
        **change,
    }


@pytest.fixture
def load(engine):
    """Loads a month: its observations, the files that the run had, and the rows that it refused."""

    def load_month(period, *rows, files=(OLD,), refused=(), framework="counts_2019", round_name=ROUND):
        scope = {"framework": framework, "round": round_name, "period": period}
        batches = [
            {"source": source, "origin": sha[:8], "snapshot_sha256": sha}
            for sha in files
            for source in ("agency_report", "monitoring")
        ]
        refusals = [
            {"source": "agency_report", "locator": "line 1", "rule": "r", "snapshot_sha256": sha} for sha in refused
        ]

        def frame(kind, made):
            return kind.conform(pd.DataFrame([{**scope, **one} for one in made] or None).assign(**scope))

        load_evidence(
            engine,
            scope=scope,
            snapshots=SNAPSHOT.empty(),
            observations=frame(OBSERVATION, rows) if rows else OBSERVATION.empty(),
            quarantine=frame(QUARANTINE, refusals) if refusals else QUARANTINE.empty(),
            batches=frame(BATCH, batches) if batches else BATCH.empty(),
        )

    return load_month


@pytest.fixture
def earlier(engine):
    def ask(period="2020-08", framework="counts_2019"):
        found = earlier_figures(engine, framework, ROUND, period)
        assert {name: str(dtype) for name, dtype in found.dtypes.items()} == HISTORY.columns
        return sorted(zip(found["period"], found["value"], strict=True))

    return ask


def test_earlier_figures__months_before__of_the_last_twelve(load, earlier):
    for number, period in enumerate(("2019-07", "2019-08", "2020-07", "2020-08", "2020-09"), start=1):
        load(period, observation(float(number)))
    assert earlier() == [("2019-08", 2.0), ("2020-07", 3.0)]


@pytest.mark.parametrize("period", ["2020", "2020/08", "tháng 8/2020", ""])
def test_earlier_figures__no_month__has_no_history(load, earlier, period):
    load("2020-07", observation(1.0))
    assert earlier(period) == []


@pytest.mark.parametrize(
    "change",
    [{"superseded_by": NEW}, {"part": "a"}, {"value": None}, {"snapshot_sha256": NEW}],
    ids=["superseded", "part of a ratio", "no number", "of a file that the newest run did not have"],
)
def test_earlier_figures__not_in_force__are_left_out(load, earlier, change):
    load("2020-07", observation(1.0) | change)
    assert earlier() == []


def test_earlier_figures__accepted_once_and_refused_by_the_newest_run__is_left_out(load, earlier):
    load("2020-07", observation(1.0))
    load("2020-07", refused=[OLD])
    assert earlier() == []


def test_earlier_figures__of_another_round_or_kind__are_left_out(load, earlier):
    load("2020-07", observation(1.0), round_name="synthetic")
    load("2020-07", observation(2.0), framework="counts_of_others_2019")
    load("2020-07", observation(3.0), framework="countsX2019")
    assert earlier() == []


def test_earlier_figures__of_the_edition_before__count_too(load, earlier):
    load("2022-05", observation(1.0))
    load("2022-06", observation(2.0), framework="counts_2022")
    assert earlier("2022-07", "counts_2022") == [("2022-05", 1.0), ("2022-06", 2.0)]


def test_earlier_figures__two_sources__are_two_series(engine, load):
    load("2020-07", observation(1.0), observation(2.0, source="monitoring"))
    found = earlier_figures(engine, "counts_2019", ROUND, "2020-08")
    assert sorted(zip(found["source"], found["value"], strict=True)) == [("agency_report", 1.0), ("monitoring", 2.0)]


def test_earlier_figures__same_figure_in_two_files__is_one(load, earlier):
    load("2020-07", observation(5.0, 1), observation(5.0, 2, snapshot_sha256=NEW), files=(OLD, NEW))
    assert earlier() == [("2020-07", 5.0)]


def test_earlier_figures__two_versions_of_which_none_was_used__are_left_out(load, earlier):
    load("2020-07", observation(5.0), observation(9.0, correction="typo"))
    assert earlier() == []


def test_earlier_figures__before_and_after_a_correction__the_one_that_the_newest_vintage_used(engine, load, earlier):
    load("2020-07", observation(9850.0, 1), observation(98.5, 2, correction="typo"))
    for used in (1, 2):
        write(engine, used)
    assert earlier() == [("2020-07", 98.5)]


def write(engine, used):
    """Write, and let replace, a vintage whose one measurement is made of the observation of that number."""
    nodes = (
        Node(code="B", parent="", level="board", aggregation="sum"),
        Node(code="C.M4", parent="B", level="count", rule="ratio"),
    )
    description = Description(framework="counts_2019", levels=(Level(level="board"), Level(level="count")))
    tree = Framework(description=description, nodes=nodes, groups={}, folder=None, digest="d")
    load_reference(engine, [], tree)
    scope = {"framework": "counts_2019", "round": ROUND, "period": "2020-07"}
    row = {
        **scope,
        "agency": "province-hue",
        "node": "C.M4",
        "stage": "final",
        "observation_ids": json.dumps([f"{used:032x}"]),
    }
    write_vintage(
        engine,
        framework=tree,
        round_name=ROUND,
        kind="official",
        period="2020-07",
        measurements=MEASUREMENT.conform(pd.DataFrame([row])),
        scores=SCORE.empty(),
        run_id="run",
        code_version="1",
    )
