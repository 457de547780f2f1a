"""Decisions on vintages: who approved or rejected what was shown, when and why, and which agencies were left out."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SCOPE = (
    ("framework", "name of the framework: one edition of one index"),
    ("round", "name of the round (đợt đánh giá): one set of inputs"),
    ("period", "what was measured: a year, 2020, or a month, 2020-08"),
)
MART_DECISION = """
SELECT d.framework, d."round", v.kind AS round_kind, d.period, d.vintage, v.state, d.decided_at, d.outcome,
       d.decided_by, d.reason, d.digest AS shown_digest, v.digest, d.run_id
FROM decision AS d
JOIN vintage AS v
  ON v.framework = d.framework AND v."round" = d."round" AND v.period = d.period AND v.vintage = d.vintage
"""
MART_EXCLUSION = """
SELECT e.framework, e."round", e.period, e.vintage, e.agency, coalesce(a.name_vi, e.agency) AS agency_name,
       coalesce(a.full_name_vi, e.agency) AS agency_full_name, e.reason
FROM exclusion AS e
LEFT JOIN dim_period AS p ON p.period = e.period
LEFT JOIN dim_agency AS a
  ON a.agency_id = e.agency AND a.replaced_at IS NULL
 AND a.valid_from <= p.last_day AND (a.valid_to IS NULL OR a.valid_to >= p.last_day)
"""
VIEWS = {
    "mart_decision": (MART_DECISION, "One row per decision on a vintage, with what the vintage holds now."),
    "mart_exclusion": (MART_EXCLUSION, "One row per agency that a decision left out of the ranking of a vintage."),
}


RUN_STATES = "running, completed, failed or interrupted"


def upgrade() -> None:
    _say_states("running, completed, failed, interrupted, or waiting for a decision")
    op.create_table(
        "decision",
        *_scope(),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False, comment="when it was decided"),
        _text("outcome", "approved, approved_with_exclusions or rejected"),
        _text("decided_by", "who decided"),
        _text("reason", "why, in the words of who decided"),
        _text("digest", "content of the vintage as it was shown to who decided"),
        _text("run_id", "run whose result was decided on"),
        sa.PrimaryKeyConstraint("framework", "round", "period", "vintage", "decided_at", name="pk_decision"),
        _of_vintage("decision"),
        sa.CheckConstraint("outcome IN ('approved', 'approved_with_exclusions', 'rejected')", name="outcome"),
        comment="One row per decision on a vintage; decisions are added, never changed.",
    )
    op.create_table(
        "exclusion",
        *_scope(),
        _text("agency", "agency that is not ranked"),
        _text("reason", "why it is not ranked"),
        sa.PrimaryKeyConstraint("framework", "round", "period", "vintage", "agency", name="pk_exclusion"),
        _of_vintage("exclusion"),
        comment="One row per agency that a decision left out of the ranking of a vintage.",
    )
    for name, (select, comment) in VIEWS.items():
        op.execute(f"CREATE VIEW {name} AS {select}")
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"COMMENT ON VIEW {name} IS '{comment}'")


def downgrade() -> None:
    for name in VIEWS:
        op.execute(f"DROP VIEW {name}")
    op.drop_table("exclusion")
    op.drop_table("decision")
    _say_states(RUN_STATES)


def _say_states(states: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"COMMENT ON COLUMN run.state IS '{states}'")


def _scope() -> list[sa.Column[str] | sa.Column[int]]:
    number = sa.Column(
        "vintage", sa.BigInteger(), nullable=False, comment="number of the vintage within framework, round and period"
    )
    return [*(_text(name, comment) for name, comment in SCOPE), number]


def _text(name: str, comment: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, comment=comment)


def _of_vintage(table: str) -> sa.ForeignKeyConstraint:
    columns = ["framework", "round", "period", "vintage"]
    name = f"fk_{table}_framework_round_period_vintage_vintage"
    return sa.ForeignKeyConstraint(columns, [f"vintage.{column}" for column in columns], name=name)
