"""How sure ranks are: simulations, intervals, what moves ranks; the league table shows the intervals."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from warehouse.rank_uncertainty import COMMENTS

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

MESSAGE = "a published vintage is never changed"
TABLES = ("simulation", "rank_interval", "rank_effect")
KEY = ("framework", "round", "period", "vintage")
OF_VINTAGE = """v.framework = OLD.framework AND v."round" = OLD."round" AND v.period = OLD.period
    AND v.vintage = OLD.vintage AND v.state = 'published'"""
ENDS = ("simulated_low", "simulated_high", "marginal_low", "marginal_high", "simultaneous_low", "simultaneous_high")
POSTGRES_GUARD = """
CREATE TRIGGER published_{table}_{change} AFTER {event} ON dti.{table} REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION dti.dti_refuse_published_facts()
"""
SQLITE_GUARD = """
CREATE TRIGGER published_{table}_{change} BEFORE {event} ON {table}
WHEN EXISTS (SELECT 1 FROM vintage AS v WHERE {condition}) BEGIN SELECT RAISE(ABORT, '{message}'); END
"""

# Of an agency that a merger made after the period the first version names it: it is ranked by the period before it.
MART_SCORE = """
SELECT v.framework, v.title_vi, v.title_en, v.framework_is_reconstructed,
       v."round", v.round_kind, v.period, v.vintage, v.state, v.is_latest,
       s.agency, coalesce(a.name_vi, s.agency) AS agency_name, coalesce(a.full_name_vi, s.agency) AS agency_full_name,
       coalesce(a.name_en, s.agency) AS agency_name_en, coalesce(a.kind, '') AS agency_kind,
       s.node, coalesce(n.name_vi, '') AS node_name_vi, coalesce(n.name_en, '') AS node_name_en,
       coalesce(n.parent, '') AS parent, s.level, n.position, coalesce(n.status, '') AS node_status,
       s.value, s.points, s.max_points, s.share, s."rank", s."group", s.group_rank, s.status
FROM score AS s
JOIN mart_vintage AS v
  ON v.framework = s.framework AND v."round" = s."round" AND v.period = s.period AND v.vintage = s.vintage
LEFT JOIN dim_node AS n
  ON n.framework = s.framework AND n.framework_digest = v.framework_digest AND n.code = s.node
LEFT JOIN dim_agency AS a
  ON a.agency_id = s.agency AND a.replaced_at IS NULL AND {version}
"""
VERSION_BEFORE = "a.valid_from <= v.period_end AND (a.valid_to IS NULL OR a.valid_to >= v.period_end)"
VERSION = """a.valid_from = (
       SELECT min(known.valid_from) FROM dim_agency AS known
       WHERE known.agency_id = s.agency AND known.replaced_at IS NULL
         AND (known.valid_to IS NULL OR known.valid_to >= v.period_end))"""

LEAGUE_BEFORE = """
SELECT framework, title_vi, title_en, framework_is_reconstructed, "round", round_kind, period, vintage, state,
       node, node_name_vi, node_name_en, level, node_status,
       "rank", agency, agency_name, agency_full_name, agency_name_en, agency_kind,
       share, points, max_points, "group", group_rank
FROM mart_score
WHERE is_latest AND "rank" IS NOT NULL
"""
_NUMBERS = """i.simulated_low, i.simulated_high, i.marginal_low, i.marginal_high, i.simultaneous_low,
       i.simultaneous_high, i.alike, i.standard_error AS share_error, i.share_low, i.share_high,
       i.top10_probability, i.above_next_probability, m.level AS interval_level"""
MART_LEAGUE_TABLE = """
SELECT s.framework, s.title_vi, s.title_en, s.framework_is_reconstructed, s."round", s.round_kind, s.period, s.vintage,
       s.state, s.node, s.node_name_vi, s.node_name_en, s.level, s.node_status,
       s."rank", s.agency, s.agency_name, s.agency_full_name, s.agency_name_en, s.agency_kind,
       s.share, s.points, s.max_points, s."group", s.group_rank,
       {numbers}
FROM mart_score AS s
LEFT JOIN simulation AS m
  ON m.framework = s.framework AND m."round" = s."round" AND m.period = s.period AND m.vintage = s.vintage
LEFT JOIN rank_interval AS i
  ON i.framework = s.framework AND i."round" = s."round" AND i.period = s.period AND i.vintage = s.vintage
 AND i.agency = s.agency AND i.node = s.node AND i.ranked_in = ''
WHERE s.is_latest AND s."rank" IS NOT NULL
"""
MART_RANK_INTERVAL = """
SELECT s.framework, s.title_vi, s.title_en, s.framework_is_reconstructed, s."round", s.round_kind, s.period, s.vintage,
       s.state, s.is_latest, s.node, s.node_name_vi, s.node_name_en, s.level, s.node_status,
       s.agency, s.agency_name, s.agency_full_name, s.agency_name_en, s.agency_kind,
       i.ranked_in, i."rank", i.share,
       {numbers}, m.draws, m.set_draws, m.seed, m.drawn, m.measured, m.settings
FROM rank_interval AS i
JOIN simulation AS m
  ON m.framework = i.framework AND m."round" = i."round" AND m.period = i.period AND m.vintage = i.vintage
JOIN mart_score AS s
  ON s.framework = i.framework AND s."round" = i."round" AND s.period = i.period AND s.vintage = i.vintage
 AND s.agency = i.agency AND s.node = i.node
"""
MART_RANK_EFFECT = """
SELECT s.framework, s."round", s.round_kind, s.period, s.vintage, s.state, s.is_latest, s.node,
       s.agency, s.agency_name, s.agency_full_name, e.ranked_in, e.perturbation,
       e.first_order, e.first_order_low, e.first_order_high, e.total, e.total_low, e.total_high,
       m.level AS interval_level, m.effect_draws, m.seed
FROM rank_effect AS e
JOIN simulation AS m
  ON m.framework = e.framework AND m."round" = e."round" AND m.period = e.period AND m.vintage = e.vintage
JOIN mart_score AS s
  ON s.framework = e.framework AND s."round" = e."round" AND s.period = e.period AND s.vintage = e.vintage
 AND s.agency = e.agency AND s.node = e.node
"""
VIEWS = {"mart_rank_interval": MART_RANK_INTERVAL.format(numbers=_NUMBERS), "mart_rank_effect": MART_RANK_EFFECT}


def upgrade() -> None:
    _make("simulation", "vintage whose ranks have intervals", (), _simulation())
    _make("rank_interval", "agency x node x ranking of a vintage", ("agency", "node", "ranked_in"), _interval())
    _make(
        "rank_effect",
        "agency x node x ranking x source of uncertainty of a vintage",
        ("agency", "node", "ranked_in", "perturbation"),
        _effect(),
    )
    for table in TABLES:
        _guard(table)
    _replace_score(VERSION)
    _replace_league_table(MART_LEAGUE_TABLE.format(numbers=_NUMBERS))
    for name, select in VIEWS.items():
        op.execute(f"CREATE VIEW {_in('mart', name)} AS {select}")


def downgrade() -> None:
    for name in reversed(VIEWS):
        op.execute(f"DROP VIEW {_in('mart', name)}")
    _replace_league_table(LEAGUE_BEFORE)
    _replace_score(VERSION_BEFORE)
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE {_in('dti', table)}")


def _simulation() -> "list[sa.Column[Any]]":
    counts = [_bigint(name, COMMENTS[name]) for name in ("draws", "set_draws", "effect_draws", "seed")]
    texts = [
        _text("drawn"),
        _text("measured"),
        _text("settings"),
        _text("code_version", "version of the code that computed it"),
    ]
    return [*counts, _double("level"), *texts]


def _interval() -> "list[sa.Column[Any]]":
    return [
        _text("agency", "durable agency id, or the unit's own name where the index ranks other units"),
        _text("node", "code of the node"),
        _text("ranked_in"),
        _bigint("rank", "competition rank (1, 2, 2, 4) on unrounded shares"),
        _double("share", "share of the points, unrounded"),
        _double("standard_error"),
        _double("share_low"),
        _double("share_high"),
        *(_bigint(name, COMMENTS[name]) for name in ENDS),
        _double("top10_probability"),
        _double("above_next_probability"),
        _text("alike"),
    ]


def _effect() -> "list[sa.Column[Any]]":
    ends = ("first_order", "first_order_low", "first_order_high", "total", "total_low", "total_high")
    return [
        _text("agency", "durable agency id, or the unit's own name where the index ranks other units"),
        _text("node", "code of the node"),
        _text("ranked_in"),
        _text("perturbation"),
        *(_double(name) for name in ends),
    ]


def _make(table: str, grain: str, key: tuple[str, ...], columns: "list[sa.Column[Any]]") -> None:
    scope: list[sa.Column[Any]] = [
        _text("framework", "name of the framework: one edition of one index"),
        _text("round", "name of the round (đợt đánh giá): one set of inputs"),
        _text("period", "what was measured: a year, 2020, or a month, 2020-08"),
        _bigint("vintage", "number of the vintage within framework, round and period", nullable=False),
    ]
    op.create_table(
        table,
        *scope,
        *columns,
        sa.PrimaryKeyConstraint(*KEY, *key, name=f"pk_{table}"),
        sa.ForeignKeyConstraint(
            list(KEY),
            [f"{_in('dti', 'vintage')}.{name}" for name in KEY],
            name=f"fk_{table}_framework_round_period_vintage",
        ),
        comment=f"One row per {grain}.",
        schema="dti" if _is_postgres() else None,
    )


def _guard(table: str) -> None:
    """What was published with a vintage is never changed; intervals may be added to one that has none."""
    guard = POSTGRES_GUARD if _is_postgres() else SQLITE_GUARD
    for change in ("update", "delete"):
        names = {"table": table, "change": change, "event": change.upper()}
        op.execute(guard.format(**names, condition=OF_VINTAGE, message=MESSAGE))


def _replace_league_table(select: str) -> None:
    # A view cannot lose columns in place, and nothing is made of this one.
    op.execute(f"DROP VIEW {_in('mart', 'mart_league_table')}")
    op.execute(f"CREATE VIEW {_in('mart', 'mart_league_table')} AS {select}")


def _replace_score(version: str) -> None:
    select = MART_SCORE.format(version=version)
    if _is_postgres():
        op.execute(f"CREATE OR REPLACE VIEW mart.mart_score AS {select}")
    else:
        op.execute("DROP VIEW mart_score")
        op.execute(f"CREATE VIEW mart_score AS {select}")


def _in(schema: str, name: str) -> str:
    return f"{schema}.{name}" if _is_postgres() else name


def _is_postgres() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _text(name: str, comment: str = "") -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=False, comment=comment or COMMENTS[name])


def _double(name: str, comment: str = "") -> "sa.Column[float]":
    return sa.Column(name, sa.Double(), nullable=True, comment=comment or COMMENTS[name])


def _bigint(name: str, comment: str, *, nullable: bool = True) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), nullable=nullable, comment=comment)
