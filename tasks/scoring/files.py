"""Reading measurements from CSV and Parquet files, and writing scores."""

import csv
import io
import json
import math
import os
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd

from tasks.scoring.rows import NEEDED, NO_NUMBER, OPTIONAL, Rows, require_columns
from warehouse.errors import InputError

_TEXTS = ("agency", "node", "period", "stage")
_NUMBERS = ("value", "standard_error", "n")


def read_inputs(path: Path | str) -> pd.DataFrame:
    """Read a file of measurements.

    Args:
        path: CSV (UTF-8, commas, one header row) or Parquet.

    Returns:
        Grain agency x node x period x stage; the columns agency, node, value, period, stage, standard_error, n that the
        file has, texts in NFC without blanks at their ends ("01" and "2020" stay text), numbers as float64 read to the
        last digit. The index is the row's position below the header; blank rows are left out.

    Raises:
        InputError: The file or a row of it cannot be read; the message names both.
    """
    file = Path(path)
    try:
        data = file.read_bytes()
    except FileNotFoundError as error:
        raise InputError(
            f"There is no file {file}.", "Give the path of a CSV or Parquet file of measurements."
        ) from error
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.", "Give the path of a readable file.") from error
    if not data.strip():
        raise InputError(
            f"{file} is empty.", f"It needs a header row with {', '.join(NEEDED)} and one row per measurement."
        )
    frame = _parquet(file) if data.startswith(b"PAR1") else _csv(data, file)
    if frame.empty:
        raise InputError(f"{file} has a header but no rows.", "Give one row per measurement below the header.")
    rows = Rows(frame, str(file))
    return frame.assign(**{name: _numbers(rows, name) for name in _NUMBERS if name in frame.columns})


def _csv(data: bytes, file: Path) -> pd.DataFrame:
    """Read the known columns of a CSV as tidy texts; the index is the position below the header."""
    header, *rows = _parse(data, file)
    names = [name.strip().casefold() for name in header]
    require_columns(names, str(file))
    filled = [position for position, row in enumerate(rows) if any(row)]
    ragged = next((position for position in filled if len(rows[position]) != len(names)), None)
    if ragged is not None:
        raise InputError(
            f"{file}, row {ragged + 2}: there are {len(rows[ragged])} cells under {len(names)} columns.",
            'A text that holds a comma stands in "quotation marks"; a number has a point before its decimals.',
        )
    wanted = [name for name in (*NEEDED, *OPTIONAL) if name in names]
    places = {name: names.index(name) for name in wanted}
    columns = {name: [rows[position][place].strip() for position in filled] for name, place in places.items()}
    return pd.DataFrame({name: pd.array(cells, dtype="str") for name, cells in columns.items()}, index=filled)


def _parse(data: bytes, file: Path) -> list[list[str]]:
    """Cells of a CSV in Unicode form NFC."""
    try:
        text = unicodedata.normalize("NFC", data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        hint = "Save the table as CSV in UTF-8, or as Parquet."
        raise InputError(f"{file}, line {line}: the file is not text in UTF-8.", hint) from error
    try:
        return list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise InputError(f"{file} cannot be read as CSV: {error}.", "Check its quotation marks.") from error


def _parquet(file: Path) -> pd.DataFrame:
    """Read the known columns of a Parquet file, all but numbers as tidy texts."""
    try:
        frame = pd.read_parquet(file).reset_index(drop=True)
    except (OSError, ValueError) as error:
        raise InputError(f"{file} is not a whole Parquet file: {error}.", "Write the file again.") from error
    require_columns([str(name) for name in frame.columns], str(file))
    wanted = [name for name in (*NEEDED, *OPTIONAL) if name in frame.columns]
    kept = {name: frame[name] for name in wanted}
    for name, column in kept.items():
        if name in _TEXTS or not pd.api.types.is_numeric_dtype(column):
            kept[name] = _texts(column)
    return pd.DataFrame(kept)


def _texts(column: pd.Series) -> pd.Series:
    """Tidy texts of a column, whole numbers without decimals: 2020 and not 2020.0."""
    if pd.api.types.is_float_dtype(column):
        cells = [
            "" if math.isnan(number) else f"{number:.17g}" for number in column.to_numpy(np.float64, na_value=np.nan)
        ]
    else:
        cells = ["" if missing else str(cell) for cell, missing in zip(column, column.isna(), strict=True)]
    return pd.Series([unicodedata.normalize("NFC", cell).strip() for cell in cells], dtype="str")


def _numbers(rows: Rows, name: str) -> pd.Series:
    """A column as float64; a blank is NaN, and refused where it is the value."""
    column = rows.frame[name]
    if pd.api.types.is_numeric_dtype(column):
        numbers = column.to_numpy(np.float64, na_value=np.nan)
        is_blank = np.isnan(numbers)
        cells = numbers.tolist()
    else:
        cells = column.tolist()
        numbers = np.array([_number(cell) for cell in cells])
        is_blank = np.array([not cell for cell in cells])
    rows.refuse(
        ~np.isfinite(numbers) & ~(is_blank & (name != "value")),
        lambda row: f"the {name} is blank" if is_blank[row] else f"the {name} {cells[row]!r} is not a finite number",
        NO_NUMBER,
    )
    return pd.Series(numbers, index=column.index)


def _number(cell: str) -> float:
    """The number that a cell says, or NaN."""
    try:
        return math.nan if "_" in cell else float(cell)
    except ValueError:
        return math.nan


def write_scores(scores: pd.DataFrame, path: Path | str | None) -> None:
    """Write scores as CSV, every number with all its digits.

    Args:
        scores: As `tasks.scoring.engine.score` gives them.
        path: File to write, whole or not at all; None: the standard output.

    Raises:
        InputError: The file cannot be written.
    """
    if path is None:
        _write(scores, sys.stdout)
        return
    with _whole(Path(path)) as stream:
        _write(scores, stream)


def write_account(account: Mapping[str, Any], path: Path | str) -> None:
    """Write an account of what was done to the figures as JSON.

    Args:
        account: As `tasks.scoring.account.account` gives it.
        path: File to write, whole or not at all.

    Raises:
        InputError: The file cannot be written.
    """
    with _whole(Path(path)) as stream:
        json.dump(account, stream, ensure_ascii=False, indent=1)
        stream.write("\n")


@contextmanager
def _whole(file: Path) -> Iterator[IO[str]]:
    """Open a file to be written whole or not at all."""
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as stream:
            yield stream
        part.replace(file)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise InputError(
            f"{file} cannot be written: {error.strerror}.", "Give a path in a folder that exists."
        ) from error


def _write(scores: pd.DataFrame, stream: IO[str]) -> None:
    scores.to_csv(stream, index=False, lineterminator="\n")
