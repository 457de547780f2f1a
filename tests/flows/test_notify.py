"""Messages about runs: through real blocks to a real server on loopback, once a run, never in its way."""

import http.server
import json
import threading
import time

import pytest
from prefect import flow
from prefect.blocks.notifications import CustomWebhookNotificationBlock, SlackWebhook
from prefect.client.orchestration import get_client
from prefect.states import Cancelled, Completed, Crashed, Failed
from pydantic import SecretStr

from flows import notify
from flows.blocks import NOTIFY, make_blocks
from flows.notify import HOOKS, reason_of, tell_stopped
from flows.states import stopped
from warehouse.errors import BatchRefused, DtiError


class Listener(http.server.ThreadingHTTPServer):
    """Keeps what it is told; answers with a status, or not at all."""

    daemon_threads = True

    def __init__(self, status):
        super().__init__(("127.0.0.1", 0), Answer)
        self.status = status
        self.told = []
        self.released = threading.Event()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/hook/SECRET"


class Answer(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        if self.server.status is None:
            self.server.released.wait(30)
            return
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *arguments):
        pass


@pytest.fixture
def listen(prefect_api, home):
    servers = []

    def start(status=200):
        server = Listener(status)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        make_blocks({"DTI_NOTIFY_WEBHOOK_URL": server.url})
        return server

    yield start
    for server in servers:
        server.released.set()
        server.shutdown()
        server.server_close()
    for kind in (CustomWebhookNotificationBlock, SlackWebhook):
        try:
            kind.delete(NOTIFY)
        except ValueError:
            continue


@flow(name="ends", flow_run_name="of a test", **HOOKS)
def ends(how):
    return how()


@flow(name="around", **HOOKS)
def around():
    ends(lambda: stopped(DtiError("Inside.", "")), return_state=True)
    return stopped(DtiError("Outside.", ""))


def test_failed_run__one_message_with_the_reason_and_the_link(listen):
    server = listen()
    state = ends(lambda: stopped(DtiError("The disk is full.", "Free some space.")), return_state=True)
    assert state.is_failed()
    (told,) = server.told
    assert told["subject"] == "DTI: ends of a test failed"
    assert "The disk is full. Free some space." in told["text"]
    assert f"/runs/flow-run/{state.state_details.flow_run_id}" in told["text"]


def test_refused_batch__is_called_refused(listen):
    server = listen()
    state = ends(lambda: stopped(BatchRefused("No column.", "")), return_state=True)
    assert (state.is_failed(), state.name) == (True, "Refused")
    assert [told["subject"] for told in server.told] == ["DTI: ends of a test was refused"]


def test_refused_file_of_a_completed_run__is_told(listen):
    server = listen()
    ends(lambda: Completed(message="9 ranked. Missing: returns/a.xlsx was refused: not readable."), return_state=True)
    assert [told["text"].splitlines()[0] for told in server.told] == ["returns/a.xlsx was refused: not readable."]


def test_completed_and_cancelled_runs__tell_nobody(listen):
    server = listen()
    ends(lambda: Completed(message="All is well."), return_state=True)
    ends(lambda: Cancelled(), return_state=True)
    assert server.told == []


def test_unexpected_error__its_words_stay_in_the_log(listen):
    def broken():
        raise KeyError("password=hunter2 of Nguyễn Văn A")

    server = listen()
    ends(broken, return_state=True)
    (told,) = server.told
    assert "An unexpected error (KeyError); the log of the run has it." in told["text"]
    assert "hunter2" not in json.dumps(told, ensure_ascii=False)


def test_run_within_a_run__only_the_outer_one_tells(listen):
    server = listen()
    around(return_state=True)
    assert [told["text"].splitlines()[0] for told in server.told] == ["Outside."]


def test_crash__told_by_the_run_and_by_the_worker__is_one_message(listen):
    server = listen()
    with get_client(sync_client=True) as client:
        run = client.create_flow_run(ends, parameters={"how": None}, name="killed")
    state = Crashed(message="Process exited with status code: -9. It was killed by secret words.")
    for _ in range(2):
        tell_stopped(ends, run, state)
    (told,) = server.told
    assert told["text"].startswith("Process exited with status code: -9.\n")


def test_hanging_webhook__neither_holds_the_run_up_nor_changes_its_state(listen, monkeypatch):
    monkeypatch.setattr(notify, "PATIENCE_SECONDS", 1.0)
    server = listen(status=None)
    start = time.monotonic()
    state = ends(lambda: stopped(DtiError("Mended by nobody.", "")), return_state=True)
    assert time.monotonic() - start < 10
    assert (state.is_failed(), state.message) == (True, "Mended by nobody.")
    assert len(server.told) == 1


def test_webhook_that_answers_500__changes_nothing_and_its_address_is_not_logged(listen, caplog):
    server = listen(status=500)
    state = ends(lambda: stopped(DtiError("Still the reason.", "")), return_state=True)
    assert state.message == "Still the reason."
    assert len(server.told) == 1
    assert "SECRET" not in caplog.text


def test_no_block__nothing_happens(prefect_api, home, caplog):
    state = ends(lambda: Failed(message="Told to nobody."), return_state=True)
    assert state.message == "Told to nobody."
    assert "did not go out" not in caplog.text


def test_slack_block__made_in_the_ui__is_used_too(listen, prefect_api):
    server = listen()
    SlackWebhook(url=SecretStr("https://hooks.slack.com/services/T1A2B3C4D/A1B2C3D4E/abcdefghijklmnopqrstuvwx")).save(
        NOTIFY
    )
    kinds = {type(block).__name__ for block in notify._blocks()}
    assert kinds == {"CustomWebhookNotificationBlock", "SlackWebhook"}
    assert server.told == []


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (Crashed(message="Flow run infrastructure exited: token=abc"), "Its process ended."),
        (Failed(message="Flow run encountered an exception: ValueError: x"), "An unexpected error (ValueError); "),
        (Failed(message="red\x1b[31m alert"), "red [31m alert"),
    ],
)
def test_reason__holds_no_words_that_were_not_written_for_people(state, reason):
    assert reason_of(state).startswith(reason)
