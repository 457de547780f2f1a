"""Starting a flow from the command line: expected refusals become one sentence, real errors keep their traceback."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from prefect.client.schemas.objects import State
from prefect.exceptions import PrefectException
from prefect.logging.configuration import setup_logging
from prefect.logging.handlers import PrefectConsoleHandler
from prefect.settings import PREFECT_API_URL
from pydantic import BaseModel

from flows import progress
from flows.annual import annual
from flows.parameters import AnnualParameters
from flows.report import Report
from flows.server import is_healthy
from flows.terminal import Step
from warehouse.errors import DtiError

REFUSAL = "dti_refusal"


class _OneSentence(logging.Filter):
    """Drops the traceback of errors that were written for people; all others keep theirs."""

    def filter(self, record: logging.LogRecord) -> bool:
        if _is_refusal(record):
            record.__dict__[REFUSAL] = True  # for the handlers that come after this one
            record.exc_info = record.exc_text = None
        return True


class _SaidAtTheEnd(logging.Filter):
    """Keeps such errors off the terminal, where the command itself says them once, at its end."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not _is_refusal(record)


def _is_refusal(record: logging.LogRecord) -> bool:
    return hasattr(record, REFUSAL) or bool(record.exc_info and isinstance(record.exc_info[1], DtiError))


ONE_SENTENCE, SAID_AT_THE_END = _OneSentence(), _SaidAtTheEnd()


def run_annual(parameters: AnnualParameters, step: Step) -> Report:
    """Run the annual flow in this process.

    Args:
        parameters: What is to be measured.
        step: Told of every step.

    Returns:
        What came of the round.

    Raises:
        DtiError: The run failed or was refused.
    """
    return Report.model_validate(finished(run_here(annual, parameters, step)).result())


def run_here(called: Callable[..., Any], parameters: BaseModel, step: Step) -> State[Any]:
    """Run a flow in this process.

    Args:
        called: The flow.
        parameters: Its parameters.
        step: Told of every step.

    Returns:
        The state in which the run ended.

    Raises:
        DtiError: The Prefect server is gone.
    """
    _say_refusals_once()
    with progress.watched_by(step), _server_alive():
        state: State[Any] = called(parameters, return_state=True)
    return state


def finished(state: State[Any]) -> State[Any]:
    """Return the state of a run that came to its end.

    Raises:
        DtiError: The run failed or was refused.
    """
    if not state.is_completed():
        raise DtiError(state.message or "The run failed.", "The Prefect UI (`dti serve`) shows the run step by step.")
    return state


@contextmanager
def _server_alive() -> Iterator[None]:
    """Say in one sentence that the Prefect server is gone."""
    try:
        yield
    except (httpx.TransportError, PrefectException) as error:
        if is_healthy(str(PREFECT_API_URL.value())):
            raise
        raise DtiError(
            f"The Prefect server at {PREFECT_API_URL.value()} no longer answers.",
            "Start it again, then run the same command: it goes on from the sources, and nothing is there twice.",
        ) from error


def _say_refusals_once() -> None:
    """Prepare Prefect's handlers, which exist from the first set-up of its logging on."""
    setup_logging()
    for name in ("prefect.flow_runs", "prefect.task_runs", None):
        for handler in logging.getLogger(name).handlers:
            # Adding the same filter again does nothing.
            handler.addFilter(SAID_AT_THE_END if isinstance(handler, PrefectConsoleHandler) else ONE_SENTENCE)
