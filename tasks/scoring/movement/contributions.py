"""The change of a node taken apart into the nodes below it: own change, the others' change, the framework's change.

From the node down: where a parent was aggregated on both sides, its change goes on to its children, each in proportion
to the part that it makes (tasks.scoring.movement.means, or shapley for every other aggregation), and what the change of
weights, points and children did is the framework's. The way ends at leaves, and where a value entered above them on one
side, and at nodes that compare agencies; where one edition's aggregation cannot be applied to the figures of the other,
it ends too, and the change is the framework's. A node ranked by a rule ends it as well: from one place to the next its
share jumps, and no part of the jump is in proportion to what a child did. Everything sums to the change of the node.
"""

from dataclasses import dataclass

import numpy as np

from tasks.scoring.arrays import BoolArray, FloatArray, IntArray
from tasks.scoring.movement.contests import is_contest, own_in_contest
from tasks.scoring.movement.kin import Kin
from tasks.scoring.movement.rules import Ruled, jumps, split_by_rule
from tasks.scoring.movement.side import Side
from tasks.scoring.movement.succession import Succession
from tasks.scoring.status import AGGREGATED, IMPUTED


@dataclass(frozen=True)
class Contributions:
    """What made a node's share change; axis 0 nodes of the later framework, axis 1 pairs.

    Attributes:
        root: Index of the node whose change is taken apart.
        before: The earlier side, one column a pair.
        after: The later side, one column a pair.
        reached: Whether the change was followed to a node.
        opened: Whether it was followed further, to the children.
        part: What a change of the node's share by 1 does to the share of `root`; NaN where not reached.
        shares: The node's share before and after, as counted: for a child that was left out on one side stands what
            stood in for it.
        own: Change of `root` that ends at this node: made by its own figures.
        others: Made here by the figures of the others: a yardstick that moved.
        framework: Made here by another definition, weight, or set of children.
    """

    root: int
    before: Side
    after: Side
    reached: BoolArray
    opened: BoolArray
    part: FloatArray
    shares: tuple[FloatArray, FloatArray]
    own: FloatArray
    others: FloatArray
    framework: FloatArray

    @property
    def change(self) -> FloatArray:
        """Change of each node's own share, shape (nodes, pairs)."""
        return self.shares[1] - self.shares[0]

    @property
    def through(self) -> FloatArray:
        """All that the node and the nodes below it made, shape (nodes, pairs)."""
        found = self.own + self.others + self.framework
        for children, parents in reversed(self.after.tree.generations):
            np.add.at(found, parents, found[children])
        return found


def contributions(before: Side, after: Side, pairs: Succession, code: str) -> Contributions:
    """Take the change of a node apart.

    Args:
        before: The earlier side.
        after: The later side; it may have another framework of the same name.
        pairs: Who goes on as whom.
        code: Code of the node, which both frameworks have.
    """
    return _Walk(before, after, pairs, after.place[code]).run()


class _Walk:
    """The arrays that fill up on the way from a node to the leaves."""

    def __init__(self, before: Side, after: Side, pairs: Succession, root: int) -> None:
        self.sides = (before, after)
        self.units = (pairs.before, pairs.after)
        self.pairs = (before.take(pairs.before), after.take(pairs.after))
        self.root = root
        shape = self.pairs[1].shares.shape
        self.part = np.full(shape, np.nan)
        self.part[root] = 1.0
        self.shares = [np.full(shape, np.nan), self.pairs[1].shares.copy()]
        for index, code in enumerate(after.tree.codes):
            if code in before.place:
                self.shares[0][index] = self.pairs[0].shares[before.place[code]]
        self.reached = np.zeros(shape, dtype=np.bool_)
        self.reached[root] = ~np.isnan(self.shares[0][root]) & ~np.isnan(self.shares[1][root])
        self.opened = np.zeros(shape, dtype=np.bool_)
        self.blocked = np.zeros(shape, dtype=np.bool_)
        self.own, self.others, self.framework = (np.zeros(shape) for _ in range(3))

    def run(self) -> Contributions:
        for node in range(self.root, len(self.sides[1].tree.codes)):
            if self.reached[node].any():
                self._open(node)
                self._close(node)
        part = np.where(self.reached, self.part, np.nan)
        shares = self.shares[0], self.shares[1]
        return Contributions(
            self.root, *self.pairs, self.reached, self.opened, part, shares, self.own, self.others, self.framework
        )

    def _status(self, node: int, side: int) -> IntArray:
        code = self.sides[1].tree.codes[node]
        found: IntArray = self.pairs[side].status[self.sides[side].place[code]]
        return found

    def _open(self, node: int) -> None:
        """Follow the change of an inner node to its children, for the pairs for which that is possible."""
        code = self.sides[1].tree.codes[node]
        if any(not side.tree.framework.children[code] for side in self.sides) or is_contest(self.sides, code):
            return
        can = self.reached[node] & (self._status(node, 0) == AGGREGATED) & (self._status(node, 1) == AGGREGATED)
        if not can.any():
            return
        kin = Kin(self.sides, self.pairs, code)
        ruled = split_by_rule(self.sides, self.pairs, code)
        opened = can & kin.is_reproduced & ruled.is_reproduced & (not jumps(self.sides, code))
        self.opened[node] = opened
        self.blocked[node] = can & ~opened & kin.is_redefined
        self._credit(
            node, opened, Ruled(ruled.beyond + np.zeros_like(ruled.own), ruled.others, ruled.framework, opened)
        )
        scale = np.where(opened, self.part[node] * ruled.slope, 0.0)
        self.framework[node] += scale * np.where(opened, kin.framework, 0.0)
        for place, child in zip(kin.children, kin.common, strict=True):
            for side in range(2):
                self.shares[side][child] = np.where(opened, kin.members[side][place], self.shares[side][child])
            self.reached[child] = opened & kin.is_counted[place]
            self.part[child] = scale * kin.parts[place]
            self.own[child] += scale * np.where(self.reached[child], kin.outright[place], 0.0)

    def _close(self, node: int) -> None:
        """End the way here, for the pairs for which it does not go on."""
        here = self.reached[node] & ~self.opened[node]
        if not here.any():
            return
        code = self.sides[1].tree.codes[node]
        change = np.where(here, self.shares[1][node] - self.shares[0][node], 0.0)
        found = Ruled(change, np.zeros_like(change), np.zeros_like(change), here)
        if all(not side.tree.framework.children[code] for side in self.sides) or jumps(self.sides, code):
            ruled = split_by_rule(self.sides, self.pairs, code)
            plain = ~(here & ruled.is_reproduced)
            found = Ruled(
                np.where(plain, change, ruled.own),
                np.where(plain, 0.0, ruled.others),
                np.where(plain, 0.0, ruled.framework),
                here,
            )
        elif is_contest(self.sides, code):
            found = self._contested(node, code, change)
        blocked = self.blocked[node]
        own, others = (np.where(blocked, 0.0, made) for made in (found.own, found.others))
        found = Ruled(own, others, np.where(blocked, change, found.framework), here)
        imputed = (self._status(node, 0) == IMPUTED) & (self._status(node, 1) == IMPUTED)
        self._credit(node, here & ~imputed, found)
        self.others[node] += np.where(here & imputed, self.part[node] * change, 0.0)

    def _contested(self, node: int, code: str, change: FloatArray) -> Ruled:
        """A node that compares agencies: the way ends there, and the others may have moved it."""
        own, is_told = own_in_contest(self.sides, self.units, code)
        is_told &= (self._status(node, 0) == AGGREGATED) & (self._status(node, 1) == AGGREGATED)
        own = np.where(is_told, own, change)
        return Ruled(own, change - own, np.zeros_like(change), is_told)

    def _credit(self, node: int, where: BoolArray, found: Ruled) -> None:
        for total, made in ((self.own, found.own), (self.others, found.others), (self.framework, found.framework)):
            total[node] += np.where(where, self.part[node] * np.where(where, made, 0.0), 0.0)
