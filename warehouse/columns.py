"""The columns of the warehouse: their types, and what each name means wherever it stands."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from warehouse.frames import COUNT, NUMBER, TEXT, TIME


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


TYPES: dict[str, sa.types.TypeEngine[Any]] = {
    TEXT: sa.Text(),
    NUMBER: sa.Double(),
    COUNT: sa.BigInteger(),
    TIME: UtcDateTime(),
}


MEANING = {
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


OF_WARNINGS = {
    "observation_id": "the observation that the row became",
    "reason_en": "why the figure is doubted",
    "reason_vi": "why the figure is doubted, in Vietnamese",
    "rule": "name of the rule that doubts the row",
}

OF_CHECKS = {
    "locator": "where in the snapshot: XPath, name of a header, JSON pointer",
    "outcome": "pass, fail or unchecked",
    "snapshot_sha256": "sha256 of the bytes that prove the outcome",
}


def column(name: str, type_: sa.types.TypeEngine[Any], comment: str = "", *, nullable: bool = False) -> sa.Column[Any]:
    """A column; without a comment of its own its name says what it means."""
    return sa.Column(name, type_, nullable=nullable, comment=comment or MEANING[name])


def text_column(name: str, comment: str = "") -> sa.Column[Any]:
    """A column of text."""
    return column(name, sa.Text(), comment)


def json_column(name: str, comment: str) -> sa.Column[Any]:
    """A column of JSON."""
    return column(name, sa.Text(), f"JSON: {comment}")


def time_column(name: str, comment: str, *, nullable: bool = False) -> sa.Column[Any]:
    """A column of points in time."""
    return column(name, UtcDateTime(), comment, nullable=nullable)
