from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from warehouse.engine import reading, transaction
from warehouse.errors import WarehouseError
from warehouse.frames import OBSERVATION
from warehouse.schema import BATCHES, DIM_PERIOD, OBSERVATIONS, SNAPSHOTS
from warehouse.upsert import Counts, synchronise, upsert

AWKWARD = ['say "hi"', "a,b", "a\nb\r\nc", "\\.", "\\N", "NULL", "", " ", "Thừa Thiên – Huế", "%(x)s ? :y", "'; DROP"]


def write(engine, table, frame):
    with transaction(engine) as connection:
        return upsert(connection, table, frame)


def stored(engine, table):
    with reading(engine) as connection:
        return [tuple(row) for row in connection.execute(sa.select(table).order_by(*table.primary_key))]


def test_upsert__new_changed_and_equal_rows__are_counted(engine, make):
    assert write(engine, OBSERVATIONS, make.observations(1.0, 2.0, 3.0)) == Counts(inserted=3)
    changed = make.observations(1.0, 2.5, 3.0, 4.0)
    assert write(engine, OBSERVATIONS, changed) == Counts(inserted=1, updated=1, unchanged=2)
    assert [row[9] for row in stored(engine, OBSERVATIONS)] == [1.0, 2.5, 3.0, 4.0]


def test_upsert__no_rows__does_nothing(engine):
    assert write(engine, OBSERVATIONS, OBSERVATION.empty()) == Counts()


def test_upsert__values__come_back_to_the_last_bit(engine, make):
    values = [0.1 + 0.2, 1e-300, 1e300, -0.0, 5e-324, 123456789.123456789]
    write(engine, OBSERVATIONS, make.observations(*values))
    assert [row[9] for row in stored(engine, OBSERVATIONS)] == values


@pytest.mark.parametrize("absent", [np.nan, None])
def test_upsert__absent_number__becomes_null_and_stays_equal(engine, make, absent):
    write(engine, OBSERVATIONS, make.observations(absent))
    assert stored(engine, OBSERVATIONS)[0][9] is None
    assert write(engine, OBSERVATIONS, make.observations(absent)) == Counts(unchanged=1)


def test_upsert__null_and_number__are_different(engine, make):
    write(engine, OBSERVATIONS, make.observations(1.0, np.nan))
    assert write(engine, OBSERVATIONS, make.observations(np.nan, 1.0)) == Counts(updated=2)


def test_upsert__awkward_text__comes_back_as_written(engine, make):
    rows = make.observations(*range(len(AWKWARD))).assign(value_text=AWKWARD)
    write(engine, OBSERVATIONS, rows)
    assert [row[10] for row in stored(engine, OBSERVATIONS)] == AWKWARD
    assert write(engine, OBSERVATIONS, rows) == Counts(unchanged=len(AWKWARD))


def test_upsert__time_and_absent_count__come_back_as_they_were(engine, make):
    write(engine, SNAPSHOTS, make.snapshots())
    row = dict(zip(SNAPSHOTS.columns.keys(), stored(engine, SNAPSHOTS)[0], strict=True))
    assert row["fetched_at"] == datetime(2021, 3, 4, 5, 6, 7, 8, tzinfo=UTC)
    assert (row["size"], row["http_status"]) == (3, None)
    assert write(engine, SNAPSHOTS, make.snapshots()) == Counts(unchanged=1)


def test_upsert__days__come_back_as_days(engine):
    days = {"first_day": [date(2020, 1, 1)], "last_day": [date(2020, 12, 31)]}
    write(engine, DIM_PERIOD, pd.DataFrame({"period": ["2020"], **days, "month_number": [None]}))
    assert stored(engine, DIM_PERIOD) == [("2020", date(2020, 1, 1), date(2020, 12, 31), None)]


def test_upsert__same_row_twice__counts_once(engine, make):
    rows = make.observations(1.0, np.nan)
    assert write(engine, OBSERVATIONS, pd.concat([rows, rows])) == Counts(inserted=2)


def test_upsert__two_rows_of_one_key__refused_with_the_key(engine, make):
    rows = pd.concat([make.observations(1.0), make.observations(2.0)])
    with pytest.raises(WarehouseError, match="same key: observation_id 0000"):
        write(engine, OBSERVATIONS, rows)


def test_upsert__text_in_a_number_column__names_column_and_table(engine, make):
    rows = make.observations(1.0).assign(value=["many"])
    with pytest.raises(WarehouseError, match="Column value for the table observation"):
        write(engine, OBSERVATIONS, rows)


def test_upsert__twice_in_one_transaction__both_count(engine, make):
    with transaction(engine) as connection:
        first = upsert(connection, OBSERVATIONS, make.observations(1.0))
        second = upsert(connection, OBSERVATIONS, make.observations(2.0))
    assert (first, second) == (Counts(inserted=1), Counts(updated=1))


def test_upsert__more_rows_than_a_batch__all_arrive(engine, make, monkeypatch):
    monkeypatch.setattr("warehouse.bulk.BATCH", 2)
    rows = make.observations(*range(5))
    assert write(engine, OBSERVATIONS, rows) == Counts(inserted=5)
    assert write(engine, OBSERVATIONS, rows.assign(unit="%")) == Counts(updated=5)


def test_upsert__equal_rows__sqlite_touches_nothing(sqlite_engine, make):
    write(sqlite_engine, OBSERVATIONS, make.observations(1.0, 2.0))
    with transaction(sqlite_engine) as connection:
        before = connection.connection.driver_connection.total_changes
        upsert(connection, OBSERVATIONS, make.observations(1.0, 2.5))
        assert connection.connection.driver_connection.total_changes - before == 1


def test_upsert__equal_rows__postgres_keeps_their_row_versions(postgres_engine, make):
    def versions():
        with reading(postgres_engine) as connection:
            return list(connection.scalars(sa.text("SELECT xmin::text FROM observation ORDER BY observation_id")))

    write(postgres_engine, OBSERVATIONS, make.observations(1.0, 2.0))
    before = versions()
    write(postgres_engine, OBSERVATIONS, make.observations(1.0, 2.5))
    after = versions()
    assert after[0] == before[0]
    assert after[1] != before[1]


def test_synchronise__rows_no_longer_in_the_frame__are_removed(engine, make, scope):
    with transaction(engine) as connection:
        synchronise(connection, BATCHES, make.batches("a", "b"), scope)
        counts = synchronise(connection, BATCHES, make.batches("b", "c"), scope)
    assert counts == Counts(inserted=1, unchanged=1, removed=1)
    assert [row[4] for row in stored(engine, BATCHES)] == ["b", "c"]


def test_synchronise__another_scope__stays_as_it_was(engine, make, scope):
    other = {**scope, "round": "other"}
    with transaction(engine) as connection:
        synchronise(connection, BATCHES, make.batches("a", round="other"), other)
        counts = synchronise(connection, BATCHES, make.batches("a"), scope)
    assert counts == Counts(inserted=1)
    assert len(stored(engine, BATCHES)) == 2


def test_synchronise__no_rows__empties_the_scope(engine, make, scope):
    with transaction(engine) as connection:
        synchronise(connection, BATCHES, make.batches("a"), scope)
        assert synchronise(connection, BATCHES, make.batches("a").head(0), scope) == Counts(removed=1)


cells = st.tuples(
    st.integers(0, 8),
    st.one_of(st.just(np.nan), st.floats(allow_nan=False)),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6),
)
tables = st.lists(cells, max_size=8, unique_by=lambda cell: cell[0])


def frame_of(rows, make):
    frame = make.observations(*(value for _, value, _ in rows)) if rows else OBSERVATION.empty()
    return frame.assign(
        observation_id=[f"{identity:032x}" for identity, _, _ in rows], value_text=[text for _, _, text in rows]
    ).astype({"observation_id": "str", "value_text": "str"})


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=tables, second=tables)
def test_upsert__twice__is_as_once(engine, make, first, second):
    with engine.begin() as connection:
        connection.execute(sa.delete(OBSERVATIONS))
    write(engine, OBSERVATIONS, frame_of(first, make))
    counts = write(engine, OBSERVATIONS, frame_of(second, make))
    once = stored(engine, OBSERVATIONS)
    assert write(engine, OBSERVATIONS, frame_of(second, make)) == Counts(unchanged=len(second))
    assert stored(engine, OBSERVATIONS) == once
    ids = {identity for identity, _, _ in first}
    assert counts.inserted == sum(identity not in ids for identity, _, _ in second)
    assert counts.inserted + counts.updated + counts.unchanged == len(second)
    assert len(once) == len(ids | {identity for identity, _, _ in second})
