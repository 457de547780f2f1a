"""What every column of every view means, and in which unit, said once.

The comments in PostgreSQL, the data dictionary beside an export, and the tables of docs/warehouse.md are made from
here; `python -m warehouse.dictionary` writes the latter anew.
"""

from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import sqlalchemy as sa

from warehouse import online_services, rank_uncertainty
from warehouse.columns import UtcDateTime
from warehouse.views import VIEWS

DOCUMENT = Path(__file__).parents[1] / "docs" / "warehouse.md"
BEGIN, END = "<!-- views: begin -->\n", "<!-- views: end -->\n"

GRAINS = {
    "mart_vintage": "One row per vintage; is_latest marks the newest of its round.",
    "mart_score": "One row per score of every vintage, with names as of the period.",
    "mart_league_table": "One row per ranked agency and node of the newest vintage of each round.",
    "mart_rank_interval": rank_uncertainty.INTERVALS,
    "mart_rank_effect": rank_uncertainty.EFFECTS,
    "mart_movement": (
        "One row per agency and node of the newest vintage of a round and period, beside the newest vintage of the "
        "period before in the same framework and round; years are compared with years, months with months."
    ),
    "mart_revision": (
        "One row per agency and node of a vintage, beside the vintage before it of the same framework, round and "
        "period: what a correction changed."
    ),
    "mart_quarantine": "One row per refused row and rule, with the file it stands in.",
    "mart_warning": "One row per accepted row and rule that doubts it, with the file it stands in.",
    "mart_online_services": online_services.TITLE,
    "mart_inspection": "One row per check of a portal, with names as of the period.",
    "mart_decision": "One row per decision on a vintage, with what the vintage holds now.",
    "mart_exclusion": (
        "One row per agency that a decision, or the framework itself, left out of the ranking of a vintage."
    ),
}

# Column to (unit, meaning). A unit is named where a number has one.
_COLUMNS = {
    "agency": ("", "durable agency id, or the unit's own name where the index ranks other units"),
    "agency_full_name": ("", "full Vietnamese name as of the last day of the period; the id where it is unknown"),
    "agency_kind": ("", "province, ministry, ministerial_body or government_agency; empty for other units"),
    "agency_name": ("", "short Vietnamese name as of the last day of the period; the id where it is unknown"),
    "agency_name_en": ("", "English name as of the last day of the period; the id where it is unknown"),
    "agency_text": ("", "the agency as written in the source"),
    "check": ("", "code of the check; warehouse/reference/checks.csv says what it is and cites its rule"),
    "code_version": ("", "version of the code that computed the vintage"),
    "created_at": ("time, UTC", "when this content was written"),
    "decided_at": ("time, UTC", "when it was decided"),
    "decided_by": ("", "who decided"),
    "digest": ("", "sha256 over measurements, scores and the framework's content"),
    "extract": ("", "an inert piece of what stands there, at most 160 characters"),
    "family": ("", "what the check belongs to: transport, sections, accessibility, ..."),
    "framework": ("", "name of the framework: one edition of one index"),
    "framework_digest": ("", "content of the framework that was scored"),
    "framework_is_reconstructed": ("", "whether any node of the framework is our reconstruction, not an official row"),
    "group": ("", "ranking group (nhóm xếp hạng), or empty"),
    "group_places_up": ("places", "places won within the group, negative: lost; NULL where the group is another one"),
    "group_rank": ("place", "competition rank (1, 2, 2, 4) within the group, on unrounded shares"),
    "inspected_at": ("time, UTC", "when the portal was asked"),
    "is_latest": ("", "whether the vintage is the newest of its framework, round and period"),
    "item": ("", "code of the node that the row was about"),
    "level": ("", "level of the node: index, pillar, main_index, component_index, criterion"),
    "locator": ("", "where in the file: sheet and cell, line"),
    "max_points": ("points", "maximum points (điểm tối đa) of the node"),
    "node": ("", "code of the node"),
    "node_name_en": ("", "English name of the node"),
    "node_name_vi": ("", "Vietnamese name of the node"),
    "node_status": ("", "official or reconstructed: whether the issuing body printed this row of the framework"),
    "note": ("", "what the publisher wants said about the vintage"),
    "origin": ("", "url, or path relative to the round's folder, that the bytes came from"),
    "outcome": ("", "pass, fail or unchecked"),
    "parent": ("", "code of the parent; empty for the root"),
    "part": ("", "value, or a (numerator) and b (denominator) of a ratio"),
    "period": ("", "what was measured: a year, 2020, or a month, 2020-08"),
    "period_end": ("day", "last day of the period: the day at which agencies and names are looked up"),
    "places_up": ("places", "places won in the whole ranking, negative: lost; NULL where one of both ranks is missing"),
    "points": ("points", "points (điểm): share times maximum points, unrounded"),
    "points_change": ("points", "points less the points before"),
    "position": ("", "place of the node in the tree, depth first, from 0"),
    "previous_group": ("", "ranking group before"),
    "previous_group_rank": ("place", "rank within the group before"),
    "previous_period": ("", "the period before that has a vintage; NULL: this is the first"),
    "previous_points": ("points", "points before"),
    "previous_rank": ("place", "rank before; NULL: the agency was not ranked, or bears another id since a merger"),
    "previous_share": ("share of 1", "share before"),
    "previous_state": ("", "state of the vintage that is compared with: provisional or published"),
    "previous_status": ("", "how the cell came about before"),
    "previous_value": ("unit of the node", "value before"),
    "previous_vintage": ("", "number of the vintage that is compared with"),
    "published_at": ("time, UTC", "when the vintage was published; NULL while it is provisional"),
    "rank": ("place", "competition rank (1, 2, 2, 4) among all ranked agencies, on unrounded shares"),
    "reason": ("", "why the check failed or could not be made"),
    "reason_en": ("", "why the row was refused"),
    "reason_vi": ("", "why the row was refused, in Vietnamese"),
    "round": ("", "name of the round (đợt đánh giá): one set of inputs"),
    "round_kind": ("", "official, press or synthetic; synthetic figures say nothing about any agency"),
    "rule": ("", "name of the rule that refused the row"),
    "run_id": ("", "run that wrote the vintage"),
    "seed": ("", "seed of the random draws; NULL: none"),
    "share": ("share of 1", "share of the maximum points, unrounded"),
    "share_change": ("share of 1", "share less the share before"),
    "shown_digest": ("", "content of the vintage as it was shown to who decided"),
    "snapshot_sha256": ("", "sha256 of the bytes that the row was read from"),
    "source": ("", "name of the source"),
    "stage": ("", "self_reported, appraised or final"),
    "state": ("", "state of the vintage: provisional or published"),
    "status": ("", "how the cell came about: measured, aggregated, missing_zero, ..."),
    "title_en": ("", "English title of the framework"),
    "title_vi": ("", "Vietnamese title of the framework"),
    "unit": ("", "unit of the value"),
    "url": ("", "address of the page that was looked at"),
    "value": ("unit of the node", "measured value; NULL where the node is an aggregate or points were given outright"),
    "value_change": ("unit of the node", "value less the value before"),
    "value_text": ("", "the value as written"),
    "vintage": ("", "number of the vintage within framework, round and period, from 1"),
    **rank_uncertainty.MEANING,
}


def _unit_of(name: str) -> str:
    """Unit of a column of the monthly view, which its name ends with."""
    ends = {"_percent": "%", "_points": "percentage points", "_left": "months", "rank": "place"}
    return next((unit for end, unit in ends.items() if name.endswith(end)), "")


# Where a name means something else in one view.
_IN_VIEW = {
    ("mart_inspection", "locator"): ("", "where in the page or answer: XPath, name of a header, JSON pointer"),
    ("mart_inspection", "snapshot_sha256"): ("", "sha256 of the bytes that prove the outcome"),
    ("mart_inspection", "value"): ("unit in `unit`", "what was measured; NULL where nothing was"),
    ("mart_decision", "outcome"): ("", "approved, approved_with_exclusions or rejected"),
    ("mart_decision", "reason"): ("", "why, in the words of who decided"),
    ("mart_decision", "run_id"): ("", "run whose result was decided on"),
    ("mart_exclusion", "reason"): ("", "why the agency is not ranked"),
    ("mart_movement", "vintage"): ("", "number of the newest vintage of the period"),
    **{(f"mart_rank_{name}", "seed"): rank_uncertainty.OF_INTERVALS["seed"] for name in ("interval", "effect")},
    ("mart_rank_interval", "rank"): ("place", "competition rank (1, 2, 2, 4) in this ranking, on unrounded shares"),
    ("mart_quarantine", "unit"): ("", "unit of the value as written"),
    ("mart_warning", "unit"): ("", "unit of the value as written"),
    ("mart_warning", "observation_id"): ("", "the observation that the row became"),
    ("mart_warning", "reason_en"): ("", "why the row looks wrong, in English"),
    ("mart_warning", "reason_vi"): ("", "why the row looks wrong, in Vietnamese"),
    ("mart_warning", "rule"): ("", "name of the rule that doubts the row"),
    **{("mart_online_services", name): (_unit_of(name), meaning) for name, meaning in online_services.MEANING.items()},
}
_TYPES = {
    sa.Text: "text",
    sa.Double: "double precision",
    UtcDateTime: "timestamp with time zone",
    sa.Boolean: "boolean",
    sa.Date: "date",
    sa.Integer: "bigint",
}


@dataclass(frozen=True)
class Entry:
    """One line of the data dictionary.

    Attributes:
        view: Name of the view.
        column: Name of the column.
        type: Its type in PostgreSQL.
        unit: Unit of a number, or empty.
        meaning: What it says.
    """

    view: str
    column: str
    type: str
    unit: str
    meaning: str


def entries(view: sa.TableClause) -> Iterator[Entry]:
    """The columns of a view, in order. A column without a meaning is a KeyError: give it one above."""
    for column in view.columns:
        unit, meaning = _IN_VIEW.get((view.name, column.name)) or _COLUMNS[column.name]
        kind = next(text for type_, text in _TYPES.items() if isinstance(column.type, type_))
        yield Entry(view.name, column.name, kind, unit, meaning)


def comment_views(connection: sa.Connection) -> None:
    """Put grain and meanings into PostgreSQL as comments on the views that are there."""
    preparer = connection.dialect.identifier_preparer
    inspector = sa.inspect(connection)
    there = set(inspector.get_view_names(schema="mart"))
    for view in (view for view in VIEWS if view.name in there):
        _comment(connection, f"VIEW mart.{view.name}", GRAINS[view.name])
        # On the way through the migrations a view may not have all its columns yet.
        columns = {column["name"] for column in inspector.get_columns(view.name, schema="mart")}
        for entry in (entry for entry in entries(view) if entry.column in columns):
            text = f"{entry.meaning} [{entry.unit}]" if entry.unit else entry.meaning
            _comment(connection, f"COLUMN mart.{view.name}.{preparer.quote(entry.column)}", text)


def document() -> str:
    """The tables of docs/warehouse.md, view by view."""
    parts = []
    for view in VIEWS:
        names = [field.name for field in fields(Entry)][1:]
        rows = [astuple(entry)[1:] for entry in entries(view)]
        lines = ["| " + " | ".join(names) + " |", "| " + " | ".join("---" for _ in names) + " |"]
        lines += [f"| `{name}` | " + " | ".join(rest) + " |" for name, *rest in rows]
        parts.append("\n".join((f"### {view.name}", "", GRAINS[view.name], "", *lines, "")))
    return "\n".join(parts)


def with_views(text: str) -> str:
    """Return the document with its tables as the code has them."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{document()}\n{END}{after}"


def _comment(connection: sa.Connection, what: str, text: str) -> None:
    literal = sa.literal(text).compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
    # The driver reads %% as %; a statement without parameters reaches it as it stands here.
    statement = f"COMMENT ON {what} IS {literal}".replace("%%", "%").replace(":", "\\:")
    connection.execute(sa.text(statement))


if __name__ == "__main__":
    DOCUMENT.write_text(with_views(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
