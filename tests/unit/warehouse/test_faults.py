import pytest
import sqlalchemy as sa

from warehouse.engine import transaction
from warehouse.errors import WarehouseError
from warehouse.faults import guarded, place


def test_guarded__missing_table__says_how_to_upgrade(engine):
    with (
        pytest.raises(WarehouseError, match="lacks a table or view") as caught,
        guarded(engine),
        engine.connect() as db,
    ):
        db.exec_driver_sql("SELECT * FROM nowhere")
    assert "dti warehouse upgrade" in caught.value.hint


def test_guarded__fault_of_the_program__passes_unchanged(engine):
    with pytest.raises(sa.exc.DBAPIError), guarded(engine), engine.connect() as connection:
        connection.exec_driver_sql("SELEKT 1")


def test_guarded__error_that_is_not_the_databases__passes_unchanged(engine):
    with pytest.raises(KeyError), guarded(engine):
        raise KeyError("x")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE vintage SET note = 'x'",
        "UPDATE vintage SET state = 'provisional'",
        "DELETE FROM vintage",
        "UPDATE score SET share = 1",
        "DELETE FROM score",
        "INSERT INTO score SELECT framework, round, period, vintage, 'other', node, level, value, points, max_points,"
        ' share, rank, "group", group_rank, status FROM score LIMIT 1',
        "UPDATE measurement SET value = 1",
        "DELETE FROM measurement",
    ],
)
def test_published_vintage__changed_by_hand__the_database_refuses(engine, write, change):
    write({"province-a": 0.5}, final=True)
    with pytest.raises(WarehouseError, match="a published vintage is never changed"), transaction(engine) as db:
        db.exec_driver_sql(change)


def test_published_vintage__rows_of_a_provisional_one_moved_into_it__the_database_refuses(engine, write):
    write({"province-a": 0.5}, final=True)
    write({"province-b": 0.6})
    with pytest.raises(WarehouseError, match="a published vintage is never changed"), transaction(engine) as db:
        db.exec_driver_sql("UPDATE score SET vintage = 1 WHERE vintage = 2")


def test_place__of_a_postgres_warehouse__has_neither_user_nor_password():
    engine = sa.create_engine("postgresql+psycopg://me:secret@host:5433/dti")
    assert place(engine) == "dti on host:5433"
