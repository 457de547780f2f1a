"""Shares are finite numbers, as values are: arithmetic that leaves them is refused, not ranked."""

import numpy as np

from tasks.scoring.arrays import BoolArray, FloatArray, IntArray, expand
from tasks.scoring.cells import Cells
from tasks.scoring.tree import Tree
from warehouse.errors import InputError


def refuse_infinite(shares: FloatArray, there: BoolArray, nodes: IntArray, tree: Tree, cells: Cells) -> None:
    """Refuse shares that are infinite, or none although there is a value.

    Args:
        shares: Of some nodes, shape (k, units, ...).
        there: Where there must be a share, shape (k, units) or that of the shares.
        nodes: Their indices, shape (k,).
        tree: The framework.
        cells: The measurements.

    Raises:
        InputError: A share is not a finite number.
    """
    found = np.argwhere(~np.isfinite(shares) & (expand(there, shares.ndim) if there.ndim == 2 else there))
    if found.size:
        node, unit = found[0][:2]
        code, share = tree.codes[nodes[node]], shares[tuple(found[0])]
        what = f"the share {share:g}" if np.isinf(share) else "a share that cannot be computed"
        raise InputError(
            f"{code} of {cells.unit(unit)} has {what}: its values are too large, or too small, for its rule.",
            f"A share is a finite number: correct the values, or the parameters of {code} in nodes.csv.",
        )
