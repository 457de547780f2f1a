"""Warnings: accepted rows that a rule doubts, and a view of them with the names of the agencies."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLE, VIEW = "warning", "mart_warning"
TEXTS = (
    ("framework", "name of the framework: one edition of one index"),
    ("round", "name of the round (đợt đánh giá): one set of inputs"),
    ("period", "what was measured: a year, 2020, or a month, 2020-08"),
    ("source", "name of the source"),
    ("snapshot_sha256", "sha256 of the bytes the row was read from"),
    ("locator", "where in the snapshot: sheet and cell, line"),
    ("rule", "name of the rule that doubts the row"),
    ("agency", "durable agency id, or the unit's own name where the index ranks other units"),
    ("agency_text", "the agency as written"),
    ("item", "code of the node"),
    ("part", "value, or a (numerator) and b (denominator) of a ratio"),
    ("stage", "self_reported, appraised or final"),
    ("value_text", "the value as written"),
    ("unit", "unit of the value"),
    ("reason_vi", "why the figure is doubted, in Vietnamese"),
    ("reason_en", "why the figure is doubted"),
    ("observation_id", "the observation that the row became"),
)
MEANING = "One row per accepted row and rule that doubts it, with the file it stands in."
KEY = ("framework", "round", "period", "snapshot_sha256", "locator", "rule")

MART_WARNING = """
SELECT w.framework, w."round", w.period, w.source, w.snapshot_sha256,
       coalesce((SELECT min(s.origin) FROM snapshot AS s
                 WHERE s.sha256 = w.snapshot_sha256 AND s.source = w.source AND s."round" = w."round"), '') AS origin,
       w.locator, w.rule, w.agency, coalesce(a.full_name_vi, w.agency_text) AS agency_full_name, w.agency_text,
       w.item, w.part, w.stage, w.value_text, w.unit, w.reason_vi, w.reason_en, w.observation_id
FROM warning AS w
LEFT JOIN dim_period AS p ON p.period = w.period
LEFT JOIN dim_agency AS a
  ON a.agency_id = w.agency AND a.replaced_at IS NULL
 AND a.valid_from <= p.last_day AND (a.valid_to IS NULL OR a.valid_to >= p.last_day)
"""


def upgrade() -> None:
    columns = [sa.Column(name, sa.Text(), nullable=False, comment=comment) for name, comment in TEXTS]
    op.create_table(
        TABLE,
        *columns,
        sa.PrimaryKeyConstraint(*KEY, name=f"pk_{TABLE}"),
        comment="One row per one accepted row and the rule that doubts it.",
    )
    op.execute(f"CREATE VIEW {VIEW} AS {MART_WARNING}")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"COMMENT ON VIEW {VIEW} IS '{MEANING}'")


def downgrade() -> None:
    op.execute(f"DROP VIEW {VIEW}")
    op.drop_table(TABLE)
