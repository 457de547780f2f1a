"""Array types of the engine and the few shapes they share.

Axis 0 is nodes in tree order, axis 1 is units (an agency in a period), sorted by period and agency. Values and shares
may have further axes, such as draws; masks never do, because what is known of a cell is the same in every draw.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
BoolArray = NDArray[np.bool_]


def expand(array: NDArray[Any], ndim: int) -> NDArray[Any]:
    """Return `array` with as many trailing axes of length one as it takes to have `ndim` axes.

    >>> expand(np.ones((3, 2)), 4).shape
    (3, 2, 1, 1)
    """
    return array.reshape(array.shape + (1,) * (ndim - array.ndim))


def put(figures: FloatArray, mask: BoolArray, values: FloatArray | float) -> None:
    """Write `values` into the marked cells of `figures`, in every draw.

    Args:
        figures: Shape (k, units, ...); changed in place.
        mask: Shape (k, units).
        values: A number, or an array that broadcasts to `figures`.
    """
    np.copyto(figures, values, where=expand(mask, figures.ndim))


@dataclass(frozen=True)
class Panels:
    """Neighbouring units that are compared with each other.

    Attributes:
        starts: First unit of each panel, shape (panels,).
        of: Panel of each unit, shape (units,).
    """

    starts: IntArray
    of: IntArray

    @classmethod
    def by(cls, labels: IntArray) -> "Panels":
        """One panel per run of equal labels; `labels` has shape (units,)."""
        begins = np.ones(len(labels), dtype=np.bool_)
        begins[1:] = labels[1:] != labels[:-1]
        return cls(np.flatnonzero(begins), np.cumsum(begins) - 1)

    def reduce(self, ufunc: np.ufunc, array: NDArray[Any]) -> NDArray[Any]:
        """Reduce the units of each panel: (nodes, units, ...) to (nodes, panels, ...).

        The order of summation depends on the units only, so the result is the same on every machine.
        """
        reduced: NDArray[Any] = ufunc.reduceat(array, self.starts, axis=1)
        return reduced

    def spread(self, array: NDArray[Any]) -> NDArray[Any]:
        """Give every unit the figure of its panel: (nodes, panels, ...) to (nodes, units, ...)."""
        return array[:, self.of]
