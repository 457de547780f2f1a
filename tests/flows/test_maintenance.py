"""Maintenance: what nothing refers to and what is old goes, on request; numbers and their proof stay."""

import json
import os
import time
from datetime import UTC, datetime, timedelta

import pytest

from flows.maintenance import delete_run, ended_runs, oldest_needed
from tasks.retention import old_results, unused_snapshots
from tasks.snapshots.store import SnapshotStore
from tasks.sources.base import Receipt
from warehouse.engine import connect, upgrade
from warehouse.errors import InputError
from warehouse.references import referenced_snapshots
from warehouse.settings import get_settings

TWO_DAYS = 2 * 86_400


def age(path, seconds=TWO_DAYS):
    os.utime(path, (time.time() - seconds,) * 2)


def put(home, content, *, old=True):
    store = SnapshotStore(home / "snapshots")
    receipt = Receipt(origin="a.csv", content=content, media_type="text/csv", fetched_at=datetime.now(UTC))
    sha256 = store.put(receipt, source="published", round_name="r")
    if old:
        for file in store.path(sha256).parent.glob(f"{sha256}*"):
            age(file)
    return sha256


@pytest.fixture
def warehouse(home):
    engine = connect(get_settings().url)
    upgrade(engine)
    return engine


def names(heap):
    return {file.name for file in heap.files if "." not in file.name}


def test_snapshots__unused_and_old__are_found_young_ones_are_not(home, warehouse):
    old, _young = put(home, b"old"), put(home, b"young", old=False)
    heap = unused_snapshots.fn()
    assert names(heap) == {old}
    assert (heap.count, heap.size > 0) == (1, True)
    assert heap.files[-1].name == old  # the bytes go last


def test_snapshots__received_again__are_young_again(home, warehouse):
    sha256 = put(home, b"again")
    assert names(unused_snapshots.fn()) == {sha256}
    put(home, b"again", old=False)
    assert names(unused_snapshots.fn()) == set()


@pytest.mark.parametrize("name", ["settled.json", "labels.csv"])
def test_snapshots__named_by_a_record_of_the_lake__stay(home, warehouse, name):
    sha256 = put(home, b"named")
    record = home / "lake" / "rounds" / "f" / name
    record.parent.mkdir(parents=True)
    record.write_text(json.dumps({"snapshots": [sha256]}), encoding="utf-8")
    assert names(unused_snapshots.fn()) == set()


def test_snapshots__a_frame_of_the_lake_is_damaged__none_is_called_unused(home, warehouse):
    put(home, b"unused")
    file = home / "lake" / "rounds" / "f" / "snapshot.a.parquet"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"PAR1 and nothing else")
    with pytest.raises(InputError, match=r"snapshot\.a\.parquet cannot be read"):
        unused_snapshots.fn()


def test_results__of_old_runs__are_found(home):
    storage = home / "prefect" / "storage"
    storage.mkdir(parents=True)
    for name in ("old", "young"):
        (storage / name).write_text("result", encoding="utf-8")
    age(storage / "old")
    assert [file.name for file in old_results.fn(time.time() - 86_400).files] == ["old"]


def test_maintenance__after_a_round__deletes_only_what_nothing_refers_to(dti, once, home):
    once("run", "annual")
    used = referenced_snapshots(connect(get_settings().url))
    assert used
    for file in (home / "snapshots").rglob("*"):
        age(file)
    unused = put(home, b"nobody knows me")
    listed = dti("maintenance", "--format", "json")
    assert listed.returncode == 0, listed.stderr
    rows = {row["what"]: row["number"] for row in json.loads(listed.stdout)}
    assert rows["snapshots that nothing refers to"] == 1
    store = SnapshotStore(home / "snapshots")
    assert store.path(unused).is_file()
    assert "Deleted" in dti("maintenance", "--delete").stdout
    assert not list(store.path(unused).parent.glob(f"{unused}*"))
    assert {sha256 for sha256 in used if store.get(sha256)} == used
    explained = dti("explain", "--framework", "province_2020", "--period", "2020", "--agency", "Đà Nẵng")
    assert "verified" in explained.stdout, explained.stderr


def test_runs__ended_before_the_limit__go_with_their_artifacts_others_stay(prefect_api, home):
    from prefect import flow
    from prefect.artifacts import create_markdown_artifact
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId
    from prefect.exceptions import ObjectNotFound
    from prefect.states import Running, Suspended

    @flow
    def short():
        create_markdown_artifact("said", key="said")

    done = short(return_state=True).state_details.flow_run_id
    with get_client(sync_client=True) as client:
        later = datetime.now(UTC) + timedelta(seconds=5)
        waiting = client.create_flow_run(short)
        client.set_flow_run_state(waiting.id, Running(), force=True)
        client.set_flow_run_state(waiting.id, Suspended(timeout_seconds=600), force=True)
        found = {run.id for run in ended_runs(client, later)}
        assert done in found
        assert waiting.id not in found
        assert done not in {run.id for run in ended_runs(client, later - timedelta(days=1))}
        assert oldest_needed(client, later) < later  # the suspended run goes on from its results
        delete_run(client, client.read_flow_run(done))
        with pytest.raises(ObjectNotFound):
            client.read_flow_run(done)
        artifacts = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[done]))
        assert client.read_artifacts(artifact_filter=artifacts) == []
        client.delete_flow_run(waiting.id)
