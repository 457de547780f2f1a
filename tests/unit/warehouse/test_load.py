import pytest
import sqlalchemy as sa

from warehouse.engine import reading
from warehouse.errors import WarehouseError
from warehouse.frames import BATCH
from warehouse.load import in_scope, load_evidence, load_reference
from warehouse.reference.agencies import load_agencies
from warehouse.scd2 import VersionCounts
from warehouse.schema import BATCHES, OBSERVATIONS, QUARANTINED, SNAPSHOTS, WARNINGS
from warehouse.upsert import Counts


def count(engine, table):
    with reading(engine) as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(table))


@pytest.fixture
def load(engine, scope, make):
    def load_rows(**changed):
        rows = {
            "snapshots": make.snapshots(),
            "observations": make.observations(1.0, 2.0),
            "quarantine": make.refused("Sheet!E1"),
            "batches": make.batches("returns/one.xlsx"),
        }
        return load_evidence(engine, scope=scope, **(rows | changed))

    return load_rows


def test_load_evidence__new_round__counts_by_table(load):
    assert load() == {
        "snapshot": Counts(inserted=1),
        "observation": Counts(inserted=2),
        "quarantine": Counts(inserted=1),
        "batch": Counts(inserted=1),
        "inspection_check": Counts(),
        "warning": Counts(),
    }


def test_load_evidence__again__leaves_everything_unchanged(load):
    load()
    assert load() == {
        "snapshot": Counts(unchanged=1),
        "observation": Counts(unchanged=2),
        "quarantine": Counts(unchanged=1),
        "batch": Counts(unchanged=1),
        "inspection_check": Counts(),
        "warning": Counts(),
    }


def test_load_evidence__later_run__adds_observations_and_mirrors_quarantine_and_batches(engine, load, make):
    load()
    counts = load(
        observations=make.observations(9.0).assign(observation_id="f" * 32),
        quarantine=make.refused("Sheet!E2"),
        batches=make.batches("returns/two.xlsx"),
    )
    assert counts["observation"] == Counts(inserted=1)
    assert counts["quarantine"] == counts["batch"] == Counts(inserted=1, removed=1)
    assert [count(engine, table) for table in (OBSERVATIONS, QUARANTINED, BATCHES)] == [3, 1, 1]


def test_load_evidence__warnings__are_those_of_the_newest_run(engine, load, make):
    doubted = make.refused("Sheet!E1").assign(observation_id="0" * 32)
    assert load(warnings=doubted)["warning"] == Counts(inserted=1)
    assert load(warnings=doubted)["warning"] == Counts(unchanged=1)
    assert load()["warning"] == Counts(removed=1)
    assert count(engine, WARNINGS) == 0


def test_load_evidence__a_later_return__marks_the_earlier_rows(load, make):
    load()
    counts = load(observations=make.observations(1.0, 2.0, superseded_by="b" * 64))
    assert counts["observation"] == Counts(updated=2)


def test_load_evidence__fault_in_the_last_table__nothing_is_kept(engine, load, make):
    twice = make.batches("one", "one").assign(outcome=["accepted", "refused"])
    with pytest.raises(WarehouseError, match="same key"):
        load(batches=twice)
    assert [count(engine, table) for table in (SNAPSHOTS, OBSERVATIONS, QUARANTINED, BATCHES)] == [0, 0, 0, 0]


@pytest.mark.parametrize("column", ["framework", "round", "period"])
def test_in_scope__row_of_another_round__refused(make, scope, column):
    rows = make.batches("one", "two")
    rows.loc[1, column] = "other"
    with pytest.raises(WarehouseError, match=f"belongs to the {column} 'other', but '{scope[column]}' is being loaded"):
        in_scope(BATCH, rows, scope)


def test_load_reference__agencies_and_framework__again_unchanged(engine, framework):
    agencies = load_agencies()
    first = load_reference(engine, agencies, framework)
    again = load_reference(engine, agencies, framework)
    assert first["dim_agency"] == VersionCounts(opened=len(agencies))
    assert again == {
        "dim_agency": VersionCounts(unchanged=len(agencies)),
        "dim_framework": Counts(unchanged=1),
        "dim_node": Counts(unchanged=3),
    }
