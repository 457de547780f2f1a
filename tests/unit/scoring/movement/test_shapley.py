import numpy as np
import pytest

from tasks.scoring.movement.shapley import MOST, shapley

NOTHING = np.zeros(1)


def test_shapley__glove_game__who_holds_the_rare_glove_gets_most():
    def pairs_of_gloves(moved):
        return np.minimum(moved[:, 0], moved[:, 1] | moved[:, 2]).astype(float)[:, None]

    assert shapley(3, pairs_of_gloves, NOTHING)[:, 0] == pytest.approx([2 / 3, 1 / 6, 1 / 6])


@pytest.mark.parametrize("members", [1, 4, MOST, MOST + 1, 17])
def test_shapley__any_number_of_members__sums_to_the_whole(members):
    chance = np.random.default_rng(members)
    states = chance.random((2, members))

    def median(moved):
        return np.median(np.where(moved, states[1], states[0]), axis=1)[:, None]

    change = np.median(states[1]) - np.median(states[0])
    assert shapley(members, median, NOTHING).sum() == pytest.approx(change, abs=1e-12)


def test_shapley__many_equal_members__share_alike():
    found = shapley(12, lambda moved: (moved.sum(axis=1) ** 2.0)[:, None], NOTHING)
    assert found[:, 0] == pytest.approx([12.0] * 12)


def test_shapley__undefined_between__what_stands_in_counts():
    def only_whole(moved):
        return np.where(moved.all(axis=1), 1.0, np.where(moved.any(axis=1), np.nan, 0.0))[:, None]

    assert shapley(2, only_whole, np.array([0.5]))[:, 0] == pytest.approx([0.5, 0.5])
