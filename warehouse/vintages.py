"""Vintages: what was said when. A provisional vintage is replaced in place, a published one is never changed."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import pandas as pd
import sqlalchemy as sa

from warehouse.dimensions import store_framework, store_period
from warehouse.engine import reading, transaction
from warehouse.errors import WarehouseError
from warehouse.faults import PUBLISHED_IS_FINAL
from warehouse.frames import COUNT, MEASUREMENT, NUMBER, SCORE, Frame
from warehouse.frameworks.model import Framework
from warehouse.load import in_scope
from warehouse.retries import retried
from warehouse.schema import DECISION, EXCLUSION, MEASUREMENTS, SCORES, VINTAGE
from warehouse.simulations import RankFrames, Stored, store_ranks
from warehouse.upsert import synchronise

LATER = {MEASUREMENT: ("points", "snapshots", "detail")}  # columns that the first vintages did not have
PROVISIONAL, PUBLISHED = "provisional", "published"
Kind = Literal["official", "press", "synthetic"]
Change = Literal["new", "replaced", "unchanged"]


@dataclass(frozen=True)
class Vintage:
    """One vintage of a round.

    Attributes:
        framework: Name of the framework.
        round: Name of the round.
        period: Period that was measured.
        vintage: Number, from 1 up within framework, round and period.
        kind: Kind of the round: `official`, `press` or `synthetic`.
        digest: sha256 over measurements, scores and the framework's content.
        framework_digest: Content of the framework that was scored.
        code_version: Version of the code that computed it.
        seed: Seed of the random draws, None where there were none.
        run_id: Run that wrote it.
        created_at: When this content was written.
        state: `provisional` or `published`.
        published_at: When it was published, None while provisional.
        note: What the publisher wants said about it.
        change: What this call did: `new` number, `replaced` the provisional one, or `unchanged`.
        ranks: What it did with how sure the ranks are: `none` came, `stored`, or the published ones were `kept`.
    """

    framework: str
    round: str
    period: str
    vintage: int
    kind: str
    digest: str
    framework_digest: str
    code_version: str
    seed: int | None
    run_id: str
    created_at: datetime
    state: str = PROVISIONAL
    published_at: datetime | None = None
    note: str = ""
    change: Change = "unchanged"
    ranks: Stored = "none"

    @property
    def round_scope(self) -> dict[str, str]:
        """Framework, round and period."""
        return {"framework": self.framework, "round": self.round, "period": self.period}

    @property
    def scope(self) -> dict[str, str | int]:
        """The columns that every row of the vintage shares."""
        return {**self.round_scope, "vintage": self.vintage}


@retried
def write_vintage(
    engine: sa.Engine,
    *,
    framework: Framework,
    round_name: str,
    kind: Kind,
    period: str,
    measurements: pd.DataFrame,
    scores: pd.DataFrame,
    run_id: str,
    code_version: str,
    seed: int | None = None,
    ranks: RankFrames | None = None,
    may_add: bool = True,
    unranked: Mapping[str, str] = MappingProxyType({}),
) -> Vintage:
    """Write measurements and scores as the newest vintage of a round, in one transaction.

    Nothing is written where the newest vintage says the same; a provisional one is replaced in place, unless others are
    left out of the ranking now: who was left out and why is added once and never changed.

    Args:
        engine: The warehouse.
        framework: The framework that was scored.
        round_name: Name of the round.
        kind: Kind of the round.
        period: Period that was measured.
        measurements: MEASUREMENT rows; `vintage` is set here, as in `scores`.
        scores: SCORE rows.
        run_id: Run that computed them.
        code_version: Version of the code.
        seed: Seed of the random draws, if any.
        ranks: How sure the ranks are, stored beside the vintage; a published one that has intervals keeps them.
        may_add: Whether these are added to a vintage that was published without any.
        unranked: Agencies that the framework leaves out of the ranking, with the reason; they may have no scores.

    Returns:
        The newest vintage, and in `change` and `ranks` what was done.

    Raises:
        WarehouseError: The round was of another kind, a row belongs to another, or writing failed; nothing was written.
    """
    scope = {"framework": framework.name, "round": round_name, "period": period}
    frames = {MEASUREMENTS: in_scope(MEASUREMENT, measurements, scope), SCORES: in_scope(SCORE, scores, scope)}
    digest = content_digest(framework.digest, frames[MEASUREMENTS], frames[SCORES])
    with transaction(engine) as connection:
        latest = find_vintage(connection, scope, lock=True)
        _refuse_other_kind(latest, kind, scope)
        known = RankFrames.empty() if ranks is None else ranks
        if latest and digest in contents_of(connection, latest):
            if digest == latest.digest:  # of a vintage without some agencies the intervals would be others
                is_published = latest.state == PUBLISHED
                done = store_ranks(connection, latest.scope, known, is_published=is_published, may_add=may_add)
                return replace(latest, ranks=done)
            return latest
        number, change = _next(latest, latest is not None and left_out_of(connection, latest) == dict(unranked))
        written = Vintage(
            framework=framework.name,
            round=round_name,
            period=period,
            vintage=number,
            kind=kind,
            digest=digest,
            framework_digest=framework.digest,
            code_version=code_version,
            seed=seed,
            run_id=run_id,
            created_at=datetime.now(UTC),
            change=change,
        )
        _store(connection, framework, written, frames)
        done = store_ranks(connection, written.scope, known, is_published=False)
        if change == "new" and unranked:
            left_out = [{**written.scope, "agency": agency, "reason": unranked[agency]} for agency in unranked]
            connection.execute(sa.insert(EXCLUSION), left_out)
    return replace(written, ranks=done)


def refuse_other_kind(engine: sa.Engine, scope: Mapping[str, str], kind: Kind) -> None:
    """Refuse a round whose name already holds figures of another kind, before anything of it is written.

    Args:
        engine: The warehouse.
        scope: Framework, round and period.
        kind: Kind of the round that is to be run.

    Raises:
        WarehouseError: The round was of another kind.
    """
    with reading(engine) as connection:
        _refuse_other_kind(find_vintage(connection, scope), kind, scope)


@retried
def publish(
    engine: sa.Engine, *, framework: str, round_name: str, period: str, vintage: int | None = None, note: str = ""
) -> Vintage:
    """Publish a vintage; from then on it is never changed. Publishing it again does nothing.

    Args:
        engine: The warehouse.
        framework: Name of the framework.
        round_name: Name of the round.
        period: Period that was measured.
        vintage: Number; left out: the newest.
        note: What is to be said about it.

    Returns:
        The published vintage.

    Raises:
        WarehouseError: There is no such vintage, it was published with another note, or the warehouse cannot be
            written to.
    """
    scope = {"framework": framework, "round": round_name, "period": period}
    with transaction(engine) as connection:
        found = find_vintage(connection, scope, vintage, lock=True)
        if found is None:
            which = "no vintage" if vintage is None else f"no vintage {vintage}"
            raise WarehouseError(
                f"The round {round_name} of {framework} {period} has {which} that could be published.",
                "Run the round first.",
            )
        if found.state == PUBLISHED:
            if note not in ("", found.note):
                raise WarehouseError(
                    f"Vintage {found.vintage} of {framework} {period} keeps its note: {PUBLISHED_IS_FINAL}.",
                    "A correction makes a new vintage, which can carry the note.",
                )
            return found
        return publish_within(connection, found, note)


def contents_of(connection: sa.Connection, vintage: Vintage) -> set[str]:
    """What a vintage says, as digests: its own, and what was approved where agencies were then left out of it."""
    approved = sa.select(DECISION.c.digest).where(
        *(DECISION.c[name] == value for name, value in vintage.scope.items()), DECISION.c.outcome != "rejected"
    )
    return {vintage.digest, *connection.scalars(approved)} if vintage.state == PUBLISHED else {vintage.digest}


def publish_within(connection: sa.Connection, found: Vintage, note: str) -> Vintage:
    """Publish a provisional vintage in a transaction that is open and holds it."""
    content = {"state": PUBLISHED, "published_at": datetime.now(UTC), "note": note}
    connection.execute(sa.update(VINTAGE).where(_equal(found.scope)).values(content))
    published = find_vintage(connection, found.round_scope, found.vintage)
    assert published is not None  # noqa: S101  # it was found, in the same transaction
    return published


def find_vintage(
    connection: sa.Connection, scope: Mapping[str, str], number: int | None = None, *, lock: bool = False
) -> Vintage | None:
    """Return a vintage of a round, or None where there is none.

    Args:
        connection: A connection.
        scope: Framework, round and period.
        number: Number of the vintage; None: the newest.
        lock: Let no other transaction change it until this one ends.
    """
    query = sa.select(VINTAGE).where(_equal(scope)).order_by(VINTAGE.c.vintage.desc()).limit(1)
    if number is not None:
        query = query.where(VINTAGE.c.vintage == number)
    row = connection.execute(query.with_for_update() if lock else query).mappings().first()
    return Vintage(**row) if row else None


def content_digest(framework_digest: str, measurements: pd.DataFrame, scores: pd.DataFrame) -> str:
    """sha256 over what a vintage says: independent of the order of rows, of runs and of library versions.

    Args:
        framework_digest: Digest of the framework that was scored.
        measurements: MEASUREMENT rows, as declared.
        scores: SCORE rows, as declared.
    """
    digest = hashlib.sha256(framework_digest.encode())
    for kind, rows in ((MEASUREMENT, measurements), (SCORE, scores)):
        ordered = rows.sort_values([name for name in kind.key if name != "vintage"])
        for name, dtype in _said(kind, rows).items():
            digest.update(name.encode() + b"\0")
            for part in _canonical(ordered[name], dtype):
                digest.update(part)
    return digest.hexdigest()


def _store(
    connection: sa.Connection, framework: Framework, written: Vintage, frames: Mapping[sa.Table, pd.DataFrame]
) -> None:
    store_framework(connection, framework)
    store_period(connection, written.period)
    row = {column.name: getattr(written, column.name) for column in VINTAGE.columns}
    if written.change == "replaced":
        connection.execute(sa.update(VINTAGE).where(_equal(written.scope)).values(row))
    else:
        connection.execute(sa.insert(VINTAGE).values(row))
    for table, rows in frames.items():
        synchronise(connection, table, rows.assign(vintage=written.vintage), written.scope)


def _said(kind: Frame, rows: pd.DataFrame) -> dict[str, str]:
    """The columns that count, with their types; later ones only where they say something, as older vintages did not."""
    silent = {name for name in LATER.get(kind, ()) if not rows[name].replace("", np.nan).notna().any()}
    return {name: dtype for name, dtype in kind.columns.items() if name not in silent | {"vintage"}}


def _canonical(column: "pd.Series[Any]", dtype: str) -> tuple[bytes, ...]:
    """A column as bytes that say nothing but its values."""
    if dtype == NUMBER:
        numbers = column.to_numpy(dtype="<f8") + 0.0  # -0.0 and 0.0 are one value
        return (np.where(np.isnan(numbers), np.nan, numbers).tobytes(),)
    if dtype == COUNT:
        return column.isna().to_numpy().tobytes(), column.fillna(0).to_numpy(dtype="<i8").tobytes()
    texts = [text.encode() for text in column]
    return np.array([len(text) for text in texts], dtype="<u8").tobytes(), b"".join(texts)


def _equal(values: Mapping[str, str | int]) -> sa.ColumnElement[bool]:
    return sa.and_(*(VINTAGE.c[name] == value for name, value in values.items()))


def _next(latest: Vintage | None, same_left_out: bool) -> tuple[int, Change]:
    """Number of the vintage to be written after the newest one, and what that means."""
    if latest is None:
        return 1, "new"
    if latest.state == PROVISIONAL and same_left_out:
        return latest.vintage, "replaced"
    return latest.vintage + 1, "new"


def left_out_of(connection: sa.Connection, vintage: Vintage) -> dict[str, str]:
    """Agencies that are left out of the ranking of a vintage, with the reason."""
    query = sa.select(EXCLUSION).where(*(EXCLUSION.c[name] == value for name, value in vintage.scope.items()))
    return {row.agency: row.reason for row in connection.execute(query)}


def _refuse_other_kind(latest: Vintage | None, kind: str, scope: Mapping[str, str]) -> None:
    if latest and latest.kind != kind:
        raise WarehouseError(
            f"The round {scope['round']} of {scope['framework']} {scope['period']} holds {latest.kind} figures, "
            f"and is now called {kind}.",
            "Figures of different kinds never share a round: give the round in round.yaml another name.",
        )
