"""What the estimates of a panel share: the same experts judged several agencies and criteria.

**Why not the sample covariance.** A panel of n experts spans n - 1 directions. Errors of 63 agencies that were drawn in
these few directions go together far more than they do, so that differences look surer than they are: where one panel of
seven judged 63 agencies that are alike, 90 % sets of all ranks at once held in one round of ten. What few
experts can tell is how much of an error is of which kind. So the covariance is that of generalizability theory (L. J.
Cronbach, G. C. Gleser, H. Nanda, N. Rajaratnam 1972, The Dependability of Behavioral Measurements; R. L. Brennan 2001,
Generalizability Theory, ch. 1 and 3), with experts crossed with agencies and criteria:

    error of expert e at (a, k) = severity_e + bias_ea + bias_ek + own_eak

The parts of the variance are estimated from all pairs of cells that share experts: pairs of another agency and another
criterion have the severity in common, those of one agency the bias towards it too, those of one criterion that.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from tasks.evidence.shared import DIGITS, Block, Floats, directions, factor_rows, fitted, remainders

EXPERT = "expert"
EVERY = "*"  # in the name of a factor: all agencies, or all criteria


@dataclass(frozen=True)
class Panel:
    """Who moved which estimate.

    Attributes:
        pulls: Slopes of `pull_of_raters`, experts x cells; 0 for who did not rate.
        shares: Share of each expert in the weights of a cell, experts x cells; they sum to 1, or to 0 of no cell.
    """

    pulls: Floats
    shares: Floats

    def of(self, cells: npt.NDArray[np.bool_]) -> "Panel":
        """The same of some cells."""
        return Panel(self.pulls[:, cells], self.shares[:, cells])


@dataclass(frozen=True)
class Parts:
    """Parts of the variance of an estimate that it shares; each at least 0, together at most 1.

    Attributes:
        panel: With every other estimate by the same experts: their severity.
        agency: Beyond that with the other criteria of the agency: what they think of it.
        criterion: Beyond the first with the other agencies: how they read the criterion.
    """

    panel: float
    agency: float
    criterion: float


def pull_of_raters(replicates: Floats, weights: Floats) -> Floats:
    """Return how far each rater moves an estimate: the part of its bootstrap replicates that is theirs.

    All cells have the same experts' weights in a replicate, so the covariance of two cells comes from the raters that
    they have in common. Replicates are followed by least squares on the weights of the raters of the cell (the
    projection of Hájek, Annals of Mathematical Statistics 39, 1968, 325-346, taken from the replicates); weights are
    independent with variance 1, so the products of the slopes of two cells are the covariance of these parts. What the
    replicates do beside (of a median nearly half) hardly goes together.

    Args:
        replicates: The estimate in each replicate.
        weights: Replicates x raters: weight of each rater of the cell.

    Returns:
        Slope of each rater as a share of the standard deviation of the replicates; the squares sum to at most 1.
    """
    spread = float(np.std(replicates))
    if not spread:
        return np.zeros(weights.shape[1])
    about = weights - weights.mean(axis=0)
    slopes = np.linalg.pinv(about.T @ about, hermitian=True) @ (about.T @ (replicates - replicates.mean())) / spread
    return np.asarray(slopes / max(1.0, float(np.linalg.norm(slopes))))


def parts_of(panel: Panel, agencies: npt.NDArray[np.intp], criteria: npt.NDArray[np.intp]) -> Parts:
    """Estimate which parts of the variance are shared.

    Pulls are the marks of the raters less their mean, A r with A = diag(p) - p p' and p their shares. If two cells have
    the part x of their errors in common, the product of their pulls is on average x times that of their A, all taken as
    vectors of length 1. So x is the quotient of the sums over all pairs of a kind.

    Args:
        panel: The panel.
        agencies: Number of the agency of each cell.
        criteria: Number of the criterion of each cell.
    """
    seen = panel.pulls.any(axis=0)  # where all say the same, nothing is seen of what they share
    groups = (np.zeros(int(seen.sum()), dtype=np.intp), agencies[seen], criteria[seen])
    found = [_together(panel.pulls[:, seen], group) for group in groups]
    possible = [_common(panel.shares[:, seen], group) for group in groups]

    def part(product: float, most: float) -> float:
        # No pair of the kind, or none that shares an expert: what is left is rounding of a sum over the cells.
        return product / most if most > 1e-9 * seen.sum() else 0.0

    severity = max(part(found[0] - found[1] - found[2], possible[0] - possible[1] - possible[2]), 0.0)
    agency, criterion = (max(part(found[at], possible[at]) - severity, 0.0) for at in (1, 2))
    whole = max(severity + agency + criterion, 1.0)
    return Parts(*(round(one / whole, DIGITS) for one in (severity, agency, criterion)))


def _together(vectors: Floats, groups: npt.NDArray[np.intp]) -> float:
    """Sum of the products of all pairs of different columns of one group."""
    sums = np.zeros((int(groups.max(initial=-1)) + 1, len(vectors)))
    np.add.at(sums, groups, vectors.T)
    return float((sums**2).sum() - (vectors**2).sum())


def _common(shares: Floats, groups: npt.NDArray[np.intp]) -> float:
    """Sum of the products of A of all pairs of different cells of one group, each A of length 1."""
    squares = (shares**2).sum(axis=0)
    lengths = np.sqrt(np.maximum(squares - 2 * (shares**3).sum(axis=0) + squares**2, 0.0))
    inverse = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    total = -float((lengths > 0).sum())
    for group in np.unique(groups):
        own = groups == group
        scaled = shares[:, own] * inverse[own]
        total += float(((np.diag(scaled.sum(axis=1)) - scaled @ shares[:, own].T) ** 2).sum())
    return total


def _freedom(shares: Floats) -> float:
    """Degrees of freedom of what cells share of their experts: the effective number of these (Kish) less one."""
    together = shares.sum(axis=1)
    return float(together.sum() ** 2 / (together**2).sum() - 1)


def shared_errors(measurements: pd.DataFrame, panel: Panel, freedom: Floats) -> pd.DataFrame:
    """Write what the measurements of a panel share as factors.

    Args:
        measurements: MEASUREMENT rows of the panel, grain agency x criterion.
        panel: Who moved them.
        freedom: Degrees of freedom of the standard error of each.

    Returns:
        ERROR_FACTOR rows; factors are `expert:*:*:1` and so on for the severity, `expert:AGENCY:*:1` and
        `expert:*:NODE:1` for the biases, and `expert:AGENCY:NODE` for what is a cell's own. The squared loadings of a
        cell sum to the square of its standard error. Where the same experts judged all cells of a block with the same
        weights it has one factor, never more than experts; only what the cells share of them is handed on, in the
        triangular form of `directions`: no factor is an expert.
    """
    if measurements.empty:
        return factor_rows(measurements, ())
    error = np.nan_to_num(measurements["standard_error"].to_numpy(dtype=float))
    blocks = list(_blocks(measurements, panel, error))
    return factor_rows(measurements, [*blocks, *remainders(EXPERT, measurements, blocks, freedom)])


def _blocks(measurements: pd.DataFrame, panel: Panel, error: Floats) -> Iterator[Block]:
    agency, agencies = pd.factorize(measurements["agency"])
    criterion, criteria = pd.factorize(measurements["node"])
    parts = parts_of(panel, agency.astype(np.intp), criterion.astype(np.intp))
    kinds = [(f"{EXPERT}:{EVERY}:{EVERY}", np.arange(len(error)), parts.panel)]
    for at, name in enumerate(agencies):
        kinds.append((f"{EXPERT}:{name}:{EVERY}", np.flatnonzero(agency == at), parts.agency))
    for at, name in enumerate(criteria):
        kinds.append((f"{EXPERT}:{EVERY}:{name}", np.flatnonzero(criterion == at), parts.criterion))
    for name, cells, part in kinds:
        cells = cells[error[cells] > 0]
        if part and len(cells) > 1:  # what only one cell has is its own
            shares = panel.shares[:, cells]
            loadings = fitted(directions(shares), error[cells] * np.sqrt(part))
            yield Block(name, cells, loadings, freedom=_freedom(shares))
