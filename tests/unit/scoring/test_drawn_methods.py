"""Every method goes through with draws, each draw as it would alone, whether all leaves are drawn or only some."""

from dataclasses import replace

import numpy as np
import pytest

from tasks.scoring.engine import evaluated
from tasks.scoring.evaluate import compute
from tasks.scoring.plan import Plan

UNITS, DRAWS = 14, 6
ROWS = (
    "T,,,penalised_mean,,",
    "P,T,,copeland,available=0.4,",
    "Q,T,percentile,median,,",
    "R,T,zscore,harmonic_mean,clip=yes,",
    "S,T,,penalised_mean_plus,,",
    "P.a,P,minmax,,outliers=winsorise_log; per=S.d; per_scale=100,",
    "P.b,P,rank,,ties=lowest; clip=yes,impute",
    "P.c,P,percentile,,cap=0.7; transform=log; cap_below=0.01,exclude_and_reweight",
    "Q.a,Q,borda,,clip=yes,",
    "Q.b,Q,distance,,target=0.9; outliers=winsorise,impute",
    "R.a,R,fraction,,,",
    "R.b,R,minmax,,outliers=log,",
    "S.c,S,zscore,,outliers=winsorise; clip=yes,",
    "S.d,S,fraction,,,",
)


@pytest.fixture(scope="module")
def scoring(build, measured):
    framework = build("code,parent,rule,aggregation,parameters,missing", *ROWS)
    draw = np.random.default_rng(11)
    values = {
        f"U{unit:02}": {leaf.code: float(draw.lognormal(-1, 1)) for leaf in framework.leaves if draw.uniform() < 0.9}
        | {"S.d": 0.5 + unit}
        for unit in range(UNITS)
    }
    return evaluated(framework, measured(values))


@pytest.fixture(scope="module")
def drawn(scoring):
    """Values of all leaves with an error of a tenth."""
    noise = np.random.default_rng(4).normal(1, 0.1, (*scoring.cells.values.shape, DRAWS))
    return scoring.cells.values[..., None] * noise


def test_draws__each_is_scored_as_it_would_be_alone(scoring, drawn):
    plan = Plan.of(scoring.tree, scoring.cells)
    together = compute(plan, drawn.copy())
    for draw in range(DRAWS):
        alone = compute(plan, drawn[..., draw].copy())
        np.testing.assert_array_equal(together[..., draw], alone)


@pytest.mark.parametrize("size", [1, 2, 5])
def test_draws__blocks_of_any_size_give_the_same(scoring, drawn, size):
    plan = Plan.of(scoring.tree, scoring.cells)
    together = compute(plan, drawn.copy(), is_exact=False)
    blocks = [compute(plan, drawn[..., at : at + size].copy(), is_exact=False) for at in range(0, DRAWS, size)]
    np.testing.assert_array_equal(np.concatenate(blocks, axis=2), together)


@pytest.mark.parametrize("codes", [("S.d",), ("P.a",), ("Q.b", "S.c", "R.b"), ("P.b", "P.c")])
def test_draws__of_some_leaves_only(scoring, drawn, codes):
    plan, at = Plan.of(scoring.tree, scoring.cells), [scoring.tree.codes.index(code) for code in codes]
    values = np.repeat(scoring.cells.values[..., None], DRAWS, axis=2)
    values[at] = drawn[at]
    varies = np.zeros(len(scoring.tree.codes), dtype=bool)
    varies[at] = True
    some = np.full(values.shape, 1e300)  # what is not drawn is never read
    some[at] = drawn[at]
    found = compute(plan.varying(varies, compute(plan, scoring.cells.values.copy())), some)
    np.testing.assert_array_equal(found, compute(plan, values))


def test_scores__do_not_depend_on_the_order_of_the_units(scoring):
    cells = scoring.cells
    turned = replace(cells, values=cells.values[:, ::-1], points=cells.points[:, ::-1])
    plan = Plan.of(scoring.tree, turned)
    found = compute(plan, turned.values.copy())[:, ::-1]
    np.testing.assert_allclose(found, scoring.result.shares, rtol=1e-12, atol=1e-12)
