"""Promise 1 at the warehouse: a writer killed at any statement leaves the old or the new state, nothing between."""

import os
import signal
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

from warehouse.columns import UtcDateTime
from warehouse.frames import BATCH, MEASUREMENT, OBSERVATION, QUARANTINE, SCORE, SNAPSHOT
from warehouse.frameworks.model import Description, Framework, Level, Node
from warehouse.load import load_evidence
from warehouse.schema import METADATA
from warehouse.vintages import publish, write_vintage

# Python warns of forks where threads run; the children here only talk to the database, and end themselves.
pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")

SCOPE = {"framework": "tiny_2020", "round": "press", "period": "2020"}
AGENCIES = [f"province-{number}" for number in range(40)]


def rows_of(kind, rows):
    return kind.conform(pd.DataFrame([{**SCOPE, **row} for row in rows]))


def load(engine, generation):
    """Each generation changes some rows, adds some and drops some."""
    load_evidence(
        engine,
        scope=SCOPE,
        snapshots=rows_of(SNAPSHOT, [{"sha256": f"{generation}" * 64, "source": "published", "origin": "a.csv"}]),
        observations=rows_of(
            OBSERVATION,
            [{"observation_id": f"{n:032x}", "value": generation * (n % 2)} for n in range(10 + 5 * generation)],
        ),
        quarantine=rows_of(QUARANTINE, [{"locator": f"line {generation + n}", "rule": "r"} for n in range(3)]),
        batches=rows_of(BATCH, [{"source": "published", "origin": f"{generation}.csv"}]),
    )


def write(engine, generation):
    shares = {agency: ((number + generation) % 40) / 40 for number, agency in enumerate(AGENCIES[generation:])}
    write_vintage(
        engine,
        framework=framework(),
        round_name="press",
        kind="press",
        period="2020",
        measurements=rows_of(
            MEASUREMENT, [{"agency": a, "node": "I", "stage": "final", "value": share} for a, share in shares.items()]
        ),
        scores=rows_of(SCORE, [{"agency": a, "node": "I", "share": share} for a, share in shares.items()]),
        run_id=f"run-{generation}",
        code_version="1",
    )


def write_after_publishing(engine, generation):
    write(engine, generation)
    if generation == 1:
        publish(engine, framework="tiny_2020", round_name="press", period="2020")


def framework():
    description = Description(framework="tiny_2020", levels=(Level(level="index"),))
    node = Node(code="I", parent="", level="index", rule="published")
    return Framework(description=description, nodes=(node,), groups={}, folder=Path(), digest="d1")


def content(engine):
    """All rows of all tables, without the times of writing."""
    with engine.connect() as connection:
        return {
            table.name: sorted(
                repr(tuple(row))
                for row in connection.execute(
                    sa.select(*(column for column in table.columns if not isinstance(column.type, UtcDateTime)))
                )
            )
            for table in METADATA.sorted_tables
        }


def killed_at(engine, work, generation, statement):
    """Do the work in another process that kills itself at its n-th statement; whether it came to that."""
    child = os.fork()
    if child == 0:
        count = 0

        @sa.event.listens_for(engine, "after_cursor_execute")
        def kill(*_):
            nonlocal count
            count += 1
            if count == statement:
                os.kill(os.getpid(), signal.SIGKILL)

        try:
            work(engine, generation)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


@pytest.mark.parametrize("work", [load, write, write_after_publishing])
def test_killed_writer__at_every_statement__old_or_new_state_and_the_same_in_the_end(engine, work):
    work(engine, 1)
    old = content(engine)
    states, statement = [], 1
    while killed_at(engine, work, 2, statement):
        states.append(content(engine))
        statement += 1
    new = content(engine)
    assert new != old
    assert len(states) > 5
    assert all(state in (old, new) for state in states)
    work(engine, 2)
    assert content(engine) == new
