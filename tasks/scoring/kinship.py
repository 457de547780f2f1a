"""Which units are made of which others, and at which nodes they take the mean (tasks.scoring.merger)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tasks.scoring.arrays import BoolArray, IntArray
from tasks.scoring.inputs import Cells
from tasks.scoring.status import COVERED, EXCLUDED, STATUSES
from tasks.scoring.tree import Tree
from warehouse.errors import FrameworkError, InputError

Families = Mapping[str, Sequence[str]]  # agency that is ranked to its predecessors
_ENTERED = [STATUSES.index(name) for name in ("measured", "published", "carried_forward", "imputed", "appraised")]


@dataclass(frozen=True)
class Family:
    """One unit that is made of others.

    Attributes:
        agency: The agency that is ranked.
        period: Index of the period.
        units: The predecessors that were scored, as units before the merger, ascending.
        absent: The predecessors that were not.
        entered: Nodes at which the mean is taken, shape (k,).
        known: Which of these nodes have a share, shape (k, predecessors).
    """

    agency: str
    period: int
    units: IntArray
    absent: tuple[str, ...]
    entered: IntArray
    known: BoolArray


def families_in(tree: Tree, cells: Cells, status: IntArray, families: Families) -> tuple[Family, ...]:
    """Find the units that are made: one in each period in which at least one of its predecessors was scored.

    Args:
        tree: The framework.
        cells: The units that were measured.
        status: How each of their cells came about, shape (nodes, units).
        families: Agency that is ranked to its predecessors.

    Returns:
        By period, and by agency in the order of the alphabet.

    Raises:
        FrameworkError: The framework has no merger rule.
        InputError: A merged agency was measured itself.
    """
    merger = tree.framework.description.mergers
    if merger is None:
        raise FrameworkError(
            f"{tree.framework.name} does not say what a merged unit gets.", "Write `mergers` into its framework.yaml."
        )
    levels = [level.level for level in tree.framework.description.levels]
    depth = np.array([levels.index(node.level) for node in tree.framework.nodes])
    averaged, higher = depth == levels.index(merger.level), depth < levels.index(merger.level)
    has_share = ~np.isin(status, (EXCLUDED, COVERED))
    where = {
        (int(period), cells.agencies[agency]): unit
        for unit, (period, agency) in enumerate(zip(cells.unit_period, cells.unit_agency, strict=True))
    }
    found = []
    for period in range(len(cells.periods)):
        for agency in sorted(families):
            units = sorted(where[period, one] for one in set(families[agency]) if (period, one) in where)
            if not units:
                continue
            if (period, agency) in where:
                raise InputError(
                    f"{cells.unit(where[period, agency])} was measured itself, and its predecessors "
                    f"{', '.join(sorted(families[agency]))} as well.",
                    "Leave out the one or the others: the rule of the merger makes it of them.",
                )
            known = has_share[:, units]
            entered = (averaged & known.any(axis=1)) | (higher & np.isin(status[:, units], _ENTERED).any(axis=1))
            nodes = np.flatnonzero(entered)
            absent = tuple(sorted(one for one in set(families[agency]) if (period, one) not in where))
            found.append(Family(agency, period, np.array(units), absent, nodes, known[nodes]))
    return tuple(found)
