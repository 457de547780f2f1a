"""Storing how sure the ranks of a vintage are, beside it.

Intervals may be added to a vintage; those of a published one are never changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd
import sqlalchemy as sa

from warehouse.frames import RANK_EFFECT, RANK_INTERVAL, SIMULATION
from warehouse.schema import RANK_EFFECTS, RANK_INTERVALS, SIMULATIONS
from warehouse.upsert import synchronise

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


def store_ranks(
    connection: sa.Connection, scope: Mapping[str, str | int], frames: RankFrames, *, is_published: bool
) -> Stored:
    """Store what is known of the ranks of a vintage.

    Args:
        connection: A connection in a transaction.
        scope: Framework, round, period and number of the vintage.
        frames: What is known; of a provisional vintage it replaces what was.
        is_published: Whether the vintage is published.

    Returns:
        `none`: nothing was drawn; `stored`: what the warehouse holds now is this; `kept`: the published vintage has
        intervals already, and keeps them.
    """
    if is_published:
        if frames.simulation.empty:
            return "none"
        there = sa.select(SIMULATIONS.c.vintage).where(*(SIMULATIONS.c[name] == value for name, value in scope.items()))
        if connection.execute(there).first() is not None:
            return "kept"
    parts = (
        (SIMULATIONS, SIMULATION, frames.simulation),
        (RANK_INTERVALS, RANK_INTERVAL, frames.intervals),
        (RANK_EFFECTS, RANK_EFFECT, frames.effects),
    )
    for table, kind, rows in parts:
        synchronise(connection, table, kind.conform(rows.assign(**scope)), scope)
    return "none" if frames.simulation.empty else "stored"
