"""Reading how sure the ranks of a vintage are."""

import pandas as pd
import sqlalchemy as sa

from warehouse.engine import reading
from warehouse.read import read
from warehouse.simulations import RankFrames, stored_ranks
from warehouse.views import MART_RANK_EFFECT, MART_RANK_INTERVAL
from warehouse.vintages import Vintage


def rank_intervals(engine: sa.Engine, chosen: Vintage, node: str) -> pd.DataFrame:
    """Columns of `mart_rank_interval` for one node of a vintage, a row an agency and ranking."""
    return read(engine, sa.select(MART_RANK_INTERVAL).where(*_of(MART_RANK_INTERVAL, chosen, node)))


def rank_effects(engine: sa.Engine, chosen: Vintage, node: str, agency: str) -> pd.DataFrame:
    """Columns of `mart_rank_effect` for one node and agency of a vintage: a ranking and source of uncertainty a row."""
    view = MART_RANK_EFFECT
    return read(engine, sa.select(view).where(*_of(view, chosen, node), view.c.agency == agency))


def published_ranks(engine: sa.Engine, chosen: Vintage) -> RankFrames:
    """All that a vintage says of how sure its ranks are, with every digit."""
    with reading(engine) as connection:
        return stored_ranks(connection, chosen.scope)


def _of(view: sa.TableClause, chosen: Vintage, node: str) -> list[sa.ColumnElement[bool]]:
    scope = [view.c[name] == value for name, value in chosen.scope.items()]
    return [*scope, view.c.node == node]
