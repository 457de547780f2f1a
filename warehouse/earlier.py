"""What was said before: the ranks of an earlier period or vintage, for comparison."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import sqlalchemy as sa

from warehouse.engine import reading
from warehouse.read import read
from warehouse.schema import SCORES, VINTAGE
from warehouse.views import MART_SCORE
from warehouse.vintages import Vintage


def previous_period(engine: sa.Engine, framework: str, round_name: str, period: str) -> str | None:
    """The last period before one of which a round has a vintage; a month has months before it, a year has years.

    Args:
        engine: The warehouse.
        framework: Name of the framework.
        round_name: Name of the round.
        period: The period.
    """
    query = sa.select(sa.func.max(VINTAGE.c.period)).where(
        VINTAGE.c.framework == framework,
        VINTAGE.c.round == round_name,
        VINTAGE.c.period < period,
        sa.func.length(VINTAGE.c.period) == len(period),
    )
    with reading(engine) as connection:
        found: str | None = connection.scalar(query)
    return found


def node_ranks(engine: sa.Engine, scope: Mapping[str, Any], node: str) -> dict[tuple[str, str], int]:
    """Rank by a node of each agency and ranking: its group, or empty for the one among all; who has none is left out.

    Args:
        engine: The warehouse.
        scope: `framework`, `round`, `period` and `vintage`; other keys count for nothing.
        node: Code of the node.
    """
    of_round = [SCORES.c[name] == scope[name] for name in ("framework", "round", "period")]
    columns = (SCORES.c.agency, SCORES.c.rank, SCORES.c.group, SCORES.c.group_rank)
    query = sa.select(*columns).where(
        *of_round, SCORES.c.vintage == int(scope["vintage"]), SCORES.c.node == node, SCORES.c.rank.is_not(None)
    )
    ranks: dict[tuple[str, str], int] = {}
    with reading(engine) as connection:
        for agency, rank, group, group_rank in connection.execute(query):
            ranks[agency, ""] = int(rank)
            if group and group_rank is not None:
                ranks[agency, group] = int(group_rank)
    return ranks


def scores(engine: sa.Engine, vintage: Vintage) -> pd.DataFrame:
    """SCORE rows of a vintage."""
    return read(engine, sa.select(SCORES).where(*(SCORES.c[name] == value for name, value in vintage.scope.items())))


def agency_names(engine: sa.Engine, vintage: Vintage) -> dict[str, str]:
    """Agency id to its short name at the end of the period, of all agencies of a vintage."""
    view = MART_SCORE.c
    of_vintage = [view[name] == value for name, value in vintage.scope.items()]
    with reading(engine) as connection:
        found = connection.execute(sa.select(view.agency, view.agency_name).where(*of_vintage).distinct())
        return {str(agency): str(name or agency) for agency, name in found}
