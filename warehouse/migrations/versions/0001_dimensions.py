"""The dimensions, and the runs."""

from datetime import date, datetime

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = ("dim_agency", "dim_period", "dim_framework", "dim_node", "run")


def upgrade() -> None:
    _dim_agency()
    _dim_period()
    _dim_framework()
    _dim_node()
    _run()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _text(name: str, comment: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, comment=comment)


def _double(name: str, comment: str, *, nullable: bool = False) -> sa.Column[float]:
    return sa.Column(name, sa.Double(), nullable=nullable, comment=comment)


def _day(name: str, comment: str, *, nullable: bool = False) -> sa.Column[date]:
    return sa.Column(name, sa.Date(), nullable=nullable, comment=comment)


def _time(name: str, comment: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, comment=comment)


def _dim_agency() -> None:
    op.create_table(
        "dim_agency",
        sa.Column(
            "agency_key",
            sa.Integer(),
            sa.Identity(always=False),
            nullable=False,
            comment="surrogate key of the stored version",
        ),
        _text("agency_id", "durable id, the same for all versions of one body"),
        _day("valid_from", "first day of the version; 0001-01-01: before the data begin"),
        _day("valid_to", "last day of the version; NULL while it lasts", nullable=True),
        _text("kind", "province, ministry, ministerial_body or government_agency"),
        _text("name_vi", "short Vietnamese name"),
        _text("full_name_vi", "full Vietnamese name"),
        _text("name_en", "English name"),
        _text("type_vi", "Vietnamese term for the type"),
        _text("code", "official code, or empty; codes are reused, never a key on their own"),
        _text("code_system", "coding system of the code"),
        _text("predecessors", "JSON: list of the agency ids merged into this one"),
        _text("successors", "JSON: list of the agency ids that took this one over"),
        _text("source", "where the facts of the row were printed"),
        _time("loaded_at", "when this row was first loaded"),
        _time("replaced_at", "when a correction took the row's place; NULL: the row is what is known", nullable=True),
        sa.PrimaryKeyConstraint("agency_key", name="pk_dim_agency"),
        comment="One row per version of an agency (SCD2). Corrected rows stay, with replaced_at set.",
    )
    op.create_index(
        "uq_dim_agency_known_version",
        "dim_agency",
        ["agency_id", "valid_from"],
        unique=True,
        sqlite_where=sa.text("replaced_at IS NULL"),
        postgresql_where=sa.text("replaced_at IS NULL"),
    )


def _dim_period() -> None:
    op.create_table(
        "dim_period",
        _text("period", "what was measured: a year, 2020, or a month, 2020-08"),
        _day("first_day", "first day of the period"),
        _day("last_day", "last day of the period: the day at which agencies and names are looked up"),
        sa.PrimaryKeyConstraint("period", name="pk_dim_period"),
        comment="One row per period.",
    )


def _dim_framework() -> None:
    op.create_table(
        "dim_framework",
        _text("framework", "name of the framework: one edition of one index"),
        _text("digest", "sha256 over the framework's files: the identity of its content"),
        _text("title_vi", "Vietnamese title"),
        _text("title_en", "English title"),
        _text("legal_basis", "decision that issued it"),
        sa.Column(
            "is_reconstructed",
            sa.Boolean(),
            nullable=False,
            comment="whether any node is our reconstruction rather than an official row",
        ),
        _time("loaded_at", "when this content was first loaded"),
        sa.PrimaryKeyConstraint("framework", "digest", name="pk_dim_framework"),
        comment="One row per content of a framework; earlier contents are kept.",
    )


def _dim_node() -> None:
    op.create_table(
        "dim_node",
        _text("framework", "name of the framework: one edition of one index"),
        _text("framework_digest", "content of the framework the node belongs to"),
        _text("code", "code of the node"),
        _text("parent", "code of the parent; empty for the root"),
        _text("level", "level of the node"),
        sa.Column("position", sa.Integer(), nullable=False, comment="place in the tree, depth first"),
        _text("name_vi", "Vietnamese name"),
        _text("name_en", "English name"),
        _double("max_points", "points of the node"),
        _double("weight", "weight among its siblings; NULL: none", nullable=True),
        _text("aggregation", "how the children make this node; empty on a leaf"),
        _text("evidence", "kind of evidence of a leaf, or empty"),
        _text("measured_by", "who measures it, in words"),
        _text("rule", "how a value becomes a share of the points; empty where nothing is rescaled"),
        _text("parameters", "JSON: parameters of the rule"),
        _text("unit", "unit of the value"),
        _text("direction", "positive or negative"),
        _text("missing", "missing-value policy"),
        _text("numerator_vi", "a of a ratio, in words"),
        _text("denominator_vi", "b of a ratio, in words"),
        _text("items_vi", "JSON: list of the items of a checklist"),
        _text("status", "official, reconstructed or empty"),
        _text("source", "citation of the row"),
        sa.PrimaryKeyConstraint("framework", "framework_digest", "code", name="pk_dim_node"),
        sa.ForeignKeyConstraint(
            ["framework", "framework_digest"],
            ["dim_framework.framework", "dim_framework.digest"],
            name="fk_dim_node_framework_framework_digest",
        ),
        comment="One row per node of a content of a framework.",
    )


def _run() -> None:
    op.create_table(
        "run",
        _text("run_id", "identity of the run"),
        _text("flow", "name of the flow"),
        _text("framework", "name of the framework: one edition of one index"),
        _text("round", "name of the round (đợt đánh giá): one set of inputs"),
        _text("period", "what was measured: a year, 2020, or a month, 2020-08"),
        _time("started_at", "when it started"),
        _time("finished_at", "when it ended; NULL while it is under way", nullable=True),
        _text("state", "running, completed, failed or interrupted"),
        _text("summary", "JSON: what came of the run"),
        sa.PrimaryKeyConstraint("run_id", name="pk_run"),
        comment="One row per run of a flow.",
    )
