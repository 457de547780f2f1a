"""Writing files below the state folder: what the operating system refuses becomes one sentence."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

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


def write_parquet(frame: pd.DataFrame, file: Path) -> None:
    """Write a frame as Parquet; the file is there whole or not at all.

    Args:
        frame: The frame.
        file: Where it goes; folders are made.
    """
    unfinished = file.with_suffix(f".{os.getpid()}.tmp")
    with writing(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        frame.to_parquet(unfinished, index=False)
        unfinished.replace(file)
