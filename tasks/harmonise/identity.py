"""What makes an observation itself, and which observation is its other half."""

from hashlib import blake2b

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from warehouse.frames import NUMBER, OBSERVATION, TEXT

# The note is left out: it follows from snapshot and locator, and the ids from before there were notes stay as they are.
_NO_CONTENT = ("observation_id", "superseded_by", "note")
CONTENT = tuple(column for column in OBSERVATION.columns if column not in _NO_CONTENT)
_SEPARATOR = pa.scalar(
    "\x1f", pa.large_string()
)  # cannot occur in a cell: cleaning turns control characters into spaces
_CHUNK = 100_000  # rows joined at a time, which bounds the memory
_PARTS = {"a": "b", "b": "a"}
_SAME_FIGURE = ["agency", "item", "stage", "source", "snapshot_sha256"]


def observation_ids(observations: pd.DataFrame) -> pd.Series:
    """Return the content address of each row.

    Args:
        observations: OBSERVATION or CANDIDATE rows; `observation_id`, `superseded_by` and `note` have no part in it.

    Returns:
        32 hex digits a row: BLAKE2b of 16 bytes over all other columns of OBSERVATION, numbers by their bits.
    """
    arrays = [_text(observations[column], OBSERVATION.columns[column]) for column in CONTENT]
    ids: list[str] = []
    for start in range(0, len(observations), _CHUNK):
        joined = pc.binary_join_element_wise(*(array[start : start + _CHUNK] for array in arrays), _SEPARATOR)
        ids += [blake2b(row, digest_size=16).hexdigest() for row in joined.cast(pa.large_binary()).to_pylist()]
    return pd.Series(ids, index=observations.index, dtype=TEXT)


def counterparts(observations: pd.DataFrame) -> pd.Series:
    """Return for each part of a ratio the value of the other part.

    The parts belong together when agency, item, stage and snapshot agree; where a figure stands twice, the first
    numerator goes with the first denominator.

    Args:
        observations: CANDIDATE rows.

    Returns:
        One number a row; NaN where the row is no part of a ratio or the other part is not there.
    """
    ratios = observations[observations["part"].isin(_PARTS)]
    keys = ratios[[*_SAME_FIGURE, "part"]].copy()
    for column in ("agency", "item"):
        keys[column] = keys[column].where(keys[column] != "", ratios[f"{column}_text"])
    keys["nth"] = keys.groupby(list(keys.columns), sort=False).cumcount()
    others = keys.assign(part=keys["part"].map(_PARTS), counterpart=ratios["value"])
    found = keys.merge(others, how="left", on=list(keys.columns), sort=False)["counterpart"]
    return pd.Series(found.to_numpy(), index=ratios.index, dtype=NUMBER).reindex(observations.index)


def _text(column: pd.Series, dtype: str) -> pa.Array:
    """Column as text; a number by its bits, so that no rounding and no library's way of printing has a say."""
    if dtype == NUMBER:
        numbers = column.to_numpy(dtype=np.float64) + 0.0  # -0.0 and 0.0 are one value
        numbers[np.isnan(numbers)] = np.nan
        return pa.array(numbers.view(np.int64)).cast(pa.large_string())
    array = pa.array(column.astype("str"), type=pa.large_string())
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
