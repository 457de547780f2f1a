"""Weights around the official ones are Dirichlet, family by family."""

import numpy as np
import pytest

from tasks.scoring.tree import Tree
from tasks.scoring.uncertainty.weights import WeightDraws

DRAWS = 20_000
ROWS = (
    "T,,weighted_mean,,",
    "A,T,weighted_mean,,3",
    "a1,A,,published,1",
    "a2,A,,published,0",
    "a3,A,,published,3",
    "B,T,mean,,1",
    "b1,B,,published,",
    "b2,B,,published,",
    "C,T,geometric_mean,,0",
    "c1,C,,published,",
)


@pytest.fixture(scope="module")
def tree(build):
    return Tree.of(build("code,parent,aggregation,rule,weight", *ROWS))


def drawn(tree, strength, draws=DRAWS):
    """Code to the drawn parts of its parent, shape (draws,)."""
    found = WeightDraws.around(tree, strength).draw(np.random.default_rng(3), draws)
    return dict(zip(tree.codes, found, strict=True))


@pytest.mark.parametrize("strength", [2.0, 100.0])
@pytest.mark.parametrize(("code", "weight"), [("A", 0.75), ("B", 0.25), ("a1", 0.25), ("a3", 0.75), ("b1", 0.5)])
def test_weights__have_the_official_mean_and_the_promised_variance(tree, strength, code, weight):
    found = drawn(tree, strength)[code]
    variance = weight * (1 - weight) / (strength + 1)
    assert found.mean() == pytest.approx(weight, abs=5 * np.sqrt(variance / DRAWS))
    assert found.var() == pytest.approx(variance, rel=0.06)


@pytest.mark.parametrize("strength", [1e-6, 1.0, 100.0, 1e9])
def test_weights__of_one_family_add_up_to_one(tree, strength):
    found = drawn(tree, strength, 500)
    for family in (("A", "B", "C"), ("a1", "a2", "a3"), ("b1", "b2"), ("c1",)):
        assert sum(found[code] for code in family) == pytest.approx(1.0, abs=1e-12)


def test_weight__zero__stays_zero(tree):
    assert (drawn(tree, 1.0)["a2"] == 0).all()
    assert (drawn(tree, 1.0)["C"] == 0).all()


def test_weight__of_an_only_child__is_one(tree):
    assert (drawn(tree, 5.0)["c1"] == 1).all()


def test_families__are_drawn_independently(tree):
    found = drawn(tree, 10.0)
    assert abs(np.corrcoef(found["a1"], found["b1"])[0, 1]) < 0.05
    assert abs(np.corrcoef(found["A"], found["b1"])[0, 1]) < 0.05


@pytest.fixture(scope="module")
def two(build):
    def make(aggregation, missing="zero"):
        rows = ("a,T,,published,3", "b,T,,published,1")
        if aggregation == "mean":
            rows = ("a,T,,published,", "b,T,,published,")
        return build("code,parent,aggregation,rule,weight", f"T,,{aggregation},,", *rows, missing=missing)

    return make


def of_draws(aggregation, a, b, weight):
    match aggregation:
        case "mean" | "weighted_mean":
            return weight * a + (1 - weight) * b
        case "geometric_mean":
            return a**weight * b ** (1 - weight)
        case "harmonic_mean":
            return 1 / (weight / a + (1 - weight) / b)
    return np.where(weight > 0.5, a, b)


@pytest.mark.parametrize("aggregation", ["mean", "weighted_mean", "geometric_mean", "harmonic_mean", "median"])
def test_total__is_aggregated_with_the_drawn_weights(two, erring, sampler, draws, aggregation):
    framework = two(aggregation)
    prepared = sampler(framework, erring({"X": {"a": (0.9, 0), "b": (0.2, 0)}}), perturb=("weights",))
    official = 0.5 if aggregation == "mean" else 0.75
    # The weight of each draw is read off a second unit of which only one criterion has a share.
    marked = sampler(
        two("mean" if official == 0.5 else "weighted_mean"),
        erring({"X": {"a": (1, 0), "b": (0, 0)}}),
        perturb=("weights",),
    )
    weight = draws(marked, "T")[0]
    assert weight.std() > 0
    assert draws(prepared, "T")[0] == pytest.approx(of_draws(aggregation, 0.9, 0.2, weight), abs=1e-12)


@pytest.mark.parametrize("aggregation", ["mean", "weighted_mean", "geometric_mean", "harmonic_mean", "median"])
def test_total__whose_other_children_are_excluded__is_the_child_that_is_left(two, erring, sampler, draws, aggregation):
    framework = two(aggregation, missing="exclude_and_reweight")
    prepared = sampler(
        framework, erring({"X": {"b": (0.3, 0)}, "Y": {"a": (0.1, 0), "b": (0.3, 0)}}), perturb=("weights",)
    )
    found = draws(prepared, "T")
    assert found[0] == pytest.approx(0.3, abs=1e-12)
    assert aggregation == "median" or found[1].std() > 0


def test_strength__so_large_that_weights_are_known__gives_the_published_shares(two, erring, sampler, draws):
    framework = two("weighted_mean")
    prepared = sampler(
        framework, erring({"X": {"a": (0.9, 0), "b": (0.2, 0)}}), perturb=("weights",), weights={"strength": 1e14}
    )
    assert draws(prepared, "T") == pytest.approx(0.725, abs=1e-5)


def test_weights__that_follow_from_the_data__are_drawn_around_what_was_found(build, erring, sampler, draws):
    framework = build(
        "code,parent,aggregation,rule,parameters",
        "T,,weighted_mean,,weights=pca",
        *(f"{n},T,,published," for n in "abc"),
    )
    random = np.random.default_rng(0)
    cells = erring({f"U{at}": {n: (round(random.uniform(), 3), 0) for n in "abc"} for at in range(8)})
    prepared = sampler(framework, cells, perturb=("weights",), weights={"strength": 1e14})
    assert draws(prepared, "T") == pytest.approx(np.repeat(prepared.shares[[0]].T, prepared.size, axis=1), abs=1e-5)
