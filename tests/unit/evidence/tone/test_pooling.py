import numpy as np
import pytest

from tasks.evidence.tone.evaluate.simulation import SETTINGS, coverage, ranking, simulate
from tasks.evidence.tone.pooling import pool
from tasks.evidence.tone.prevalence import NET, Shares


def shares(*rows, variance=0.01, common=0.0):
    return [Shares(np.array(row), variance, common) for row in rows]


ROWS = [(0.5, 0.2, 0.3), (0.2, 0.3, 0.5), (0.4, 0.4, 0.2), (0.3, 0.3, 0.4), (0.6, 0.1, 0.3), (0.25, 0.5, 0.25)]


def test_pool__many_posts__keep_their_own_shares():
    found = pool(shares(*ROWS, variance=1e-6))
    assert found.shares == pytest.approx(np.array(ROWS), abs=1e-3)


def test_pool__hardly_a_post__is_the_middle():
    found = pool([*shares(*ROWS, variance=1e-4), Shares(np.array([1.0, 0.0, 0.0]), 5.0, 0.0)])
    assert found.shares[-1] == pytest.approx(np.mean(ROWS, axis=0), abs=0.05)


def test_pool__moves_towards_the_middle_and_not_beyond():
    found = pool(shares(*ROWS, variance=0.02))
    own, pooled = np.array(ROWS) @ NET, found.tone
    middle = own.mean()
    assert (np.abs(pooled - middle) <= np.abs(own - middle) + 0.02).all()
    assert (
        np.sign(pooled - middle)[np.abs(own - middle) > 0.1].tolist()
        == np.sign(own - middle)[np.abs(own - middle) > 0.1].tolist()
    )


def test_pool__few_agencies__are_left_alone():
    found = pool(shares(*ROWS[:4], variance=0.02))
    assert found.strength == 0
    assert found.shares == pytest.approx(np.array(ROWS[:4]))


def test_pool__nobody():
    assert pool([]).shares.shape == (0, 3)


def test_pool__stays_shares():
    found = pool(shares(*ROWS, (1.0, 0.0, 0.0), (0.0, 0.0, 1.0), variance=0.05))
    assert found.shares.sum(axis=1) == pytest.approx(np.ones(8))
    assert (found.shares >= 0).all()


def test_pool__the_common_error_is_kept():
    assert pool(shares(*ROWS, common=0.003)).common == pytest.approx([0.003] * 6)


def test_pool__alike_agencies__lend_each_other_certainty():
    found = pool(shares(*[(0.4, 0.3, 0.3)] * 30, variance=0.02))
    assert (found.variance < 0.01).all()


@pytest.fixture(scope="module")
def worlds():
    return {setting.name: simulate(setting, 60, seed=77) for setting in SETTINGS}


@pytest.mark.parametrize("name", [setting.name for setting in SETTINGS])
def test_simulation__95_percent_intervals_hold_92_to_98_times_of_100(worlds, name):
    held, _ = coverage(worlds[name])
    assert 0.92 <= held <= 0.98


@pytest.mark.parametrize("name", [setting.name for setting in SETTINGS])
def test_simulation__the_stated_error_is_the_one_that_is_made(worlds, name):
    found = worlds[name]
    made = float(((found["tone"] - found["truth"]) ** 2).mean())
    assert float((found["standard_error"] ** 2).mean()) == pytest.approx(made, rel=0.35)


@pytest.mark.parametrize("name", [setting.name for setting in SETTINGS])
def test_simulation__classify_and_count_fails(worlds, name):
    held, _ = coverage(worlds[name], "counted", "counted_error")
    assert held < 0.92


@pytest.mark.parametrize("name", ["usual", "34 agencies much alike", "few posts", "a poor model", "mostly praise"])
def test_simulation__ranks_are_nearer_to_the_truth_than_raw_ones(worlds, name):
    assert ranking(worlds[name]) > ranking(worlds[name], "counted")


def test_simulation__where_the_model_errs_to_one_side__the_tone_is_nearer_to_the_truth(worlds):
    found = worlds["mostly praise"]
    assert (found["tone"] - found["truth"]).abs().mean() < (found["counted"] - found["truth"]).abs().mean()
    assert abs((found["tone"] - found["truth"]).mean()) < abs((found["counted"] - found["truth"]).mean()) / 3
