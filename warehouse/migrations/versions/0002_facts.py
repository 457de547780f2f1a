"""The facts, and the vintages they belong to."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = ("snapshot", "observation", "quarantine", "batch", "vintage", "measurement", "score")


def upgrade() -> None:
    _snapshot()
    _observation()
    _quarantine()
    _batch()
    _vintage()
    _measurement()
    _score()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _text(name: str, comment: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, comment=comment)


def _double(name: str, comment: str, *, nullable: bool = False) -> sa.Column[float]:
    return sa.Column(name, sa.Double(), nullable=nullable, comment=comment)


def _bigint(name: str, comment: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable, comment=comment)


def _time(name: str, comment: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, comment=comment)


def _snapshot() -> None:
    op.create_table(
        "snapshot",
        _text("sha256", "sha256 of the bytes"),
        _text("source", "name of the source"),
        _text("round", "name of the round (đợt đánh giá): one set of inputs"),
        _text("origin", "url, or path relative to the round's folder"),
        _text("period", "what was measured: a year, 2020, or a month, 2020-08"),
        _bigint("size", "bytes", nullable=True),
        _text("media_type", "media type of the bytes"),
        _time("fetched_at", "when the bytes were received", nullable=True),
        _bigint("http_status", "HTTP status of the response; NULL for a file", nullable=True),
        _text("headers", "JSON of the response headers that matter"),
        sa.PrimaryKeyConstraint("sha256", "source", "round", "origin", name="pk_snapshot"),
        comment="One row per bytes as received from one origin in one round.",
    )


def _observation() -> None:
    op.create_table(
        "observation",
        _text("observation_id", "32 hex digits over the content: rows are added, never changed"),
        _text("framework", "name of the framework: one edition of one index"),
        _text("round", "name of the round (đợt đánh giá): one set of inputs"),
        _text("period", "what was measured: a year, 2020, or a month, 2020-08"),
        _text("agency", "durable agency id, or the unit's own name where the index ranks other units"),
        _text("item", "code of the node"),
        _text("part", "value, or a (numerator) and b (denominator) of a ratio"),
        _text("stage", "self_reported, appraised or final"),
        _text("source", "name of the source"),
        _double("value", "measured value, in its unit", nullable=True),
        _text("value_text", "the value as written"),
        _text("unit", "unit of the value"),
        _text("evidence_text", "document number, date or link that proves the figure, as written"),
        _text("form_version", "version of the form the figure was reported on"),
        _text("submitted_on", "ISO date of the return, or empty"),
        _text("snapshot_sha256", "sha256 of the bytes the row was read from"),
        _text("locator", "where in the snapshot: sheet and cell, line"),
        _text("correction", "id of the declared correction that changed the value, or empty"),
        _text("superseded_by", "sha256 of the later return that replaces the row, or empty"),
        sa.PrimaryKeyConstraint("observation_id", name="pk_observation"),
        comment="One row per agency x item x part x period x stage x source row.",
    )


def _quarantine() -> None:
    op.create_table(
        "quarantine",
        _text("framework", "name of the framework: one edition of one index"),
        _text("round", "name of the round (đợt đánh giá): one set of inputs"),
        _text("period", "what was measured: a year, 2020, or a month, 2020-08"),
        _text("source", "name of the source"),
        _text("snapshot_sha256", "sha256 of the bytes the row was read from"),
        _text("locator", "where in the snapshot: sheet and cell, line"),
        _text("rule", "name of the rule that refused the row"),
        _text("agency", "durable agency id, or the unit's own name where the index ranks other units"),
        _text("agency_text", "the agency as written"),
        _text("item", "code of the node"),
        _text("part", "value, or a (numerator) and b (denominator) of a ratio"),
        _text("stage", "self_reported, appraised or final"),
        _text("value_text", "the value as written"),
        _text("unit", "unit of the value"),
        _text("reason_vi", "why the row was refused, in Vietnamese"),
        _text("reason_en", "why the row was refused"),
        sa.PrimaryKeyConstraint(
            "framework", "round", "period", "snapshot_sha256", "locator", "rule", name="pk_quarantine"
        ),
        comment="One row per one refused row and the rule that refused it.",
    )


def _batch() -> None:
    op.create_table(
        "batch",
        _text("framework", "name of the framework: one edition of one index"),
        _text("round", "name of the round (đợt đánh giá): one set of inputs"),
        _text("period", "what was measured: a year, 2020, or a month, 2020-08"),
        _text("source", "name of the source"),
        _text("origin", "url, or path relative to the round's folder"),
        _text("snapshot_sha256", "sha256 of the bytes the row was read from"),
        _text("agency", "durable agency id, or the unit's own name where the index ranks other units"),
        _text("outcome", "accepted, quarantined, refused, check_failed, superseded or unavailable"),
        _text("message", "what happened to the file, in one sentence"),
        _bigint("rows_read", "rows that carry a figure", nullable=True),
        _bigint("rows_accepted", "rows that became observations", nullable=True),
        _bigint("rows_quarantined", "rows that were refused", nullable=True),
        sa.PrimaryKeyConstraint("framework", "round", "period", "source", "origin", name="pk_batch"),
        comment="One row per one file or response of one source in one round.",
    )


def _vintage() -> None:
    op.create_table(
        "vintage",
        _text("framework", "name of the framework: one edition of one index"),
        _text("round", "name of the round (đợt đánh giá): one set of inputs"),
        _text("period", "what was measured: a year, 2020, or a month, 2020-08"),
        _bigint("vintage", "number of the vintage within framework, round and period"),
        _text("kind", "kind of the round: official, press or synthetic"),
        _text("state", "provisional or published; a published vintage is never changed"),
        _text("digest", "sha256 over measurements, scores and the framework's content"),
        _text("framework_digest", "content of the framework that was scored"),
        _text("code_version", "version of the code that computed it"),
        _bigint("seed", "seed of the random draws; NULL: none", nullable=True),
        _text("run_id", "run that wrote it"),
        _time("created_at", "when this content was written"),
        _time("published_at", "when it was published", nullable=True),
        _text("note", "what the publisher wants said about it"),
        sa.PrimaryKeyConstraint("framework", "round", "period", "vintage", name="pk_vintage"),
        sa.ForeignKeyConstraint(
            ["framework", "framework_digest"],
            ["dim_framework.framework", "dim_framework.digest"],
            name="fk_vintage_framework_framework_digest",
        ),
        sa.ForeignKeyConstraint(["period"], ["dim_period.period"], name="fk_vintage_period"),
        sa.CheckConstraint("kind IN ('official', 'press', 'synthetic')", name=op.f("ck_vintage_kind")),
        sa.CheckConstraint("state IN ('provisional', 'published')", name=op.f("ck_vintage_state")),
        comment="One row per vintage: what was said when, for one framework, round and period.",
    )


def _measurement() -> None:
    op.create_table(
        "measurement",
        _text("framework", "name of the framework: one edition of one index"),
        _text("round", "name of the round (đợt đánh giá): one set of inputs"),
        _text("period", "what was measured: a year, 2020, or a month, 2020-08"),
        _bigint("vintage", "number of the vintage within framework, round and period"),
        _text("agency", "durable agency id, or the unit's own name where the index ranks other units"),
        _text("node", "code of the node"),
        _text("stage", "self_reported, appraised or final"),
        _double("value", "measured value, in its unit", nullable=True),
        _double("standard_error", "standard error in the node's unit", nullable=True),
        _bigint("n", "number of cases behind the value", nullable=True),
        _text("method", "how the value was computed"),
        _text("source", "name of the source"),
        _text("observation_ids", "JSON list of the observations behind the value"),
        sa.PrimaryKeyConstraint(
            "framework", "round", "period", "vintage", "agency", "node", "stage", name="pk_measurement"
        ),
        sa.ForeignKeyConstraint(
            ["framework", "round", "period", "vintage"],
            ["vintage.framework", "vintage.round", "vintage.period", "vintage.vintage"],
            name="fk_measurement_framework_round_period_vintage",
        ),
        comment="One row per agency x node x period x stage x framework x round x vintage.",
    )


def _score() -> None:
    op.create_table(
        "score",
        _text("framework", "name of the framework: one edition of one index"),
        _text("round", "name of the round (đợt đánh giá): one set of inputs"),
        _text("period", "what was measured: a year, 2020, or a month, 2020-08"),
        _bigint("vintage", "number of the vintage within framework, round and period"),
        _text("agency", "durable agency id, or the unit's own name where the index ranks other units"),
        _text("node", "code of the node"),
        _text("level", "level of the node"),
        _double("value", "measured value, in its unit", nullable=True),
        _double("points", "share x max_points", nullable=True),
        _double("max_points", "points of the node", nullable=True),
        _double("share", "share of the points, unrounded", nullable=True),
        _bigint("rank", "competition rank (1, 2, 2, 4) on unrounded shares", nullable=True),
        _text("group", "ranking group, or empty"),
        _bigint("group_rank", "competition rank within the group, on unrounded shares", nullable=True),
        _text("status", "how the cell came about: measured, aggregated, missing_zero, ..."),
        sa.PrimaryKeyConstraint("framework", "round", "period", "vintage", "agency", "node", name="pk_score"),
        sa.ForeignKeyConstraint(
            ["framework", "round", "period", "vintage"],
            ["vintage.framework", "vintage.round", "vintage.period", "vintage.vintage"],
            name="fk_score_framework_round_period_vintage",
        ),
        comment="One row per agency x node x period x framework x round x vintage.",
    )
