"""Starting a flow from the command line: expected refusals become one sentence, real errors keep their traceback."""

import logging

from flows import progress
from flows.annual import annual
from flows.parameters import AnnualParameters
from flows.report import Report
from flows.terminal import Step
from warehouse.errors import DtiError


class _OneSentence(logging.Filter):
    """Drops the traceback of errors that were written for people; all others keep theirs."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and isinstance(record.exc_info[1], DtiError):
            record.exc_info = record.exc_text = None
        return True


ONE_SENTENCE = _OneSentence()


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
    for name in ("prefect.flow_runs", "prefect.task_runs", "prefect"):
        for handler in logging.getLogger(name).handlers:
            handler.addFilter(ONE_SENTENCE)  # adding the same filter again does nothing
    with progress.watched_by(step):
        state = annual(parameters, return_state=True)
    if not state.is_completed():
        raise DtiError(state.message or "The run failed.", "The Prefect UI (`dti serve`) shows the run step by step.")
    return Report.model_validate(state.result())
