"""Telling people: a message through the block `dti-notify` when a run fails, crashes or refuses a file.

Any of Prefect's notification blocks will do, several of the name too. Telling never holds a run up for long and never
changes its state.
"""

import contextvars
import logging
import re
import threading
from typing import Any, TypedDict, cast

from prefect.blocks.abstract import NotificationBlock
from prefect.blocks.core import Block
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import BlockDocument, FlowRun, State
from prefect.utilities.urls import url_for

from flows.blocks import NOTIFY
from flows.labels import printable
from flows.patience import keep_asking
from flows.states import REFUSED
from warehouse.settings import get_settings

logger = logging.getLogger(__name__)
PATIENCE_SECONDS = 5.0  # how long a run waits for its message to go out
_OF_PREFECT = "Flow run encountered an exception"
_KIND = re.compile(rf"{_OF_PREFECT}:? ?(?:\w+\.)*(\w+)")
_REFUSED_FILE = re.compile(r"[^ ]+ was refused: .*")


def tell_stopped(flow: Any, run: FlowRun, state: State[Any]) -> None:
    """Say that a run failed, crashed or was refused, and why; runs within another run are told by that one."""
    what = "crashed" if state.is_crashed() else "was refused" if state.name == REFUSED else "failed"
    _tell_once(run, f"DTI: {flow.name} {run.name} {what}", reason_of(state))


def tell_refused_files(flow: Any, run: FlowRun, state: State[Any]) -> None:
    """Say that a run came to its end without a file that was refused as a whole."""
    found = _REFUSED_FILE.search(state.message or "")
    if found:
        _tell_once(run, f"DTI: {flow.name} {run.name} refused a file", printable(found[0]))


class Hooks(TypedDict):
    """What Prefect calls, by how a run ended."""

    on_failure: list[Any]
    on_crashed: list[Any]
    on_completion: list[Any]
    on_running: list[Any]


# Every flow has them: `@flow(..., **HOOKS)`. A run that somebody cancelled tells nobody.
HOOKS: Hooks = {
    "on_failure": [tell_stopped],
    "on_crashed": [tell_stopped],
    "on_completion": [tell_refused_files],
    "on_running": [keep_asking],
}


def reason_of(state: State[Any]) -> str:
    """Why a run stopped, in words that were written for people.

    What an unexpected error or a dying process says may hold anything, a password or a person's name: it stays in the
    log of the run.
    """
    message = state.message or ""
    if state.is_crashed():
        return message.split(". ")[0] + "." if message.startswith("Process exited") else "Its process ended."
    if message.startswith(_OF_PREFECT):
        kind = _KIND.match(message)
        return f"An unexpected error{f' ({kind[1]})' if kind else ''}; the log of the run has it."
    return printable(message)


def _tell_once(run: FlowRun, subject: str, reason: str) -> None:
    if run.parent_task_run_id is not None or not _first_time(run):
        return
    link = url_for(run) or ""
    body = f"{reason}\n{link}".strip()
    told = threading.Thread(target=contextvars.copy_context().run, args=(_tell, subject, body), daemon=True)
    told.start()
    told.join(PATIENCE_SECONDS)
    if told.is_alive():
        logger.warning("Nobody has taken the message within %s seconds; the run goes on without.", PATIENCE_SECONDS)


def _first_time(run: FlowRun) -> bool:
    """Whether nothing was told of this attempt yet; the worker too may report a crash that the run itself reported."""
    folder = get_settings().prefect_home / "told"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{run.id}-{run.run_count}").touch(exist_ok=False)
    except FileExistsError:
        return False
    except OSError:
        return True  # on a full disk people should hear more, not less
    return True


def _tell(subject: str, body: str) -> None:
    for block in _blocks():
        try:
            cast(Any, block.notify)(body, subject)  # outside of an event loop it sends at once
        except Exception as error:  # whatever a block may raise, it is not the run's fault
            # Only the kind: the words of the client hold the address, which is a secret.
            logger.warning("The message through %s did not go out: %s.", type(block).__name__, type(error).__name__)


def _blocks() -> list[NotificationBlock]:
    asked = {"block_documents": {"name": {"any_": [NOTIFY]}}, "include_secrets": True}
    with get_client(sync_client=True) as client:
        documents = client.request("POST", "/block_documents/filter", json=asked).json()
    found = [Block._from_block_document(BlockDocument.model_validate(document)) for document in documents]
    return [block for block in found if isinstance(block, NotificationBlock)]
