"""A node that compares agencies with each other (Copeland): its change by own figures and by those of the others."""

import numpy as np

from tasks.scoring.arrays import BoolArray, FloatArray, IntArray
from tasks.scoring.movement.families import Family
from tasks.scoring.movement.side import Side

CONTEST = "copeland"
SAME = 1e-9  # an aggregate computed again that differs by more was made otherwise than we think
MOST = 400  # agencies for which every one is moved alone; beyond, the change is not split

Sides = tuple[Side, Side]


def is_contest(sides: Sides, code: str) -> bool:
    """Whether a node compares agencies on either side."""
    return any(side.tree.framework.by_code[code].aggregation == CONTEST for side in sides)


def own_in_contest(sides: Sides, units: tuple[IntArray, IntArray], code: str) -> tuple[FloatArray, BoolArray]:
    """What an agency's own figures did to its aggregate, the others' figures standing still.

    With f the aggregate, x own and y the others' figures: (f(x1, y0) - f(x0, y0) + f(x1, y1) - f(x0, y1)) / 2.

    Args:
        sides: The earlier and the later side, all agencies.
        units: Index of each pair's agency on both sides, each of shape (pairs,).
        code: Code of the node.

    Returns:
        The change by own figures, and whether it could be told, shape (pairs,) each: not where the node is not defined
        alike on both sides, or agencies are very many.
    """
    own = np.zeros(len(units[0]))
    unknown = np.zeros(len(own), dtype=np.bool_)
    nodes = [side.tree.framework.by_code[code] for side in sides]
    children = [[child.code for child in side.tree.framework.children[code]] for side in sides]
    weights = [side.weights[side.children(code)] for side in sides]
    alike = nodes[0].aggregation == nodes[1].aggregation and children[0] == children[1] and not nodes[0].rule
    alike &= not nodes[1].rule and np.array_equal(weights[0], weights[1])
    if not alike or len(own) > MOST:
        return own, unknown
    shares = [side.shares[side.children(code)] for side in sides]
    told: BoolArray = ~unknown
    pairs = np.arange(len(own))
    for this, other, sign in ((0, 1, 1.0), (1, 0, -1.0)):
        family = Family(sides[this].tree.framework, code, weights[this])
        panels = np.repeat(shares[this][None], len(own) + 1, axis=0)
        panels[pairs, :, units[this]] = shares[other][:, units[other]].T
        found = family(panels)
        whole = sides[this].values[sides[this].place[code], units[this]]
        told &= np.abs(found[-1, units[this]] - whole) <= SAME
        own += sign * (found[pairs, units[this]] - whole) / 2
    return own, told & ~np.isnan(own)
