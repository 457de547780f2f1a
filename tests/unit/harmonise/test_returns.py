"""Which of two returns of one agency counts."""

import pandas as pd
import pytest

from tasks.harmonise.identity import observation_ids
from tasks.harmonise.returns import supersede
from warehouse.frames import CANDIDATE

BASE = {"framework": "f", "round": "r", "period": "2020", "agency": "a", "source": "report", "stage": "self_reported"}


def candidates(*rows):
    frame = CANDIDATE.conform(
        pd.DataFrame([{**BASE, "locator": str(number), **row} for number, row in enumerate(rows)])
    )
    return frame.assign(observation_id=observation_ids(frame))


def row(sha256, submitted_on="", **more):
    return {"snapshot_sha256": sha256, "submitted_on": submitted_on, **more}


def superseded(*rows, origins=None):
    return supersede(candidates(*rows), origins)["superseded_by"].tolist()


def test_supersede__later_return_wins_and_the_earlier_is_kept():
    assert superseded(row("one", "2021-01-10"), row("one", "2021-01-10"), row("two", "2021-01-15")) == [
        "two",
        "two",
        "",
    ]


def test_supersede__order_of_arrival_does_not_matter():
    assert superseded(row("two", "2021-01-15"), row("one", "2021-01-10")) == ["", "two"]


def test_supersede__of_three_the_latest_replaces_both():
    days = [row("one", "2021-01-10"), row("two", "2021-01-15"), row("three", "2021-02-01")]
    assert superseded(*days) == ["three", "three", ""]


def test_supersede__a_return_without_a_date_comes_first():
    assert superseded(row("one", ""), row("two", "2021-01-15")) == ["two", ""]


def test_supersede__same_day_the_higher_form_version():
    assert superseded(row("one", form_version="1.10"), row("two", form_version="1.9")) == ["", "one"]


def test_supersede__same_day_and_form_the_later_origin():
    assert superseded(row("one"), row("two"), origins={"one": "b.xlsx", "two": "a.xlsx"}) == ["", "one"]


@pytest.mark.parametrize("column", [*BASE])
def test_supersede__only_within(column):
    assert superseded(row("one", "2021-01-10"), row("two", "2021-01-15", **{column: "other"})) == ["", ""]


def test_supersede__rows_of_unknown_agencies_belong_to_no_return():
    assert superseded(row("one", "2021-01-10", agency=""), row("two", "2021-01-15", agency="")) == ["", ""]


def test_supersede__the_same_bytes_twice_are_one_return():
    rows = candidates(row("one", "2021-01-10"))
    assert len(supersede(pd.concat([rows, rows]))) == 1


def test_supersede__no_rows():
    assert supersede(CANDIDATE.empty()).empty


def test_supersede__nothing_but_the_mark_changes():
    rows = candidates(row("one", "2021-01-10"), row("two", "2021-01-15"))
    marked = supersede(rows)
    pd.testing.assert_frame_equal(marked.drop(columns="superseded_by"), rows.drop(columns="superseded_by"))


def test_supersede__a_date_more_than_a_year_after_the_period_counts_as_unknown():
    assert superseded(row("typo", "9999-12-31"), row("real", "2021-12-31")) == ["real", ""]
    assert superseded(row("typo", "2022-01-01"), row("real", "2020-06-01")) == ["real", ""]


def test_supersede__a_version_of_thousands_of_digits_is_no_number():
    assert superseded(row("one", form_version="t/" + "9" * 5000), row("two", form_version="t/2")) == ["two", ""]
