"""A framework as it was when a vintage was scored, whatever became of its files since."""

import json
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from warehouse.engine import reading
from warehouse.errors import WarehouseError
from warehouse.frameworks.model import Framework, Node
from warehouse.schema import DIM_NODE
from warehouse.vintages import Vintage

_TEXTS = ("parameters", "items_vi", "position", "framework", "framework_digest")


def framework_as_scored(engine: sa.Engine, vintage: Vintage, present: Framework) -> Framework:
    """Return the framework that a vintage was scored with.

    Args:
        engine: The warehouse.
        vintage: The vintage.
        present: The framework of the same name as its files are today.

    Returns:
        `present` where nothing has changed; otherwise the nodes that the warehouse keeps, described as today.

    Raises:
        WarehouseError: The warehouse cannot be read, or does not know the content.
    """
    if vintage.framework_digest == present.digest:
        return present
    query = sa.select(DIM_NODE).where(
        DIM_NODE.c.framework == vintage.framework, DIM_NODE.c.framework_digest == vintage.framework_digest
    )
    with reading(engine) as connection:
        rows = connection.execute(query.order_by(DIM_NODE.c.position)).mappings().all()
    if not rows:
        raise WarehouseError(
            f"The warehouse does not know the framework that vintage {vintage.vintage} of {vintage.framework} "
            f"{vintage.period} was scored with.",
            "Run the round again.",
        )
    nodes = tuple(_node(dict(row)) for row in rows)
    return replace(present, nodes=nodes, digest=vintage.framework_digest)


def _node(row: dict[str, Any]) -> Node:
    written: dict[str, Any] = {
        name: "" if value is None and name != "weight" else value for name, value in row.items() if name not in _TEXTS
    }
    parameters = _decoded(row["parameters"]) or {}
    return Node(
        **written,
        parameters={name: _tupled(value) for name, value in parameters.items()},
        items_vi=tuple(_decoded(row["items_vi"]) or ()),
    )


def _decoded(found: object) -> Any:
    return json.loads(found) if isinstance(found, str) and found else found


def _tupled(value: object) -> object:
    """Lists of JSON as the tuples that a framework holds."""
    return tuple(_tupled(one) for one in value) if isinstance(value, list) else value
