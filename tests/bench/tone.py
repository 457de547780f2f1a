"""Posts about agencies: reading short comments, and the whole path to counts with its memory, in two processes.

`DTI_BENCH_LARGE=1` measures 3,000,000 posts too.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

CURVE, LARGE = (100_000, 300_000, 1_000_000), 3_000_000
_MOST_SECONDS = 360  # for 1,000,000 posts; below that starting the processes is most of it
SHORT = 50_000  # posts of the first measurement
_LARGE_SETTING = "DTI_BENCH_LARGE"

# Processes of their own, so that their greatest memory is that of the work alone.
_MAKE = """
import sys
from pathlib import Path
from tests.bench.tone import make_posts
make_posts(int(sys.argv[1]), Path(sys.argv[2]))
"""
_READ = """
import json, os, time
os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"), "1"))
from tests.bench.tone import SHORT, posts_of, reader
from tasks.evidence.tone.classify import classify
from tasks.evidence.tone.corpus import corpus
from tasks.evidence.tone.local import train
start = time.perf_counter()
model = train(corpus("train"))
trained = time.perf_counter() - start
posts, whole = posts_of(SHORT, 1, short=True), reader(model)
classify(posts.slice(0, 1_000), whole)

def seconds(posts):
    times = []
    for _ in range(3):
        start = time.process_time()  # one thread: what others do on the machine is not counted
        found = classify(posts, whole)
        times.append(time.process_time() - start)
    return min(times) * 10_000 / posts.num_rows, found.mentions

every, found = seconds(posts)
about = set(found.column("post_id").to_pylist())
naming, _ = seconds(posts.filter([one in about for one in posts.column("post_id").to_pylist()]))
share = len(about) / posts.num_rows
print(json.dumps({"trained": trained, "every": every, "naming": naming, "share": share}))
"""
_COUNT = """
import json, multiprocessing, resource, sys, time
from pathlib import Path
from tests.bench.tone import reader
from tasks.evidence.tone.corpus import corpus
from tasks.evidence.tone.local import train
from tasks.evidence.tone.processes import count_posts
if __name__ == "__main__":
    whole = reader(train(corpus("train")))
    start = time.perf_counter()
    counts, account, _ = count_posts([Path(sys.argv[1])], whole, Path(sys.argv[2]), processes=2)
    seconds = time.perf_counter() - start
    main, worker = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    memory = {"main": main.ru_maxrss / 1024**2, "worker": worker.ru_maxrss / 1024**2}
    of_workers = worker.ru_utime + worker.ru_stime
    print(json.dumps({"seconds": seconds, "processor": of_workers, **memory, "rows": len(counts), **account}))
"""


def posts_of(count, seed, *, short=False):
    """Posts by the project's own templates, as they stand in the lake: a tenth are copies, authors write several."""
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    from tasks.evidence.tone.classify import POSTS
    from tasks.evidence.tone.templates import generate

    random = np.random.default_rng(seed)
    made = generate(seed, round(count * 1.3) if short else count)
    if short:
        made = made[made["channel"] != "news"].head(count).reset_index(drop=True)
    copied = random.random(len(made)) < 0.1
    source = np.where(copied, random.integers(0, len(made), len(made)), np.arange(len(made)))
    made = made.iloc[source].reset_index(drop=True)
    days = pd.to_datetime("2020-01-01") + pd.to_timedelta(random.integers(0, 366, len(made)), unit="D")
    return pa.table(
        {
            "post_id": [f"{seed}-{number}" for number in range(len(made))],
            "channel": made["channel"],
            "author": [f"a{number}" for number in random.integers(0, max(1, count // 3), len(made))],
            "day": pa.array(days.date, pa.date32()),
            "title": [""] * len(made),
            "text": made["text"],
            "about": [""] * len(made),
            "snapshot": [f"{number:064d}" for number in random.integers(0, 500, len(made))],
        },
        schema=POSTS,
    )


def make_posts(count, file):
    """Write posts in parts, so that making them needs no more memory than reading them."""
    import pyarrow.parquet as pq

    from tasks.evidence.tone.classify import POSTS
    from tasks.evidence.tone.path import PIECE

    with pq.ParquetWriter(file, POSTS, compression="zstd") as writer:
        for part, start in enumerate(range(0, count, PIECE)):
            writer.write_table(posts_of(min(PIECE, count - start), 100 + part))


def reader(model):
    from datetime import date
    from pathlib import Path

    import warehouse.frameworks
    from tasks.evidence.tone.classify import Reader
    from warehouse.frameworks.tone import load_tone

    declaration = load_tone(Path(warehouse.frameworks.__file__).parent / "province_2020")
    return Reader(model, model, declaration.criteria, ("province",), date(2020, 1, 1), date(2020, 12, 31))


def extraction():
    """Pages a second from which trafilatura takes the main text; it bounds the gathering of news, not the reading."""
    import time

    import trafilatura

    body = "".join(
        f"<p>Đoạn {n}: tỉnh đưa thêm 25 thủ tục lên cổng dịch vụ công, người dân nộp tại nhà.</p>" for n in range(12)
    )
    menu = "".join(f'<li><a href="/{n}">Mục {n}</a></li>' for n in range(60))
    pages = [
        f"<html><head><title>{n}</title></head><body><ul>{menu}</ul><article><h1>{n}</h1>{body}</article></body></html>"
        for n in range(100)
    ]
    trafilatura.extract(pages[0])
    start = time.perf_counter()
    found = [trafilatura.extract(page) for page in pages]
    if not all(found):
        raise AssertionError("a page without text")
    return len(pages) / (time.perf_counter() - start)


def _run(script, *arguments):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "work.py"
        file.write_text(script)
        # Spawned workers import the main module again by its path; the root must be on the way for them too.
        environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
        done = subprocess.run(
            [sys.executable, str(file), *map(str, arguments)],
            check=False,
            capture_output=True,
            text=True,
            env=environment,
        )
    if done.returncode:
        raise AssertionError(done.stderr[-2_000:])
    return json.loads(done.stdout) if done.stdout else {}


def curve(sizes):
    """Measure the whole path for each number of posts."""
    found = {}
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "posts.parquet"
            _run(_MAKE, size, file)
            found[size] = _run(_COUNT, file, Path(folder) / "pieces")
            if found[size]["posts"] != size:
                raise AssertionError(f"{found[size]['posts']} posts of {size}")
            print(f"  {size:,} posts: {json.dumps(found[size])}", file=sys.stderr, flush=True)
    return found


def bench():
    read = _run(_READ)
    speed, slow = (10_000 / read[name] for name in ("every", "naming"))
    sizes = (*CURVE, *((LARGE,) if os.environ.get(_LARGE_SETTING) else ()))
    found = curve(sizes)
    million = found[1_000_000]
    rows = [
        ("tone, training the default model", read["trained"], 30, "s"),
        (
            f"tone, 10,000 short comments on a core, {read['share']:.0%} name a province ({speed:,.0f} a second)",
            read["every"],
            1,
            "s",
        ),
        (f"tone, the same where all name a province ({slow:,.0f} a second)", read["naming"], 1, "s"),
        *(
            (
                f"tone, whole path on {size:,} posts, two processes",
                found[size]["seconds"],
                _MOST_SECONDS * max(1, size // 1_000_000),
                "s",
            )
            for size in sizes
        ),
        ("tone, its memory, a worker, 1,000,000 posts", million["worker"], 1.5, "GB"),
        ("tone, its memory, the main process, 1,000,000 posts", million["main"], 1.5, "GB"),
        (
            "tone, memory of a worker, 1,000,000 against 300,000 posts",
            million["worker"] / found[300_000]["worker"],
            1.5,
            "x",
        ),
        (f"tone, trafilatura: seconds for 100 pages ({extraction():,.0f} pages a second)", 100 / extraction(), 10, "s"),
    ]
    if LARGE in found:
        ratio = found[LARGE]["seconds"] / million["seconds"]
        rows.append(("tone, 3,000,000 posts against 1,000,000", ratio, 3.3, "x"))
        rows.append(("tone, memory of a worker, 3,000,000 posts", found[LARGE]["worker"], 1.5, "GB"))
    return rows
