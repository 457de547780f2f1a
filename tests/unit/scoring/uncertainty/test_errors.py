"""Errors of what was measured: their joint distribution, and that draws stay valid."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

BLOCKS = 500  # of 32 draws


@pytest.fixture(scope="module")
def framework(build):
    rows = [f"n{at},T,published,survey,clip=no; scale=100" for at in range(4)]
    return build("code,parent,rule,evidence,parameters", "T,,,,", *rows)


def values_of(sampler, blocks=BLOCKS):
    """Drawn values of every leaf, cells in rows: by node, then by agency."""
    nodes = np.flatnonzero(sampler.tree.is_leaf)
    found = [sampler.draw(block, nodes, sampler.drawn) for block in range(blocks)]
    return 100 * np.concatenate(found, axis=2).reshape(-1, blocks * sampler.size)


def agrees(found, expected):
    """Whether a covariance of that many draws is within five standard errors of what is expected."""
    deviations = np.sqrt(np.diag(expected))
    allowed = 5 * np.sqrt((np.outer(deviations, deviations) ** 2 + expected**2) / (BLOCKS * 32))
    return (np.abs(found - expected) <= allowed + 1e-12).all()


def test_covariance__is_that_of_the_loadings(framework, erring, factors, sampler):
    # Blocks of different shape: one factor of nine cells, two crossed ones of three, two cells on their own.
    agencies = ("A", "B", "C", "D")
    places = [(agency, f"n{node}") for node in range(4) for agency in agencies]
    named = [(*place, "team", 1.0 + 0.1 * at) for at, place in enumerate(places[:9])]
    named += [(*places[9], "p", 0.5), (*places[10], "p", -0.8), (*places[10], "q", 0.6), (*places[11], "q", 1.2)]
    named += [(*places[12], "alone", 0.7), (*places[13], "another", 2.0)]
    loadings = pd.DataFrame(named, columns=["agency", "node", "factor", "loading"])
    wide = loadings.pivot_table(index=["agency", "node"], columns="factor", values="loading").reindex(places).fillna(0)
    expected = wide.to_numpy() @ wide.to_numpy().T
    expected[14, 14], expected[15, 15] = 0.9**2, 0.0
    errors = np.sqrt(np.diag(expected))
    cells = {agency: {} for agency in agencies}
    for (agency, node), error in zip(places, errors, strict=True):
        cells[agency][node] = (50.0, float(error))
    found = np.cov(values_of(sampler(framework, erring(cells), factors(*named), perturb=("survey",))))
    assert agrees(found, expected)


def test_mean__is_the_measured_value(framework, erring, factors, sampler):
    cells = erring({"A": {"n0": (40.0, 1.0)}, "B": {"n0": (60.0, 2.0)}})
    mean = values_of(sampler(framework, cells, factors(("A", "n0", "f", 1.0)), perturb=("survey",))).mean(axis=1)
    np.testing.assert_allclose(mean[:2], [40.0, 60.0], atol=5 * 2.0 / np.sqrt(BLOCKS * 32))


@pytest.mark.parametrize("shared", [True, False])
def test_deviation__is_the_standard_error_with_factors_and_without(framework, erring, factors, sampler, shared):
    named = factors(("A", "n0", "f", 0.9), ("A", "n0", "g", 1.2), ("B", "n1", "f", 0.1)) if shared else factors()
    cells = erring({"A": {"n0": (50.0, 1.5)}, "B": {"n0": (50.0, np.nan), "n1": (50.0, 0.1)}})
    deviation = values_of(sampler(framework, cells, named, perturb=("survey",)))[0].std()
    assert deviation == pytest.approx(1.5, rel=0.03)


def test_factor__of_several_kinds_of_evidence__is_drawn_for_each(build, erring, factors, sampler):
    framework = build("code,parent,rule,evidence", "T,,,", "a,T,published,survey", "b,T,published,tone")
    cells = erring({"A": {"a": (0.5, 0.1), "b": (0.5, 0.1)}})
    named = factors(("A", "a", "f", 0.1), ("A", "b", "g", 0.1))
    prepared = sampler(framework, cells, named, perturb=("tone",))
    drawn = values_of(prepared, 1)
    assert drawn[0].std() == 0
    assert drawn[1].std() > 0


def test_factor__of_a_cell_that_is_not_measured__moves_nothing(framework, erring, factors, sampler, draws):
    cells = erring({"A": {"n0": (50.0, 1.0)}, "B": {"n0": (50.0, 1.0)}})
    named = [("A", "n0", "f", 1.0), ("B", "n0", "f", 1.0)]
    more = [*named, ("A", "n1", "f", 3.0), ("C", "n0", "e", 1.0), ("A", "T", "f", 1.0)]
    before, after = (sampler(framework, cells, factors(*rows), perturb=("survey",)) for rows in (named, more))
    np.testing.assert_array_equal(draws(after, "T"), draws(before, "T"))


def test_factor__of_another_period__moves_nothing(framework, erring, factors, sampler, draws):
    cells = erring({"A": {"n0": (50.0, 1.0)}, "B": {"n0": (50.0, 1.0)}})
    named = factors(("A", "n0", "f", 1.0), ("B", "n0", "f", 1.0), period="2019")
    found = draws(sampler(framework, cells, named, perturb=("survey",)), "n0", blocks=20)
    assert abs(np.corrcoef(found)[0, 1]) < 0.25  # 1 where the factor is shared


def drawn_once(found):
    """Draws without those that mirror others."""
    return found.reshape(len(found), BLOCKS, 2, -1)[:, :, 0].reshape(len(found), -1)


def of_student(found, freedom, scale=1.0):
    """Whether draws are Student's: a fault would be seen in one run of a thousand if they are."""
    return stats.kstest((found - 50) / scale, stats.t(freedom).cdf).pvalue > 0.001


def test_size__that_was_estimated__makes_draws_of_student(framework, erring, factors, sampler):
    cells = erring({"A": {"n0": (50.0, 2.0)}, "B": {"n0": (50.0, 2.0)}})
    named = factors(("A", "n0", "A:n0", 2.0, "A:n0", 4.0), ("B", "n0", "B:n0", 2.0, "B:n0", np.nan))
    student, normal = drawn_once(values_of(sampler(framework, cells, named, perturb=("survey",))))[:2]
    assert of_student(student, 4, 2.0)
    assert not of_student(normal, 4, 2.0)
    assert stats.kstest((normal - 50) / 2, stats.norm.cdf).pvalue > 0.001


def test_size__of_a_shared_cause_beside_one_of_its_own(framework, erring, factors, sampler):
    # Both of the cell's causes are Student's, and what is shared stays shared.
    cells = erring({"A": {"n0": (50.0, np.sqrt(2.0))}, "B": {"n0": (50.0, 1.0)}})
    named = [("A", "n0", "f", 1.0, "f", 3.0), ("B", "n0", "f", 1.0, "f", 3.0), ("A", "n0", "own", 1.0, "own", 5.0)]
    first, second = drawn_once(values_of(sampler(framework, cells, factors(*named), perturb=("survey",))))[:2]
    assert of_student(second, 3)
    assert of_student(first - second + 50, 5)


@pytest.mark.parametrize("together", [True, False])
def test_size__of_one_block__is_drawn_once(framework, erring, factors, sampler, together):
    # Of independent causes of one block the sizes go together, those of two blocks do not.
    cells = erring({"A": {"n0": (50.0, 1.0), "n1": (50.0, 1.0)}})
    blocks = ("f", "f") if together else ("f", "g")
    named = factors(*(("A", f"n{at}", f"c{at}", 1.0, block, 5.0) for at, block in enumerate(blocks)))
    first, second = np.abs(drawn_once(values_of(sampler(framework, cells, named, perturb=("survey",))))[:2] - 50)
    assert (stats.spearmanr(first, second).statistic > 0.05) == together


@pytest.mark.parametrize("freedom", [-1.0, 0.0, 0.2, 2.0])
def test_size__of_too_few_degrees_of_freedom__has_a_deviation_still(framework, erring, factors, sampler, freedom):
    cells = erring({"A": {"n0": (50.0, 1e-3)}})
    named = factors(("A", "n0", "f", 1e-3, "f", freedom))
    assert of_student(drawn_once(values_of(sampler(framework, cells, named, perturb=("survey",))))[0], 3, 1e-3)


def test_size__that_is_infinitely_sure__is_known(framework, erring, factors, sampler):
    cells = erring({"A": {"n0": (50.0, 1.0)}})
    named = factors(("A", "n0", "f", 1.0, "f", np.inf))
    drawn = drawn_once(values_of(sampler(framework, cells, named, perturb=("survey",))))[0]
    assert stats.kstest(drawn - 50, stats.norm.cdf).pvalue > 0.001


def test_covariance__of_a_large_block__is_that_of_the_loadings(framework, erring, factors, sampler):
    agencies = [f"A{at:03}" for at in range(100)]
    named = [(agency, "n0", "all", 0.5 + 0.01 * at) for at, agency in enumerate(agencies)]
    named += [(agency, "n0", f"half {at % 2}", 0.8) for at, agency in enumerate(agencies)]
    named += [(agency, "n0", f"own {agency}", 0.3) for agency in agencies]
    loadings = pd.DataFrame(named, columns=["agency", "node", "factor", "loading"])
    wide = loadings.pivot(index="agency", columns="factor", values="loading").fillna(0).to_numpy()
    expected = wide @ wide.T
    cells = {agency: {"n0": (50.0, float(np.sqrt(expected[at, at])))} for at, agency in enumerate(agencies)}
    prepared = sampler(framework, erring(cells), factors(*named), perturb=("survey",))
    assert not isinstance(prepared.errors[0].stacks[0].loadings, np.ndarray)  # kept without its zeros
    node = [prepared.tree.codes.index("n0")]
    found = np.concatenate([prepared.draw(block, node, ("survey",))[0] for block in range(BLOCKS)], axis=1)
    assert agrees(np.cov(100 * found), expected)


def test_size__of_a_block__has_the_fewest_degrees_of_freedom_among_its_cells(framework, erring, factors, sampler):
    cells = erring({"A": {"n0": (50.0, 1.0), "n1": (50.0, 1.0)}})
    named = factors(("A", "n0", "f", 1.0, "b", 30.0), ("A", "n1", "g", 1.0, "b", 3.0))
    assert of_student(drawn_once(values_of(sampler(framework, cells, named, perturb=("survey",))))[0], 3)


def staged(*rows):
    frame = pd.DataFrame(rows, columns=["agency", "node", "value", "standard_error", "stage"])
    return frame.assign(period="2020")


def test_stage__that_does_not_count__is_not_drawn(framework, sampler):
    cells = staged(("A", "n0", 50.0, 5.0, "self_reported"), ("A", "n0", 40.0, np.nan, "final"))
    prepared = sampler(framework, cells, perturb=("survey", "weights"))
    assert prepared.drawn == ("weights",)
    assert prepared.measured == ()


def test_stage__that_counts__has_its_own_error(framework, sampler):
    cells = staged(("A", "n0", 40.0, 1.0, "final"), ("A", "n0", 50.0, 5.0, "self_reported"))
    drawn = values_of(sampler(framework, cells, perturb=("survey",)), 50)[0]
    assert drawn.mean() == pytest.approx(40.0, abs=0.2)
    assert drawn.std() == pytest.approx(1.0, rel=0.1)


def test_points__that_were_given_outright__are_not_drawn(build, erring, sampler):
    framework = build("code,parent,rule,evidence,max_points", "T,,,,", "a,T,published,expert,10")
    cells = erring({"A": {"a": (0.5, 0.1)}, "B": {"a": (0.5, 0.1)}}).assign(points=[8.0, np.nan])
    drawn = values_of(sampler(framework, cells, perturb=("expert",)), 1)
    assert drawn[0] == pytest.approx(80.0)
    assert drawn[1].std() > 0
    assert sampler(framework, cells[:1], perturb=("expert",)).measured == ()


@pytest.mark.parametrize(
    ("rule", "parameters", "value", "low", "high"),
    [
        ("published", "", 0.02, 0.0, 1.0),
        ("published", "scale=4", 3.9, 0.0, 1.0),
        ("proportion", "clip=no; target=1; valid_max=1", 0.99, 0.0, 1.0),
        ("linear", "clip=no; target=10; valid_min=2; valid_max=9", 3.0, 0.2, 0.9),
    ],
)
def test_draws__without_clip__stay_within_what_is_valid(
    build, erring, sampler, draws, rule, parameters, value, low, high
):
    framework = build("code,parent,rule,parameters", "T,,,", f"a,T,{rule},{parameters}")
    found = draws(sampler(framework, erring({"A": {"a": (value, 5.0)}}), perturb=("published",)), "a", blocks=4)
    assert (found.min(), found.max()) == pytest.approx((low, high))


def test_draws__a_measured_value_beyond_the_bounds__opens_them(build, erring, sampler, draws):
    framework = build("code,parent,rule", "T,,", "a,T,zscore")
    cells = erring({"A": {"a": (-3.0, 1.0)}, "B": {"a": (0.5, 1.0)}, "C": {"a": (9.0, 1.0)}})
    found = sampler(framework, cells, perturb=("published",))
    below = (draws(found, "a", blocks=40)[0] < found.shares[1, 0]).mean()
    assert below == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize("transform", ["log", "log10"])
def test_draws__of_a_value_with_a_logarithm__stay_above_zero(build, erring, sampler, draws, transform):
    framework = build("code,parent,rule,parameters", "T,,,", f"a,T,minmax,transform={transform}")
    cells = erring({"A": {"a": (0.5, 2.0)}, "B": {"a": (40.0, 2.0)}, "C": {"a": (7.0, 2.0)}})
    found = draws(sampler(framework, cells, perturb=("published",)), "a", blocks=20)
    assert np.isfinite(found).all()


def test_draws__of_the_least_value_with_a_logarithm__fall_as_often_as_they_rise(build, erring, sampler, draws):
    framework = build("code,parent,rule,parameters", "T,,,", "a,T,linear,transform=log; floor=1; target=100; clip=no")
    cells = erring({"A": {"a": (5.0, 0.1)}, "B": {"a": (40.0, 2.0)}})
    found = sampler(framework, cells, perturb=("published",))
    assert (draws(found, "a", blocks=40)[0] < found.shares[1, 0]).mean() == pytest.approx(0.5, abs=0.06)


def test_draws__of_units_that_are_compared__no_invalid_value_becomes_the_least(build, erring, sampler, draws):
    framework = build("code,parent,rule,parameters,unit", "T,,,,", "a,T,minmax,,%")
    cells = erring({"A": {"a": (0.0, np.nan)}, "B": {"a": (1.0, 20.0)}, "C": {"a": (100.0, np.nan)}})
    drawn = draws(sampler(framework, cells, perturb=("published",)), "a", blocks=4)
    assert (drawn[0] == 0).all()
    assert (drawn[2] == 1).all()


@pytest.mark.parametrize("code", ["a", "A"])
def test_draws__below_a_geometric_mean__a_published_share_is_never_negative(build, erring, sampler, draws, code):
    framework = build(
        "code,parent,rule,aggregation", "T,,,geometric_mean", "A,T,,geometric_mean", "a,A,published,", "B,T,published,"
    )
    cells = erring({"X": {code: (0.02, 0.5), "B": (0.5, np.nan)}})
    found = draws(sampler(framework, cells, perturb=("published",)), "T", blocks=2)
    assert found.min() == 0
    assert found.max() == pytest.approx(np.sqrt(0.5))


def test_draws__a_denominator_whose_error_reaches_zero__stays_above_it(build, erring, sampler, draws):
    framework = build("code,parent,rule,parameters", "T,,,", "a,T,linear,target=9; per=b", "b,T,fraction,")
    cells = erring({"X": {"a": (3.0, np.nan), "b": (1.0, 5.0)}, "Y": {"a": (3.0, np.nan), "b": (2.0, np.nan)}})
    found = draws(sampler(framework, cells, perturb=("published",)), "a")
    assert np.isfinite(found).all()
    assert found.max() <= 3.0 / (1.0 / 10)  # down to a tenth of the least denominator that was measured
