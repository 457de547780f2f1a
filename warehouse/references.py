"""Which snapshots the warehouse refers to, wherever it does: these are the proof of its numbers and must stay."""

import re

import sqlalchemy as sa

from warehouse.engine import reading
from warehouse.schema import METADATA

SHA256 = re.compile(r"[0-9a-f]{64}")
# Columns that name snapshots, in tables and in the frames of the lake; the values are digests or JSON lists of them.
COLUMNS = frozenset({"sha256", "snapshot_sha256", "snapshots", "superseded_by"})


def referenced_snapshots(engine: sa.Engine) -> set[str]:
    """sha256 of every snapshot that an observation, a check, a vintage or any other row refers to.

    Args:
        engine: The warehouse.

    Raises:
        WarehouseError: It cannot be read, or has another schema than this code.
    """
    found: set[str] = set()
    with reading(engine) as connection:
        for table in METADATA.tables.values():
            for column in (column for column in table.columns if column.name in COLUMNS):
                for (text,) in connection.execute(sa.select(column).distinct()):
                    found.update(SHA256.findall(text or ""))
    return found
