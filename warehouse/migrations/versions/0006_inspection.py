"""Checks of the agencies' portals, and a view of them with the names of the agencies."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLE, VIEW = "inspection_check", "mart_inspection"
TEXTS = (
    ("framework", "name of the framework: one edition of one index"),
    ("round", "name of the round (đợt đánh giá): one set of inputs"),
    ("period", "what was measured: a year, 2020, or a month, 2020-08"),
    ("agency", "durable agency id, or the unit's own name where the index ranks other units"),
    ("check", "code of the check; warehouse/reference/checks.csv says what it is and cites its rule"),
    ("family", "what the check belongs to: transport, sections, accessibility, ..."),
    ("outcome", "pass, fail or unchecked"),
    ("reason", "why the check failed or could not be made"),
    ("unit", "unit of the value"),
    ("url", "address of the page that was looked at"),
    ("snapshot_sha256", "sha256 of the bytes that prove the outcome"),
    ("locator", "where in the snapshot: XPath, name of a header, JSON pointer"),
    ("extract", "an inert piece of what stands there, at most 160 characters"),
)
MEANING = "One row per check of a portal, with names as of the period."
KEY = ("framework", "round", "period", "agency", "check")

MART_INSPECTION = """
SELECT c.framework, c."round", c.period, c.agency, coalesce(a.name_vi, c.agency) AS agency_name,
       coalesce(a.full_name_vi, c.agency) AS agency_full_name,
       c."check", c.family, c.outcome, c.reason, c.value, c.unit, c.url, c.snapshot_sha256,
       coalesce((SELECT min(s.origin) FROM snapshot AS s
                 WHERE s.sha256 = c.snapshot_sha256 AND s."round" = c."round"), '') AS origin,
       c.locator, c.extract, c.inspected_at
FROM inspection_check AS c
LEFT JOIN dim_period AS p ON p.period = c.period
LEFT JOIN dim_agency AS a
  ON a.agency_id = c.agency AND a.replaced_at IS NULL
 AND a.valid_from <= p.last_day AND (a.valid_to IS NULL OR a.valid_to >= p.last_day)
"""


def upgrade() -> None:
    texts = [sa.Column(name, sa.Text(), nullable=False, comment=comment) for name, comment in TEXTS]
    at = texts.index(next(column for column in texts if column.name == "unit"))
    value: sa.Column[float] = sa.Column("value", sa.Double(), nullable=True, comment="measured value, in its unit")
    inspected: sa.Column[datetime] = sa.Column(
        "inspected_at", sa.DateTime(timezone=True), nullable=True, comment="when the portal was asked"
    )
    op.create_table(
        TABLE,
        *texts[:at],
        value,
        *texts[at:],
        inspected,
        sa.PrimaryKeyConstraint(*KEY, name=f"pk_{TABLE}"),
        comment="One row per agency x check x framework x round x period.",
    )
    op.execute(f"CREATE VIEW {VIEW} AS {MART_INSPECTION}")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"COMMENT ON VIEW {VIEW} IS '{MEANING}'")


def downgrade() -> None:
    op.execute(f"DROP VIEW {VIEW}")
    op.drop_table(TABLE)
