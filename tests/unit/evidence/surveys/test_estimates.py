import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.evidence.surveys.design import SampleDesign
from tasks.evidence.surveys.estimates import Variable, confidence_interval, estimate


def sample(seed, size=300):
    """A sample in which domains cross strata, some answers are missing, and only some populations are known."""
    rng = np.random.default_rng(seed)
    strata = rng.integers(0, 4, size)
    names, clusters = np.unique(strata * 10 + rng.integers(0, 6, size), return_inverse=True)
    sampled = np.bincount(names // 10, minlength=4)
    share = sampled / rng.integers(7, 40, 4)
    share[0] = 0.0
    y, x = rng.normal(3, 1, size) + clusters % 3, rng.uniform(1, 2, size)
    y[rng.random(size) < 0.1] = np.nan
    design = SampleDesign(rng.uniform(1, 4, size), strata, clusters, share)
    domains = pd.Series(rng.choice(["a", "b", "c"], size))
    variables = {"mean": Variable(y), "total": Variable(y, "total"), "ratio": Variable(y, "ratio", x)}
    return design, variables | {"yes": Variable((y > 3).astype(float))}, domains


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000))
def test_estimate__both_implementations_agree(seed):
    design, variables, domains = sample(seed)
    ours = estimate(design, variables, domains, engine="linearised")
    theirs = estimate(design, variables, domains, engine="svy")
    pd.testing.assert_frame_equal(ours, theirs, rtol=1e-9)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.01, 100))
def test_estimate__does_not_depend_on_the_unit_of_the_weights(seed, factor):
    design, variables, domains = sample(seed, 80)
    scaled = SampleDesign(design.weights * factor, design.strata, design.clusters, design.sampled_share)
    chosen = {"mean": variables["mean"], "ratio": variables["ratio"]}
    first = estimate(design, chosen, domains, engine="linearised")
    pd.testing.assert_frame_equal(first, estimate(scaled, chosen, domains, engine="linearised"), rtol=1e-9)


def test_estimate__has_no_row_for_a_domain_without_an_answer():
    design = SampleDesign(np.ones(4), np.zeros(4, int), np.arange(4), np.zeros(1))
    values = np.array([1.0, 2.0, np.nan, np.nan])
    found = estimate(design, {"y": Variable(values)}, pd.Series(["a", "a", "b", "b"]))
    assert found["domain"].to_list() == ["a"]


def test_estimate__of_a_simple_random_sample_is_the_textbook_one():
    values = np.array([1.0, 2.0, 4.0, 5.0])
    design = SampleDesign(np.ones(4), np.zeros(4, int), np.arange(4), np.array([0.25]))
    row = estimate(design, {"y": Variable(values)}).iloc[0]
    assert row["estimate"] == 3.0
    assert row["standard_error"] == pytest.approx(np.sqrt(0.75 * values.var(ddof=1) / 4))
    assert row["design_effect"] == pytest.approx(0.75)
    assert row["effective_n"] == pytest.approx(4 / 0.75)


def test_estimate__of_nothing_is_nothing():
    none = np.empty(0)
    design = SampleDesign(none, none.astype(int), none.astype(int), none)
    assert estimate(design, {"y": Variable(none)}).empty


def test_confidence_interval__of_a_proportion_stays_within_0_and_1():
    rows = pd.DataFrame({"estimate": [0.02, 0.0, 1.0], "standard_error": [0.03, 0.0, 0.0], "n": 20})
    low, high = confidence_interval(rows.assign(degrees_of_freedom=6), proportion=True)
    assert (low >= 0).all()
    assert (high <= 1).all()
    assert high[1] == pytest.approx(1 - low[2]) == pytest.approx(1 - 0.025 ** (1 / 20))


def test_confidence_interval__uses_the_degrees_of_freedom_of_the_design():
    rows = pd.DataFrame({"estimate": [3.0, 3.0], "standard_error": 0.1, "n": 20, "degrees_of_freedom": [6, 0]})
    low, high = confidence_interval(rows)
    assert high[0] - 3 == pytest.approx(3 - low[0]) == pytest.approx(0.1 * 2.446912)
    assert np.isnan(low[1])
