"""PostgreSQL in production: schemas, roles, observations by year; indexes and views of movement on both databases.

Grants and comments are derived from the code and applied after every migration: `warehouse/grants.py`,
`warehouse/dictionary.py`.
"""

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

from warehouse.grants import make_roles

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLES_IN, VIEWS_IN, PARTITIONS_IN = "dti", "mart", "dti_partitions"
# What the migrations before this one have made; a name that is not there is passed over.
TABLES = (
    "dim_agency",
    "dim_period",
    "dim_framework",
    "dim_node",
    "run",
    "snapshot",
    "observation",
    "quarantine",
    "batch",
    "vintage",
    "measurement",
    "score",
    "inspection_check",
    "decision",
    "exclusion",
    "target",
    "share_part",
    "crosswalk",
    "warning",
    "dti_schema_version",
)
VIEWS = (
    "mart_vintage",
    "mart_score",
    "mart_league_table",
    "mart_quarantine",
    "mart_inspection",
    "mart_decision",
    "mart_exclusion",
    "mart_online_services",
    "mart_warning",
)
FUNCTIONS = ("dti_refuse_published_vintage", "dti_refuse_published_facts")
YEARS = range(2015, 2035)
INDEXES = {
    "score": ["framework", "round", "period", "vintage", "node"],  # a league table
    "run": ["framework", "period", "started_at"],  # the round that was run last
}

MART_VINTAGE = """
SELECT v.framework, f.title_vi, f.title_en, f.is_reconstructed AS framework_is_reconstructed,
       v."round", v.kind AS round_kind, v.period, p.last_day AS period_end, v.vintage, v.state,
       {is_latest} AS is_latest,
       v.digest, v.framework_digest, v.code_version, v.seed, v.run_id, v.created_at, v.published_at, v.note
FROM vintage AS v
JOIN dim_framework AS f ON f.framework = v.framework AND f.digest = v.framework_digest
JOIN dim_period AS p ON p.period = v.period
"""
BY_WINDOW = 'row_number() OVER (PARTITION BY v.framework, v."round", v.period ORDER BY v.vintage DESC) = 1'
# A look into the key of `vintage` for each row that is asked for; the window had to number all of them first.
BY_KEY = """NOT EXISTS (
           SELECT 1 FROM vintage AS later
           WHERE later.framework = v.framework AND later."round" = v."round" AND later.period = v.period
             AND later.vintage > v.vintage
       )"""

_COMPARED = """
SELECT s.framework, s.title_vi, s.title_en, s.framework_is_reconstructed, s."round", s.round_kind,
       s.period, s.vintage, s.state, {earlier},
       s.node, s.node_name_vi, s.node_name_en, s.level, s.node_status,
       s.agency, s.agency_name, s.agency_full_name, s.agency_name_en, s.agency_kind,
       s.value, b.value AS previous_value, s.value - b.value AS value_change,
       s.points, b.points AS previous_points, s.points - b.points AS points_change,
       s.share, b.share AS previous_share, s.share - b.share AS share_change,
       s."rank", b."rank" AS previous_rank, b."rank" - s."rank" AS places_up,
       s."group", b."group" AS previous_group, s.group_rank, b.group_rank AS previous_group_rank,
       CASE WHEN b."group" = s."group" THEN b.group_rank - s.group_rank END AS group_places_up,
       s.status, b.status AS previous_status
FROM mart_score AS s
"""
_SAME_CELL = """
LEFT JOIN score AS b
  ON b.framework = s.framework AND b."round" = s."round" AND b.period = {period} AND b.vintage = {vintage}
 AND b.agency = s.agency AND b.node = s.node
"""
# The newest vintage of the period before: years are compared with years, months with months.
_PERIOD_BEFORE = """
LEFT JOIN vintage AS e
  ON e.framework = s.framework AND e."round" = s."round"
 AND e.period = (
       SELECT max(p.period) FROM vintage AS p
       WHERE p.framework = s.framework AND p."round" = s."round" AND p.period < s.period
         AND length(p.period) = length(s.period)
     )
 AND NOT EXISTS (
       SELECT 1 FROM vintage AS later
       WHERE later.framework = e.framework AND later."round" = e."round" AND later.period = e.period
         AND later.vintage > e.vintage
     )
"""
_VINTAGE_BEFORE = """
JOIN vintage AS e
  ON e.framework = s.framework AND e."round" = s."round" AND e.period = s.period AND e.vintage = s.vintage - 1
"""
MART_MOVEMENT = "".join(
    (
        _COMPARED.format(
            earlier="e.period AS previous_period, e.vintage AS previous_vintage, e.state AS previous_state"
        ),
        _PERIOD_BEFORE,
        _SAME_CELL.format(period="e.period", vintage="e.vintage"),
        "WHERE s.is_latest",
    )
)
MART_REVISION = "".join(
    (
        _COMPARED.format(earlier="s.is_latest, e.vintage AS previous_vintage, e.state AS previous_state"),
        _VINTAGE_BEFORE,
        _SAME_CELL.format(period="s.period", vintage="e.vintage"),
    )
)
NEW_VIEWS = {"mart_movement": MART_MOVEMENT, "mart_revision": MART_REVISION}


def upgrade() -> None:
    if _is_postgres():
        make_roles(op.get_bind())
        _into_schemas()
        _partition_observations()
        # Whoever makes a temporary table `vintage` must not make the guard look into that one.
        op.execute(f"ALTER FUNCTION {FUNCTIONS[1]}() SET search_path = {TABLES_IN}, pg_temp")
    else:
        _key_of_observations(["observation_id", "period"])
    for table, columns in INDEXES.items():
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)
    _replace_mart_vintage(BY_KEY)
    for name, select in NEW_VIEWS.items():
        op.execute(f"CREATE VIEW {_in_mart(name)} AS {select}")


def downgrade() -> None:
    for name in reversed(NEW_VIEWS):
        op.execute(f"DROP VIEW {name}")
    _replace_mart_vintage(BY_WINDOW)
    for table, columns in INDEXES.items():
        op.drop_index(f"ix_{table}_{'_'.join(columns)}", table)
    if _is_postgres():
        op.execute(f"ALTER FUNCTION {FUNCTIONS[1]}() RESET search_path")
        _unpartition_observations()
        _out_of_schemas()
    else:
        _key_of_observations(["observation_id"])


def _is_postgres() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _in_mart(view: str) -> str:
    return f"{VIEWS_IN}.{view}" if _is_postgres() else view


def _replace_mart_vintage(is_latest: str) -> None:
    select = MART_VINTAGE.format(is_latest=is_latest)
    if _is_postgres():
        op.execute(f"CREATE OR REPLACE VIEW {_in_mart('mart_vintage')} AS {select}")
    else:
        op.execute("DROP VIEW mart_vintage")
        op.execute(f"CREATE VIEW mart_vintage AS {select}")


def _key_of_observations(columns: list[str]) -> None:
    op.execute("PRAGMA legacy_alter_table = ON")  # views that name the table stay as they are
    with op.batch_alter_table("observation", recreate="always") as batch:
        batch.drop_constraint("pk_observation", type_="primary")
        batch.create_primary_key("pk_observation", columns)
    op.execute("PRAGMA legacy_alter_table = OFF")


def _into_schemas() -> None:
    # Only what is missing is made: who made the schemas beforehand need not give the right to make schemas.
    for schema in (TABLES_IN, VIEWS_IN, PARTITIONS_IN):
        if op.get_bind().scalar(sa.text("SELECT to_regnamespace(:name)"), {"name": schema}) is None:
            op.execute(f"CREATE SCHEMA {schema}")
    _move("TABLE", TABLES, TABLES_IN)
    _move("VIEW", VIEWS, VIEWS_IN)
    for function in FUNCTIONS:
        op.execute(f"ALTER FUNCTION {function}() SET SCHEMA {TABLES_IN}")


def _out_of_schemas() -> None:
    path = op.get_bind().scalar(sa.text("SELECT current_schemas(false)")) or []
    before = next((schema for schema in path if schema not in (TABLES_IN, VIEWS_IN)), None)
    if before is None:
        return  # nowhere to go: the tables stay in their schema, where they are found too
    _revoke()
    target = op.get_bind().dialect.identifier_preparer.quote(before)
    _move("VIEW", VIEWS, target)
    _move("TABLE", TABLES, target)
    for function in FUNCTIONS:
        op.execute(f"ALTER FUNCTION {function}() SET SCHEMA {target}")
    for schema in (PARTITIONS_IN, VIEWS_IN, TABLES_IN):
        # A schema that holds something else stays.
        op.execute(f"DO $$ BEGIN DROP SCHEMA {schema}; EXCEPTION WHEN dependent_objects_still_exist THEN NULL; END $$")


def _move(kind: str, names: tuple[str, ...], schema: str) -> None:
    bind = op.get_bind()
    query = "SELECT relnamespace::regnamespace::text FROM pg_class WHERE oid = to_regclass(:name)"
    for name in names:
        where = bind.scalar(sa.text(query), {"name": name})
        if where not in (None, schema):
            op.execute(f"ALTER {kind} {where}.{name} SET SCHEMA {schema}")


def _partition_observations() -> None:
    _replace_observation("observation_id, period", " PARTITION BY RANGE (period)", _make_partitions)


def _unpartition_observations() -> None:
    _replace_observation("observation_id", "", lambda: None)


def _make_partitions() -> None:
    part = "CREATE TABLE {schema}.observation_{name} PARTITION OF {table} {bounds}"
    names = {"schema": PARTITIONS_IN, "table": f"{TABLES_IN}.observation"}
    for year in YEARS:
        # 2020 and 2020-01 to 2020-12 stand between '2020' and '2021' in the order of every collation.
        op.execute(part.format(**names, name=year, bounds=f"FOR VALUES FROM ('{year}') TO ('{year + 1}')"))
    op.execute(part.format(**names, name="other", bounds="DEFAULT"))


def _replace_observation(key: str, partitioned: str, make_partitions: Callable[[], None]) -> None:
    """Make the table anew and move the rows, all in the transaction of the migration."""
    table, before = f"{TABLES_IN}.observation", f"{TABLES_IN}.observation_before"
    comment = op.get_bind().scalar(sa.text(f"SELECT obj_description('{table}'::regclass)"))
    op.execute(f"ALTER TABLE {table} RENAME TO observation_before")
    op.execute(f"ALTER TABLE {before} RENAME CONSTRAINT pk_observation TO pk_observation_before")
    like = f"LIKE {before} INCLUDING DEFAULTS INCLUDING COMMENTS"
    op.execute(f"CREATE TABLE {table} ({like}, CONSTRAINT pk_observation PRIMARY KEY ({key})){partitioned}")
    op.execute(f"COMMENT ON TABLE {table} IS '{comment}'")
    make_partitions()
    op.execute(f"INSERT INTO {table} SELECT * FROM {before}")  # noqa: S608  # names of our own
    op.execute(f"DROP TABLE {before}")


def _revoke() -> None:
    for role in op.get_bind().scalars(
        sa.text("SELECT rolname FROM pg_roles WHERE rolname IN ('dti_loader', 'dti_reader')")
    ):
        for schema in (TABLES_IN, VIEWS_IN):
            op.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {role}")
            op.execute(f"REVOKE ALL ON SCHEMA {schema} FROM {role}")
            op.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} REVOKE ALL ON TABLES FROM {role}")
