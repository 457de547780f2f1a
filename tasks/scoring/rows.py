"""The rows of a file of measurements: which columns they have, and how one of them is named to a person."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from tasks.scoring.arrays import BoolArray
from warehouse.errors import InputError

NEEDED = ("agency", "node", "value")
OPTIONAL = ("period", "stage", "standard_error", "n", "points")
NO_NUMBER = "Write a number with a point before the decimals; leave the whole row out where nothing was measured."


class Rows:
    """The rows of a measurements frame, and how to name one of them to a person.

    Args:
        frame: The measurements.
        origin: Name of the file they come from.
    """

    def __init__(self, frame: pd.DataFrame, origin: str) -> None:
        self.frame = frame
        self.origin = origin

    def refuse(self, where: BoolArray, say: Callable[[int], str], hint: str) -> None:
        """Raise an error that names the first row of `where`, if any.

        Args:
            where: Rows at fault, shape (rows,).
            say: Takes the position of a row, gives what is wrong with it.
            hint: What to do.
        """
        at = np.flatnonzero(where)
        if at.size:
            more = f" ({at.size - 1} more rows have the same fault)" if at.size > 1 else ""
            first = int(at[0])
            raise InputError(f"{self.origin}, row {self.number(first)}: {say(first)}{more}.", hint)

    def number(self, position: int) -> int:
        """Number of a row as a spreadsheet shows it: the header is row 1."""
        label = self.frame.index[position]
        return (int(label) if pd.api.types.is_integer(label) else position) + 2


def require_columns(columns: list[str], origin: str) -> None:
    """Raise an error if a needed column is missing or stands twice.

    Raises:
        InputError: It names the file and the columns.
    """
    missing = [name for name in NEEDED if name not in columns]
    doubled = [name for name in (*NEEDED, *OPTIONAL) if columns.count(name) > 1]
    expected = f"The columns are {', '.join(NEEDED)} and, optionally, {', '.join(OPTIONAL)}, separated by commas."
    if missing:
        plural = "columns" if len(missing) > 1 else "column"
        found = ", ".join(columns[:12]) or "none"
        raise InputError(f"{origin} has no {plural} {', '.join(missing)}; row 1 holds: {found}.", expected)
    if doubled:
        raise InputError(f"{origin} has the column {doubled[0]} more than once in row 1.", "Keep one of them.")
