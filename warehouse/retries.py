"""Steps of a run that are done again when the connection is lost in the middle of their transaction."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar, cast

import sqlalchemy as sa

from warehouse.locks import confirm
from warehouse.patience import patiently

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
Step = Callable[Concatenate[sa.Engine, Parameters], Result]


def retried(step: Step[Parameters, Result]) -> Step[Parameters, Result]:
    """Let a step wait about a minute for a database that went away before the step began to commit.

    Before each attempt the rounds that this process holds are confirmed, and taken again where the server has lost
    them: a run never goes on beside another one.

    Args:
        step: A function of the warehouse and more that works in one `transaction` and can be repeated.
    """

    @wraps(step)
    def patient(engine: sa.Engine, *args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        def attempt() -> Result:
            confirm(engine)
            return step(engine, *args, **kwargs)

        return patiently(attempt)

    return cast(Step[Parameters, Result], patient)
