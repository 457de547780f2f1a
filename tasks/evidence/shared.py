"""Errors that measurements share, as factors: the frame ERROR_FACTOR.

The error of a cell (agency x node) is the sum over its factors of loading x z, with z of mean 0 and variance 1,
uncorrelated between factors and the same for all cells that name the factor. So two cells have the covariance
`sum over common factors of loading x loading`, and the squared loadings of one cell sum to its variance. Loadings that
were estimated from few answers say with how many degrees of freedom: draws of such errors have longer tails.

Each kind of evidence knows its covariance as causes: D, causes x cells, with covariance D'D (clusters of a sample,
experts of a panel, draws of a matrix). What it hands on is not D but the triangular form of the same covariance,
Cholesky's L with LL' = D'D. It is unique, so that causes of the same errors in another order give the same numbers, and
says nothing of a single cause that the covariance does not say; eigenvectors would turn freely wherever two eigenvalues
are alike, and then differ between machines.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from warehouse.frames import ERROR_FACTOR

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]
CELL = ["agency", "node", "source"]
_NO_OWN_WAY = 1e-5  # of a cell's error: what is left beside the cells before is rounding (1e-10 of its variance)
_ROUNDING = 1e-11  # of a variance
DIGITS = 12  # beyond them machines may differ


@dataclass(frozen=True)
class Block:
    """Factors that the cells of one block share.

    Attributes:
        name: Name of the block.
        cells: Rows of the measurements.
        loadings: Cells x factors, in the unit of the measurement.
        one: Whether the block has one factor by its nature, which then has its name; else they are `name:1` and so on.
        freedom: Degrees of freedom with which the size of its errors was estimated; NaN: it counts as known.
    """

    name: str
    cells: Places
    loadings: Floats
    one: bool = False
    freedom: float = np.nan

    @property
    def factors(self) -> list[str]:
        """Names of the factors."""
        return [self.name] if self.one else [f"{self.name}:{number + 1}" for number in range(self.loadings.shape[1])]


def directions(causes: Floats) -> Floats:
    """Return the correlation of errors as directions: their scalar products are the correlations.

    Args:
        causes: Causes x cells, so that `causes' causes` is proportional to the covariance of the cells.

    Returns:
        Cells x factors, rows of length 1 (0 for a cell without error), zero right of the diagonal and positive on it:
        Cholesky's factor of the correlation matrix, made from the causes by Gram and Schmidt, twice (Golub & Van Loan
        2013, Matrix Computations, 4th ed., sec. 4.2 and 5.2), which spares squaring them. A cell that moves with those
        before it altogether adds no factor, so there are no more factors than causes.
    """
    lengths = np.linalg.norm(causes, axis=0)
    unit = (causes / np.where(lengths > 0, lengths, 1.0)).T
    basis = np.zeros((min(causes.shape), causes.shape[0]))
    found = np.zeros((len(unit), len(basis)))
    known = 0
    for place, cell in enumerate(unit):
        before = basis[:known]
        along = before @ cell
        rest = cell - along @ before
        again = before @ rest
        rest -= again @ before
        found[place, :known] = along + again
        own = float(np.linalg.norm(rest))
        if own > _NO_OWN_WAY and known < len(basis):
            basis[known] = rest / own
            found[place, known] = own
            known += 1
    found = np.round(found[:, :known], DIGITS)
    return fitted(found, (lengths > 0).astype(float))


def fitted(loadings: Floats, standard_error: Floats) -> Floats:
    """Return loadings scaled so that the squares of each cell sum to its variance.

    Args:
        loadings: Cells x factors, known up to a factor for each cell.
        standard_error: Of each cell; 0 where it is not known or nothing is shared.
    """
    lengths = np.linalg.norm(loadings, axis=1)
    scale = np.where(lengths > 0, np.nan_to_num(standard_error) / np.where(lengths > 0, lengths, 1.0), 0.0)
    return np.asarray(loadings * scale[:, None])


def remainders(
    kind: str, measurements: pd.DataFrame, blocks: Iterable[Block], freedom: Floats | None = None
) -> list[Block]:
    """Return what is left of the variance of each cell beside its shared factors: an error of its own.

    Args:
        kind: Kind of evidence, as which the factors are named: `kind:AGENCY:NODE`.
        measurements: MEASUREMENT rows.
        blocks: What is shared, at most the whole variance of a cell. A cell with no factor is left without, unless
            there is something to say of it: its error is its own anyhow.
        freedom: Degrees of freedom of the standard error of each cell; left out: standard errors count as known.
    """
    variance = measurements["standard_error"].to_numpy(dtype=float) ** 2
    shared = np.zeros(len(variance))
    for block in blocks:
        shared[block.cells] += (block.loadings**2).sum(axis=1)
    degrees = np.full(len(variance), np.nan) if freedom is None else freedom
    told = (shared > 0) | np.isfinite(degrees)
    left = np.where(told & (variance - shared > _ROUNDING * variance), variance - shared, 0.0)
    agency, node = (measurements[name].tolist() for name in ("agency", "node"))
    return [
        Block(f"{kind}:{agency[at]}:{node[at]}", np.array([at]), np.sqrt(left[[[at]]]), True, float(degrees[at]))
        for at in np.flatnonzero(left)
    ]


def factor_rows(measurements: pd.DataFrame, blocks: Iterable[Block]) -> pd.DataFrame:
    """Write blocks as a frame.

    Args:
        measurements: MEASUREMENT rows, one a cell, to which `Block.cells` point.
        blocks: The blocks; no factor is named by two of them.

    Returns:
        ERROR_FACTOR rows in the order of the blocks and their cells; a loading of 0 has no row.
    """
    places: list[Places] = []
    factors: list[npt.NDArray[np.object_]] = []
    loadings: list[Floats] = []
    names: list[str] = []
    freedom: list[float] = []
    for block in blocks:
        cell, factor = np.nonzero(block.loadings)
        names += [block.name] * len(cell)
        freedom += [block.freedom] * len(cell)
        places.append(block.cells[cell])
        factors.append(np.array(block.factors, dtype=object)[factor])
        loadings.append(block.loadings[cell, factor])
    if not places:
        return ERROR_FACTOR.empty()
    named = ["framework", "round", "period", *CELL]
    rows = measurements[named].iloc[np.concatenate(places)]
    said = {"factor": np.concatenate(factors), "loading": np.concatenate(loadings)}
    return ERROR_FACTOR.conform(rows.assign(**said, block=names, degrees_of_freedom=freedom))


def of_measured(factors: pd.DataFrame, measurements: pd.DataFrame) -> pd.DataFrame:
    """Leave out the factors of cells that are measured otherwise in the end.

    Args:
        factors: ERROR_FACTOR rows.
        measurements: MEASUREMENT rows that count.
    """
    kept = pd.MultiIndex.from_frame(factors[CELL]).isin(pd.MultiIndex.from_frame(measurements[CELL]))
    return factors[kept].reset_index(drop=True)
