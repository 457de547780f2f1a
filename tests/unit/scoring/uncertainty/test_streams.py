"""Random numbers depend on the seed, what is drawn, the block and the copy: on nothing else."""

import os

import numpy as np
import pytest

from tasks.scoring.uncertainty.simulate import Ranking, simulate
from tasks.scoring.uncertainty.streams import block_size, stream
from warehouse.frameworks.uncertainty import PERTURBATIONS

ROWS = ("T,,,", "A,T,,", "A.a,A,published,survey", "A.b,A,published,expert", "B,T,,", "B.a,B,published,survey")
EVERYTHING = ("survey", "expert", "weights", "normalisation")
SWITCHED = [{"switch": "normalisation", "to": ["minmax"]}]


@pytest.fixture(scope="module")
def framework(build):
    return build("code,parent,rule,evidence", *ROWS)


@pytest.fixture(scope="module")
def rows(erring):
    return erring(
        {
            name: {"A.a": (0.1 * at + 0.2, 0.05), "A.b": (0.5 - 0.05 * at, 0.02), "B.a": (0.4, 0.03)}
            for at, name in enumerate("UVWXYZ")
        }
    )


@pytest.fixture(scope="module")
def shared(factors):
    return factors(
        *((name, node, "team", 0.03) for name in "UVW" for node in ("A.a", "B.a")), ("X", "A.b", "panel", 0.1)
    )


@pytest.fixture(scope="module")
def prepared(framework, rows, shared, sampler):
    return sampler(framework, rows, shared, perturb=EVERYTHING, alternatives=SWITCHED)


def all_ranked(prepared):
    return [Ranking(place, "", np.arange(len(prepared.ranked.unit_agency))) for place in (0, 1)]


def numbers(*key):
    return stream(*key).standard_normal(4).tolist()


def test_stream__same_key__same_numbers():
    assert numbers(1, "survey", 3, 1) == numbers(1, "survey", 3, 1)


@pytest.mark.parametrize("key", [(2, "survey", 3, 1), (1, "expert", 3, 1), (1, "survey", 4, 1), (1, "survey", 3, 0)])
def test_stream__any_other_key__other_numbers(key):
    assert numbers(*key) != numbers(1, "survey", 3, 1)


def test_stream__every_perturbation_has_its_own():
    assert len({tuple(numbers(1, name, 0)) for name in PERTURBATIONS}) == len(PERTURBATIONS)


@pytest.mark.parametrize("cells", [1, 30_000, 100_000, 4_390_000, 10**9])
def test_block_size__is_a_draw_at_least_and_a_power_of_two(cells):
    size = block_size(cells)
    assert size >= 1
    assert size & (size - 1) == 0


def test_first_draws__are_those_of_a_longer_run(prepared):
    few = simulate(prepared, [0, 1], 41, all_ranked(prepared), drawn=EVERYTHING, kept=41)
    many = simulate(prepared, [0, 1], 150, all_ranked(prepared), drawn=EVERYTHING, kept=150)
    for short, long in zip(few.ranks, many.ranks, strict=True):
        np.testing.assert_array_equal(short, long[:, :41])
    np.testing.assert_array_equal(few.shares, many.shares[..., :41])


def test_draws__that_are_kept_do_not_depend_on_how_many_are(prepared):
    some = simulate(prepared, [0], 100, [], drawn=EVERYTHING, kept=37)
    every = simulate(prepared, [0], 100, [], drawn=EVERYTHING, kept=100)
    np.testing.assert_array_equal(some.shares, every.shares[..., :37])


@pytest.mark.parametrize("processors", [1, 2, 7])
def test_draws__any_number_of_processors_gives_the_same(prepared, monkeypatch, processors):
    alone = [prepared.draw(block, [0, 1], EVERYTHING) for block in range(8)]
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(processors), raising=False)
    found = simulate(
        prepared, [0, 1], 8 * prepared.size, all_ranked(prepared), drawn=EVERYTHING, kept=8 * prepared.size
    )
    np.testing.assert_array_equal(found.shares, np.concatenate(alone, axis=2))


def test_draws__of_the_survey_do_not_depend_on_what_else_is_drawn(framework, rows, shared, prepared, sampler, draws):
    alone = sampler(framework, rows, shared, perturb=("survey",))
    np.testing.assert_array_equal(draws(prepared, "B.a", ("survey", "expert", "weights")), draws(alone, "B.a"))
    np.testing.assert_array_equal(draws(prepared, "T", ("survey",)), draws(alone, "T"))


def test_draws__of_the_survey_do_not_depend_on_measurements_of_experts(framework, rows, shared, sampler, draws):
    known = rows.assign(standard_error=rows["standard_error"].where(rows["node"] != "A.b"))
    before = draws(sampler(framework, rows, shared, perturb=("survey",)), "A.a")
    np.testing.assert_array_equal(draws(sampler(framework, known, shared, perturb=("survey",)), "A.a"), before)


def test_draws__of_one_node_do_not_depend_on_which_others_are_asked_for(prepared, draws):
    together = prepared.draw(2, [0, 1, 2], EVERYTHING)
    np.testing.assert_array_equal(prepared.draw(2, [1], EVERYTHING)[0], together[1])


def test_draws__order_of_measurements_and_of_factors_does_not_matter(framework, rows, shared, prepared, sampler, draws):
    turned = sampler(
        framework,
        rows.sample(frac=1, random_state=3),
        shared.iloc[::-1],
        perturb=EVERYTHING,
        alternatives=SWITCHED,
    )
    np.testing.assert_array_equal(draws(turned, "T", blocks=3), draws(prepared, "T", blocks=3))


def test_copy__of_one_perturbation_changes_that_one_alone(prepared):
    nodes = [prepared.tree.codes.index(code) for code in ("A.b", "B.a")]
    first = prepared.draw(0, nodes, ("survey", "expert"))
    second = prepared.draw(0, nodes, ("survey", "expert"), {"expert": 1})
    assert (first[0] != second[0]).all()
    np.testing.assert_array_equal(first[1], second[1])


def test_seed__another_gives_other_draws(framework, rows, prepared, sampler, draws):
    other = sampler(framework, rows, seed=2, perturb=("survey",))
    assert (draws(other, "B.a") != draws(prepared, "B.a", ("survey",))).all()


def test_errors__of_the_second_half_of_a_block__mirror_the_first(framework, rows, shared, sampler):
    prepared = sampler(framework, rows, shared, perturb=("survey",))
    node = prepared.tree.codes.index("B.a")
    found = prepared.draw(0, [node], ("survey",))[0]
    first, second = np.split(found, 2, axis=1)
    np.testing.assert_allclose(first + second, 2 * prepared.shares[node][:, None] * np.ones(first.shape), atol=1e-12)
    apart = prepared.draw(0, [node], ("survey",), mirrored=False)[0]
    assert not np.allclose(*np.split(apart, 2, axis=1)[:1], second)
