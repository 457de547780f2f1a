"""The ledger of runs: which flow worked on which round, when, and what came of it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from warehouse.engine import reading, transaction
from warehouse.retries import retried
from warehouse.schema import RUN

RUNNING, INTERRUPTED, WAITING = "running", "interrupted", "waiting"


@retried
def start_run(engine: sa.Engine, run_id: str, flow: str, scope: Mapping[str, str]) -> None:
    """Note that a run begins. Call it while holding the round's lock.

    Whoever holds the lock works alone: earlier runs of the round that are still noted as running were killed, and are
    noted as interrupted. A run that is taken up again under its own id starts anew.

    Args:
        engine: The warehouse.
        run_id: Identity of the run.
        flow: Name of the flow.
        scope: `framework`, `round` and `period`.

    Raises:
        WarehouseError: The warehouse cannot be written to.
    """
    now = datetime.now(UTC)
    of_round = [RUN.c[name] == scope[name] for name in ("framework", "round", "period")]
    row = {
        "run_id": run_id,
        "flow": flow,
        **{name: scope[name] for name in ("framework", "round", "period")},
        "started_at": now,
        "finished_at": None,
        "state": RUNNING,
        "summary": "{}",
    }
    with transaction(engine) as connection:
        connection.execute(sa.delete(RUN).where(RUN.c.run_id == run_id))
        connection.execute(
            sa.update(RUN).where(*of_round, RUN.c.state == RUNNING).values(state=INTERRUPTED, finished_at=now)
        )
        connection.execute(sa.insert(RUN).values(row))


@retried
def finish_run(engine: sa.Engine, run_id: str, state: str, summary: Mapping[str, object]) -> None:
    """Note how a run ended.

    Args:
        engine: The warehouse.
        run_id: Identity of the run.
        state: `completed`, `failed`, or `waiting` for a decision.
        summary: What came of it; kept as JSON.

    Raises:
        WarehouseError: The warehouse cannot be written to.
    """
    content = {
        "state": state,
        "finished_at": datetime.now(UTC),
        "summary": json.dumps(summary, ensure_ascii=False, default=str),
    }
    with transaction(engine) as connection:
        connection.execute(sa.update(RUN).where(RUN.c.run_id == run_id).values(content))


def waiting_for(engine: sa.Engine, run_id: str) -> dict[str, Any] | None:
    """What a run has shown and waits for a decision about; None where it does not wait.

    Args:
        engine: The warehouse.
        run_id: Identity of the run.
    """
    query = sa.select(RUN.c.summary).where(RUN.c.run_id == run_id, RUN.c.state == WAITING)
    with reading(engine) as connection:
        found = connection.scalar(query)
    return None if found is None else dict(json.loads(found))


def waiting_runs(engine: sa.Engine, scope: Mapping[str, str], digest: str) -> list[str]:
    """Ids of the runs of a round that have shown a content and wait for a decision about it, the newest first.

    Args:
        engine: The warehouse.
        scope: `framework`, `round` and `period`.
        digest: The content.
    """
    of_round = [RUN.c[name] == scope[name] for name in ("framework", "round", "period")]
    query = sa.select(RUN.c.run_id, RUN.c.summary).where(*of_round, RUN.c.state == WAITING)
    with reading(engine) as connection:
        rows = connection.execute(query.order_by(RUN.c.started_at.desc())).all()
    return [row.run_id for row in rows if json.loads(row.summary).get("digest") == digest]


def blocked(engine: sa.Engine, run_id: str) -> str:
    """Why the vintage that a run wrote must not be published; empty where nothing was said against it."""
    with reading(engine) as connection:
        found = connection.scalar(sa.select(RUN.c.summary).where(RUN.c.run_id == run_id))
    return str(json.loads(found).get("blocked", "")) if found else ""
