"""Writing files below the state folder: what the operating system refuses becomes one sentence."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from warehouse.errors import WarehouseError


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Write to a file or folder.

    Args:
        path: What is being written.

    Raises:
        WarehouseError: The disk is full, or the place cannot be written to.
    """
    try:
        yield
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise WarehouseError(
            f"{path} cannot be written: {why}.",
            "Free some space, choose another place, or set DTI_HOME to a folder that can be written to.",
        ) from error
