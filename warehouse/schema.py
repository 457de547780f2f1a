"""The tables of the warehouse, declared once: facts follow the frames, dimensions and ledgers stand here.

Names are the field's own, the same name for the same quantity everywhere. Empty text means "none"; a missing number or
time is NULL. The comments reach PostgreSQL, so that statisticians find them where they query.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from warehouse.frames import (
    BATCH,
    CHECK,
    COUNT,
    MEASUREMENT,
    NUMBER,
    OBSERVATION,
    QUARANTINE,
    RANK_EFFECT,
    RANK_INTERVAL,
    SCORE,
    SIMULATION,
    SNAPSHOT,
    TEXT,
    TIME,
    WARNING,
    Frame,
)
from warehouse.rank_uncertainty import COMMENTS as OF_RANKS

FIRST_DAY = date.min  # stands for "before the data begin" where a version has no first day


class UtcDateTime(sa.TypeDecorator[datetime]):
    """A point in time: aware and in UTC on both sides, also on SQLite, which keeps no time zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Give the database the time in UTC."""
        if value is None:
            return None
        aware = value.astimezone(UTC)
        return aware.replace(tzinfo=None) if dialect.name == "sqlite" else aware

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        """Return the database's time in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


METADATA = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

_TYPES: dict[str, sa.types.TypeEngine[Any]] = {
    TEXT: sa.Text(),
    NUMBER: sa.Double(),
    COUNT: sa.BigInteger(),
    TIME: UtcDateTime(),
}

_MEANING = {
    "agency": "durable agency id, or the unit's own name where the index ranks other units",
    "agency_text": "the agency as written",
    "check": "code of the check; warehouse/reference/checks.csv says what it is and cites its rule",
    "correction": "id of the declared correction that changed the value, or empty",
    "evidence_text": "document number, date or link that proves the figure, as written",
    "note": "why, as written: the reason of the appraisal council",
    "extract": "an inert piece of what stands there, at most 160 characters",
    "family": "what the check belongs to: transport, sections, accessibility, ...",
    "fetched_at": "when the bytes were received",
    "form_version": "version of the form the figure was reported on",
    "framework": "name of the framework: one edition of one index",
    "group": "ranking group, or empty",
    "group_rank": "competition rank within the group, on unrounded shares",
    "headers": "JSON of the response headers that matter",
    "http_status": "HTTP status of the response; NULL for a file",
    "inspected_at": "when the portal was asked",
    "item": "code of the node",
    "level": "level of the node",
    "locator": "where in the snapshot: sheet and cell, line",
    "max_points": "points of the node",
    "media_type": "media type of the bytes",
    "message": "what happened to the file, in one sentence",
    "method": "how the value was computed",
    "n": "number of cases behind the value",
    "node": "code of the node",
    "observation_id": "32 hex digits over the content: rows are added, never changed",
    "observation_ids": "JSON list of the observations behind the value",
    "snapshots": "JSON list of the sha256 behind an estimate, which has no observations of its own",
    "detail": "JSON of what an estimate says about itself: design effect, effective n, form versions; aggregates only",
    "origin": "url, or path relative to the round's folder",
    "outcome": "accepted, quarantined, refused, check_failed, superseded or unavailable",
    "part": "value, or a (numerator) and b (denominator) of a ratio",
    "period": "what was measured: a year, 2020, or a month, 2020-08",
    "points": "share x max_points; of a measurement: points that an appraiser gave outright",
    "rank": "competition rank (1, 2, 2, 4) on unrounded shares",
    "reason": "why the check failed or could not be made",
    "reason_en": "why the row was refused",
    "reason_vi": "why the row was refused, in Vietnamese",
    "round": "name of the round (đợt đánh giá): one set of inputs",
    "rows_accepted": "rows that became observations",
    "rows_quarantined": "rows that were refused",
    "rows_read": "rows that carry a figure",
    "rule": "name of the rule that refused the row",
    "sha256": "sha256 of the bytes",
    "share": "share of the points, unrounded",
    "size": "bytes",
    "snapshot_sha256": "sha256 of the bytes the row was read from",
    "source": "name of the source",
    "stage": "self_reported, appraised or final",
    "standard_error": "standard error in the node's unit",
    "status": "how the cell came about: measured, aggregated, missing_zero, ...",
    "submitted_on": "ISO date of the return, or empty",
    "superseded_by": "sha256 of the later return that replaces the row, or empty",
    "unit": "unit of the value",
    "url": "address of the page that was looked at",
    "value": "measured value, in its unit",
    "value_text": "the value as written",
    "vintage": "number of the vintage within framework, round and period",
    "code_version": "version of the code that computed it",
}


_MEANING_OF_WARNINGS = {
    "observation_id": "the observation that the row became",
    "reason_en": "why the figure is doubted",
    "reason_vi": "why the figure is doubted, in Vietnamese",
    "rule": "name of the rule that doubts the row",
}

_MEANING_OF_CHECKS = {
    "locator": "where in the snapshot: XPath, name of a header, JSON pointer",
    "outcome": "pass, fail or unchecked",
    "snapshot_sha256": "sha256 of the bytes that prove the outcome",
}


def _column(name: str, type_: sa.types.TypeEngine[Any], comment: str = "", *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, type_, nullable=nullable, comment=comment or _MEANING[name])


def _text(name: str, comment: str = "") -> sa.Column[Any]:
    return _column(name, sa.Text(), comment)


def _json(name: str, comment: str) -> sa.Column[Any]:
    return _column(name, sa.Text(), f"JSON: {comment}")


def _time(name: str, comment: str, *, nullable: bool = False) -> sa.Column[Any]:
    return _column(name, UtcDateTime(), comment, nullable=nullable)


def _facts(
    frame: Frame, *parts: sa.Constraint | sa.Index, meaning: Mapping[str, str] = MappingProxyType({}), **dialect: Any
) -> sa.Table:
    """Table of a frame: its columns, its key, and its grain as the comment; `meaning` goes before `_MEANING`."""
    columns = [
        _column(name, _TYPES[dtype], meaning.get(name, ""), nullable=dtype != TEXT and name not in frame.key)
        for name, dtype in frame.columns.items()
    ]
    key = sa.PrimaryKeyConstraint(*frame.key)
    comment = f"One row per {frame.grain}."
    return sa.Table(frame.name, METADATA, *columns, key, *parts, comment=comment, **dialect)


def _of_vintage() -> sa.ForeignKeyConstraint:
    columns = ("framework", "round", "period", "vintage")
    return sa.ForeignKeyConstraint(columns, [f"vintage.{column}" for column in columns])


DIM_AGENCY = sa.Table(
    "dim_agency",
    METADATA,
    sa.Column("agency_key", sa.Integer, sa.Identity(), primary_key=True, comment="surrogate key of the stored version"),
    _text("agency_id", "durable id, the same for all versions of one body"),
    _column("valid_from", sa.Date(), f"first day of the version; {FIRST_DAY.isoformat()}: before the data begin"),
    _column("valid_to", sa.Date(), "last day of the version; NULL while it lasts", nullable=True),
    _text("kind", "province, ministry, ministerial_body or government_agency"),
    _text("name_vi", "short Vietnamese name"),
    _text("full_name_vi", "full Vietnamese name"),
    _text("name_en", "English name"),
    _text("type_vi", "Vietnamese term for the type"),
    _text("code", "official code, or empty; codes are reused, never a key on their own"),
    _text("code_system", "coding system of the code"),
    _json("predecessors", "list of the agency ids merged into this one"),
    _json("successors", "list of the agency ids that took this one over"),
    _text("source", "where the facts of the row were printed"),
    _time("loaded_at", "when this row was first loaded"),
    _time("replaced_at", "when a correction took the row's place; NULL: the row is what is known", nullable=True),
    sa.Index(
        "uq_dim_agency_known_version",
        "agency_id",
        "valid_from",
        unique=True,
        sqlite_where=sa.text("replaced_at IS NULL"),
        postgresql_where=sa.text("replaced_at IS NULL"),
    ),
    comment="One row per version of an agency (SCD2). Corrected rows stay, with replaced_at set.",
)

_MONTH_NUMBER = "year x 12 + month: counts months without gaps; NULL for a year"

DIM_PERIOD = sa.Table(
    "dim_period",
    METADATA,
    _text("period"),
    _column("first_day", sa.Date(), "first day of the period"),
    _column("last_day", sa.Date(), "last day of the period: the day at which agencies and names are looked up"),
    _column("month_number", sa.Integer(), _MONTH_NUMBER, nullable=True),
    sa.PrimaryKeyConstraint("period"),
    comment="One row per period.",
)

DIM_FRAMEWORK = sa.Table(
    "dim_framework",
    METADATA,
    _text("framework"),
    _text("digest", "sha256 over the framework's files: the identity of its content"),
    _text("title_vi", "Vietnamese title"),
    _text("title_en", "English title"),
    _text("legal_basis", "decision that issued it"),
    _column("is_reconstructed", sa.Boolean(), "whether any node is our reconstruction rather than an official row"),
    _time("loaded_at", "when this content was first loaded"),
    sa.PrimaryKeyConstraint("framework", "digest"),
    comment="One row per content of a framework; earlier contents are kept.",
)

DIM_NODE = sa.Table(
    "dim_node",
    METADATA,
    _text("framework"),
    _text("framework_digest", "content of the framework the node belongs to"),
    _text("code", "code of the node"),
    _text("parent", "code of the parent; empty for the root"),
    _text("level"),
    _column("position", sa.Integer(), "place in the tree, depth first"),
    _text("name_vi", "Vietnamese name"),
    _text("name_en", "English name"),
    _column("max_points", sa.Double()),
    _column("weight", sa.Double(), "weight among its siblings; NULL: none", nullable=True),
    _text("aggregation", "how the children make this node; empty on a leaf"),
    _text("evidence", "kind of evidence of a leaf, or empty"),
    _text("measured_by", "who measures it, in words"),
    _text("rule", "how a value becomes a share of the points; empty where nothing is rescaled"),
    _json("parameters", "parameters of the rule"),
    _text("unit"),
    _text("direction", "positive or negative"),
    _text("missing", "missing-value policy"),
    _text("numerator_vi", "a of a ratio, in words"),
    _text("denominator_vi", "b of a ratio, in words"),
    _json("items_vi", "list of the items of a checklist"),
    _text("status", "official, reconstructed or empty"),
    _text("source", "citation of the row"),
    sa.PrimaryKeyConstraint("framework", "framework_digest", "code"),
    sa.ForeignKeyConstraint(["framework", "framework_digest"], ["dim_framework.framework", "dim_framework.digest"]),
    comment="One row per node of a content of a framework.",
)

TARGET = sa.Table(
    "target",
    METADATA,
    _text("framework"),
    _text("framework_digest", "content of the framework that names the target"),
    _text("node"),
    _text("applies_to", "all (each agency), a ranking group (each agency of it), or overall (the whole country)"),
    _column("due", sa.Date(), "last day on which it is to be reached"),
    _column("due_month", sa.Integer(), "its month: year x 12 + month"),
    _column("value", sa.Double(), "what is to be reached, in the node's unit"),
    _text("legal_basis", "decision that set it, or empty"),
    _text("status", "official, or reconstructed where applying it to this node is our reading"),
    _text("source", "who printed it"),
    _text("address", "where it was printed"),
    _column("position", sa.Integer(), "place in targets.csv, from 0"),
    sa.PrimaryKeyConstraint("framework", "framework_digest", "node", "applies_to", "due"),
    sa.ForeignKeyConstraint(["framework", "framework_digest"], ["dim_framework.framework", "dim_framework.digest"]),
    comment="One row per target of a content of a framework.",
)

SHARE_PART = sa.Table(
    "share_part",
    METADATA,
    _text("framework"),
    _text("framework_digest", "content of the framework that the share belongs to"),
    _text("node", "code of the share"),
    _text("part", "numerator or denominator"),
    _text("code", "code of a leaf that is summed in this part"),
    _column("position", sa.Integer(), "place in the sum, from 0"),
    sa.PrimaryKeyConstraint("framework", "framework_digest", "node", "part", "code"),
    sa.ForeignKeyConstraint(["framework", "framework_digest"], ["dim_framework.framework", "dim_framework.digest"]),
    comment="One row per leaf that a derived share is computed from.",
)

CROSSWALK = sa.Table(
    "crosswalk",
    METADATA,
    _text("from_framework", "the earlier edition"),
    _text("from_node", "code of its node"),
    _text("to_framework", "the later edition"),
    _text("to_node", "code of the node that it goes on as"),
    _text("kind", "same, or comparable where it goes on under another definition"),
    _text("note", "what differs"),
    _text("source", "who says so"),
    sa.PrimaryKeyConstraint("from_framework", "from_node", "to_framework", "to_node"),
    sa.CheckConstraint("kind IN ('same', 'comparable')", name="kind"),
    comment="One row per node that goes on in another edition.",
)

RUN = sa.Table(
    "run",
    METADATA,
    _text("run_id", "identity of the run"),
    _text("flow", "name of the flow"),
    _text("framework"),
    _text("round"),
    _text("period"),
    _time("started_at", "when it started"),
    _time("finished_at", "when it ended; NULL while it is under way", nullable=True),
    _text("state", "running, completed, failed, interrupted, or waiting for a decision"),
    _json("summary", "what came of the run"),
    sa.PrimaryKeyConstraint("run_id"),
    sa.Index(None, "framework", "period", "started_at"),
    comment="One row per run of a flow.",
)

VINTAGE = sa.Table(
    "vintage",
    METADATA,
    _text("framework"),
    _text("round"),
    _text("period"),
    _column("vintage", sa.BigInteger()),
    _text("kind", "kind of the round: official, press or synthetic"),
    _text("state", "provisional or published; a published vintage is never changed"),
    _text("digest", "sha256 over measurements, scores and the framework's content"),
    _text("framework_digest", "content of the framework that was scored"),
    _text("code_version", "version of the code that computed it"),
    _column("seed", sa.BigInteger(), "seed of the random draws; NULL: none", nullable=True),
    _text("run_id", "run that wrote it"),
    _time("created_at", "when this content was written"),
    _time("published_at", "when it was published", nullable=True),
    _text("note", "what the publisher wants said about it"),
    sa.PrimaryKeyConstraint("framework", "round", "period", "vintage"),
    sa.ForeignKeyConstraint(["framework", "framework_digest"], ["dim_framework.framework", "dim_framework.digest"]),
    sa.ForeignKeyConstraint(["period"], ["dim_period.period"]),
    sa.CheckConstraint("state IN ('provisional', 'published')", name="state"),
    sa.CheckConstraint("kind IN ('official', 'press', 'synthetic')", name="kind"),
    comment="One row per vintage: what was said when, for one framework, round and period.",
)

DECISION = sa.Table(
    "decision",
    METADATA,
    _text("framework"),
    _text("round"),
    _text("period"),
    _column("vintage", sa.BigInteger()),
    _time("decided_at", "when it was decided"),
    _text("outcome", "approved, approved_with_exclusions or rejected"),
    _text("decided_by", "who decided"),
    _text("reason", "why, in the words of who decided"),
    _text("digest", "content of the vintage as it was shown to who decided"),
    _text("run_id", "run whose result was decided on"),
    sa.PrimaryKeyConstraint("framework", "round", "period", "vintage", "decided_at"),
    _of_vintage(),
    sa.CheckConstraint("outcome IN ('approved', 'approved_with_exclusions', 'rejected')", name="outcome"),
    comment="One row per decision on a vintage; decisions are added, never changed.",
)

EXCLUSION = sa.Table(
    "exclusion",
    METADATA,
    _text("framework"),
    _text("round"),
    _text("period"),
    _column("vintage", sa.BigInteger()),
    _text("agency", "agency that is not ranked"),
    _text("reason", "why it is not ranked"),
    sa.PrimaryKeyConstraint("framework", "round", "period", "vintage", "agency"),
    _of_vintage(),
    comment="One row per agency that a decision, or the framework itself, left out of the ranking of a vintage.",
)

SNAPSHOTS = _facts(SNAPSHOT)
OBSERVATIONS = _facts(OBSERVATION, postgresql_partition_by="RANGE (period)")  # by year: migration 0009
QUARANTINED = _facts(QUARANTINE)
WARNINGS = _facts(WARNING, meaning=_MEANING_OF_WARNINGS)
BATCHES = _facts(BATCH)
CHECKS = _facts(CHECK, meaning=_MEANING_OF_CHECKS)
MEASUREMENTS = _facts(MEASUREMENT, _of_vintage())
SCORES = _facts(SCORE, _of_vintage(), sa.Index(None, "framework", "round", "period", "vintage", "node"))
SIMULATIONS = _facts(SIMULATION, _of_vintage(), meaning=OF_RANKS)
RANK_INTERVALS = _facts(RANK_INTERVAL, _of_vintage(), meaning=OF_RANKS)
RANK_EFFECTS = _facts(RANK_EFFECT, _of_vintage(), meaning=OF_RANKS)

FACTS: dict[str, tuple[sa.Table, Frame]] = {
    frame.name: (METADATA.tables[frame.name], frame)
    for frame in (
        SNAPSHOT,
        OBSERVATION,
        QUARANTINE,
        WARNING,
        BATCH,
        CHECK,
        MEASUREMENT,
        SCORE,
        SIMULATION,
        RANK_INTERVAL,
        RANK_EFFECT,
    )
}
