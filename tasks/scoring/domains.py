"""What an aggregation or a transform can take: a share or a value outside is refused, or of draws cut."""

import numpy as np

from tasks.scoring.arrays import BoolArray, FloatArray, expand
from tasks.scoring.cells import Cells
from tasks.scoring.combine import least, outside
from tasks.scoring.rule_groups import RuleGroup
from tasks.scoring.transform import outside_domain
from tasks.scoring.tree import Step, Tree
from warehouse.errors import InputError

_DOMAINS = {
    "geometric_mean": "A geometric mean needs shares of 0 or more",
    "harmonic_mean": "A harmonic mean needs shares of 0 or more",
    "penalised_mean": "A penalised mean needs shares that lie above 0 on its scale, penalty_low to penalty_high",
    "penalised_mean_plus": "A penalised mean needs shares that lie above 0 on its scale, penalty_low to penalty_high",
}


def cut_to_domain(shares: FloatArray, step: Step) -> None:
    """Cut the children's shares to what their parents can take.

    Args:
        shares: Shape (nodes, units, ...); changed in place.
        step: The aggregation.
    """
    lowest = least(step)
    if np.isfinite(lowest).any():
        of_children = shares[step.children]
        shares[step.children] = np.maximum(of_children, expand(lowest[:, None], of_children.ndim))


def refuse_outside(shares: FloatArray, step: Step, there: BoolArray, tree: Tree, cells: Cells) -> None:
    """Refuse shares that an aggregation cannot take.

    Args:
        shares: Shape (nodes, units, ...).
        step: The aggregation.
        there: Children that count, shape (c, units).
        tree: The framework.
        cells: The measurements.

    Raises:
        InputError: A share is outside; it names the first.
    """
    of_children = shares[step.children]
    with np.errstate(over="ignore"):
        found = np.argwhere(outside(of_children, step) & expand(there, of_children.ndim))
    if found.size:
        child, unit = found[0][:2]
        node, share = tree.framework.nodes[step.children[child]], of_children[tuple(found[0])]
        sign = "negative " if share < 0 else ""
        raise InputError(
            f"{node.code} of {cells.unit(unit)} has the {sign}share {share:g}, "
            f"of which {node.parent} takes the {step.kind.replace('_', ' ')}.",
            f"{_DOMAINS[step.kind]}: correct the value, or write clip=yes at {node.code}.",
        )


def refuse_untransformable(values: FloatArray, group: RuleGroup, tree: Tree, cells: Cells) -> None:
    """Refuse values that a transform cannot take.

    Args:
        values: Of the nodes of the group, shape (k, units, ...).
        group: The nodes with their rule.
        tree: The framework.
        cells: The measurements.

    Raises:
        InputError: A value is outside; it names the first.
    """
    found = np.argwhere(outside_domain(values, group.transform))
    if found.size:
        node, unit = found[0][:2]
        raise InputError(
            f"{tree.codes[group.nodes[node]]} of {cells.unit(unit)} has the value "
            f"{values[tuple(found[0])]:g}, which has no {group.transform}.",
            "Correct the values below it, or leave out transform in nodes.csv.",
        )
