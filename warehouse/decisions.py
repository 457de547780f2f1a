"""Decisions on a vintage: approve, approve without some agencies, or reject what was shown; each is noted and stays."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

import pandas as pd
import sqlalchemy as sa

from warehouse.engine import reading, transaction
from warehouse.errors import DecisionRefused
from warehouse.frames import MEASUREMENT, SCORE
from warehouse.read import read, rows_of
from warehouse.retries import retried
from warehouse.schema import DECISION, EXCLUSION, MEASUREMENTS, SCORES, VINTAGE
from warehouse.simulations import RankFrames, store_ranks
from warehouse.upsert import synchronise
from warehouse.views import MART_DECISION, MART_EXCLUSION
from warehouse.vintages import (
    PROVISIONAL,
    PUBLISHED,
    Vintage,
    content_digest,
    find_vintage,
    left_out_of,
    publish_within,
)

Outcome = Literal["approved", "approved_with_exclusions", "rejected"]


LEAST_NAME, MOST_NAME, MOST_REASON = 2, 120, 2_000  # letters
_OTHER = VINTAGE.alias("other")


@dataclass(frozen=True)
class Decision:
    """What somebody decided about a vintage.

    Attributes:
        outcome: `approved`, `approved_with_exclusions` or `rejected`.
        decided_by: Who decided.
        reason: Why; needed unless everything was approved.
        excluded: Ids of the agencies that are not ranked.
    """

    outcome: Outcome
    decided_by: str
    reason: str = ""
    excluded: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        for name in ("decided_by", "reason"):  # what comes from a form is one line, without what a terminal obeys
            object.__setattr__(self, name, _plain(getattr(self, name)))
        if not LEAST_NAME <= len(self.decided_by) <= MOST_NAME:
            raise DecisionRefused(
                "Nobody is named who decides.", f"Give a name of {LEAST_NAME} to {MOST_NAME} letters with --by."
            )
        if len(self.reason) > MOST_REASON:
            raise DecisionRefused("The reason is too long.", f"Say it in {MOST_REASON} letters.")
        if self.outcome != "approved" and not self.reason:
            raise DecisionRefused("The reason is missing.", "Say why it is rejected, or why agencies are left out.")
        if (self.outcome == "approved_with_exclusions") != bool(self.excluded):
            raise DecisionRefused(
                "Agencies are left out by the decision to exclude, and only by it.",
                "Name at least one agency to exclude, or approve or reject without naming one.",
            )


def _plain(text: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def rejection(engine: sa.Engine, vintage: Vintage) -> str:
    """Why the very content of a vintage was rejected, and by whom; empty where that is not what was decided last."""
    query = sa.select(DECISION).where(*(DECISION.c[name] == value for name, value in vintage.scope.items()))
    with reading(engine) as connection:
        row = connection.execute(query.order_by(DECISION.c.decided_at.desc()).limit(1)).first()
    if row is None or row.outcome != "rejected" or row.digest != vintage.digest:
        return ""
    return f"{row.decided_by} rejected this content on {row.decided_at:%Y-%m-%d}: {row.reason}"


@retried
def decide(
    engine: sa.Engine,
    shown: Vintage,
    decision: Decision,
    *,
    scores: pd.DataFrame | None = None,
    ranks: RankFrames | None = None,
    run_id: str = "",
) -> Vintage:
    """Carry out a decision on exactly what was shown, in one transaction. Carrying it out again does nothing.

    Args:
        engine: The warehouse.
        shown: The vintage as it was shown to who decides.
        decision: The decision.
        scores: SCORE rows of the vintage without the ranks of the excluded agencies; only where there are any.
        ranks: How sure the ranks are without them; left out: unknown, the vintage loses its intervals.
        run_id: Run whose result was decided on.

    Returns:
        The vintage: published, or still provisional where it was rejected.

    Raises:
        DecisionRefused: The newest vintage is not what was shown, or something else was decided about it before.
        WarehouseError: The warehouse cannot be written to; nothing was.
    """
    with transaction(engine) as connection:
        found = find_vintage(connection, shown.round_scope, lock=True)
        if found and _is_done(connection, found, shown, decision):
            return found
        _refuse_change(found, shown)
        assert found is not None  # noqa: S101  # refused otherwise
        _note(connection, found, shown.digest, decision, run_id)
        if decision.outcome == "rejected":
            return found
        if scores is not None and decision.excluded:
            _leave_out(connection, found, decision, scores)
            store_ranks(connection, found.scope, ranks or RankFrames.empty(), is_published=False)
        return publish_within(connection, found, decision.reason)


def decisions(engine: sa.Engine, vintage: Vintage) -> pd.DataFrame:
    """Columns of `mart_decision` for a vintage, the newest first."""
    return _of(engine, MART_DECISION, vintage).sort_values("decided_at", ascending=False, ignore_index=True)


def exclusions(engine: sa.Engine, vintage: Vintage) -> pd.DataFrame:
    """Columns of `mart_exclusion` for a vintage, by agency."""
    return _of(engine, MART_EXCLUSION, vintage).sort_values("agency", ignore_index=True)


def undecided(engine: sa.Engine) -> list[Vintage]:
    """Provisional vintages that are the newest of their round, the oldest first; a rejected one is among them."""
    newest = (
        sa.select(sa.func.max(VINTAGE.c.vintage))
        .where(*(VINTAGE.c[name] == _OTHER.c[name] for name in ("framework", "round", "period")))
        .scalar_subquery()
    )
    query = sa.select(_OTHER).where(_OTHER.c.state == PROVISIONAL, _OTHER.c.vintage == newest)
    with reading(engine) as connection:
        rows = connection.execute(query.order_by(_OTHER.c.created_at)).mappings().all()
    return [Vintage(**row) for row in rows]


def _of(engine: sa.Engine, view: sa.TableClause, vintage: Vintage) -> pd.DataFrame:
    return read(engine, sa.select(view).where(*(view.c[name] == value for name, value in vintage.scope.items())))


def _is_done(connection: sa.Connection, found: Vintage, shown: Vintage, decision: Decision) -> bool:
    """Whether the very same decision was carried out before: the process may have been killed right after it."""
    row = _latest(connection, found)
    if decision.outcome == "rejected":
        noted = (row.digest, row.outcome, row.decided_by, row.reason) if row else ()
        return noted == (shown.digest, decision.outcome, decision.decided_by, decision.reason)
    if found.vintage != shown.vintage or found.state != PUBLISHED:
        return False
    if row is None:
        return False
    left_out, excluded = left_out_of(connection, found), set(decision.excluded)
    # Who is left out for another reason was so before anybody decided: the framework declares it.
    others = {agency for agency, reason in left_out.items() if reason == row.reason} - excluded
    same_excluded = excluded <= left_out.keys() and not others
    of_note = (row.digest, row.outcome, row.decided_by)
    return same_excluded and of_note == (shown.digest, decision.outcome, decision.decided_by)


def _latest(connection: sa.Connection, vintage: Vintage) -> sa.Row[tuple[object, ...]] | None:
    query = sa.select(DECISION).where(*(DECISION.c[name] == value for name, value in vintage.scope.items()))
    return connection.execute(query.order_by(DECISION.c.decided_at.desc()).limit(1)).first()


def _refuse_change(found: Vintage | None, shown: Vintage) -> None:
    what = f"vintage {shown.vintage} of {shown.framework} {shown.period}, round {shown.round}"
    if found is None:
        raise DecisionRefused(f"There is no {what} any more; nothing was published.", "Run the round again.")
    if found.vintage == shown.vintage and found.state == PUBLISHED:
        raise DecisionRefused(
            f"About {what} it was decided before.", "A published vintage is never changed: run the round again."
        )
    if (found.vintage, found.digest) != (shown.vintage, shown.digest):
        raise DecisionRefused(
            f"The figures have changed since {what} was shown; nothing was published.",
            "Look at the newest result of the round and decide about that one.",
        )


def _note(connection: sa.Connection, vintage: Vintage, digest: str, decision: Decision, run_id: str) -> None:
    row = {
        **vintage.scope,
        "decided_at": datetime.now(UTC),
        "outcome": decision.outcome,
        "decided_by": decision.decided_by,
        "reason": decision.reason,
        "digest": digest,
        "run_id": run_id,
    }
    connection.execute(sa.insert(DECISION).values(row))


def _leave_out(connection: sa.Connection, vintage: Vintage, decision: Decision, scores: pd.DataFrame) -> None:
    declared = left_out_of(connection, vintage)
    agencies = [agency for agency in decision.excluded if agency not in declared]
    if agencies:
        left_out = [{**vintage.scope, "agency": agency, "reason": decision.reason} for agency in agencies]
        connection.execute(sa.insert(EXCLUSION), left_out)
    rows = SCORE.conform(scores.assign(vintage=vintage.vintage))
    synchronise(connection, SCORES, rows, vintage.scope)
    measured = rows_of(connection, sa.select(MEASUREMENTS).where(_in(vintage)))
    digest = content_digest(vintage.framework_digest, MEASUREMENT.conform(measured), rows)
    connection.execute(
        sa.update(VINTAGE)
        .where(*(VINTAGE.c[name] == value for name, value in vintage.scope.items()))
        .values({"digest": digest})
    )


def _in(vintage: Vintage) -> sa.ColumnElement[bool]:
    return sa.and_(*(MEASUREMENTS.c[name] == value for name, value in vintage.scope.items()))
