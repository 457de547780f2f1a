"""Competition ranks: 1, 2, 2, 4."""

import numpy as np

from tasks.scoring.arrays import FloatArray, IntArray

TIE = 1e-12  # shares that differ by less differ by the rounding of floating-point sums only


def competition_ranks(shares: FloatArray, labels: IntArray) -> IntArray:
    """Rank the units of each label against each other, highest share first, on unrounded shares.

    Args:
        shares: Shape (nodes, units, ...).
        labels: Who is ranked with whom, shape (units,); a negative label is not ranked.

    Returns:
        Ranks from 1, shape of `shares`; 0 where there is no share or no label.
    """
    ranks = np.zeros(shares.shape, dtype=np.intp)
    for label in np.unique(labels[labels >= 0]):
        members = np.flatnonzero(labels == label)
        ranks[:, members] = _ranks(shares[:, members])
    return ranks


def _ranks(shares: FloatArray) -> IntArray:
    order = np.argsort(-shares, axis=1, kind="stable")
    ordered = np.take_along_axis(shares, order, axis=1)
    places = np.arange(shares.shape[1]).reshape((1, -1) + (1,) * (shares.ndim - 2))
    begins = np.ones(shares.shape, dtype=np.bool_)
    begins[:, 1:] = ~(ordered[:, :-1] - ordered[:, 1:] < TIE)
    firsts = np.maximum.accumulate(np.where(begins, places, 0), axis=1) + 1
    ranks = np.empty(shares.shape, dtype=np.intp)
    np.put_along_axis(ranks, order, np.where(np.isnan(ordered), 0, firsts), axis=1)
    return ranks
