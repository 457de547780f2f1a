"""Stages and estimates: points that an appraiser gave, the reason for them, and what an estimate says about itself."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

POINTS = "share x max_points; of a measurement: points that an appraiser gave outright"
TEXTS = (
    ("observation", "note", "why, as written: the reason of the appraisal council"),
    ("measurement", "snapshots", "JSON list of the sha256 behind an estimate, which has no observations of its own"),
    (
        "measurement",
        "detail",
        "JSON of what an estimate says about itself: design effect, effective n, form versions; aggregates only",
    ),
)


def upgrade() -> None:
    # Adding columns in place keeps the triggers that guard published vintages; rebuilding the tables would drop them.
    for table, name, comment in TEXTS:
        op.add_column(table, sa.Column(name, sa.Text(), nullable=False, server_default="", comment=comment))
    op.add_column("measurement", sa.Column("points", sa.Double(), nullable=True, comment=POINTS))
    _comment_points_of_scores(POINTS)


def downgrade() -> None:
    _comment_points_of_scores("share x max_points")
    op.drop_column("measurement", "points")
    for table, name, _ in reversed(TEXTS):
        op.drop_column(table, name)


def _comment_points_of_scores(comment: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("score", "points", existing_type=sa.Double(), comment=comment)
