import json

import pandas as pd
import pytest
import sqlalchemy as sa

from warehouse.dimensions import node_rows, store_framework, store_period
from warehouse.engine import reading, transaction
from warehouse.frameworks.loader import framework_names, load_framework
from warehouse.schema import CROSSWALK, DIM_FRAMEWORK, DIM_NODE
from warehouse.upsert import Counts


def test_store_framework__again__changes_nothing(engine, framework):
    with transaction(engine) as connection:
        first = store_framework(connection, framework)
    with transaction(engine) as connection:
        again = store_framework(connection, framework)
    assert first == {"dim_framework": Counts(inserted=1), "dim_node": Counts(inserted=3)}
    assert again == {"dim_framework": Counts(unchanged=1), "dim_node": Counts(unchanged=3)}


def test_store_framework__other_content__keeps_both(engine, make):
    with transaction(engine) as connection:
        store_framework(connection, make.tiny_framework("d1"))
        store_framework(connection, make.tiny_framework("d2", title="Chỉ số mới"))
    with reading(engine) as connection:
        titles = dict(connection.execute(sa.select(DIM_FRAMEWORK.c.digest, DIM_FRAMEWORK.c.title_vi)).all())
        nodes = connection.scalar(sa.select(sa.func.count()).select_from(DIM_NODE))
    assert titles == {"d1": "Chỉ số nhỏ", "d2": "Chỉ số mới"}
    assert nodes == 6


def test_node_rows__tree__in_order_with_rule_and_parameters(framework):
    rows = node_rows(framework)
    assert list(rows["code"]) == ["DTI", "DTI.1", "DTI.2"]
    assert list(rows["position"]) == [0, 1, 2]
    assert json.loads(rows["parameters"].iloc[2]) == {"tiers": [[0.0, 0.0], [50.0, 1.0]]}
    assert pd.isna(rows["weight"].iloc[0])


@pytest.mark.parametrize("name", framework_names())
def test_store_framework__bundled__stores_every_node(engine, name):
    framework = load_framework(name)
    with transaction(engine) as connection:
        assert store_framework(connection, framework)["dim_node"] == Counts(inserted=len(framework.nodes))


def test_store_period__again__changes_nothing(engine):
    with transaction(engine) as connection:
        assert store_period(connection, "2020-08") == Counts(inserted=1)
        assert store_period(connection, "2020-08") == Counts(unchanged=1)


def test_store_framework__crosswalk_of_sums__is_stored_with_the_codes_joined(engine):
    with transaction(engine) as connection:
        store_framework(connection, load_framework("province_2020"))
    with reading(engine) as connection:
        rows = connection.execute(sa.select(CROSSWALK.c.from_node, CROSSWALK.c.to_node, CROSSWALK.c.kind)).all()
    assert ("CQS.1+KTS.1+XHS.1", "CS1", "comparable") in [tuple(row) for row in rows]
    assert len(rows) == 8
