"""States that tell the truth about a run that did not come to its end."""

from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Failed

from warehouse.errors import BatchRefused, DtiError

REFUSED = "Refused"


def stopped(error: DtiError) -> State[Any]:
    """The state of a run that a refusal or a fault ended: its message is the reason and what to do."""
    return Failed(name=REFUSED if isinstance(error, BatchRefused) else "Failed", message=str(error))
