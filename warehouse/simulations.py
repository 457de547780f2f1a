"""Storing how sure the ranks of a vintage are, beside it.

Intervals may be added to a vintage; those of a published one are never changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd
import sqlalchemy as sa

from warehouse.frames import RANK_EFFECT, RANK_INTERVAL, SIMULATION, Frame
from warehouse.read import rows_of
from warehouse.schema import RANK_EFFECTS, RANK_INTERVALS, SIMULATIONS
from warehouse.upsert import synchronise

FEWEST = 1_000  # draws of intervals that are added to what is published already: a trial must not become final
Stored = Literal["none", "stored", "kept"]


@dataclass(frozen=True)
class RankFrames:
    """How sure the ranks of a round are, as frames.

    Attributes:
        simulation: SIMULATION, one row; none where nothing was drawn.
        intervals: RANK_INTERVAL rows.
        effects: RANK_EFFECT rows.
    """

    simulation: pd.DataFrame
    intervals: pd.DataFrame
    effects: pd.DataFrame

    @classmethod
    def empty(cls) -> "RankFrames":
        """Nothing was drawn."""
        return cls(SIMULATION.empty(), RANK_INTERVAL.empty(), RANK_EFFECT.empty())

    @property
    def parts(self) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        """The three frames."""
        return self.simulation, self.intervals, self.effects

    def of(self, scope: Mapping[str, str | int]) -> "RankFrames":
        """The same as rows of one vintage, as declared."""
        kinds = (kind for _, kind in _TABLES)
        return RankFrames(*(kind.conform(rows.assign(**scope)) for kind, rows in zip(kinds, self.parts, strict=True)))

    def says_the_same_as(self, other: "RankFrames") -> bool:
        """Whether every number is the same; which version of the code computed it does not matter."""
        return all(
            _comparable(kind, ours).equals(_comparable(kind, theirs))
            for (_, kind), ours, theirs in zip(_TABLES, self.parts, other.parts, strict=True)
        )


_TABLES = ((SIMULATIONS, SIMULATION), (RANK_INTERVALS, RANK_INTERVAL), (RANK_EFFECTS, RANK_EFFECT))


def _comparable(kind: Frame, rows: pd.DataFrame) -> pd.DataFrame:
    return rows.drop(columns="code_version", errors="ignore").sort_values(list(kind.key), ignore_index=True)


def store_ranks(
    connection: sa.Connection,
    scope: Mapping[str, str | int],
    frames: RankFrames,
    *,
    is_published: bool,
    may_add: bool = True,
) -> Stored:
    """Store what is known of the ranks of a vintage.

    Args:
        connection: A connection in a transaction.
        scope: Framework, round, period and number of the vintage.
        frames: What is known; of a provisional vintage it replaces what was.
        is_published: Whether the vintage is published.
        may_add: Whether a published vintage without intervals gets these; they are then final, as it is.

    Returns:
        `none`: nothing was drawn, or nothing was to be added; `stored`: what the warehouse holds now is this; `kept`:
        the published vintage has other intervals already, and keeps them.
    """
    new = frames.of(scope)
    if is_published:
        if new.simulation.empty:
            return "none"
        there = stored_ranks(connection, scope)
        if there.simulation.empty and (not may_add or new.simulation["draws"].iloc[0] < FEWEST):
            return "none"
        if not there.simulation.empty:
            return "stored" if new.says_the_same_as(there) else "kept"
    for (table, _), rows in zip(_TABLES, new.parts, strict=True):
        synchronise(connection, table, rows, scope)
    return "none" if new.simulation.empty else "stored"


def stored_ranks(connection: sa.Connection, scope: Mapping[str, str | int]) -> RankFrames:
    """What is stored of the ranks of a vintage; empty frames where that is nothing.

    Args:
        connection: A connection.
        scope: Framework, round, period and number of the vintage.
    """
    found = [
        rows_of(connection, sa.select(table).where(*(table.c[name] == value for name, value in scope.items())))
        for table, _ in _TABLES
    ]
    return RankFrames(*found).of(scope)
