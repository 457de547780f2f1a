"""Where nothing is uncertain every draw is what is published, and every rank is sure."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.scoring.engine import score
from tasks.scoring.scratch import Scratch
from tasks.scoring.uncertainty.streams import stream
from warehouse.frameworks.rules import AGGREGATIONS, NONE

RULES = {
    "ratio": "target=3",
    "tier": "tiers=0:0.1|1:0.4|2:1",
    "linear": "floor=-1; target=4",
    "minmax": "",
    "zscore": "clip=yes",
    "rank": "clip=yes",
    "percentile": "",
    "borda": "clip=yes",
    "distance": "target=2",
    "fraction": "",
    "likert": "low=0; high=5",
    "tone": "low=0; high=5",
    "published": "clip=yes",
    "points": "",
}
POLICIES = ("zero", "exclude_and_reweight", "impute", "carry_forward")
PILLARS = tuple(name for name in AGGREGATIONS if name != NONE)
AGENCIES = ("A", "B", "C", "D", "E")
LEAVES = [f"{pillar}.{at}" for pillar in PILLARS for at in range(3)]
VALUES = st.floats(0, 5).map(lambda value: round(value, 2))


@pytest.fixture(scope="module")
def frameworks(build):
    """All aggregations over all rules: in each framework the rules and policies stand at other places."""
    found = []
    for turn in range(3):
        leaves = []
        for at, code in enumerate(LEAVES):
            rule = list(RULES)[(at + 5 * turn) % len(RULES)]
            leaves.append(f"{code},{code.split('.')[0]},{rule},{RULES[rule]},{POLICIES[(at + turn) % 4]},,5")
        inner = [f"{pillar},T,,,exclude_and_reweight,{pillar}," for pillar in PILLARS]
        found.append(
            build("code,parent,rule,parameters,missing,aggregation,max_points", "T,,,,,mean,", *inner, *leaves)
        )
    return found


def rows_of(framework, cells):
    rows = [(agency, LEAVES[at], value, 0.0) for agency, of in cells.items() for at, value in of.items()]
    return pd.DataFrame(rows, columns=["agency", "node", "value", "standard_error"])


@given(
    st.integers(0, 2),
    st.fixed_dictionaries(
        {name: st.dictionaries(st.integers(0, len(LEAVES) - 1), VALUES, min_size=1) for name in AGENCIES}
    ),
)
@settings(max_examples=30, deadline=None)
def test_draws__of_what_is_known__are_the_published_shares(frameworks, sampler, turn, cells):
    prepared = sampler(frameworks[turn], rows_of(frameworks[turn], cells))
    everything = list(range(len(prepared.tree.codes)))
    drawn = prepared.draw(0, everything, ("survey", "published"))
    np.testing.assert_allclose(drawn, np.repeat(prepared.shares[..., None], prepared.size, axis=2), rtol=0, atol=1e-12)


@given(
    st.integers(0, 2),
    st.fixed_dictionaries({name: st.lists(VALUES, min_size=len(LEAVES), max_size=len(LEAVES)) for name in AGENCIES}),
    st.sets(st.integers(0, len(LEAVES) - 1), min_size=1, max_size=4),
)
@settings(max_examples=30, deadline=None)
def test_draws__of_some_errors__each_is_what_the_engine_makes_of_it_alone(frameworks, sampler, turn, cells, drawn):
    framework = frameworks[turn]
    rows = rows_of(framework, {name: dict(enumerate(values)) for name, values in cells.items()})
    codes = {LEAVES[at] for at in drawn}
    prepared = sampler(framework, rows.assign(standard_error=np.where(rows["node"].isin(codes), 0.3, np.nan)))
    everything = list(range(len(prepared.tree.codes)))
    found = prepared.draw(0, everything, ("published",))
    source = prepared.errors[0]
    values = np.repeat(prepared.cells.values[..., None], prepared.size, axis=2)

    source.put(values.reshape(-1, prepared.size), stream(1, "published", 0), Scratch(), mirrored=True)
    for draw in (0, prepared.size - 1):
        alone = rows.assign(
            value=[
                values[prepared.tree.codes.index(node), AGENCIES.index(agency), draw]
                for agency, node in zip(rows["agency"], rows["node"], strict=True)
            ]
        )
        expected = score(framework, alone).pivot(index="node", columns="agency", values="share")
        expected = expected.reindex(prepared.tree.codes).to_numpy(dtype=float)
        np.testing.assert_allclose(found[..., draw], expected, rtol=0, atol=1e-12)


def test_draws__of_a_value_at_an_inner_node__keep_it_though_only_others_are_drawn(build, erring, sampler, draws):
    framework = build(
        "code,parent,rule,evidence",
        "T,,,",
        "A,T,,",
        "a,A,published,",
        "B,T,,",
        "b,B,published,",
        "C,T,published,survey",
    )
    cells = erring(
        {"X": {"A": (0.4, np.nan), "b": (0.3, np.nan), "C": (0.5, 0.1)}, "Y": {"a": (0.9, 0), "B": (0.7, 0)}}
    )
    prepared = sampler(framework, cells, perturb=("survey",))
    assert (draws(prepared, "A") == [[0.4], [0.9]]).all()
    assert (draws(prepared, "B") == [[0.3], [0.7]]).all()
    assert draws(prepared, "T")[0] == pytest.approx((0.4 + 0.3 + draws(prepared, "C")[0]) / 3)


def test_draws__of_a_total_that_was_published__keep_it(build, erring, sampler, draws):
    framework = build("code,parent,rule,evidence", "T,,,", "a,T,published,survey", "b,T,published,survey")
    cells = erring({"X": {"T": (0.4, np.nan)}, "Y": {"a": (0.9, 0.1), "b": (0.2, 0.1)}})
    assert (draws(sampler(framework, cells, perturb=("survey",)), "T")[0] == 0.4).all()


@pytest.mark.parametrize(
    ("shares", "ranks"),
    [
        ((0.9, 0.5, 0.5, 0.1), [1, 2, 2, 4]),
        ((0.3, 0.3, 0.3), [1, 1, 1]),
        ((0.1, 0.1 + 1e-15, 0.2, 0.2), [3, 3, 1, 1]),
        ((0.7,), [1]),
    ],
)
def test_ranks__of_what_is_known__are_sure(build, erring, certainty, shares, ranks):
    framework = build("code,parent,rule,evidence", "T,,,", "a,T,published,survey", "b,T,published,survey")
    cells = erring({f"U{at}": {"a": (share, 0.0), "b": (share, 0.0)} for at, share in enumerate(shares)})
    rows = certainty(framework, cells, perturb=("survey",), nodes=("T",)).intervals
    for name in ("rank", "simulated_low", "simulated_high"):
        assert rows[name].tolist() == ranks
    for kind in ("marginal", "simultaneous"):
        assert rows[f"{kind}_low"].tolist() == ranks
        assert rows[f"{kind}_high"].tolist() == ranks
    np.testing.assert_allclose(rows["share_low"], shares, atol=1e-15)
    np.testing.assert_allclose(rows["share_high"], shares, atol=1e-15)
    assert (rows["standard_error"] < 1e-15).all()


def test_ranks__of_what_is_known__agree_with_the_scores(frameworks, certainty):
    random = np.random.default_rng(5)
    cells = {name: dict(enumerate(random.uniform(0, 5, len(LEAVES)).round(2))) for name in AGENCIES}
    rows = rows_of(frameworks[0], cells).assign(standard_error=1e-15)  # known, and next to nothing
    found = certainty(frameworks[0], rows, perturb=("published",)).intervals.set_index(["node", "agency"])
    scores = score(frameworks[0], rows).set_index(["node", "agency"])["rank"]
    assert len(found) == (1 + len(PILLARS)) * len(AGENCIES)
    assert found["rank"].tolist() == scores.loc[found.index].tolist()
    assert found["simulated_low"].tolist() == found["simulated_high"].tolist() == found["rank"].tolist()


def test_a_draw__that_an_aggregation_cannot_take__is_cut_to_what_it_can(build, erring, certainty):
    framework = build(
        "code,parent,rule,aggregation,parameters", "T,,,geometric_mean,", "a,T,linear,,target=1; clip=no; valid_min=-9"
    )
    rows = certainty(framework, erring({"X": {"a": (0.1, 2.0)}, "Y": {"a": (0.5, 2.0)}}), nodes=("T",)).intervals
    assert rows["share_low"].tolist() == [0, 0]
    assert (rows["share_high"] > 1).all()
