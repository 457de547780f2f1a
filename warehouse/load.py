"""Loading the dimensions and the evidence of a round: each in one transaction, so a killed run leaves all or none."""

from collections.abc import Iterable, Mapping

import pandas as pd
import sqlalchemy as sa

from warehouse.dimensions import store_framework, store_period
from warehouse.engine import transaction
from warehouse.errors import WarehouseError
from warehouse.frames import BATCH, CHECK, OBSERVATION, QUARANTINE, SNAPSHOT, WARNING, Frame
from warehouse.frameworks.model import Framework
from warehouse.reference.agencies import Agency
from warehouse.retries import retried
from warehouse.scd2 import VersionCounts, merge_versions
from warehouse.schema import FACTS
from warehouse.upsert import Counts, synchronise, upsert

SCOPE = ("framework", "round", "period")
Scope = Mapping[str, str]  # the round that facts belong to: its `framework`, `round` and `period`


@retried
def load_reference(
    engine: sa.Engine, agencies: Iterable[Agency], framework: Framework
) -> dict[str, Counts | VersionCounts]:
    """Bring the dimensions up to date.

    Args:
        engine: The warehouse.
        agencies: All versions of the agencies.
        framework: The framework that is to be scored.

    Returns:
        Counts by table: `dim_agency`, `dim_framework`, `dim_node`.

    Raises:
        WarehouseError: The warehouse cannot be written to, or versions of an agency overlap; nothing was written.
    """
    with transaction(engine) as connection:
        return {"dim_agency": merge_versions(connection, agencies), **store_framework(connection, framework)}


@retried
def load_evidence(
    engine: sa.Engine,
    *,
    scope: Scope,
    snapshots: pd.DataFrame,
    observations: pd.DataFrame,
    quarantine: pd.DataFrame,
    batches: pd.DataFrame,
    checks: pd.DataFrame | None = None,
    warnings: pd.DataFrame | None = None,
) -> dict[str, Counts]:
    """Store the evidence of a round in one transaction.

    Snapshots and observations are added to what is there; quarantine, warnings, batches and
    checks of portals become those of this run.

    Args:
        engine: The warehouse.
        scope: Framework, round and period.
        snapshots: SNAPSHOT rows.
        observations: OBSERVATION rows.
        quarantine: QUARANTINE rows.
        batches: BATCH rows.
        checks: CHECK rows; None: no portal was inspected.
        warnings: WARNING rows; None: there is none.

    Returns:
        Counts by table.

    Raises:
        WarehouseError: A row belongs to another round, two rows contradict each other, or the warehouse cannot be
            written to; nothing was written.
    """
    added = {SNAPSHOT: in_scope(SNAPSHOT, snapshots, scope), OBSERVATION: in_scope(OBSERVATION, observations, scope)}
    mirrored = {
        QUARANTINE: in_scope(QUARANTINE, quarantine, scope),
        WARNING: in_scope(WARNING, WARNING.empty() if warnings is None else warnings, scope),
        BATCH: in_scope(BATCH, batches, scope),
        CHECK: in_scope(CHECK, CHECK.empty() if checks is None else checks, scope),
    }
    with transaction(engine) as connection:
        store_period(connection, scope["period"])
        counts = {kind.name: upsert(connection, _table(kind), rows) for kind, rows in added.items()}
        for kind, rows in mirrored.items():
            counts[kind.name] = synchronise(connection, _table(kind), rows, {name: scope[name] for name in SCOPE})
        return counts


def in_scope(kind: Frame, rows: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Return the rows of a frame as declared, all of one round.

    Args:
        kind: The frame.
        rows: Its rows.
        scope: The round that they must belong to, in the columns that the frame has.

    Raises:
        WarehouseError: A row belongs to another framework, round or period.
    """
    for name in (column for column in SCOPE if column in kind.columns):
        foreign = rows[name][rows[name] != scope[name]]
        if not foreign.empty:
            raise WarehouseError(
                f"A {kind.name} row belongs to the {name} {foreign.iloc[0]!r}, but {scope[name]!r} is being loaded.",
                "Load each round on its own.",
            )
    return kind.conform(rows)


def _table(kind: Frame) -> sa.Table:
    return FACTS[kind.name][0]
