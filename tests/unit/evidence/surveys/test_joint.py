"""The covariance of estimates of one sample: against svy, against surveys repeated many times, and its laws."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
import svy
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.evidence.shared import directions
from tasks.evidence.surveys.design import SampleDesign
from tasks.evidence.surveys.estimates import Variable, estimate_jointly
from tasks.evidence.surveys.replicates import jackknife_means
from tests.unit.evidence.surveys.test_estimates import sample


def covariance(design, variables, domains):
    """Covariance of all estimates: index and columns (domain, variable); 0 between blocks."""
    _, joint = estimate_jointly(design, variables, domains, engine="linearised")
    blocks = [pd.DataFrame(causes.T @ causes, index=pairs, columns=pairs) for pairs, causes in joint.causes()]
    index = blocks[0].index.append([block.index for block in blocks[1:]])
    whole = pd.DataFrame(0.0, index=index, columns=index)
    for block in blocks:
        whole.loc[block.index, block.columns] = block
    return whole.sort_index().sort_index(axis=1)


def of_svy(design, variables, domains, statistic):
    """The same by svy: each respondent once for each variable, estimated by domain and variable."""
    parts = [
        pl.DataFrame(
            {
                "stratum": design.strata,
                "cluster": design.clusters,
                "weight": design.weights,
                "population": design.population,
                "domain": [f"{domain}|{name}" for domain in domains],
                "y": variable.values,
                "x": variable.denominator if variable.denominator is not None else np.ones(len(domains)),
            }
        ).with_columns(pl.col("y").fill_nan(None))
        for name, variable in variables.items()
    ]
    plan = svy.Design(stratum="stratum", psu="cluster", wgt="weight", pop_size="population", singleton="skip")
    estimation = svy.Sample(pl.concat(parts), plan).estimation
    asked = {"by": "domain", "drop_nulls": True}
    made = estimation.ratio("y", "x", **asked) if statistic == "ratio" else getattr(estimation, statistic)("y", **asked)
    pairs = pd.MultiIndex.from_tuples([tuple(name.split("|")) for name in made.to_polars()["domain"]])
    return pd.DataFrame(made.covariance, index=pairs, columns=pairs).sort_index().sort_index(axis=1)


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["mean", "total", "ratio"]))
def test_joint_errors__are_the_covariance_that_svy_gives(seed, statistic):
    design, variables, domains = sample(seed)
    share = np.where(design.sampled_share > 0, design.sampled_share, 0.2)  # svy wants a population for every stratum
    design = SampleDesign(design.weights, design.strata, design.clusters, share)
    plain, other = variables["mean"].values, np.sin(np.arange(len(domains))) + design.clusters % 5
    below = variables["ratio"].denominator if statistic == "ratio" else None
    asked = {"a": Variable(plain, statistic, below), "b": Variable(other, statistic, below)}
    theirs = of_svy(design, asked, domains, statistic)
    ours = covariance(design, asked, domains)
    scale = np.sqrt(np.outer(np.diag(theirs), np.diag(theirs)))
    assert (ours.to_numpy() / scale) == pytest.approx(theirs.to_numpy() / scale, abs=1e-8)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_joint_errors__have_the_standard_errors_on_the_diagonal_and_no_negative_variance(seed):
    design, variables, domains = sample(seed, 120)
    found, _ = estimate_jointly(design, variables, domains, engine="linearised")
    both = covariance(design, variables, domains)
    errors = found.set_index(["domain", "variable"])["standard_error"].reindex(both.index)
    assert np.sqrt(np.diag(both)) == pytest.approx(errors.to_numpy(), rel=1e-9)
    assert np.linalg.eigvalsh(both).min() > -1e-9 * np.linalg.eigvalsh(both).max()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_joint_errors__do_not_depend_on_the_order_of_respondents(seed):
    design, variables, domains = sample(seed, 120)
    order = np.random.default_rng(seed).permutation(len(domains))
    moved = SampleDesign(
        design.weights[order], design.strata[order], design.clusters[order], design.sampled_share, (), ()
    )
    again = {
        name: Variable(one.values[order], one.statistic, None if one.denominator is None else one.denominator[order])
        for name, one in variables.items()
    }
    first = covariance(design, variables, domains)
    second = covariance(moved, again, domains.iloc[order].reset_index(drop=True))
    assert second.to_numpy() == pytest.approx(first.to_numpy(), rel=1e-9, abs=1e-12 * first.to_numpy().max())


def test_joint_errors__agencies_that_share_no_stratum__are_blocks_of_their_own():
    design = SampleDesign(np.ones(8), np.repeat([0, 1], 4), np.arange(8), np.zeros(2))
    answers = {"y": Variable(np.arange(8.0)), "z": Variable(np.arange(8.0) ** 2)}
    apart, across = (
        [sorted(set(pairs.get_level_values(0))) for pairs, _ in estimate_jointly(design, answers, names)[1].causes()]
        for names in (pd.Series(list("aaaabbbb")), pd.Series(list("aabbcccc")))
    )
    assert apart == [["a"], ["b"]]
    assert across == [["a", "b"], ["c"]]


def test_joint_errors__of_nothing_are_none():
    none = np.empty(0)
    design = SampleDesign(none, none.astype(int), none.astype(int), none)
    assert list(estimate_jointly(design, {"y": Variable(none)})[1].causes()) == []


def test_jackknife_means__their_covariance_is_that_of_the_formula_up_to_its_error():
    random = np.random.default_rng(6)
    clusters = np.repeat(np.arange(60), 10)
    first = random.normal(0, 1, 600) + random.normal(0, 1, 60)[clusters]
    values = np.column_stack([first, first * 0.5 + random.normal(0, 1, 600), random.normal(0, 1, 600)])
    values[random.random(values.shape) < 0.1] = np.nan
    weights = random.uniform(1, 3, 60)[clusters]
    design = SampleDesign(weights, np.zeros(600, int), clusters, np.array([0.2]))
    variables = {name: Variable(values[:, at]) for at, name in enumerate("abc")}
    means, causes = jackknife_means(design, values)
    found, _ = estimate_jointly(design, variables, engine="linearised")
    assert means == pytest.approx(found["estimate"].to_numpy())
    formula = covariance(design, variables, None).to_numpy()
    scale = np.sqrt(np.outer(np.diag(formula), np.diag(formula)))
    assert causes.T @ causes / scale == pytest.approx(formula / scale, abs=0.05)
    assert directions(causes).shape == (3, 3)


def repeated(times, seed=5):
    """A survey of 5 of 12 clusters in each of two strata, repeated: estimates and their stated covariances."""
    random = np.random.default_rng(seed)
    mood = random.normal(0, 1, (2, 12))  # of a cluster: it colours the answers to all three questions
    size, strata = 8, np.repeat([0, 1], 5 * 8)
    opinions = mood[..., None, None] + random.normal(0, 1, (2, 12, size, 3))
    opinions[..., 2] = opinions[..., 0] * -0.7 + random.normal(0, 0.5, (2, 12, size))
    estimates, stated = [], []
    for _ in range(times):
        drawn = np.stack([random.permutation(12)[:5] for _ in range(2)])
        answers = opinions[np.arange(2)[:, None], drawn].reshape(-1, 3)
        answers[random.random(answers.shape) < 0.1] = np.nan  # not everybody answers everything
        clusters = np.repeat(np.arange(10), size)
        design = SampleDesign(np.ones(80), strata, clusters, np.full(2, 5 / 12))
        asked = {f"q{at}": Variable(answers[:, at]) for at in range(3)}
        found, joint = estimate_jointly(design, asked, engine="linearised")
        ((_, causes),) = joint.causes()
        estimates.append(found["estimate"].to_numpy())
        stated.append(causes.T @ causes)
    return np.array(estimates), np.mean(stated, axis=0)


def test_joint_errors__of_a_survey_repeated_many_times__are_the_covariance_of_its_estimates():
    estimates, stated = repeated(1_200)
    made = np.cov(estimates.T)
    assert np.sqrt(np.diag(stated)) == pytest.approx(np.sqrt(np.diag(made)), rel=0.06)
    together = made / np.sqrt(np.outer(np.diag(made), np.diag(made)))
    known = stated / np.sqrt(np.outer(np.diag(stated), np.diag(stated)))
    assert known == pytest.approx(together, abs=0.07)
    assert known[0, 1] > 0.5
    assert known[0, 2] < -0.5
