"""Prefect's server on SQLite, started as a command starts it: who writes waits for a turn and is not turned away."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

pytestmark = pytest.mark.slow


@pytest.fixture
def client(prefect_api):
    with httpx.Client(base_url=prefect_api, timeout=120) as asking:
        yield asking


def test_server__many_begin_runs_in_one_moment__each_is_taken(client):
    flow = client.post("/flows/", json={"name": "begun-in-one-moment"}).json()["id"]

    def begin(_):
        return client.post("/flow_runs/", json={"flow_id": flow, "state": {"type": "COMPLETED"}}).status_code

    with ThreadPoolExecutor(8) as people:
        assert set(people.map(begin, range(80))) == {httpx.codes.CREATED}


def test_server__a_queue_is_paused__reads_beside_its_own_writing_and_answers(client):
    queue = client.post("/work_queues/", json={"name": "paused-and-read"}).json()["id"]
    answer = client.patch(f"/work_queues/{queue}", json={"is_paused": True})
    assert (answer.status_code, answer.text) == (httpx.codes.NO_CONTENT, "")
    assert client.get(f"/work_queues/{queue}").json()["status"] == "PAUSED"
