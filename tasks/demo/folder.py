"""The folder of a synthetic round: marked as one, so that nothing else is ever replaced."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from tasks.demo.sheet import SYNTHETIC
from tasks.sources.rounds import FILE
from warehouse.errors import InputError

MARK = "SYNTHETIC.txt"
_WRITTEN_ON_TOP = f"# {SYNTHETIC}.\n"


def prepare(folder: Path, made: Iterable[str]) -> None:
    """Make the folder ready; nothing but an earlier synthetic round is ever replaced.

    Args:
        folder: The folder.
        made: Folders below it that are written anew.

    Raises:
        InputError: It holds something else, or cannot be used.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()) and not (folder / MARK).is_file():
            raise InputError(f"The folder {folder} is not empty.", "Give a new folder for the synthetic round.")
        # The mark comes first and round.yaml last: a round that was killed half-way is replaced, but never run.
        (folder / MARK).write_text(f"{SYNTHETIC}.\n", encoding="utf-8")
        (folder / FILE).unlink(missing_ok=True)
        for name in made:
            shutil.rmtree(folder / name, ignore_errors=True)
    except OSError as error:
        raise InputError(f"The folder {folder} cannot be used: {error}.", "Give a new folder.") from None


def write_yaml(file: Path, content: dict[str, Any]) -> None:
    """Write a YAML file that says on top that it is synthetic."""
    text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=120)
    file.write_text(_WRITTEN_ON_TOP + text, encoding="utf-8")
