"""How sure ranks are, in both databases: kept beside their vintage, and like it never changed once it is published."""

import pandas as pd
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from warehouse.decisions import Decision, decide
from warehouse.engine import downgrade, reading, transaction, upgrade
from warehouse.errors import WarehouseError
from warehouse.export import export_views
from warehouse.frames import RANK_INTERVAL
from warehouse.load import load_reference
from warehouse.queries import league_table
from warehouse.ranks import published_ranks, rank_effects, rank_intervals
from warehouse.read import read
from warehouse.reference.agencies import load_agencies
from warehouse.schema import RANK_EFFECTS, RANK_INTERVALS, SIMULATIONS
from warehouse.simulations import RankFrames, store_ranks
from warehouse.views import MART_LEAGUE_TABLE, MART_RANK_EFFECT, MART_SCORE
from warehouse.vintages import publish

SHARES = {"province-a": 0.5, "province-b": 0.25}
OTHERS = {"province-a": 0.5, "province-c": 0.75}
TABLES = (SIMULATIONS, RANK_INTERVALS, RANK_EFFECTS)
PUBLISHED = pytest.mark.parametrize("table", [table.name for table in TABLES])


def counts(engine):
    with reading(engine) as connection:
        return [connection.scalar(sa.select(sa.func.count()).select_from(table)) for table in TABLES]


def seeds(engine):
    with reading(engine) as connection:
        return dict(connection.execute(sa.select(SIMULATIONS.c.vintage, SIMULATIONS.c.seed)).all())


def ranked(engine):
    return set(read(engine, sa.select(RANK_INTERVALS))["agency"])


def test_intervals__of_a_vintage__come_back_as_they_were_given(engine, write, make):
    written = write(SHARES, seed=3)
    assert written.ranks == "stored"
    assert published_ranks(engine, written).says_the_same_as(make.ranks(SHARES, seed=3).of(written.scope))


def test_intervals__of_a_provisional_vintage__are_replaced_with_it(engine, write):
    write(SHARES, seed=1)
    assert write(OTHERS, seed=2).change == "replaced"
    assert (seeds(engine), ranked(engine)) == ({1: 2}, set(OTHERS))


def test_intervals__of_a_provisional_vintage_with_the_same_scores__are_replaced_alone(engine, write):
    write(SHARES, seed=1)
    again = write(SHARES, seed=2)
    assert (again.change, again.ranks, seeds(engine)) == ("unchanged", "stored", {1: 2})


def test_intervals__of_a_provisional_vintage_replaced_without_draws__are_deleted(engine, write):
    write(SHARES, seed=1)
    assert write(OTHERS).ranks == "none"
    assert counts(engine) == [0, 0, 0]


@PUBLISHED
@pytest.mark.parametrize("statement", ["UPDATE {table} SET node = node || 'x'", "DELETE FROM {table}"])
def test_intervals__of_a_published_vintage__the_database_refuses_to_change_them(engine, write, table, statement):
    write(SHARES, seed=1, final=True)
    if table == "simulation":
        statement = statement.replace("node = node || 'x'", "seed = 9")
    before = counts(engine)
    with pytest.raises(WarehouseError, match="a published vintage is never changed"), transaction(engine) as connection:
        connection.exec_driver_sql(statement.format(table=table))
    assert counts(engine) == before == [1, 2, 4]


@PUBLISHED
def test_intervals__of_a_provisional_vintage_beside_a_published_one__can_be_deleted(engine, write, table):
    write(SHARES, seed=1, final=True)
    write(OTHERS, seed=2)
    with transaction(engine) as connection:
        connection.exec_driver_sql(f"DELETE FROM {table} WHERE vintage = 2")
    left = read(engine, sa.select(next(one for one in TABLES if one.name == table)))
    assert set(left["vintage"]) == {1}


def test_intervals__of_a_published_vintage_and_others_come__the_published_ones_are_kept(engine, write):
    write(SHARES, seed=1, final=True)
    again = write(SHARES, seed=2)
    assert (again.vintage, again.state, again.ranks, seeds(engine)) == (1, "published", "kept", {1: 1})


def test_intervals__of_a_published_vintage_and_the_same_come__nothing_differs(engine, write):
    write(SHARES, seed=2, final=True)
    assert write(SHARES, seed=2).ranks == "stored"


def test_intervals__of_a_published_vintage_and_none_come__stay(engine, write):
    write(SHARES, seed=1, final=True)
    assert write(SHARES).ranks == "none"
    assert counts(engine) == [1, 2, 4]


def test_intervals__of_a_published_vintage_that_has_none__are_added(engine, write):
    write(SHARES, final=True)
    assert write(SHARES, seed=2).ranks == "stored"
    assert (seeds(engine), counts(engine)) == ({1: 2}, [1, 2, 4])


@pytest.mark.parametrize(("draws", "may_add"), [(999, True), (1_000, False)])
def test_intervals__of_a_trial__do_not_become_final(engine, write, make, draws, may_add):
    written = write(SHARES, final=True)
    known = make.ranks(SHARES)
    trial = RankFrames(known.simulation.assign(draws=draws), known.intervals, known.effects)
    with transaction(engine) as connection:
        assert store_ranks(connection, written.scope, trial, is_published=True, may_add=may_add) == "none"
    assert counts(engine) == [0, 0, 0]


def test_intervals__same_numbers_of_another_version_of_the_code__say_the_same(engine, write, make):
    written = write(SHARES, seed=1, final=True)
    newer = make.ranks(SHARES, seed=1)
    newer = RankFrames(newer.simulation.assign(code_version="9"), newer.intervals, newer.effects)
    with transaction(engine) as connection:
        assert store_ranks(connection, written.scope, newer, is_published=True) == "stored"
    assert set(read(engine, sa.select(SIMULATIONS))["code_version"]) == {"1.0"}


def test_intervals__vintage_that_is_not_there__refused_and_nothing_is_stored(engine, write, make):
    scope = {**write(SHARES).scope, "vintage": 7}
    with pytest.raises(sa.exc.IntegrityError), transaction(engine) as connection:
        store_ranks(connection, scope, make.ranks(SHARES), is_published=False)
    assert counts(engine) == [0, 0, 0]


def test_exclusion__new_intervals_come_with_it__they_take_the_place_of_the_old(engine, write, make):
    shown = write({**SHARES, "province-c": 0.75}, seed=1)
    without_c = Decision("approved_with_exclusions", "Bà A", "số liệu đang được xác minh", ("province-c",))
    left = make.scores(SHARES)
    decide(engine, shown, without_c, scores=left, ranks=make.ranks(SHARES, seed=1))
    assert ranked(engine) == set(SHARES)
    assert write({**SHARES, "province-c": 0.75}, seed=1).ranks == "none"  # of another ranking
    assert ranked(engine) == set(SHARES)


def test_exclusion__no_intervals_known__the_vintage_has_none(engine, write, make):
    shown = write({**SHARES, "province-c": 0.75}, seed=1)
    without_c = Decision("approved_with_exclusions", "Bà A", "số liệu đang được xác minh", ("province-c",))
    decide(engine, shown, without_c, scores=make.scores(SHARES))
    assert counts(engine) == [0, 0, 0]


def test_migration__down_and_up_with_a_published_vintage__scores_stay_and_intervals_can_be_added(engine, write):
    published = write(SHARES, seed=1, final=True)
    before = read(engine, sa.select(MART_SCORE))
    downgrade(engine, "0010")
    upgrade(engine)
    pd.testing.assert_frame_equal(read(engine, sa.select(MART_SCORE)), before)
    assert counts(engine) == [0, 0, 0]
    assert write(SHARES, seed=2).ranks == "stored"
    assert len(rank_intervals(engine, published, "DTI")) == 2


def test_league_table__with_draws__has_the_intervals_of_its_own_vintage(engine, write):
    write(SHARES, seed=1, final=True)
    written = write({"province-a": 0.5, "province-b": 0.75}, seed=2)
    publish(engine, framework="tiny_2020", round_name="press", period="2020")
    view = MART_LEAGUE_TABLE
    rows = read(engine, sa.select(view).where(view.c.node == "DTI").order_by(view.c.rank))
    assert list(rows["vintage"]) == [written.vintage] * 2
    assert list(rows["agency"]) == ["province-b", "province-a"]
    assert list(rows["simulated_low"]) == [1, 2]
    assert list(rows["simultaneous_high"]) == [2, 3]
    assert list(rows["share_error"]) == [0.01, 0.01]
    assert rows["share_low"].to_list() == pytest.approx([0.70, 0.45])
    assert list(rows["above_next_probability"].fillna(-1)) == [0.75, -1]
    assert list(rows["interval_level"]) == [0.9, 0.9]
    assert list(rows["alike"]) == ["1–2", "1–2"]


def test_league_table__without_draws__every_agency_is_there_once_without_intervals(engine, write):
    write(SHARES)
    view = MART_LEAGUE_TABLE
    rows = read(engine, sa.select(view).where(view.c.node == "DTI"))
    assert len(rows) == 2
    assert rows[["simulated_low", "marginal_high", "share_error", "interval_level"]].isna().all(axis=None)


def test_league_table__intervals_within_a_group_too__an_agency_is_there_once(engine, write, make):
    written = write(SHARES, seed=1)
    known = make.ranks(SHARES, seed=1)
    in_group = known.intervals.assign(ranked_in="ministries", simulated_high=9)
    both = RankFrames(known.simulation, pd.concat([known.intervals, in_group]), known.effects)
    with transaction(engine) as connection:
        store_ranks(connection, written.scope, both, is_published=False)
    view = MART_LEAGUE_TABLE
    rows = read(engine, sa.select(view).where(view.c.node == "DTI").order_by(view.c.rank))
    assert list(rows["simulated_high"]) == [2, 3]
    assert set(rank_intervals(engine, written, "DTI")["ranked_in"]) == {"", "ministries"}


def test_rank_interval_and_effect__say_how_they_were_drawn(engine, write):
    written = write(SHARES, seed=4)
    found = rank_intervals(engine, written, "DTI").iloc[0]
    assert (found["draws"], found["set_draws"], found["seed"]) == (1_000, 100, 4)
    assert (found["drawn"], found["measured"]) == ('["survey", "weights"]', '["survey"]')
    effects = rank_effects(engine, written, "DTI", "province-a").set_index("perturbation")
    assert effects["total"].to_dict() == {"survey": 0.25, "weights": 0.75}
    assert set(effects["interval_level"]) == {0.9}
    assert rank_intervals(engine, written, "DTI.1").empty


def test_export__intervals_and_effects__a_row_each(engine, write, tmp_path):
    write(SHARES, seed=1)
    written = export_views(engine, tmp_path)
    assert (written["mart_rank_interval"], written["mart_rank_effect"]) == (2, 4)
    table = pq.read_table(tmp_path / "mart_rank_interval.parquet").to_pylist()
    assert {(row["agency"], row["simulated_low"], row["simulated_high"]) for row in table} == {
        ("province-a", 1, 2),
        ("province-b", 2, 3),
    }
    said = (tmp_path / "dictionary.csv").read_text(encoding="utf-8")
    assert "covers the true rank" in said
    assert "number of the vintage" in said


def test_rank_effect__unknown_index__is_null_not_zero(engine, write, make):
    written = write(SHARES, seed=1)
    unknown = make.ranks(SHARES)
    unknown = RankFrames(unknown.simulation, unknown.intervals, unknown.effects.assign(total=None))
    with transaction(engine) as connection:
        store_ranks(connection, written.scope, unknown, is_published=False)
        query = sa.select(sa.func.count()).where(MART_RANK_EFFECT.c.total.is_(None))
        assert connection.scalar(query) == 4


def test_score__of_an_agency_that_a_later_merger_made__has_its_name(engine, write, framework):
    load_reference(engine, load_agencies(), framework)
    shares = {"province-tuyen-quang-2025": 0.75, "province-ha-giang": 0.5, "province-tuyen-quang": 0.25}
    write(shares, period="2024", seed=1)
    rows = read(engine, sa.select(MART_LEAGUE_TABLE).where(MART_LEAGUE_TABLE.c.node == "DTI"))
    names = rows.set_index("agency")["agency_name"].to_dict()
    assert names == {
        "province-tuyen-quang-2025": "Tuyên Quang",
        "province-ha-giang": "Hà Giang",
        "province-tuyen-quang": "Tuyên Quang",
    }
    assert rows["simulated_low"].notna().all()


def test_intervals__of_another_round__are_those_of_that_round(engine, write):
    write(SHARES, seed=1)
    other = write(SHARES, seed=2, round_name="demo", kind="synthetic")
    assert set(published_ranks(engine, other).simulation["seed"]) == {2}
    assert list(RANK_INTERVAL.columns) == list(published_ranks(engine, other).intervals.columns)
    assert len(league_table(engine, other, "DTI")) == 2
