import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import minimize_scalar
from scipy.special import gammaln

from tasks.evidence.tone.evaluate.simulation import SETTINGS, coverage, ranking, simulate
from tasks.evidence.tone.pooling import over_channels, pool
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


def test_pool__six_alike_agencies__are_less_certain_than_sixty():
    six, sixty = (pool(shares(*[(0.4, 0.3, 0.3)] * number, variance=0.02)) for number in (6, 60))
    assert six.variance[0] > 1.5 * sixty.variance[0]
    assert six.strength < sixty.strength


def test_pool__agencies_that_all_say_the_same__give_numbers():
    found = pool(shares(*[(1.0, 0.0, 0.0)] * 8, variance=0.0))
    assert np.isfinite([*found.tone, *found.variance, *found.pulled, found.strength]).all()


def drawn(random, agencies, strength):
    """Agencies whose shares are known from 20 to 400 posts each."""
    true = random.dirichlet(np.array([0.4, 0.3, 0.3]) * strength, size=agencies)
    posts = random.integers(20, 400, size=agencies)
    seen = np.array([random.multinomial(number, one) for number, one in zip(posts, true, strict=True)])
    own = seen / posts[:, None]
    spread = own.mean(axis=0)[[0, 2]].sum() - (own.mean(axis=0) @ NET) ** 2
    variance = np.maximum(own[:, 0] + own[:, 2] - (own @ NET) ** 2, spread / 4) / posts
    return [Shares(one, float(error), 0.0) for one, error in zip(own, variance, strict=True)], seen, posts


def with_the_likeliest_strength(seen, posts):
    """Tone and standard error as they are where the strength is one number, and known (empirical Bayes)."""

    def unlikely(log_strength):
        strength = np.exp(log_strength)
        alpha = strength * middle(strength)
        each = gammaln(strength) - gammaln(posts + strength) + (gammaln(seen + alpha) - gammaln(alpha)).sum(axis=1)
        return -each.sum()

    def middle(strength):
        weights = posts / (posts + strength)
        return weights @ (seen / posts[:, None]) / weights.sum()

    strength = np.exp(minimize_scalar(unlikely, bounds=(np.log(0.5), np.log(1e5)), method="bounded").x)
    pooled = (seen + strength * middle(strength)) / (posts + strength)[:, None]
    tone = pooled @ NET
    return tone, np.sqrt((pooled[:, 0] + pooled[:, 2] - tone**2) / (posts + strength + 1))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(5, 60))
def test_pool__many_agencies__is_what_the_likeliest_strength_gives(seed, strength):
    found, seen, posts = drawn(np.random.default_rng(seed), 300, strength)
    pooled = pool(found)
    tone, error = with_the_likeliest_strength(seen, posts)
    assert (np.abs(pooled.tone - tone) < 0.1 * error).all()
    assert np.sqrt(pooled.variance) == pytest.approx(error, rel=0.05)


@given(st.integers(0, 2**32 - 1), st.integers(5, 40), st.floats(1, 500))
@settings(max_examples=50, deadline=None)
def test_pool__what_pulls_is_a_part_of_the_error(seed, agencies, strength):
    found = pool(drawn(np.random.default_rng(seed), agencies, strength)[0])
    assert (found.pulled > 0).all()
    assert (found.pulled < found.variance).all()
    assert (found.variance < found.absent.variance * 1.5).all()


def test_over_channels__one_channel__is_its_own_error():
    assert over_channels(*map(np.array, ([1.0], [0.02], [0.01], [0.003]))) == pytest.approx(0.023)


def test_over_channels__errors_of_sampling_cancel_and_those_of_pooling_do_not():
    half, error, nothing = np.array([0.5, 0.5]), np.array([0.02, 0.02]), np.zeros(2)
    assert over_channels(half, error, nothing, nothing) == pytest.approx(0.01)
    assert over_channels(half, error, error, nothing) == pytest.approx(0.02)


@given(arrays(float, (3, 4), elements=st.floats(0, 1)))
def test_over_channels__lies_between_errors_that_cancel_and_errors_that_do_not(parts):
    weights, variance, share, common = parts.T
    weights = (weights + 0.1) / (weights + 0.1).sum()
    found = over_channels(weights, variance, variance * share, common)
    assert weights**2 @ (variance + common) <= found + 1e-12
    assert found <= (weights @ np.sqrt(variance + common)) ** 2 + 1e-12


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
def test_simulation__classify_and_count_holds_less_often(worlds, name):
    held, _ = coverage(worlds[name], "counted", "counted_error")
    assert held < coverage(worlds[name])[0]


@pytest.mark.parametrize("name", ["usual", "34 agencies much alike", "few posts", "a poor model", "mostly praise"])
def test_simulation__ranks_are_nearer_to_the_truth_than_raw_ones(worlds, name):
    assert ranking(worlds[name]) > ranking(worlds[name], "counted")


def test_simulation__where_the_model_errs_to_one_side__the_tone_is_nearer_to_the_truth(worlds):
    found = worlds["mostly praise"]
    assert (found["tone"] - found["truth"]).abs().mean() < (found["counted"] - found["truth"]).abs().mean()
    assert abs((found["tone"] - found["truth"]).mean()) < abs((found["counted"] - found["truth"]).mean()) / 3
