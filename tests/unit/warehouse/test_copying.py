"""A whole warehouse moves from one database to the other, or not at all."""

import sqlite3

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from warehouse.copying import copy_warehouse
from warehouse.digests import Digest
from warehouse.engine import check_version, connect, downgrade, reading, transaction
from warehouse.errors import InputError, RoundBusy, WarehouseError
from warehouse.load import load_evidence, load_reference
from warehouse.locks import round_lock
from warehouse.reference.agencies import load_agencies
from warehouse.runs import start_run
from warehouse.schema import DIM_AGENCY, DIM_PERIOD, METADATA, OBSERVATIONS
from warehouse.vintages import publish, write_vintage

AWKWARD = ['say "hi"', "a,b", "a\nb\r\nc", "\\.", "\\N", "NULL", "", " ", "Thừa Thiên – Huế", "%(x)s ? :y"]
NUMBERS = [0.1 + 0.2, 1e-300, 1e300, 0.0, 5e-324, 123456789.123456789, np.nan, -7.0, float("inf"), 1.0]


@pytest.fixture
def other_engine(request, engine):
    """A database without tables, of the other kind."""
    kind = "postgres" if engine.dialect.name == "sqlite" else "sqlite"
    return connect(request.getfixturevalue(f"{kind}_url"))


@pytest.fixture
def filled(engine, framework, make, scope):
    """A warehouse with rows in every kind of table, one published and one provisional vintage."""
    load_reference(engine, load_agencies(), framework)
    start_run(engine, "r1", "annual", scope)
    load_evidence(
        engine,
        scope=scope,
        snapshots=make.snapshots(),
        observations=make.observations(*NUMBERS).assign(value_text=AWKWARD),
        quarantine=make.refused("E1", "E2"),
        batches=make.batches("one"),
    )
    for shares in ({"province-a": 0.5, "province-b": 0.25}, {"province-a": 0.75}):
        measured, scored = make.measurements(shares), make.scores(shares)
        write_vintage(
            engine,
            framework=framework,
            round_name="press",
            kind="press",
            period="2020",
            measurements=measured,
            scores=scored,
            run_id="r1",
            code_version="1",
            ranks=make.ranks(shares),
        )
        if "province-b" in shares:
            publish(engine, framework="tiny_2020", round_name="press", period="2020", note="Công bố")
    return engine


def content(engine):
    with reading(engine) as connection:
        return {
            table.name: sorted(map(repr, connection.execute(sa.select(table)).all()))
            for table in METADATA.sorted_tables
        }


def test_copy__to_the_other_database__every_row_arrives(filled, other_engine):
    copied = copy_warehouse(filled, other_engine)
    assert content(other_engine) == content(filled)
    assert {one.table: one.rows for one in copied} == {name: len(rows) for name, rows in content(filled).items()}
    assert len(content(filled)["dim_agency"]) > 90
    assert [len(content(filled)[name]) for name in ("simulation", "rank_interval", "rank_effect")] == [2, 3, 6]


def test_copy__there_and_back__the_same_digests(filled, other_engine, tmp_path):
    there = copy_warehouse(filled, other_engine)
    back = copy_warehouse(other_engine, connect(f"sqlite:///{tmp_path / 'back.db'}"))
    assert there == back


def test_copy__published_vintage__is_guarded_where_it_arrives(filled, other_engine):
    copy_warehouse(filled, other_engine)
    with pytest.raises(WarehouseError, match="a published vintage is never changed"), transaction(other_engine) as db:
        db.exec_driver_sql("UPDATE score SET share = 1 WHERE vintage = 1")
    with pytest.raises(WarehouseError, match="a published vintage is never changed"), transaction(other_engine) as db:
        db.exec_driver_sql("UPDATE rank_interval SET simulated_low = 1 WHERE vintage = 1")
    with transaction(other_engine) as db:
        assert db.exec_driver_sql("UPDATE score SET share = 1 WHERE vintage = 2").rowcount == 2


def test_copy__surrogate_keys__go_on_after_the_last(filled, other_engine):
    copy_warehouse(filled, other_engine)
    texts = {column.name: "x" for column in DIM_AGENCY.columns if isinstance(column.type, sa.Text)}
    row = {**texts, "valid_from": pd.Timestamp("2030-01-01").date(), "loaded_at": pd.Timestamp.now("UTC")}
    with transaction(other_engine) as db:
        last = db.scalar(sa.select(sa.func.max(DIM_AGENCY.c.agency_key)))
        assert db.execute(sa.insert(DIM_AGENCY).values(row)).inserted_primary_key[0] == last + 1


def test_copy__progress__rises_to_the_end(filled, other_engine):
    told = []
    copy_warehouse(filled, other_engine, told=lambda text, percent: told.append((percent, text)))
    percents = [percent for percent, _ in told]
    assert percents == sorted(percents)
    assert percents[-1] == pytest.approx(100)
    assert {"copying observation", "verifying observation"} <= {text for _, text in told}


def test_copy__target_holds_rows__refused_and_left_as_it_was(filled, other_engine):
    copy_warehouse(filled, other_engine)
    before = content(other_engine)
    with pytest.raises(InputError, match=r"is not empty: it holds rows of .*dim_period"):
        copy_warehouse(filled, other_engine)
    assert content(other_engine) == before


def test_copy__target_of_an_older_schema__refused(filled, other_engine):
    copy_warehouse(filled, other_engine)
    downgrade(other_engine, "0006")
    with pytest.raises(InputError, match=r"has schema 0006, the warehouse .* has schema") as caught:
        copy_warehouse(filled, other_engine)
    assert "dti warehouse upgrade" in caught.value.hint


def test_copy__source_of_an_older_schema__refused(filled, other_engine):
    downgrade(filled, "0006")
    with pytest.raises(WarehouseError, match="schema 0006, older than"):
        copy_warehouse(filled, other_engine)


def test_copy__to_itself__refused(filled):
    with pytest.raises(InputError, match="cannot be copied to itself"):
        copy_warehouse(filled, filled)


@pytest.mark.parametrize("busy", ["source", "target"])
def test_copy__a_run_is_at_work__refused(filled, other_engine, busy):
    at_work = filled if busy == "source" else other_engine
    with (
        round_lock(at_work, "tiny_2020", "press", "2021"),
        pytest.raises(RoundBusy, match="A run is at work in the warehouse"),
    ):
        copy_warehouse(filled, other_engine)


def test_copy__somebody_is_writing_to_the_source__refused(filled, other_engine):
    refused = pytest.raises(WarehouseError, match="locked by another program")
    with transaction(filled) as writer, refused:
        writer.exec_driver_sql("UPDATE run SET state = 'completed'")
        copy_warehouse(filled, other_engine)


def test_copy__a_value_arrives_changed__refused_and_nothing_is_kept(filled, other_engine):
    copy_warehouse(filled, other_engine)
    with other_engine.begin() as db:
        db.execute(sa.delete(OBSERVATIONS))
    spoil_and_empty(other_engine)
    with pytest.raises(WarehouseError, match=r"table dim_period did not arrive in .* as it was: 1 rows"):
        copy_warehouse(filled, other_engine)
    assert not any(content(other_engine).values())


def spoil_and_empty(engine):
    """Empty the warehouse, and let its database change what is written into dim_period."""
    if engine.dialect.name == "sqlite":
        raw = sqlite3.connect(engine.url.database)
        names = [name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
        statements = [
            raw.execute("SELECT sql FROM sqlite_master WHERE name = ?", [name]).fetchone()[0] for name in names
        ]
        for name in names:
            raw.execute(f"DROP TRIGGER {name}")
        for table in METADATA.tables:
            raw.execute(f"DELETE FROM {table}")
        for statement in statements:
            raw.execute(statement)
        raw.execute(
            "CREATE TRIGGER spoil AFTER INSERT ON dim_period BEGIN UPDATE dim_period SET last_day = '1999-01-01'; END"
        )
        raw.commit()
        raw.close()
        return
    with engine.begin() as db:
        db.exec_driver_sql(f"TRUNCATE {', '.join(METADATA.tables)}")
        db.exec_driver_sql(
            "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN NEW.last_day = '1999-01-01'; RETURN NEW; END $$"
        )
        db.exec_driver_sql("CREATE TRIGGER spoil BEFORE INSERT ON dim_period FOR EACH ROW EXECUTE FUNCTION spoil()")


def test_copy__empty_warehouse__gives_an_empty_one(engine, other_engine):
    assert {one.rows for one in copy_warehouse(engine, other_engine)} == {0}
    check_version(other_engine)


days = st.dates().map(lambda day: (str(day), day, day))


@given(st.lists(days, max_size=6), st.randoms())
def test_digest__other_order__is_the_same(rows, random):
    first, second = Digest(list(DIM_PERIOD.columns)), Digest(list(DIM_PERIOD.columns))
    first.add(rows)
    second.add(random.sample(rows, len(rows)))
    assert first.said == second.said


@given(st.lists(days, min_size=1, max_size=6), days)
def test_digest__one_row_changed_or_doubled__differs(rows, other):
    digests = []
    for changed in (rows, [*rows, rows[0]], [other, *rows]):
        digests.append(Digest(list(DIM_PERIOD.columns)))
        digests[-1].add(changed)
    assert digests[0].said != digests[1].said
    assert digests[0].said != digests[2].said
