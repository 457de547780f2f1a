"""Speed of validating one month: its figures from two sources, held against twelve months in a warehouse."""

import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import sqlalchemy as sa

from expectations.runner import validate
from warehouse.engine import connect, upgrade
from warehouse.frames import BATCH, CANDIDATE, OBSERVATION, QUARANTINE, SNAPSHOT
from warehouse.frameworks.checks import ChecksDeclaration
from warehouse.frameworks.model import Description, Framework, Level, Node
from warehouse.history import earlier_figures
from warehouse.load import load_evidence
from warehouse.periods import months_before

LIMIT = 3.0  # seconds
AGENCIES, ITEMS, PERIOD, ROUND = 94, 20, "2020-08", "bench"
SOURCES = ("agency_report", "monitoring")
CHECKS = ChecksDeclaration.model_validate(
    {
        "not_above": [{"item": f"C.{number}", "limit": f"C.{number + 1}"} for number in range(0, ITEMS, 2)],
        "jump": {"factor": 3, "floor": 20},
        "unchanged": {"months": 6, "items": [f"C.{number}" for number in range(ITEMS)]},
        "sources_agree": {"tolerance": 0.02},
    }
)


def bench() -> list[tuple[str, float, float, str]]:
    """Measure and return rows of (name, measured, limit, unit)."""
    with tempfile.TemporaryDirectory() as folder:
        engine = connect(f"sqlite:///{Path(folder) / 'warehouse.db'}")
        upgrade(engine)
        for period in months_before(PERIOD, 24):
            load_month(engine, period)
        return [(f"validate a month of {AGENCIES} agencies against a year", measure(engine, folder), LIMIT, "s")]


def measure(engine: sa.Engine, folder: str) -> float:
    """Validate a month once to warm up and once with the clock running, Data Docs included."""
    rows = CANDIDATE.conform(figures(PERIOD).assign(valid_min=0.0, valid_max=np.inf, unit_expected="hồ sơ"))
    agencies = sorted(set(rows["agency"]))
    seconds = 0.0
    for _ in range(2):
        start = time.perf_counter()
        outcome = validate(
            rows,
            framework(),
            round_name=ROUND,
            period=PERIOD,
            ranked_agencies=agencies,
            checks=CHECKS,
            history=earlier_figures(engine, "bench_2020", ROUND, PERIOD),
            data_docs=Path(folder) / "docs",
        )
        seconds = time.perf_counter() - start
    if outcome.verdict != "quarantined" or outcome.warnings["rule"].nunique() != len(("jump", "unchanged", "sources")):
        raise RuntimeError(f"The benchmark measures another thing than it should: {outcome.checks}.")
    return seconds


def framework() -> Framework:
    """A board of counts."""
    nodes = [Node(code="BOARD", parent="", level="board")]
    nodes += [
        Node(code=f"C.{number}", parent="BOARD", level="count", rule="count", unit="hồ sơ", evidence="report")
        for number in range(ITEMS)
    ]
    description = Description(framework="bench_2020", levels=(Level(level="board"), Level(level="count")))
    return Framework(description=description, nodes=tuple(nodes), groups={}, folder=Path(), digest="")


def load_month(engine: sa.Engine, period: str) -> None:
    """Load an earlier month as a run does."""
    rows = figures(period)
    files = rows[["framework", "round", "period", "source", "snapshot_sha256"]].drop_duplicates()
    scope = {"framework": "bench_2020", "round": ROUND, "period": period}
    load_evidence(
        engine,
        scope=scope,
        snapshots=SNAPSHOT.empty(),
        observations=OBSERVATION.conform(rows),
        quarantine=QUARANTINE.empty(),
        batches=BATCH.conform(files.assign(origin=files["snapshot_sha256"])),
    )


def figures(period: str) -> pd.DataFrame:
    """Figures of a month: an even item is part of the next; some jump, some stand still, some sources disagree."""
    random = np.random.default_rng(int(period.replace("-", "")))
    agency, item, source = (grid.ravel() for grid in np.indices((AGENCIES, ITEMS, len(SOURCES))))
    value = np.where(item % 2 == 0, 500.0, 1500.0) + np.repeat(random.integers(0, 400, AGENCIES * ITEMS), len(SOURCES))
    value = np.where(agency % 9 == 0, 700.0, value)
    value = np.where((agency == 1) & (period == PERIOD), value * 10, value)
    value = np.where((agency == 2) & (source == 1), value + 200, value)
    value = np.where((agency == 3) & (item == 0), 9000.0, value)
    count = len(value)
    return pd.DataFrame(
        {
            "observation_id": [f"{period[2:4]}{period[5:]}{number:028x}" for number in range(count)],
            "framework": "bench_2020",
            "round": ROUND,
            "period": period,
            "agency": [f"province-{number}" for number in agency],
            "agency_text": [f"Tỉnh {number}" for number in agency],
            "item": [f"C.{number}" for number in item],
            "item_text": [f"C.{number}" for number in item],
            "part": "value",
            "stage": "self_reported",
            "source": [SOURCES[number] for number in source],
            "value": value,
            "value_text": [f"{number:.0f}" for number in value],
            "unit": "hồ sơ",
            "evidence_needed": False,
            "snapshot_sha256": [f"{period}-{one}-{other}" for one, other in zip(source, agency, strict=True)],
            "locator": [f"Sheet!E{number}" for number in range(count)],
        }
    )
