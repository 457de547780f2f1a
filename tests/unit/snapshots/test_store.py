import hashlib
import json
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.snapshots.store import SnapshotStore
from tasks.sources.base import Receipt
from warehouse.errors import SnapshotError
from warehouse.frames import SNAPSHOT

FIRST = datetime(2021, 1, 15, 8, 30, tzinfo=UTC)
LATER = datetime(2021, 3, 1, 9, 0, tzinfo=UTC)
WHENCE = {"source": "agency_report", "round_name": "r1", "origin": "returns/a.xlsx"}
REPOSITORY = Path(__file__).parents[3]

# Other processes are started anew: the one that runs the tests may have threads, and must not be forked.
PUT = """
import resource
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from tasks.snapshots.store import SnapshotStore
from tasks.sources.base import Receipt
from warehouse.errors import SnapshotError


def put(content, second=0):
    fetched_at = datetime(2021, 1, 15, 8, 30, second, tzinfo=UTC)
    receipt = Receipt(content, "returns/a.xlsx", "text/csv", fetched_at, 200, {})
    SnapshotStore(Path(sys.argv[1])).put(receipt, source="agency_report", round_name="r1", period="2020")
"""
PUT_WHEN_TOLD = f"""{PUT}
print("ready", flush=True)
sys.stdin.readline()
for number in range(20):
    put(b"%d" % number, int(sys.argv[2]))
"""
PUT_FOREVER = f"""{PUT}
number = 0
while True:
    number += 1
    put(b"%d" % number * 1000)
"""
PUT_ON_A_FULL_DISK = f"""{PUT}
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
try:
    put(b"x" * 100_000)
except SnapshotError as error:
    print(error)
"""


def started(script, *arguments):
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.Popen(command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def receipt(content=b"figures", origin="returns/a.xlsx", fetched_at=FIRST):
    return Receipt(content, origin, "text/csv", fetched_at, 200, {"etag": '"1"'})


def put(store, period="2020", **kwargs):
    return store.put(receipt(**kwargs), source="agency_report", round_name="r1", period=period)


def tree(root):
    return {path.relative_to(root): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@given(st.binary(max_size=200))
def test_get__returns_exactly_what_was_put(content):
    with tempfile.TemporaryDirectory() as folder:
        store = SnapshotStore(Path(folder))
        assert store.get(put(store, content=content)) == content


def test_put__names_the_file_by_its_sha256(tmp_path):
    sha256 = put(SnapshotStore(tmp_path))
    assert sha256 == hashlib.sha256(b"figures").hexdigest()
    assert (tmp_path / sha256[:2] / sha256).read_bytes() == b"figures"


def test_put__a_second_run_changes_nothing_not_even_the_time_of_the_first(tmp_path):
    store = SnapshotStore(tmp_path)
    put(store)
    before = tree(tmp_path)
    put(store, fetched_at=LATER)
    assert tree(tmp_path) == before


def test_put__the_same_bytes_from_two_origins_have_two_cards(tmp_path):
    store = SnapshotStore(tmp_path)
    sha256 = put(store, origin="b.xlsx")
    put(store, origin="a.xlsx", fetched_at=LATER)
    assert [(card.origin, card.fetched_at) for card in store.cards(sha256)] == [("a.xlsx", LATER), ("b.xlsx", FIRST)]


def test_put__the_same_bytes_in_two_periods_have_two_cards(tmp_path):
    store = SnapshotStore(tmp_path)
    sha256 = put(store, period="2020-09", fetched_at=LATER)
    put(store, period="2020-08")
    assert [(card.period, card.fetched_at) for card in store.cards(sha256)] == [("2020-08", FIRST), ("2020-09", LATER)]


def test_put__a_card_that_was_named_without_its_period__stays_the_card_of_its_period(tmp_path):
    store = SnapshotStore(tmp_path)
    sha256 = put(store)
    (card,) = (tmp_path / sha256[:2]).glob("*.json")
    key = hashlib.sha256(b"agency_report\0r1\0returns/a.xlsx").hexdigest()[:16]
    card.rename(card.with_name(f"{sha256}.{key}.json"))
    put(store, fetched_at=LATER)
    put(store, period="2021", fetched_at=LATER)
    assert [(card.period, card.fetched_at) for card in store.cards(sha256)] == [("2020", FIRST), ("2021", LATER)]
    assert store.card(sha256, **WHENCE, period="2020").fetched_at == FIRST


def test_card__says_where_the_bytes_came_from(tmp_path):
    store = SnapshotStore(tmp_path)
    sha256 = put(store)
    card = store.card(sha256, **WHENCE, period="2020")
    row = card.row()
    assert set(row) == set(SNAPSHOT.columns)
    assert (row["size"], row["http_status"], row["period"]) == (7, 200, "2020")
    assert json.loads(row["headers"]) == {"etag": '"1"'}


def test_card__of_an_unknown_origin_is_an_error(tmp_path):
    store = SnapshotStore(tmp_path)
    sha256 = put(store)
    with pytest.raises(SnapshotError, match="is not there"):
        store.card(sha256, **{**WHENCE, "round_name": "another"}, period="2020")


def test_cards__of_unknown_bytes_are_none(tmp_path):
    assert SnapshotStore(tmp_path).cards("0" * 64) == []


def test_cards__a_damaged_card_is_named(tmp_path):
    store = SnapshotStore(tmp_path)
    sha256 = put(store)
    next(tmp_path.rglob("*.json")).write_text("{")
    with pytest.raises(SnapshotError, match=rf"{sha256}\.\w+\.json cannot be read"):
        store.cards(sha256)


def test_get__of_missing_bytes_is_an_error(tmp_path):
    with pytest.raises(SnapshotError, match="is not in"):
        SnapshotStore(tmp_path).get("0" * 64)


@pytest.mark.parametrize("text", ["", "../../etc/passwd", "A" * 64, "0" * 63])
def test_get__takes_nothing_but_a_sha256(tmp_path, text):
    with pytest.raises(SnapshotError, match="is not a sha256"):
        SnapshotStore(tmp_path).get(text)


@pytest.mark.parametrize("altered", [b"figureZ", b"", b"figures and more"])
def test_get__altered_bytes_are_never_returned(tmp_path, altered):
    store = SnapshotStore(tmp_path)
    sha256 = put(store)
    store.path(sha256).write_bytes(altered)
    with pytest.raises(SnapshotError, match="was altered"):
        store.get(sha256)


def test_verify__counts_all_and_names_the_one_that_was_altered(tmp_path):
    store = SnapshotStore(tmp_path)
    assert store.verify() == 0
    names = [put(store, content=content) for content in (b"a", b"b", b"c")]
    assert store.verify() == 3
    store.path(names[1]).write_bytes(b"x")
    with pytest.raises(SnapshotError, match=f"{names[1]} was altered"):
        store.verify()


def test_put__mends_bytes_that_were_altered_on_disk(tmp_path):
    store = SnapshotStore(tmp_path)
    sha256 = put(store)
    store.path(sha256).write_bytes(b"figureZ")
    put(store)
    assert store.get(sha256) == b"figures"


def test_put__a_full_disk_is_said_and_leaves_nothing(tmp_path):
    with started(PUT_ON_A_FULL_DISK, tmp_path) as worker:
        message, _ = worker.communicate(timeout=60)
    assert "cannot be kept" in message
    assert "the disk is full" in message
    assert tree(tmp_path) == {}


def test_put__a_read_only_disk_is_said(open_folder, forbidden):
    with forbidden(open_folder), pytest.raises(SnapshotError, match="the folder is read-only"):
        put(SnapshotStore(open_folder))


def test_put__a_file_in_the_way_is_said(tmp_path):
    (tmp_path / "snapshots").write_text("no folder")
    with pytest.raises(SnapshotError, match=r"cannot be kept in .*snapshots: "):
        put(SnapshotStore(tmp_path / "snapshots"))


def test_put__several_processes_leave_one_file_and_one_card(tmp_path):
    workers = [started(PUT_WHEN_TOLD, tmp_path, second) for second in range(4)]
    assert [worker.stdout.readline() for worker in workers] == ["ready\n"] * 4
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    for worker in workers:
        worker.communicate(timeout=60)
    assert [worker.returncode for worker in workers] == [0] * 4
    assert len(tree(tmp_path)) == 40
    store = SnapshotStore(tmp_path)
    for number in range(20):
        sha256 = hashlib.sha256(b"%d" % number).hexdigest()
        assert store.get(sha256) == b"%d" % number
        assert len(store.cards(sha256)) == 1


def test_put__a_killed_process_leaves_only_whole_files(tmp_path):
    with started(PUT_FOREVER, tmp_path) as worker:
        try:
            while sum(1 for _ in tmp_path.rglob("*")) < 30:
                assert worker.poll() is None
                time.sleep(0.005)
        finally:
            worker.kill()
    store = SnapshotStore(tmp_path)
    kept = [path.name for path in tmp_path.rglob("*") if path.is_file() and len(path.name) == 64]
    assert kept
    for sha256 in kept:
        store.get(sha256)
        store.cards(sha256)
