"""The change of any function of several members taken apart into the members' changes, exactly.

A member's part is the mean of what it adds when it moves, over orders in which the members move (Shapley 1953, A value
for n-person games, in: Contributions to the Theory of Games II). All orders are taken where these are few; beyond
`MOST` members it is the k rotations of the members' order and their reversals. Over every single order the parts sum to
the whole change, so the result is exact either way.
"""

from collections.abc import Callable
from math import factorial

import numpy as np

from tasks.scoring.arrays import BoolArray, FloatArray

MOST = 10  # members of which all 2^k coalitions are computed

# Takes who has moved, shape (coalitions, k); gives the function, shape (coalitions, pairs).
Game = Callable[[BoolArray], FloatArray]


def shapley(members: int, game: Game, otherwise: FloatArray) -> FloatArray:
    """Parts of the members in what happens when all of them move.

    Args:
        members: Their number k, 1 or more.
        game: The function; NaN where it is not defined.
        otherwise: What stands in there, shape (pairs,).

    Returns:
        Shape (k, pairs).
    """
    coalitions = _all(members) if members <= MOST else _along_rotations(members)
    worth = game(coalitions)
    worth = np.where(np.isnan(worth), otherwise, worth)
    known = {row.tobytes(): index for index, row in enumerate(coalitions)}
    return _weighed(members, coalitions, worth) if members <= MOST else _over_rotations(members, worth, known)


def _all(members: int) -> BoolArray:
    numbers = np.arange(2**members)
    found: BoolArray = (numbers[:, None] >> np.arange(members)) & 1 > 0
    return found


def _weighed(members: int, coalitions: BoolArray, worth: FloatArray) -> FloatArray:
    """Mean over all orders: each coalition without a member weighs s! (k - s - 1)! / k!."""
    sizes = coalitions.sum(axis=1)
    weight = np.array([factorial(s) * factorial(members - s - 1) / factorial(members) for s in range(members)])
    parts = []
    for member in range(members):
        without = np.flatnonzero(~coalitions[:, member])
        added = worth[without + (1 << member)] - worth[without]
        parts.append((weight[sizes[without]][:, None] * added).sum(axis=0))
    return np.array(parts)


def _orders(members: int) -> list[list[int]]:
    order = list(range(members))
    rotations = [order[start:] + order[:start] for start in range(members)]
    return rotations + [rotation[::-1] for rotation in rotations]


def _along_rotations(members: int) -> BoolArray:
    """Every coalition that some rotation or its reversal passes."""
    seen: dict[bytes, BoolArray] = {}
    for order in _orders(members):
        moved = np.zeros(members, dtype=np.bool_)
        seen.setdefault(moved.tobytes(), moved.copy())
        for member in order:
            moved[member] = True
            seen.setdefault(moved.tobytes(), moved.copy())
    return np.array(list(seen.values()))


def _over_rotations(members: int, worth: FloatArray, known: dict[bytes, int]) -> FloatArray:
    parts = np.zeros((members, worth.shape[1]))
    orders = _orders(members)
    for order in orders:
        moved = np.zeros(members, dtype=np.bool_)
        for member in order:
            before = worth[known[moved.tobytes()]]
            moved[member] = True
            parts[member] += worth[known[moved.tobytes()]] - before
    return parts / len(orders)
