"""Transforms of a value before its rule."""

from collections.abc import Callable

import numpy as np

from tasks.scoring.arrays import BoolArray, FloatArray

TRANSFORMS: dict[str, Callable[[FloatArray], FloatArray]] = {
    "none": lambda values: values,
    "log": np.log,
    "log10": np.log10,
    "sqrt": np.sqrt,
}
BACK: dict[str, Callable[[FloatArray], FloatArray]] = {  # from the transformed value to the value
    "none": lambda values: values,
    "log": np.exp,
    "log10": lambda values: 10.0**values,
    "sqrt": np.square,
}


def outside_domain(values: FloatArray, transform: str) -> BoolArray:
    """Where a transform is not defined; a missing value (NaN) is not outside.

    >>> outside_domain(np.array([-1.0, 0.0, 1.0, np.nan]), "log")
    array([ True,  True, False, False])
    """
    if transform in ("log", "log10"):
        return np.less_equal(values, 0.0)
    if transform == "sqrt":
        return np.less(values, 0.0)
    return np.zeros(values.shape, dtype=np.bool_)
