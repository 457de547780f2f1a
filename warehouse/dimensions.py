"""Dimension rows derived from what the code already knows: frameworks with their nodes, and periods."""

import json
from datetime import UTC, datetime

import pandas as pd
import sqlalchemy as sa

from warehouse.derivations import store_derivations
from warehouse.frameworks.model import Framework, Node
from warehouse.periods import month_number, period_days
from warehouse.schema import DIM_FRAMEWORK, DIM_NODE, DIM_PERIOD
from warehouse.upsert import Counts, upsert

_AS_WRITTEN = (
    "code",
    "parent",
    "level",
    "name_vi",
    "name_en",
    "max_points",
    "weight",
    "aggregation",
    "evidence",
    "measured_by",
    "rule",
    "unit",
    "direction",
    "missing",
    "numerator_vi",
    "denominator_vi",
    "status",
    "source",
)


def store_framework(connection: sa.Connection, framework: Framework) -> dict[str, Counts]:
    """Store a framework's content and its nodes; earlier contents of the framework are kept.

    Args:
        connection: A connection in a transaction.
        framework: The framework; its digest is the identity of its content.

    Returns:
        Counts by table: `dim_framework`, `dim_node`, and those of `store_derivations`.
    """
    return {
        DIM_FRAMEWORK.name: upsert(connection, DIM_FRAMEWORK, _framework_row(connection, framework)),
        DIM_NODE.name: upsert(connection, DIM_NODE, node_rows(framework)),
        **store_derivations(connection, framework),
    }


def node_rows(framework: Framework) -> pd.DataFrame:
    """Rows of `dim_node`: one per node, in tree order."""
    rows = [_node_row(node) for node in framework.nodes]
    return pd.DataFrame(rows).assign(
        framework=framework.name, framework_digest=framework.digest, position=range(len(rows))
    )


def store_period(connection: sa.Connection, period: str) -> Counts:
    """Store a period with its days.

    Raises:
        InputError: It is neither a year nor a month.
    """
    first, last = period_days(period)
    row = {"period": period, "first_day": first, "last_day": last, "month_number": month_number(period)}
    return upsert(connection, DIM_PERIOD, pd.DataFrame([row]))


def _framework_row(connection: sa.Connection, framework: Framework) -> pd.DataFrame:
    this = sa.and_(DIM_FRAMEWORK.c.framework == framework.name, DIM_FRAMEWORK.c.digest == framework.digest)
    loaded_at = connection.scalar(sa.select(DIM_FRAMEWORK.c.loaded_at).where(this)) or datetime.now(UTC)
    row = {
        "framework": framework.name,
        "digest": framework.digest,
        "title_vi": framework.description.title_vi,
        "title_en": framework.description.title_en,
        "legal_basis": framework.description.legal_basis,
        "is_reconstructed": framework.is_reconstructed,
        "loaded_at": loaded_at,
    }
    return pd.DataFrame([row])


def _node_row(node: Node) -> dict[str, object]:
    return {
        **{name: getattr(node, name) for name in _AS_WRITTEN},
        "parameters": json.dumps(node.parameters, ensure_ascii=False, sort_keys=True),
        "items_vi": json.dumps(node.items_vi, ensure_ascii=False),
    }
