"""Movement between periods, and between a vintage and the one before it."""

import pandas as pd
import pytest
import sqlalchemy as sa

from warehouse import queries
from warehouse.read import read
from warehouse.views import MART_MOVEMENT, MART_REVISION


def movement(engine, period, round_name="press", node="DTI"):
    chosen = queries.choose_vintage(engine, "tiny_2020", period, round_name)
    return queries.movement(engine, chosen, node).set_index("agency")


def revisions(engine, **conditions):
    query = sa.select(MART_REVISION).where(MART_REVISION.c.node == "DTI")
    rows = read(engine, query.where(*(MART_REVISION.c[name] == value for name, value in conditions.items())))
    return rows.set_index("agency")


def test_movement__two_years__places_and_shares_against_the_year_before(engine, write):
    write({"a": 0.5, "b": 0.75, "c": 0.25}, period="2020")
    write({"a": 0.875, "b": 0.75, "c": 0.25}, period="2021")
    rows = movement(engine, "2021")
    assert rows.loc["a", ["rank", "previous_rank", "places_up", "share_change"]].tolist() == [1, 2, 1, 0.375]
    assert rows.loc["b", ["rank", "previous_rank", "places_up", "share_change"]].tolist() == [2, 1, -1, 0.0]
    assert rows.loc["c", "places_up"] == 0
    assert set(rows["previous_period"]) == {"2020"}
    assert rows.loc["a", "points_change"] == pytest.approx(3.75)
    assert list(rows.index) == ["a", "b", "c"]


def test_movement__first_period__has_nothing_to_compare_with(engine, write):
    write({"a": 0.5}, period="2020")
    row = movement(engine, "2020").loc["a"]
    assert (row["previous_period"], row["rank"]) == ("", 1)
    assert pd.isna(row["previous_rank"])
    assert pd.isna(row["places_up"])


def test_movement__a_year_is_missing__the_period_before_it_counts(engine, write):
    write({"a": 0.5}, period="2018")
    write({"a": 0.75}, period="2021")
    assert movement(engine, "2021").loc["a", "previous_period"] == "2018"


def test_movement__corrected_vintages__the_newest_of_both_periods(engine, write):
    write({"a": 0.25, "b": 0.5}, period="2020", final=True)
    write({"a": 0.5, "b": 0.25}, period="2020")
    write({"a": 0.25, "b": 0.5}, period="2021", final=True)
    write({"a": 0.75, "b": 0.5}, period="2021")
    rows = movement(engine, "2021")
    assert rows.loc["a", ["vintage", "previous_vintage", "rank", "previous_rank"]].tolist() == [2, 2, 1, 1]
    with_old = queries.movement(engine, queries.choose_vintage(engine, "tiny_2020", "2021", number=1), "DTI")
    assert with_old.empty


def test_movement__agency_that_was_not_there__has_no_rank_before(engine, write):
    write({"a": 0.5}, period="2020")
    write({"a": 0.5, "b": 0.75}, period="2021")
    rows = movement(engine, "2021")
    assert pd.isna(rows.loc["b", "previous_rank"])
    assert rows.loc["a", "places_up"] == -1


def test_movement__another_round_and_months__are_never_compared(engine, write):
    write({"a": 0.5}, period="2020", round_name="other")
    write({"a": 0.5}, period="2020-12")
    write({"a": 0.25}, period="2020-11")
    write({"a": 0.75}, period="2021")
    assert movement(engine, "2021").loc["a", "previous_period"] == ""
    assert movement(engine, "2020-12").loc["a", ["previous_period", "share_change"]].tolist() == ["2020-11", 0.25]


def test_movement__every_score_of_the_newest_vintages__has_one_row(engine, write):
    for period in ("2019", "2020", "2021"):
        write({"a": 0.5, "b": 0.75}, period=period, final=True)
        write({"a": 0.75, "b": 0.5}, period=period)
    rows = read(engine, sa.select(MART_MOVEMENT))
    assert len(rows) == 3 * 2 * 2
    assert not rows.duplicated(["period", "agency", "node"]).any()


def test_revision__second_vintage__against_the_first(engine, write):
    write({"a": 0.5, "b": 0.75}, final=True)
    write({"a": 0.875, "b": 0.75}, final=True)
    write({"a": 0.875, "b": 0.5})
    second = revisions(engine, vintage=2)
    assert second.loc["a", ["previous_vintage", "places_up", "share_change"]].tolist() == [1, 1, 0.375]
    assert not second["is_latest"].any()
    assert revisions(engine, vintage=3).loc["b", ["previous_share", "share"]].tolist() == [0.75, 0.5]


def test_revision__only_vintage__has_no_row(engine, write):
    write({"a": 0.5})
    assert revisions(engine).empty
