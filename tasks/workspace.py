"""Where the stages of a round hand frames to each other: Parquet files in the lake.

Flow parameters stay small and readable in the UI, each hop can be opened with any tool, and a stage that is killed
leaves either its whole frame or none: files are replaced in one step.
"""

import json
import os
from pathlib import Path
from typing import Any

import pandas as pd

from warehouse.errors import InputError
from warehouse.files import write_parquet, writing
from warehouse.frames import Frame


class Workspace:
    """The frames of one round, for one framework and period.

    Args:
        root: Folder of the round's frames.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def of(cls, lake: Path, framework: str, period: str, round_name: str) -> "Workspace":
        """Workspace of a round below the lake folder."""
        return cls(lake / "rounds" / framework / period / round_name)

    def write(self, frame: Frame, rows: pd.DataFrame, part: str = "") -> Path:
        """Write a frame, replacing what was there.

        Args:
            frame: Declared shape; the rows are brought into it.
            rows: The data.
            part: Partition, e.g. the name of a source.
        """
        file = self._file(frame, part)
        write_parquet(frame.conform(rows), file)
        return file

    def read(self, frame: Frame, part: str = "") -> pd.DataFrame:
        """Read a frame back.

        Raises:
            InputError: The stage that makes it has not run.
        """
        file = self._file(frame, part)
        if not file.is_file():
            raise InputError(f"{file} is not there.", "Run the round from the start: `dti run annual`.")
        rows = pd.read_parquet(file)
        # An earlier version of the code may have written it, before a decision that is carried out now.
        return rows if list(rows.columns) == list(frame.columns) else frame.conform(rows)

    def write_json(self, name: str, content: Any) -> None:
        """Keep a small record beside the frames."""
        unfinished = self.root / f"{name}.{os.getpid()}.tmp"
        with writing(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
            unfinished.write_text(json.dumps(content, ensure_ascii=False, indent=1, default=str), encoding="utf-8")
            unfinished.replace(self.root / f"{name}.json")

    def read_json(self, name: str) -> Any:
        """Read a small record back."""
        return json.loads((self.root / f"{name}.json").read_text(encoding="utf-8"))

    def _file(self, frame: Frame, part: str) -> Path:
        return self.root / (f"{frame.name}.{part}.parquet" if part else f"{frame.name}.parquet")
