"""Memory that one block of draws leaves to the next: asking the system for it anew takes longer than the arithmetic."""

from math import prod

import numpy as np

from tasks.scoring.arrays import FloatArray, IntArray


class Scratch:
    """Arrays that are used again under the same name; not to be shared between threads."""

    def __init__(self) -> None:
        self._arrays: dict[str, FloatArray] = {}

    def get(self, name: str, shape: tuple[int, ...]) -> FloatArray:
        """Return an array of this shape with anything in it; what was got before under the name is used up."""
        size = prod(shape)
        found = self._arrays.get(name)
        if found is None or found.size < size:
            found = self._arrays[name] = np.empty(size)
        return found[:size].reshape(shape)

    def take(self, name: str, array: FloatArray, nodes: IntArray) -> FloatArray:
        """Copy some rows of an array, shape (nodes, ...), into such memory."""
        out = self.get(name, (len(nodes), *array.shape[1:]))
        # Indices are our own and in range: checking them again would buffer the copy.
        return np.take(array, nodes, axis=0, out=out, mode="clip")
