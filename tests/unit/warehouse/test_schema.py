from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa

from warehouse.columns import UtcDateTime
from warehouse.frames import COUNT, NUMBER, TEXT, TIME
from warehouse.schema import DIM_FRAMEWORK, FACTS, METADATA

FAMILIES = {TEXT: sa.Text, NUMBER: sa.Double, COUNT: sa.BigInteger, TIME: UtcDateTime}


@pytest.mark.parametrize("name", FACTS)
def test_fact_table__columns_and_key__are_the_declared_frame(name):
    table, frame = FACTS[name]
    assert [column.name for column in table.columns] == list(frame.columns)
    assert tuple(column.name for column in table.primary_key) == frame.key
    assert all(isinstance(table.c[column].type, FAMILIES[dtype]) for column, dtype in frame.columns.items())
    assert frame.grain in table.comment


def test_facts__every_frame_that_is_kept__has_a_table():
    kept = {"snapshot", "observation", "quarantine", "warning", "batch", "measurement", "score", "inspection_check"}
    kept |= {"simulation", "rank_interval", "rank_effect"}
    assert set(FACTS) == kept


@pytest.mark.parametrize("table", METADATA.sorted_tables, ids=lambda table: table.name)
def test_table__every_column__is_commented_and_text_never_null(table):
    assert table.comment
    assert [column.name for column in table.columns if not column.comment] == []
    assert [column.name for column in table.columns if isinstance(column.type, sa.Text) and column.nullable] == []


def test_utc_date_time__time_of_another_zone__comes_back_as_the_same_moment_in_utc(engine):
    hanoi = datetime(2020, 10, 12, 6, 30, 0, 7, tzinfo=timezone(timedelta(hours=7)))
    texts = dict.fromkeys(("framework", "digest", "title_vi", "title_en", "legal_basis"), "x")
    with engine.begin() as connection:
        connection.execute(sa.insert(DIM_FRAMEWORK).values(**texts, is_reconstructed=False, loaded_at=hanoi))
        found = connection.scalar(sa.select(DIM_FRAMEWORK.c.loaded_at))
    assert found == hanoi
    assert found.tzinfo == UTC
