"""Waiting for a database that is away for a moment: it is tried again, each time after a longer pause."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from warehouse.errors import ConnectionLost

logger = logging.getLogger(__name__)

PATIENCE = 60.0  # seconds from the first failure to the last attempt
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 8.0  # seconds; each pause is twice as long as the one before
Result = TypeVar("Result")


def patiently(work: Callable[[], Result]) -> Result:
    """Do something that may be done again as long as the connection is lost before anything is kept.

    Args:
        work: What to do; it must leave nothing behind when it raises ConnectionLost.

    Returns:
        What `work` returns.

    Raises:
        ConnectionLost: The database has not come back within about a minute.
    """
    pause, deadline = FIRST_PAUSE, None
    while True:
        try:
            return work()
        except ConnectionLost as lost:
            now = time.monotonic()
            deadline = deadline or now + PATIENCE
            if now + pause > deadline:
                raise
            logger.warning("%s Trying again in %.1f seconds.", lost.message, pause)
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
