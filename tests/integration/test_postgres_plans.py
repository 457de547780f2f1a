"""How PostgreSQL answers what the code asks, with enough rows: by index, and from the partition of the year alone."""

import json

import pandas as pd
import pytest
import sqlalchemy as sa

from tests.bench.league import FRAMEWORK, NODE, fill
from warehouse import queries
from warehouse.engine import transaction
from warehouse.frames import BATCH, OBSERVATION, QUARANTINE
from warehouse.load import load_evidence
from warehouse.ranks import rank_effects, rank_intervals
from warehouse.runs import start_run
from warehouse.views import (
    MART_INSPECTION,
    MART_LEAGUE_TABLE,
    MART_MOVEMENT,
    MART_QUARANTINE,
    MART_RANK_INTERVAL,
    MART_REVISION,
)
from warehouse.vintages import find_vintage

YEARS = range(2017, 2021)
SCOPE = {"framework": FRAMEWORK, "round": "official", "period": "2020"}
LARGE = {"score", "measurement", "observation", "quarantine", "snapshot", "batch", "run", "inspection_check"}
LARGE |= {"rank_interval", "rank_effect"}

# Rows of every large table, for each year: as many as make an index worth while.
MORE = """
INSERT INTO measurement
       (framework, "round", period, vintage, agency, node, stage, value, method, source, observation_ids)
SELECT framework, "round", period, vintage, agency, node, 'final', share, 'published', 'published', '[]'
FROM score WHERE level = 'criterion';
INSERT INTO observation
SELECT md5(year || '-' || n), 'province_2020', 'official', year::text, 'province-' || n % 94, 'CQS.1', 'value', 'final',
       's', n, '', '', '', '', '', repeat('a', 64), 'E' || n, '', ''
FROM generate_series(2015, 2034) AS year, generate_series(1, 4000) AS n;
INSERT INTO snapshot SELECT md5(n::text), 's', 'official', 'f' || n, '2020', 1, '', now(), 200, ''
FROM generate_series(1, 40000) AS n;
INSERT INTO quarantine
SELECT 'province_2020', 'official', year::text, 's', md5(n::text), 'E' || n, 'rule', '', '', '', '', '', '', '', '', ''
FROM generate_series(2001, 2020) AS year, generate_series(1, 3000) AS n;
INSERT INTO batch SELECT 'province_2020', 'official', year::text, 's', 'f' || n, '', '', 'accepted', '', 1, 1, 0
FROM generate_series(2001, 2020) AS year, generate_series(1, 2000) AS n;
INSERT INTO inspection_check
SELECT 'province_2020', 'official', year::text, 'a' || n, 'c', '', 'pass', '', 1, '', '', '', '', '', now()
FROM generate_series(2001, 2020) AS year, generate_series(1, 2000) AS n;
INSERT INTO simulation SELECT framework, "round", period, vintage, 10000, 4000, 1024, 1, 0.9, '[]', '[]', '{}', '1'
FROM vintage;
INSERT INTO rank_interval
SELECT framework, "round", period, vintage, agency, node, '', "rank", share, 0.01, share, share,
       1, 9, 1, 9, 1, 9, 0, 0, '1'
FROM score WHERE level <> 'criterion';
INSERT INTO rank_effect
SELECT framework, "round", period, vintage, agency, node, '', name, 0.1, 0, 0.2, 0.2, 0.1, 0.3
FROM score, unnest(ARRAY['survey', 'expert', 'tone', 'weights', 'appraisal']) AS name WHERE node IN ('DTI', 'CQS.1');
INSERT INTO run
SELECT md5(year || '-' || n), 'annual', 'province_2020', 'official', year::text, now(), now(), 'completed', '{}'
FROM generate_series(1001, 2020) AS year, generate_series(1, 20) AS n;
"""


@pytest.fixture(scope="module")
def engine(_databases):
    engine = _databases.take()
    fill(engine, YEARS)
    with transaction(engine) as connection:
        for statement in MORE.split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement.replace("%", "%%"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")
    yield engine
    _databases.give_back(engine)


@pytest.fixture
def asked(engine):
    """Statements that the engine executes while `with asked() as found` lasts, each with its plan."""
    found = []

    def keep(connection, _cursor, statement, parameters, _context, _many):
        if statement.lstrip().startswith(("SELECT", "INSERT", "UPDATE", "DELETE")) and "pg_catalog" not in statement:
            values = parameters[0] if isinstance(parameters, list) else parameters
            cursor = connection.connection.driver_connection.cursor()
            cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}", values)
            plan = cursor.fetchone()[0]
            found.append((statement, (plan if isinstance(plan, list) else json.loads(plan))[0]["Plan"]))

    sa.event.listen(engine, "before_cursor_execute", keep)
    yield found
    sa.event.remove(engine, "before_cursor_execute", keep)


def steps(plan):
    yield plan
    for part in plan.get("Plans", ()):
        yield from steps(part)


def scanned_whole(found):
    """Large tables that are read from end to end."""
    return {
        step["Relation Name"]
        for _, plan in found
        for step in steps(plan)
        if step["Node Type"] == "Seq Scan" and step["Relation Name"].split("_20")[0] in LARGE
    }


def indexes(found):
    return {step["Index Name"] for _, plan in found for step in steps(plan) if "Index Name" in step}


def partitions(found):
    names = {step.get("Relation Name", "") for _, plan in found for step in steps(plan)}
    return {name for name in names if name.startswith("observation_")}


@pytest.fixture
def chosen(engine):
    return queries.choose_vintage(engine, FRAMEWORK, "2020")


def test_league_table__one_node__by_its_index(engine, chosen, asked):
    assert len(queries.league_table(engine, chosen, NODE)) == 94
    assert scanned_whole(asked) == set()
    assert "ix_score_framework_round_period_vintage_node" in indexes(asked)


def test_league_table__each_row__has_its_interval_once(engine):
    view = MART_LEAGUE_TABLE
    with engine.connect() as connection:
        rows = connection.execute(sa.select(view).where(view.c.period == "2020", view.c.node == NODE)).all()
    assert len({row.agency for row in rows}) == len(rows) == 94
    assert {(row.simulated_low, row.simulated_high, row.interval_level) for row in rows} == {(1, 9, 0.9)}


def test_intervals_and_effects__of_one_agency_and_node__by_their_keys(engine, chosen, asked):
    agency = queries.league_table(engine, chosen, NODE)["agency"][0]
    assert len(rank_intervals(engine, chosen, NODE)) == 94
    assert len(rank_effects(engine, chosen, NODE, agency)) == 5
    assert scanned_whole(asked) == set()
    assert {"pk_rank_interval", "pk_rank_effect"} <= indexes(asked)


@pytest.mark.parametrize(
    ("view", "conditions", "rows"),
    [
        (MART_LEAGUE_TABLE, {"period": "2020", "node": NODE}, 94),
        (MART_LEAGUE_TABLE, {"node": NODE}, 94 * len(YEARS)),
        (MART_LEAGUE_TABLE, {"period": "2020", "agency": "province-hue-x"}, 0),
        (MART_RANK_INTERVAL, {"period": "2020", "node": NODE, "is_latest": True}, 94),
        (MART_RANK_INTERVAL, {"node": NODE, "is_latest": True}, 94 * len(YEARS)),
        (MART_MOVEMENT, {"period": "2020", "node": NODE}, 94),
        (MART_REVISION, {"period": "2020", "node": NODE}, 94),
        (MART_QUARANTINE, {"period": "2020", "round": "official"}, 3000),
        (MART_INSPECTION, {"period": "2020", "round": "official"}, 2000),
    ],
    ids=lambda value: value.name if isinstance(value, sa.TableClause) else "",
)
def test_view__asked_as_statisticians_do__no_large_table_is_read_whole(engine, asked, view, conditions, rows):
    query = sa.select(view).where(view.c.framework == FRAMEWORK, *(view.c[name] == v for name, v in conditions.items()))
    with engine.connect() as connection:
        assert len(connection.execute(query).all()) == rows
    assert scanned_whole(asked) == set()


def test_explain__the_way_to_the_bytes__by_keys_alone(engine, chosen, asked):
    agency = queries.league_table(engine, chosen, NODE)["agency"][0]
    assert len(queries.score_tree(engine, chosen, agency)) > 400
    assert len(queries.measurements(engine, chosen, agency)) == 306
    ids = pd.Series([f"2020-{number}" for number in range(1, 50)]).map(md5)
    assert len(queries.observations_by_id(engine, ids)) == 49
    assert len(queries.snapshot_cards(engine, [md5("7")])) == 1
    assert scanned_whole(asked) == set()


def md5(text):
    import hashlib

    return hashlib.md5(text.encode()).hexdigest()


def test_quarantine_and_batches__of_the_round_run_last__by_index(engine, asked):
    assert len(queries.quarantine(engine, FRAMEWORK, "2020")) == 3000
    assert len(queries.batches(engine, FRAMEWORK, "2020")) == 2000
    assert scanned_whole(asked) == set()
    assert "ix_run_framework_period_started_at" in indexes(asked)


def test_load__observations_of_a_year__touch_the_partition_of_that_year_only(engine, asked):
    rows = [{"observation_id": md5(f"2020-{number}"), "agency": "a", "value": number} for number in range(50)]
    observations = OBSERVATION.conform(pd.DataFrame([{**SCOPE, **row} for row in rows]))
    kept = load_evidence(
        engine,
        scope=SCOPE,
        snapshots=pd.DataFrame(columns=["sha256", "source", "round", "origin", "period"]),
        observations=observations,
        quarantine=QUARANTINE.conform(pd.DataFrame([{**SCOPE, "locator": "E1", "rule": "r"}])),
        batches=BATCH.conform(pd.DataFrame([{**SCOPE, "source": "s", "origin": "f1"}])),
    )
    assert (kept["observation"].inserted, kept["observation"].updated) == (1, 49)
    looked_at = [(text, plan) for text, plan in asked if text.lstrip().startswith("SELECT")]
    assert partitions(looked_at) == {"observation_2020"}
    assert scanned_whole(asked) == set()


def test_period_and_agency__observations_of_a_month__read_one_partition(engine, asked):
    with engine.connect() as connection:
        connection.execute(sa.text("SELECT count(*) FROM observation WHERE period = '2020-08'")).scalar()
    assert partitions(asked) == {"observation_2020"}


def test_vintages_and_runs__looked_up_while_writing__by_index(engine, asked):
    start_run(engine, "another", "annual", SCOPE)
    with transaction(engine) as connection:
        assert find_vintage(connection, SCOPE, lock=True).vintage == 2
    assert scanned_whole(asked) == set()
