"""Cells whose errors have common causes, and how well the sizes of errors are known: drawn many cells at a time.

An error whose size was estimated from few answers is drawn from Student's distribution: a standard normal number over
the root of a chi-squared one by its degrees of freedom (the fiducial solution of Behrens and Fisher). Causes whose
sizes were estimated together have that root in common.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix, csr_array
from scipy.sparse.csgraph import connected_components

from tasks.scoring.arrays import FloatArray, IntArray

_Block = tuple[IntArray, FloatArray, IntArray]  # positions of its cells, loadings, sizes of its factors
_ROUNDED = 8  # blocks are filled up to a multiple of it, so that few shapes are multiplied many at a time
_LARGE = 64  # cells: blocks of more are mostly empty, and are kept and multiplied without what is empty
# With fewer, Student's distribution has no variance, and so no scale by which a difference is large or small.
_LEAST_FREEDOM = 3.0


@dataclass(frozen=True)
class Sizes:
    """How well the sizes of errors are known that were estimated.

    Attributes:
        freedom: Degrees of freedom of each, shape (sizes,).
    """

    freedom: FloatArray

    def draw(self, random: np.random.Generator, draws: int) -> FloatArray:
        """Draw by how much errors are larger than their estimated size, shape (sizes + 1, draws).

        The first row is that of sizes that are known, which is 1.
        """
        drawn = np.ones((len(self.freedom) + 1, draws))
        if self.freedom.size:
            degrees = self.freedom[:, None]
            drawn[1:] = np.sqrt(degrees / random.chisquare(degrees, (len(degrees), draws)))
        return drawn


@dataclass(frozen=True)
class Own:
    """Errors that one cell has alone.

    Attributes:
        deviations: Standard error of each, shape (n,).
        sizes: Row of `Sizes.draw` of each, shape (n,).
    """

    deviations: FloatArray
    sizes: IntArray

    def draw(self, errors: FloatArray, random: np.random.Generator, sizes: FloatArray) -> None:
        """Draw them into an array of shape (n, draws)."""
        random.standard_normal(out=errors)
        errors *= self.deviations[:, None]
        estimated = np.flatnonzero(self.sizes)
        if estimated.size:
            errors[estimated] *= sizes[self.sizes[estimated]]


@dataclass(frozen=True)
class Stack:
    """Blocks of cells with common factors, all of one shape; a large block stands alone.

    Attributes:
        loadings: Shape (blocks, cells, factors), filled up with zeros; of a large block (cells, factors), sparse.
        rows: Position of each real cell in (blocks x cells), shape (n,).
        sizes: Row of `Sizes.draw` of each factor, shape (blocks, factors).
        own: What the cells have alone beside their factors.
    """

    loadings: FloatArray | csr_array
    rows: IntArray
    sizes: IntArray
    own: Own

    def errors(self, random: np.random.Generator, sizes: FloatArray) -> FloatArray:
        """Draw the errors of the cells, shape (n, draws)."""
        draws = sizes.shape[1]
        causes = random.standard_normal((*self.sizes.shape, draws))
        if self.sizes.any():
            causes *= sizes[self.sizes]
        product = self.loadings @ causes if isinstance(self.loadings, np.ndarray) else self.loadings @ causes[0]
        drawn: FloatArray = product.reshape(-1, draws)[self.rows]
        if self.own.deviations.any():
            alone = np.empty_like(drawn)
            self.own.draw(alone, random, sizes)
            drawn += alone
        return drawn


def sizes_of(factors: pd.DataFrame) -> tuple[pd.DataFrame, Sizes]:
    """Number the sizes that were estimated.

    Args:
        factors: Loadings of one kind of evidence: factor, block and degrees_of_freedom.

    Returns:
        The same rows with `size`, the row of `Sizes.draw`; and the sizes. Causes of a block have the fewest degrees of
        freedom among its rows, at least 3.
    """
    is_estimated = np.isfinite(factors["degrees_of_freedom"].to_numpy(dtype=np.float64))
    estimated = factors[is_estimated]
    named = estimated["block"].where(estimated["block"] != "", estimated["factor"])
    freedom = estimated.groupby(named, sort=True)["degrees_of_freedom"].min()
    number = {name: at + 1 for at, name in enumerate(freedom.index)}
    size = np.zeros(len(factors), dtype=np.intp)
    size[is_estimated] = [number[name] for name in named]
    degrees = freedom.to_numpy(dtype=np.float64)
    return factors.assign(size=size), Sizes(np.maximum(degrees, _LEAST_FREEDOM))


def own_parts(factors: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Part the loadings into what one cell has alone, one row a cell at the most, and what is shared.

    Args:
        factors: Loadings of one kind of evidence: cell and factor.
    """
    cells = factors.groupby("factor")["cell"].transform("nunique")
    own = factors[cells == 1].drop_duplicates("cell")
    return own, factors.drop(index=own.index)


def own_of(own: pd.DataFrame, positions: IntArray) -> Own:
    """What cells have alone, in the order of their positions; 0 where nothing.

    Args:
        own: Loadings that cells have alone: cell, loading and size.
        positions: Positions of the cells, shape (n,).
    """
    found = own.set_index("cell").reindex(positions)
    deviations = found["loading"].fillna(0.0).to_numpy(dtype=np.float64)
    return Own(deviations, found["size"].fillna(0).to_numpy(dtype=np.intp))


def stacks(shared: pd.DataFrame, own: pd.DataFrame) -> Iterator[tuple[IntArray, Stack]]:
    """Cells that hang together by a factor, in blocks of one shape: their positions and their errors.

    Args:
        shared: Loadings that several cells have: cell, factor, loading and size.
        own: Loadings that cells have alone: cell, loading and size.
    """
    if shared.empty:
        return
    cell_codes, cells = pd.factorize(shared["cell"])
    factor_codes, names = pd.factorize(shared["factor"], sort=True)
    links = coo_matrix(
        (np.ones(len(shared)), (cell_codes, len(cells) + factor_codes)), shape=(len(cells) + len(names),) * 2
    )
    _, part = connected_components(links, directed=False)
    loadings = shared["loading"].to_numpy(dtype=np.float64)
    sizes = shared["size"].to_numpy(dtype=np.intp)
    shapes: dict[tuple[int, int], list[_Block]] = {}
    for label in pd.unique(part[cell_codes]):
        at = part[cell_codes] == label
        members, row = np.unique(cell_codes[at], return_inverse=True)
        causes, column = np.unique(factor_codes[at], return_inverse=True)
        of_causes = np.zeros(_up(len(causes)), dtype=np.intp)
        of_causes[column] = sizes[at]
        positions = np.asarray(cells)[members].astype(np.intp)
        if len(members) > _LARGE:
            sparse = csr_array((loadings[at], (row, column)), shape=(len(members), len(of_causes)))
            yield positions, Stack(sparse, np.arange(len(members)), of_causes[None], own_of(own, positions))
            continue
        block = np.zeros((_up(len(members)), len(of_causes)))
        block[row, column] = loadings[at]
        shapes.setdefault(block.shape, []).append((positions, block, of_causes))
    for (height, _), blocks in shapes.items():
        rows = [number * height + np.arange(len(members)) for number, (members, _, _) in enumerate(blocks)]
        positions = np.concatenate([members for members, _, _ in blocks])
        dense = np.stack([block for _, block, _ in blocks])
        of_blocks = np.stack([of_causes for _, _, of_causes in blocks])
        yield positions, Stack(dense, np.concatenate(rows), of_blocks, own_of(own, positions))


def _up(size: int) -> int:
    return -(-size // _ROUNDED) * _ROUNDED
