"""Whether rows can be judged at all: a fault here is a fault of the batch, not of a row."""

import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from warehouse.errors import BatchRefused
from warehouse.frames import CANDIDATE, NUMBER


def check_shape(candidates: pd.DataFrame) -> None:
    """Refuse a batch that the rules cannot be applied to.

    Args:
        candidates: CANDIDATE rows.

    Raises:
        BatchRefused: A declared column is missing, a column of numbers holds something else, or there is no row.
    """
    missing = [name for name in CANDIDATE.columns if name not in candidates.columns]
    if missing:
        raise BatchRefused(
            f"The rows to validate lack the column(s) {', '.join(missing)}.",
            "The source must give every column of the CANDIDATE frame, empty where it knows nothing.",
        )
    mistyped = [name for name, dtype in CANDIDATE.columns.items() if not _has_type(candidates[name], dtype)]
    if mistyped:
        raise BatchRefused(
            f"The column(s) {', '.join(mistyped)} of the rows to validate have the wrong type.",
            "Bring them into the CANDIDATE frame with CANDIDATE.conform.",
        )
    if candidates.empty:
        raise BatchRefused(
            "There is no row to validate.",
            "No source of the round gave one: see which files were refused or unavailable.",
        )


def _has_type(column: pd.Series, dtype: str) -> bool:
    if dtype == NUMBER:
        return is_numeric_dtype(column) and not is_bool_dtype(column)
    return dtype != "bool" or bool(is_bool_dtype(column))
