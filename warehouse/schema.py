"""The tables of the warehouse, declared once: facts follow the frames, dimensions and ledgers stand here.

Names are the field's own, the same name for the same quantity everywhere. Empty text means "none"; a missing number or
time is NULL. The comments reach PostgreSQL, so that statisticians find them where they query.
"""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from warehouse.columns import OF_CHECKS, OF_WARNINGS, TYPES, column, json_column, text_column, time_column
from warehouse.frames import (
    BATCH,
    CHECK,
    MEASUREMENT,
    OBSERVATION,
    QUARANTINE,
    RANK_EFFECT,
    RANK_INTERVAL,
    SCORE,
    SIMULATION,
    SNAPSHOT,
    TEXT,
    WARNING,
    Frame,
)
from warehouse.rank_uncertainty import COMMENTS as OF_RANKS

FIRST_DAY = date.min  # stands for "before the data begin" where a version has no first day


METADATA = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def _facts(
    frame: Frame, *parts: sa.Constraint | sa.Index, meaning: Mapping[str, str] = MappingProxyType({}), **dialect: Any
) -> sa.Table:
    """Table of a frame: its columns, its key, and its grain as the comment; `meaning` goes before `MEANING`."""
    columns = [
        column(name, TYPES[dtype], meaning.get(name, ""), nullable=dtype != TEXT and name not in frame.key)
        for name, dtype in frame.columns.items()
    ]
    key = sa.PrimaryKeyConstraint(*frame.key)
    comment = f"One row per {frame.grain}."
    return sa.Table(frame.name, METADATA, *columns, key, *parts, comment=comment, **dialect)


def _of_vintage() -> sa.ForeignKeyConstraint:
    columns = ("framework", "round", "period", "vintage")
    return sa.ForeignKeyConstraint(columns, [f"vintage.{name}" for name in columns])


DIM_AGENCY = sa.Table(
    "dim_agency",
    METADATA,
    sa.Column("agency_key", sa.Integer, sa.Identity(), primary_key=True, comment="surrogate key of the stored version"),
    text_column("agency_id", "durable id, the same for all versions of one body"),
    column("valid_from", sa.Date(), f"first day of the version; {FIRST_DAY.isoformat()}: before the data begin"),
    column("valid_to", sa.Date(), "last day of the version; NULL while it lasts", nullable=True),
    text_column("kind", "province, ministry, ministerial_body or government_agency"),
    text_column("name_vi", "short Vietnamese name"),
    text_column("full_name_vi", "full Vietnamese name"),
    text_column("name_en", "English name"),
    text_column("type_vi", "Vietnamese term for the type"),
    text_column("code", "official code, or empty; codes are reused, never a key on their own"),
    text_column("code_system", "coding system of the code"),
    json_column("predecessors", "list of the agency ids merged into this one"),
    json_column("successors", "list of the agency ids that took this one over"),
    text_column("source", "where the facts of the row were printed"),
    time_column("loaded_at", "when this row was first loaded"),
    time_column("replaced_at", "when a correction took the row's place; NULL: the row is what is known", nullable=True),
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
    text_column("period"),
    column("first_day", sa.Date(), "first day of the period"),
    column("last_day", sa.Date(), "last day of the period: the day at which agencies and names are looked up"),
    column("month_number", sa.Integer(), _MONTH_NUMBER, nullable=True),
    sa.PrimaryKeyConstraint("period"),
    comment="One row per period.",
)

DIM_FRAMEWORK = sa.Table(
    "dim_framework",
    METADATA,
    text_column("framework"),
    text_column("digest", "sha256 over the framework's files: the identity of its content"),
    text_column("title_vi", "Vietnamese title"),
    text_column("title_en", "English title"),
    text_column("legal_basis", "decision that issued it"),
    column("is_reconstructed", sa.Boolean(), "whether any node is our reconstruction rather than an official row"),
    time_column("loaded_at", "when this content was first loaded"),
    sa.PrimaryKeyConstraint("framework", "digest"),
    comment="One row per content of a framework; earlier contents are kept.",
)

DIM_NODE = sa.Table(
    "dim_node",
    METADATA,
    text_column("framework"),
    text_column("framework_digest", "content of the framework the node belongs to"),
    text_column("code", "code of the node"),
    text_column("parent", "code of the parent; empty for the root"),
    text_column("level"),
    column("position", sa.Integer(), "place in the tree, depth first"),
    text_column("name_vi", "Vietnamese name"),
    text_column("name_en", "English name"),
    column("max_points", sa.Double()),
    column("weight", sa.Double(), "weight among its siblings; NULL: none", nullable=True),
    text_column("aggregation", "how the children make this node; empty on a leaf"),
    text_column("evidence", "kind of evidence of a leaf, or empty"),
    text_column("measured_by", "who measures it, in words"),
    text_column("rule", "how a value becomes a share of the points; empty where nothing is rescaled"),
    json_column("parameters", "parameters of the rule"),
    text_column("unit"),
    text_column("direction", "positive or negative"),
    text_column("missing", "missing-value policy"),
    text_column("numerator_vi", "a of a ratio, in words"),
    text_column("denominator_vi", "b of a ratio, in words"),
    json_column("items_vi", "list of the items of a checklist"),
    text_column("status", "official, reconstructed or empty"),
    text_column("source", "citation of the row"),
    sa.PrimaryKeyConstraint("framework", "framework_digest", "code"),
    sa.ForeignKeyConstraint(["framework", "framework_digest"], ["dim_framework.framework", "dim_framework.digest"]),
    comment="One row per node of a content of a framework.",
)

TARGET = sa.Table(
    "target",
    METADATA,
    text_column("framework"),
    text_column("framework_digest", "content of the framework that names the target"),
    text_column("node"),
    text_column("applies_to", "all (each agency), a ranking group (each agency of it), or overall (the whole country)"),
    column("due", sa.Date(), "last day on which it is to be reached"),
    column("due_month", sa.Integer(), "its month: year x 12 + month"),
    column("value", sa.Double(), "what is to be reached, in the node's unit"),
    text_column("legal_basis", "decision that set it, or empty"),
    text_column("status", "official, or reconstructed where applying it to this node is our reading"),
    text_column("source", "who printed it"),
    text_column("address", "where it was printed"),
    column("position", sa.Integer(), "place in targets.csv, from 0"),
    sa.PrimaryKeyConstraint("framework", "framework_digest", "node", "applies_to", "due"),
    sa.ForeignKeyConstraint(["framework", "framework_digest"], ["dim_framework.framework", "dim_framework.digest"]),
    comment="One row per target of a content of a framework.",
)

SHARE_PART = sa.Table(
    "share_part",
    METADATA,
    text_column("framework"),
    text_column("framework_digest", "content of the framework that the share belongs to"),
    text_column("node", "code of the share"),
    text_column("part", "numerator or denominator"),
    text_column("code", "code of a leaf that is summed in this part"),
    column("position", sa.Integer(), "place in the sum, from 0"),
    sa.PrimaryKeyConstraint("framework", "framework_digest", "node", "part", "code"),
    sa.ForeignKeyConstraint(["framework", "framework_digest"], ["dim_framework.framework", "dim_framework.digest"]),
    comment="One row per leaf that a derived share is computed from.",
)

CROSSWALK = sa.Table(
    "crosswalk",
    METADATA,
    text_column("from_framework", "the earlier edition"),
    text_column("from_node", "code of its node"),
    text_column("to_framework", "the later edition"),
    text_column("to_node", "code of the node that it goes on as"),
    text_column("kind", "same, or comparable where it goes on under another definition"),
    text_column("note", "what differs"),
    text_column("source", "who says so"),
    sa.PrimaryKeyConstraint("from_framework", "from_node", "to_framework", "to_node"),
    sa.CheckConstraint("kind IN ('same', 'comparable')", name="kind"),
    comment="One row per node that goes on in another edition.",
)

RUN = sa.Table(
    "run",
    METADATA,
    text_column("run_id", "identity of the run"),
    text_column("flow", "name of the flow"),
    text_column("framework"),
    text_column("round"),
    text_column("period"),
    time_column("started_at", "when it started"),
    time_column("finished_at", "when it ended; NULL while it is under way", nullable=True),
    text_column("state", "running, completed, failed, interrupted, or waiting for a decision"),
    json_column("summary", "what came of the run"),
    sa.PrimaryKeyConstraint("run_id"),
    sa.Index(None, "framework", "period", "started_at"),
    comment="One row per run of a flow.",
)

VINTAGE = sa.Table(
    "vintage",
    METADATA,
    text_column("framework"),
    text_column("round"),
    text_column("period"),
    column("vintage", sa.BigInteger()),
    text_column("kind", "kind of the round: official, press or synthetic"),
    text_column("state", "provisional or published; a published vintage is never changed"),
    text_column("digest", "sha256 over measurements, scores and the framework's content"),
    text_column("framework_digest", "content of the framework that was scored"),
    text_column("code_version", "version of the code that computed it"),
    column("seed", sa.BigInteger(), "seed of the random draws; NULL: none", nullable=True),
    text_column("run_id", "run that wrote it"),
    time_column("created_at", "when this content was written"),
    time_column("published_at", "when it was published", nullable=True),
    text_column("note", "what the publisher wants said about it"),
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
    text_column("framework"),
    text_column("round"),
    text_column("period"),
    column("vintage", sa.BigInteger()),
    time_column("decided_at", "when it was decided"),
    text_column("outcome", "approved, approved_with_exclusions or rejected"),
    text_column("decided_by", "who decided"),
    text_column("reason", "why, in the words of who decided"),
    text_column("digest", "content of the vintage as it was shown to who decided"),
    text_column("run_id", "run whose result was decided on"),
    sa.PrimaryKeyConstraint("framework", "round", "period", "vintage", "decided_at"),
    _of_vintage(),
    sa.CheckConstraint("outcome IN ('approved', 'approved_with_exclusions', 'rejected')", name="outcome"),
    comment="One row per decision on a vintage; decisions are added, never changed.",
)

EXCLUSION = sa.Table(
    "exclusion",
    METADATA,
    text_column("framework"),
    text_column("round"),
    text_column("period"),
    column("vintage", sa.BigInteger()),
    text_column("agency", "agency that is not ranked"),
    text_column("reason", "why it is not ranked"),
    sa.PrimaryKeyConstraint("framework", "round", "period", "vintage", "agency"),
    _of_vintage(),
    comment="One row per agency that a decision, or the framework itself, left out of the ranking of a vintage.",
)

SNAPSHOTS = _facts(SNAPSHOT)
OBSERVATIONS = _facts(OBSERVATION, postgresql_partition_by="RANGE (period)")  # by year: migration 0009
QUARANTINED = _facts(QUARANTINE)
WARNINGS = _facts(WARNING, meaning=OF_WARNINGS)
BATCHES = _facts(BATCH)
CHECKS = _facts(CHECK, meaning=OF_CHECKS)
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
