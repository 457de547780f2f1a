"""Months: targets, crosswalks, the parts of derived shares, and the view of the monthly online services."""

from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

VIEW = "mart_online_services"
MONTH_NUMBER = "year x 12 + month: counts months without gaps; NULL for a year"

# `chain` leads from a share to all that it goes on as in later editions, itself included. Earlier months are looked up
# when the view is read, so that a revision of one moves the growth of a later one. Every table is found by its key, in
# the order written: CROSS JOIN keeps SQLite to it. Of two editions of one month of a round the later is shown.
MART_ONLINE_SERVICES = """
WITH RECURSIVE chain(framework, node, later_framework, later_node) AS (
  SELECT DISTINCT framework, code, framework, code FROM dim_node
  WHERE evidence = 'derived' AND substr(framework, 1, 16) = 'online_services_'
  UNION
  SELECT c.framework, c.node, x.to_framework, x.to_node
  FROM chain AS c JOIN crosswalk AS x ON x.from_framework = c.later_framework AND x.from_node = c.later_node
),
series AS MATERIALIZED (
  SELECT c.framework, c.node, min(c.later_node) AS series
  FROM chain AS c
  WHERE NOT EXISTS (SELECT 1 FROM crosswalk AS x
                    WHERE x.from_framework = c.later_framework AND x.from_node = c.later_node)
  GROUP BY c.framework, c.node
),
edition AS (
  SELECT v.framework, v.framework_digest, v."round", v.round_kind, v.period, v.period_end, d.month_number, v.vintage,
         v.state, row_number() OVER (PARTITION BY v."round", d.month_number ORDER BY v.framework DESC) AS place
  FROM mart_vintage AS v JOIN dim_period AS d ON d.period = v.period
  WHERE v.is_latest AND d.month_number IS NOT NULL AND substr(v.framework, 1, 16) = 'online_services_'
),
month AS MATERIALIZED (SELECT * FROM edition WHERE place = 1)
SELECT m.framework, m."round", m.round_kind, m.period, m.period_end, m.month_number, m.vintage, m.state,
       s.agency, coalesce(a.name_vi, s.agency) AS agency_name, coalesce(a.full_name_vi, s.agency) AS agency_full_name,
       coalesce(a.name_en, s.agency) AS agency_name_en, coalesce(a.kind, '') AS agency_kind, s."group",
       s.node, coalesce(n.name_vi, '') AS node_name_vi, coalesce(n.name_en, '') AS node_name_en, e.series, s.status,
       (SELECT CASE WHEN count(*) = count(c.value) THEN sum(c.value) END
        FROM share_part AS p LEFT JOIN score AS c
          ON c.framework = m.framework AND c."round" = m."round" AND c.period = m.period AND c.vintage = m.vintage
         AND c.agency = s.agency AND c.node = p.code
        WHERE p.framework = m.framework AND p.framework_digest = m.framework_digest AND p.node = s.node
          AND p.part = 'numerator') AS numerator,
       (SELECT CASE WHEN count(*) = 0 THEN 1.0 WHEN count(*) = count(c.value) THEN sum(c.value) END
        FROM share_part AS p LEFT JOIN score AS c
          ON c.framework = m.framework AND c."round" = m."round" AND c.period = m.period AND c.vintage = m.vintage
         AND c.agency = s.agency AND c.node = p.code
        WHERE p.framework = m.framework AND p.framework_digest = m.framework_digest AND p.node = s.node
          AND p.part = 'denominator') AS denominator,
       s.value AS share_percent,
       sb.value AS month_before_percent,
       CASE WHEN sb.value IS NOT NULL THEN sb.framework ELSE '' END AS month_before_framework,
       sy.value AS year_before_percent,
       CASE WHEN sy.value IS NOT NULL THEN sy.framework ELSE '' END AS year_before_framework,
       s.value - sb.value AS growth_month_points, s.value - sy.value AS growth_year_points,
       s."rank", s.group_rank,
       t.due AS target_due, t.value AS target_percent,
       CASE WHEN t.legal_basis <> '' THEN t.legal_basis ELSE coalesce(t.source, '') END AS target_basis,
       t.value - s.value AS target_distance_points, t.due_month - m.month_number AS target_months_left,
       CASE WHEN s.value < t.value AND t.due_month > m.month_number
            THEN (t.value - s.value) / (t.due_month - m.month_number) END AS target_pace_points,
       s.value >= t.value AS target_is_met
FROM month AS m
LEFT JOIN month AS b ON b."round" = m."round" AND b.month_number = m.month_number - 1
LEFT JOIN month AS y ON y."round" = m."round" AND y.month_number = m.month_number - 12
CROSS JOIN score AS s
CROSS JOIN series AS e
LEFT JOIN chain AS cb ON cb.framework = b.framework AND cb.later_framework = s.framework AND cb.later_node = s.node
LEFT JOIN score AS sb
  ON sb.framework = b.framework AND sb."round" = b."round" AND sb.period = b.period AND sb.vintage = b.vintage
 AND sb.agency = s.agency AND sb.node = cb.node
LEFT JOIN chain AS cy ON cy.framework = y.framework AND cy.later_framework = s.framework AND cy.later_node = s.node
LEFT JOIN score AS sy
  ON sy.framework = y.framework AND sy."round" = y."round" AND sy.period = y.period AND sy.vintage = y.vintage
 AND sy.agency = s.agency AND sy.node = cy.node
LEFT JOIN target AS t
  ON t.framework = m.framework AND t.framework_digest = m.framework_digest AND t.node = s.node
 AND t.position = (
   SELECT q.position
   FROM (SELECT o.position, o.due_month, CASE WHEN o.due >= m.period_end THEN o.due_month END AS next,
                CASE WHEN o.applies_to = 'all' THEN 1 ELSE 0 END AS for_all
         FROM target AS o
         WHERE o.framework = m.framework AND o.framework_digest = m.framework_digest AND o.node = s.node
           AND (o.applies_to = 'all' OR (s."group" <> '' AND o.applies_to = s."group"))) AS q
   ORDER BY CASE WHEN q.next IS NULL THEN 1 ELSE 0 END, q.next, q.due_month DESC, q.for_all
   LIMIT 1)
LEFT JOIN dim_node AS n
  ON n.framework = m.framework AND n.framework_digest = m.framework_digest AND n.code = s.node
LEFT JOIN dim_agency AS a
  ON a.agency_id = s.agency AND a.replaced_at IS NULL
 AND a.valid_from <= m.period_end AND (a.valid_to IS NULL OR a.valid_to >= m.period_end)
WHERE s.framework = m.framework AND s."round" = m."round" AND s.period = m.period AND s.vintage = m.vintage
  AND e.framework = s.framework AND e.node = s.node
"""


def upgrade() -> None:
    op.create_table(
        "target",
        _text("framework", "name of the framework: one edition of one index"),
        _text("framework_digest", "content of the framework that names the target"),
        _text("node", "code of the node"),
        _text("applies_to", "all (each agency), a ranking group (each agency of it), or overall (the whole country)"),
        sa.Column("due", sa.Date(), nullable=False, comment="last day on which it is to be reached"),
        sa.Column("due_month", sa.Integer(), nullable=False, comment="its month: year x 12 + month"),
        sa.Column("value", sa.Double(), nullable=False, comment="what is to be reached, in the node's unit"),
        _text("legal_basis", "decision that set it, or empty"),
        _text("status", "official, or reconstructed where applying it to this node is our reading"),
        _text("source", "who printed it"),
        _text("address", "where it was printed"),
        sa.Column("position", sa.Integer(), nullable=False, comment="place in targets.csv, from 0"),
        sa.PrimaryKeyConstraint("framework", "framework_digest", "node", "applies_to", "due", name="pk_target"),
        _of_framework("target"),
        comment="One row per target of a content of a framework.",
    )
    op.create_table(
        "share_part",
        _text("framework", "name of the framework: one edition of one index"),
        _text("framework_digest", "content of the framework that the share belongs to"),
        _text("node", "code of the share"),
        _text("part", "numerator or denominator"),
        _text("code", "code of a leaf that is summed in this part"),
        sa.Column("position", sa.Integer(), nullable=False, comment="place in the sum, from 0"),
        sa.PrimaryKeyConstraint("framework", "framework_digest", "node", "part", "code", name="pk_share_part"),
        _of_framework("share_part"),
        comment="One row per leaf that a derived share is computed from.",
    )
    op.create_table(
        "crosswalk",
        _text("from_framework", "the earlier edition"),
        _text("from_node", "code of its node"),
        _text("to_framework", "the later edition"),
        _text("to_node", "code of the node that it goes on as"),
        _text("kind", "same, or comparable where it goes on under another definition"),
        _text("note", "what differs"),
        _text("source", "who says so"),
        sa.PrimaryKeyConstraint("from_framework", "from_node", "to_framework", "to_node", name="pk_crosswalk"),
        sa.CheckConstraint("kind IN ('same', 'comparable')", name=op.f("ck_crosswalk_kind")),
        comment="One row per node that goes on in another edition.",
    )
    op.add_column("dim_period", sa.Column("month_number", sa.Integer(), nullable=True, comment=MONTH_NUMBER))
    _number_months()
    op.execute(f"CREATE VIEW {VIEW} AS {MART_ONLINE_SERVICES}")


def downgrade() -> None:
    op.execute(f"DROP VIEW {VIEW}")
    op.drop_column("dim_period", "month_number")
    for table in ("crosswalk", "share_part", "target"):
        op.drop_table(table)


def _text(name: str, comment: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=False, comment=comment)


def _of_framework(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["framework", "framework_digest"],
        ["dim_framework.framework", "dim_framework.digest"],
        name=f"fk_{table}_framework_framework_digest",
    )


def _number_months() -> None:
    """Number the months that are known already; a year spans more than one."""
    bind = op.get_bind()
    periods = sa.table(
        "dim_period",
        sa.column("period", sa.Text),
        sa.column("first_day", sa.Date),
        sa.column("month_number", sa.Integer),
    )
    for period, first in bind.execute(sa.select(periods.c.period, periods.c.first_day)).all():
        if "-" in period:
            day: date = first
            number = day.year * 12 + day.month
            bind.execute(sa.update(periods).where(periods.c.period == period).values(month_number=number))
