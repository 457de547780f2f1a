"""What a table holds, as a number that does not depend on the order of its rows nor on the database they are in."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

_MODULUS = 2**256


@dataclass
class Digest:
    """Count and digest of rows: the sum of the sha256 of each, so that no order and no doubled row goes unseen.

    Attributes:
        columns: The columns of the rows.
        count: Number of rows that were added.
        value: Sum of their sha256, modulo 2**256.
    """

    columns: Sequence[sa.Column[Any]]
    count: int = 0
    value: int = 0

    def __post_init__(self) -> None:
        self._numbers = [at for at, column in enumerate(self.columns) if isinstance(column.type, sa.Double)]

    def add(self, rows: Iterable[Sequence[Any]]) -> None:
        """Add rows, with Python's values for the types of the columns."""
        for row in rows:
            cells = list(row)
            for at in self._numbers:
                if cells[at] == 0.0:
                    cells[at] = 0.0  # SQLite keeps no negative zero
            # The repr of a float, a day, a time in UTC and a text is the same for the same value, and for no other one.
            said = repr(cells).encode("utf-8", "surrogatepass")
            self.value = (self.value + int.from_bytes(hashlib.sha256(said).digest(), "big")) % _MODULUS
            self.count += 1

    @property
    def said(self) -> tuple[int, int]:
        """Count and value, to be compared."""
        return self.count, self.value

    @property
    def short(self) -> str:
        """The first 16 hex digits, to be shown."""
        return f"{self.value:064x}"[:16]
