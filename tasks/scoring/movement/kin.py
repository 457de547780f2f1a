"""One parent with its children on two sides: which part of its change each child makes."""

import numpy as np

from tasks.scoring.arrays import BoolArray, FloatArray
from tasks.scoring.movement.families import Family
from tasks.scoring.movement.means import MEANS, Mean, mean_of, parts
from tasks.scoring.movement.shapley import shapley
from tasks.scoring.movement.side import Side
from warehouse.errors import InputError

Sides = tuple[Side, Side]
SAME = 1e-9  # an aggregate computed again that differs by more was made otherwise than we think
STILL = 1e-12  # a member that moved by less stood still


class Kin:
    """A parent that was aggregated on both sides.

    A child that was left out on one side, its siblings carrying its weight, stands there at the parent's own aggregate:
    with it, a mean is what it is without it. Children of one side only are the framework's change.

    Args:
        sides: The earlier and the later side, all agencies.
        pairs: The same, one column a pair.
        code: Code of the parent.

    Attributes:
        common: Indices in the later tree of the children that both sides have.
        children: Their positions 0, 1, ... in the arrays below.
        members: Shares of the common children on both sides, each of shape (k, pairs).
        is_counted: Whether a child was there on at least one side, shape (k, pairs).
        came_or_went: Whether it was there on one side only, shape (k, pairs).
        parts: What a change of a child's share by 1 does to the aggregate, shape (k, pairs).
        outright: What a child did beyond that, because it was there on one side only, shape (k, pairs).
        framework: What other weights, children and another aggregation did to the aggregate, shape (pairs,).
        is_redefined: Whether the sides aggregate differently: other children, weights, parameters or aggregation.
        is_reproduced: Whether the children give the aggregates that were recorded, shape (pairs,), and each side's
            definition can be applied to the figures of the other.
    """

    def __init__(self, sides: Sides, pairs: Sides, code: str) -> None:
        self.sides, self.pairs, self.code = sides, pairs, code
        frameworks = [side.tree.framework for side in sides]
        self.codes = [[child.code for child in framework.children[code]] for framework in frameworks]
        shared = [child for child in self.codes[1] if child in self.codes[0]]
        self.common = [sides[1].place[child] for child in shared]
        self.children = range(len(shared))
        self.at = [[codes.index(child) for child in shared] for codes in self.codes]
        self.whole = [side.values[side.place[code]] for side in pairs]
        self.raw = [
            side.shares[[side.place[child] for child in codes]] for side, codes in zip(pairs, self.codes, strict=True)
        ]
        absent = [np.isnan(raw[at]) for raw, at in zip(self.raw, self.at, strict=True)]
        self.is_counted: BoolArray = ~(absent[0] & absent[1])
        self.came_or_went: BoolArray = absent[0] ^ absent[1]
        self.members = [
            np.where(gone, whole, raw[at])
            for gone, whole, raw, at in zip(absent, self.whole, self.raw, self.at, strict=True)
        ]
        kinds = [framework.by_code[code].aggregation for framework in frameworks]
        self.is_reproduced, self.parts = np.ones(self.whole[0].shape, dtype=np.bool_), np.zeros(self.is_counted.shape)
        self.outright = np.zeros(self.is_counted.shape)
        means = [MEANS.get(kind) for kind in kinds]
        mean = means[0]
        if mean is not None and mean is means[1]:
            self.is_reproduced, self.parts = self._by_mean(mean)
        elif shared:
            self._try_shapley()
        made = self.parts * (self.members[1] - self.members[0]) + self.outright
        rest = self.whole[1] - self.whole[0] - np.where(self.is_counted, made, 0.0).sum(axis=0)
        self.is_redefined = self._differs(kinds)
        self.framework: FloatArray = rest if self.is_redefined else np.zeros_like(rest)

    def _differs(self, kinds: list[str]) -> bool:
        weights = [side.weights[side.children(self.code)] for side in self.sides]
        return (
            kinds[0] != kinds[1]
            or self.codes[0] != self.codes[1]
            or not np.array_equal(weights[0], weights[1])
            or self._parameters(0) != self._parameters(1)
        )

    def _parameters(self, side: int) -> dict[str, object]:
        return self.sides[side].tree.framework.by_code[self.code].parameters

    def _by_mean(self, mean: Mean) -> tuple[BoolArray, FloatArray]:
        of_common = []
        is_reproduced = np.ones(self.whole[0].shape, dtype=np.bool_)
        for side in range(2):
            counted = ~np.isnan(self.raw[side])
            counted[self.at[side]] = self.is_counted
            members = self.raw[side].copy()
            members[self.at[side]] = self.members[side]
            weights = counted * self.sides[side].weights[self.sides[side].children(self.code)][:, None]
            weights = weights / np.maximum(weights.sum(axis=0), np.finfo(float).tiny)
            again = mean_of(mean, np.where(weights > 0, members, 1.0), weights)
            is_reproduced &= np.abs(again - self.whole[side]) <= SAME
            of_common.append(weights[self.at[side]])
        weights = (of_common[0] + of_common[1]) / 2
        members_ = tuple(np.where(weights > 0, side, 1.0) for side in self.members)
        return is_reproduced, parts(mean, (self.whole[0], self.whole[1]), (members_[0], members_[1]), weights)

    def _try_shapley(self) -> None:
        try:
            self.is_reproduced, self.parts, self.outright = self._by_shapley()
        except InputError:  # such as a negative share of then under the geometric mean of now
            self.is_reproduced = np.zeros(self.whole[0].shape, dtype=np.bool_)

    def _by_shapley(self) -> tuple[BoolArray, FloatArray, FloatArray]:
        """Mean of the parts under the earlier and under the later definition."""
        is_reproduced = np.ones(self.whole[0].shape, dtype=np.bool_)
        made, weights = [], []
        for side in range(2):
            parts_ = self.sides[side].weights[self.sides[side].children(self.code)]
            family = Family(self.sides[side].tree.framework, self.code, parts_)
            again = family(self.raw[side][None])[0]
            is_reproduced &= np.abs(again - self.whole[side]) <= SAME
            made.append(self._game(family, side))
            weights.append(parts_[self.at[side]])
        own = (made[0] + made[1]) / 2
        moved = self.members[1] - self.members[0]
        still = (np.abs(moved) <= STILL) | self.came_or_went
        by_weight = np.broadcast_to(((weights[0] + weights[1]) / 2)[:, None], own.shape)
        found = np.where(still, by_weight, own / np.where(still, 1.0, moved))
        return is_reproduced, found, np.where(still, own - by_weight * moved, 0.0)

    def _game(self, family: Family, side: int) -> FloatArray:
        """Parts of the common children under the definition of one side, the other children standing still."""

        def worth(moved: BoolArray) -> FloatArray:
            shares = np.repeat(self.raw[side][None], len(moved), axis=0)
            states = [raw[at] for raw, at in zip(self.raw, self.at, strict=True)]
            shares[:, self.at[side]] = np.where(moved[:, :, None], states[1][None], states[0][None])
            return family(shares)

        return shapley(len(self.common), worth, (self.whole[0] + self.whole[1]) / 2)
