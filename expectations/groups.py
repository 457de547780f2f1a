"""Numbering the groups that rows fall into."""

from collections.abc import Sequence

import numpy as np
import pandas as pd


def number_groups(columns: Sequence[pd.Series]) -> np.ndarray:
    """Number the different combinations of some columns, from 0.

    >>> number_groups([pd.Series(["a", "a", "b"]), pd.Series(["x", "x", "x"])]).tolist()
    [0, 0, 1]
    """
    numbers = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        codes, texts = pd.factorize(column)
        # Numbered anew after each column, so that the product cannot leave 64 bits.
        numbers = pd.factorize(numbers * (len(texts) + 1) + codes)[0].astype(np.int64)
    return numbers
