"""League tables of 20 years x 94 agencies x 306 criteria on PostgreSQL, as `dti rank` and as statisticians ask.

The rows are made by the database itself; there is one vintage a year, and a corrected one of the last year.
"""

import statistics
import tempfile
import time
from pathlib import Path

import sqlalchemy as sa

from tests.bench.upsert import postgres
from warehouse.dimensions import store_framework, store_period
from warehouse.engine import connect, reading, transaction, upgrade
from warehouse.frameworks.loader import load_framework
from warehouse.load import load_reference
from warehouse.queries import choose_vintage, league_table
from warehouse.reference.agencies import load_agencies
from warehouse.views import MART_LEAGUE_TABLE, MART_MOVEMENT

YEARS, AGENCIES = range(2005, 2025), 94
RUNS, LIMIT = 7, 100  # milliseconds
FRAMEWORK, NODE = "province_2020", "CQS.1"

_VINTAGES = """
INSERT INTO vintage (framework, "round", period, vintage, kind, state, digest, framework_digest, code_version, run_id,
                     created_at, note)
SELECT :framework, 'official', year::text, number, 'official', 'provisional', '', :digest, '1', 'r', now(), ''
FROM generate_series(CAST(:first AS int), CAST(:last AS int)) AS year, generate_series(1, 2) AS number
WHERE number = 1 OR year = CAST(:last AS int)
"""
_SCORES = """
INSERT INTO score (framework, "round", period, vintage, agency, node, level, points, max_points, share, "rank", "group",
                   group_rank, status)
SELECT v.framework, v."round", v.period, v.vintage, a.agency_id, n.code, n.level, share * n.max_points, n.max_points,
       share, 1 + number % 94, '', 1 + number % 94, 'aggregated'
FROM vintage AS v
CROSS JOIN (SELECT agency_id, row_number() OVER (ORDER BY agency_id) AS number
            FROM (SELECT DISTINCT agency_id FROM dim_agency ORDER BY agency_id LIMIT :agencies) AS few) AS a
JOIN dim_node AS n ON n.framework = v.framework AND n.framework_digest = v.framework_digest
CROSS JOIN LATERAL (SELECT (number * 37 + n.position * 11 + v.period::int) % 1000 / 1000.0::float8 AS share) AS s
"""


def bench() -> list[tuple[str, float, float, str]]:
    """Measure and return rows of (name, measured, limit, unit)."""
    with tempfile.TemporaryDirectory() as folder, postgres(Path(folder)) as server:
        engine = connect(server)
        rows = fill(engine)
        about = f"of {rows:,} scores ({len(YEARS)} years x {AGENCIES} agencies), PostgreSQL"
        return [(f"{what} {about}", milliseconds(ask), LIMIT, "ms") for what, ask in questions(engine).items()]


def fill(engine: sa.Engine, years: range = YEARS) -> int:
    """Make the scores; returns how many there are."""
    framework = load_framework(FRAMEWORK)
    upgrade(engine)
    load_reference(engine, load_agencies(), framework)
    bound = {"framework": framework.name, "digest": framework.digest, "first": years[0], "last": years[-1]}
    with transaction(engine) as connection:
        store_framework(connection, framework)
        for year in years:
            store_period(connection, str(year))
        connection.execute(sa.text(_VINTAGES), bound)
        rows = connection.execute(sa.text(_SCORES), {"agencies": AGENCIES}).rowcount
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")
    return int(rows)


def questions(engine):
    """What is asked, each as a function."""
    year = str(YEARS[-1])
    one_year = (MART_LEAGUE_TABLE.c.period == year, MART_LEAGUE_TABLE.c.node == NODE)
    moved = (MART_MOVEMENT.c.period == year, MART_MOVEMENT.c.node == NODE)
    return {
        "league table as `dti rank` asks": lambda: league_table(engine, choose_vintage(engine, FRAMEWORK, year), NODE),
        "mart_league_table, a node in one year": lambda: fetch(engine, MART_LEAGUE_TABLE, *one_year),
        "mart_league_table, a node in all years": lambda: fetch(
            engine, MART_LEAGUE_TABLE, MART_LEAGUE_TABLE.c.node == NODE
        ),
        "mart_movement, a node in one year": lambda: fetch(engine, MART_MOVEMENT, *moved),
    }


def fetch(engine, view, *conditions):
    with reading(engine) as connection:
        return connection.execute(sa.select(view).where(view.c.framework == FRAMEWORK, *conditions)).all()


def milliseconds(ask):
    taken = []
    for _ in range(RUNS + 1):
        start = time.perf_counter()
        found = ask()
        taken.append(time.perf_counter() - start)
        if len(found) % AGENCIES or not len(found):
            raise RuntimeError(f"The benchmark measures another thing than it should: {len(found)} rows.")
    return statistics.median(taken[1:]) * 1000
