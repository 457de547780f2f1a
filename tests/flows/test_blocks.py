"""`dti setup-blocks`: from the environment, idempotent, and never a secret on the screen."""

import json
import socket
import threading

import pytest
from prefect.blocks.core import Block
from prefect.blocks.system import Secret

from flows.blocks import NOTIFY, MailNotification, make_blocks, missing_credentials
from tasks.secrets import secret_block, warehouse_of_block
from warehouse.errors import InputError
from warehouse.settings import get_settings

KEY = "hunter2-hunter2"


@pytest.fixture(autouse=True)
def cleaned(prefect_api, home):
    yield
    for slug in (
        "secret/dti-warehouse-url",
        "secret/dti-field-token",
        f"custom-webhook/{NOTIFY}",
        f"slack-webhook/{NOTIFY}",
        f"dti-mail/{NOTIFY}",
    ):
        kind, name = slug.split("/")
        try:
            Block.load(slug)
        except ValueError:
            continue
        Block.get_block_class_from_key(kind).delete(name) if kind != "dti-mail" else MailNotification.delete(name)


def outcomes(environment):
    return {one.block: one.outcome for one in make_blocks(environment)}


def test_blocks__made_renewed_and_left_alone():
    environment = {"DTI_FIELD_TOKEN": KEY, "DTI_NOTIFY_SLACK_URL": f"https://hooks.slack.com/services/A/B/{KEY}"}
    made = {"secret/dti-field-token": "made", f"slack-webhook/{NOTIFY}": "made", "secret/dti-warehouse-url": "missing"}
    assert outcomes(environment) == made
    assert set(outcomes(environment).values()) == {"unchanged", "missing"}
    assert outcomes({**environment, "DTI_FIELD_TOKEN": "another"})["secret/dti-field-token"] == "renewed"
    assert secret_block("field-token") == "another"


def test_blocks__nothing_in_the_environment__says_what_is_missing():
    assert outcomes({}) == {"secret/dti-warehouse-url": "missing", f"(any)/{NOTIFY}": "missing"}


def test_blocks__credentials_of_rounds__missing_until_somebody_gives_them():
    assert [one.block for one in missing_credentials({"field"}, [])] == ["secret/dti-field-token"]
    assert missing_credentials({"field"}, make_blocks({"DTI_FIELD_TOKEN": KEY})) == []
    assert missing_credentials({"field"}, []) == []  # Prefect has it by now


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DTI_NOTIFY_WEBHOOK_URL", f"ftp://a/{KEY}"),
        ("DTI_NOTIFY_SLACK_URL", KEY),
        ("DTI_NOTIFY_MAIL_URL", f"smtp://{KEY}"),
    ],
)
def test_blocks__a_value_that_is_no_address__is_named_and_not_shown(variable, value):
    with pytest.raises(InputError, match=variable) as refusal:
        make_blocks({variable: value})
    assert KEY not in str(refusal.value)


def test_setup_blocks__the_command__shows_no_secret(dti, monkeypatch):
    monkeypatch.setenv("DTI_FIELD_TOKEN", KEY)
    monkeypatch.setenv("DTI_NOTIFY_WEBHOOK_URL", f"https://a.vn/{KEY}")
    done = dti("setup-blocks", "--format", "json")
    assert done.returncode == 0, done.stderr
    assert {row["block"] for row in json.loads(done.stdout)} >= {"secret/dti-field-token", f"custom-webhook/{NOTIFY}"}
    assert KEY not in done.stdout + done.stderr


def test_webhook__its_address__is_a_secret_in_prefect():
    make_blocks({"DTI_NOTIFY_WEBHOOK_URL": f"https://a.vn/{KEY}"})
    assert KEY not in repr(Block.load(f"custom-webhook/{NOTIFY}"))


def test_warehouse_of_block__where_the_environment_names_none():
    Secret(value="sqlite:////somewhere/else.db").save("dti-warehouse-url")
    with warehouse_of_block():
        assert get_settings().url == "sqlite:////somewhere/else.db"
    assert get_settings().url.endswith("var/warehouse.db")


def test_warehouse_of_block__the_environment_goes_first(monkeypatch):
    Secret(value="sqlite:////somewhere/else.db").save("dti-warehouse-url")
    monkeypatch.setenv("DTI_WAREHOUSE_URL", "sqlite:////mine.db")
    get_settings.cache_clear()
    with warehouse_of_block():
        assert get_settings().url == "sqlite:////mine.db"


def test_mail__through_a_real_smtp_dialogue__arrives(prefect_api):
    letters, listener = [], socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=receive, args=(listener, letters), daemon=True).start()
    port = listener.getsockname()[1]
    make_blocks({"DTI_NOTIFY_MAIL_URL": f"mailto://127.0.0.1:{port}/?from=dti@example.vn&to=team@example.vn"})
    block = Block.load(f"dti-mail/{NOTIFY}")
    block.notify("Xã hội số", "Lỗi")
    assert "team@example.vn" in letters[0]
    listener.close()


def receive(listener, letters):
    """As much of an SMTP server as one letter needs."""
    connection, _ = listener.accept()
    with connection, connection.makefile("rwb") as lines:
        said, in_letter = [], False
        lines.write(b"220 here\r\n")
        lines.flush()
        for raw in lines:
            said.append(raw.decode())
            line = raw.strip().upper()
            if in_letter:
                if raw.strip() != b".":
                    continue
                in_letter = False
            answer = b"354 go on" if line == b"DATA" else b"221 bye" if line == b"QUIT" else b"250 fine"
            in_letter = line == b"DATA"
            lines.write(answer + b"\r\n")
            lines.flush()
            if line == b"QUIT":
                break
        letters.append("".join(said))
