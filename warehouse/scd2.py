"""Agencies as a slowly changing dimension (type 2): versions are opened and closed, nothing is overwritten silently.

A version is closed in place when it ends. Everything else that differs from what was stored is a correction of history:
the stored row stays with the time it was replaced, the corrected one is added beside it, and the log names the agency.
"""

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from warehouse.errors import WarehouseError
from warehouse.reference.agencies import Agency
from warehouse.schema import DIM_AGENCY, FIRST_DAY

logger = logging.getLogger(__name__)

_CLOSING = {"valid_to", "successors", "source"}  # what changes when a version merely ends
_COLUMNS = [column for column in DIM_AGENCY.columns if column.name not in ("agency_key", "loaded_at", "replaced_at")]
Row = dict[str, Any]
Key = tuple[str, date]


@dataclass(frozen=True)
class VersionCounts:
    """What merging did, in versions.

    Attributes:
        opened: Versions that were new.
        closed: Versions that ended.
        corrected: Stored versions that a differing one, or none, has taken the place of; they are kept as replaced.
        unchanged: Versions that were there already.
    """

    opened: int = 0
    closed: int = 0
    corrected: int = 0
    unchanged: int = 0


def merge_versions(connection: sa.Connection, agencies: Iterable[Agency], at: datetime | None = None) -> VersionCounts:
    """Bring the stored versions of agencies to what the registry says.

    Args:
        connection: A connection in a transaction.
        agencies: All versions of each agency that is given; agencies that are not given stay as they are.
        at: Time to record; left out: now.

    Returns:
        How many versions were opened, closed, corrected and unchanged. Merging the same versions again changes nothing.

    Raises:
        WarehouseError: Versions of one agency overlap; nothing was written.
    """
    if connection.dialect.name == "postgresql":
        # Two loaders at once would both find a version missing; on SQLite there is one writer anyway.
        connection.exec_driver_sql("LOCK TABLE dim_agency IN SHARE ROW EXCLUSIVE MODE")
    now = at or datetime.now(UTC)
    wanted = _wanted(agencies)
    stored = _stored(connection, {agency_id for agency_id, _ in wanted})
    new = [key for key in wanted if key not in stored]
    differing = {key: _differences(stored[key], wanted[key]) for key in wanted if key in stored}
    closing = [key for key, names in differing.items() if _is_closing(stored[key], wanted[key], names)]
    corrected = [key for key, names in differing.items() if names and key not in closing]
    withdrawn = [key for key in stored if key not in wanted]
    for key in corrected:
        _report(key, stored[key], wanted[key], differing[key])
    for agency_id, valid_from in withdrawn:
        logger.warning("The version of %s from %s is no longer in the registry.", agency_id, valid_from)
    _replace(connection, [stored[key] for key in corrected + withdrawn], now)
    _close(connection, [(stored[key], wanted[key]) for key in closing])
    _open(connection, [wanted[key] for key in new + corrected], now)
    unchanged = sum(not names for names in differing.values())
    return VersionCounts(len(new), len(closing), len(corrected) + len(withdrawn), unchanged)


def _wanted(agencies: Iterable[Agency]) -> dict[Key, Row]:
    rows = sorted((_row(agency) for agency in agencies), key=_key)
    for earlier, later in pairwise(rows):
        if earlier["agency_id"] == later["agency_id"] and (earlier["valid_to"] or date.max) >= later["valid_from"]:
            raise WarehouseError(
                f"The versions of {later['agency_id']} overlap: one starts on {later['valid_from']}, "
                f"before the one from {earlier['valid_from']} has ended.",
                "Mend their dates in warehouse/reference/agencies.csv.",
            )
    return {_key(row): row for row in rows}


def _row(agency: Agency) -> Row:
    row = {column.name: getattr(agency, column.name) for column in _COLUMNS}
    return row | {
        "valid_from": agency.valid_from or FIRST_DAY,
        "predecessors": json.dumps(agency.predecessors, ensure_ascii=False),
        "successors": json.dumps(agency.successors, ensure_ascii=False),
    }


def _key(row: Row) -> Key:
    return row["agency_id"], row["valid_from"]


def _stored(connection: sa.Connection, agency_ids: set[str]) -> dict[Key, Row]:
    known = sa.select(DIM_AGENCY.c.agency_key, *_COLUMNS).where(DIM_AGENCY.c.replaced_at.is_(None))
    rows = (dict(row) for row in connection.execute(known).mappings())
    return {_key(row): row for row in rows if row["agency_id"] in agency_ids}


def _differences(stored: Row, wanted: Row) -> set[str]:
    return {name for name, value in wanted.items() if stored[name] != value}


def _is_closing(stored: Row, wanted: Row, differing: set[str]) -> bool:
    ends = stored["valid_to"] is None and wanted["valid_to"] is not None
    return ends and differing <= _CLOSING


def _report(key: Key, stored: Row, wanted: Row, differing: set[str]) -> None:
    changes = "; ".join(f"{name}: {stored[name]!r} becomes {wanted[name]!r}" for name in sorted(differing))
    logger.warning("The stored version of %s from %s is corrected: %s.", *key, changes)


def _replace(connection: sa.Connection, rows: list[Row], now: datetime) -> None:
    for row in rows:
        this = DIM_AGENCY.c.agency_key == row["agency_key"]
        connection.execute(sa.update(DIM_AGENCY).where(this).values(replaced_at=now))


def _close(connection: sa.Connection, pairs: list[tuple[Row, Row]]) -> None:
    for stored, wanted in pairs:
        this = DIM_AGENCY.c.agency_key == stored["agency_key"]
        connection.execute(sa.update(DIM_AGENCY).where(this).values({name: wanted[name] for name in _CLOSING}))


def _open(connection: sa.Connection, rows: list[Row], now: datetime) -> None:
    if rows:
        connection.execute(sa.insert(DIM_AGENCY), [{**row, "loaded_at": now} for row in rows])
