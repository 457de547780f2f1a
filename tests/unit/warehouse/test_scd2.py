import logging
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from warehouse.engine import reading, transaction
from warehouse.errors import WarehouseError
from warehouse.reference.agencies import Agency, load_agencies
from warehouse.scd2 import VersionCounts, merge_versions
from warehouse.schema import DIM_AGENCY

HUE = Agency(
    agency_id="province-thua-thien-hue",
    valid_from=None,
    valid_to=None,
    kind="province",
    name_vi="Thừa Thiên Huế",
    full_name_vi="Tỉnh Thừa Thiên Huế",
    name_en="Thua Thien Hue",
    type_vi="tỉnh",
    code="46",
    code_system="gso_63",
)
HUE_ENDED = replace(HUE, valid_to=date(2024, 12, 31))
HUE_CITY = replace(HUE, valid_from=date(2025, 1, 1), name_vi="Huế", full_name_vi="Thành phố Huế", type_vi="thành phố")
LATER = datetime(2026, 1, 1, tzinfo=UTC)


def merge(engine, *agencies, at=None):
    with transaction(engine) as connection:
        return merge_versions(connection, agencies, at)


def rows(engine, *names):
    query = sa.select(*(DIM_AGENCY.c[name] for name in names)).order_by(DIM_AGENCY.c.agency_key)
    with reading(engine) as connection:
        return [tuple(row) for row in connection.execute(query)]


def test_merge__new_version__is_opened_from_before_the_data(engine):
    assert merge(engine, HUE) == VersionCounts(opened=1)
    assert rows(engine, "valid_from", "valid_to", "name_vi") == [(date.min, None, "Thừa Thiên Huế")]


def test_merge__same_versions_again__changes_nothing(engine):
    merge(engine, HUE_ENDED, HUE_CITY)
    before = rows(engine, *DIM_AGENCY.columns.keys())
    assert merge(engine, HUE_ENDED, HUE_CITY, at=LATER) == VersionCounts(unchanged=2)
    assert rows(engine, *DIM_AGENCY.columns.keys()) == before


def test_merge__a_version_ends_and_another_begins__closed_in_place_and_opened(engine, caplog):
    merge(engine, HUE)
    assert merge(engine, HUE_ENDED, HUE_CITY) == VersionCounts(opened=1, closed=1)
    assert rows(engine, "agency_key", "valid_to") == [(1, date(2024, 12, 31)), (2, None)]
    assert caplog.messages == []


def test_merge__a_version_ends_by_a_merger__closed_with_its_successor(engine):
    merge(engine, HUE)
    merge(engine, replace(HUE_ENDED, successors=("province-moi-2025",)))
    assert rows(engine, "valid_to", "successors") == [(date(2024, 12, 31), '["province-moi-2025"]')]


@pytest.mark.parametrize(
    ("stored", "corrected"),
    [
        (HUE, replace(HUE, code="47")),
        (HUE, replace(HUE_ENDED, name_en="Hue")),
        (HUE_ENDED, HUE),
        (HUE_ENDED, replace(HUE_ENDED, valid_to=date(2025, 6, 30))),
    ],
    ids=["name or code", "ended and renamed at once", "reopened", "other last day"],
)
def test_merge__history_differs__stored_row_is_kept_as_replaced_and_named(engine, caplog, stored, corrected):
    merge(engine, stored)
    with caplog.at_level(logging.WARNING):
        assert merge(engine, corrected, at=LATER) == VersionCounts(corrected=1)
    assert "province-thua-thien-hue" in caplog.text
    kept = rows(engine, "code", "name_en", "valid_to", "replaced_at")
    assert kept == [
        (stored.code, stored.name_en, stored.valid_to, LATER),
        (corrected.code, corrected.name_en, corrected.valid_to, None),
    ]


def test_merge__version_no_longer_in_the_registry__is_kept_as_replaced(engine, caplog):
    merge(engine, HUE_ENDED, HUE_CITY)
    assert merge(engine, HUE, at=LATER) == VersionCounts(corrected=2)
    assert "no longer in the registry" in caplog.text
    assert [row for row in rows(engine, "valid_to", "replaced_at") if row[1] is None] == [(None, None)]


def test_merge__agency_that_is_not_given__stays(engine):
    merge(engine, HUE)
    merge(engine, replace(HUE, agency_id="province-ha-noi"))
    assert rows(engine, "agency_id", "replaced_at") == [("province-thua-thien-hue", None), ("province-ha-noi", None)]


def test_merge__overlapping_versions__refused_with_the_agency(engine):
    with pytest.raises(WarehouseError, match="versions of province-thua-thien-hue overlap"):
        merge(engine, HUE, HUE_CITY)
    assert rows(engine, "agency_id") == []


def test_merge__bundled_registry__is_stored_whole_and_unchanged_again(engine):
    agencies = load_agencies()
    assert merge(engine, *agencies) == VersionCounts(opened=len(agencies))
    assert merge(engine, *agencies) == VersionCounts(unchanged=len(agencies))


versions = st.sampled_from([[], [HUE], [HUE_ENDED], [HUE_CITY], [HUE_ENDED, HUE_CITY], [replace(HUE, code="47")]])


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(versions, max_size=5))
def test_merge__any_history__no_row_is_lost_and_the_newest_is_what_is_known(engine, history):
    with engine.begin() as connection:
        connection.execute(sa.delete(DIM_AGENCY))
    seen = 0
    for given_versions in history:
        merge(engine, *given_versions)
        now = rows(engine, "valid_from", "valid_to", "code", "replaced_at")
        assert len(now) >= seen
        seen = len(now)
        if given_versions:
            known = {row[:3] for row in now if row[3] is None}
            assert known == {(v.valid_from or date.min, v.valid_to, v.code) for v in given_versions}
