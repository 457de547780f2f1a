"""Scenarios come out as if each had been scored alone by the engine."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.scoring.engine import score
from tasks.scoring.whatif.change import Change
from tasks.scoring.whatif.outcome import Places, suppose
from tasks.scoring.whatif.scenarios import Bench, depends_on_nobody
from tests.unit.scoring.movement.test_contributions import figures, frameworks
from warehouse.errors import InputError
from warehouse.frameworks.loader import load_framework


@pytest.fixture(scope="module")
def plain(build):
    return build("code,parent,rule,max_points", "T,,,10", "a,T,published,6", "b,T,published,4")


@pytest.fixture
def rows(measured):
    return measured({"h": {"a": 0.2, "b": 0.5}, "k": {"a": 0.3, "b": 0.5}, "m": {"a": 0.4, "b": 0.5}})


def of(bench, unranked=(), groups=None):
    return Places.of(bench.agencies, unranked, groups or {})


def test_suppose__higher_value__share_rank_and_who_is_overtaken(plain, rows):
    bench = Bench(plain, rows, "h", "T")
    found = suppose(bench, of(bench), [Change("a", value=0.5)])
    assert found.share == pytest.approx((0.32, 0.5))
    assert found.points == pytest.approx((3.2, 5.0))
    assert found.rank == (3, 1)
    assert found.overtaken == ("m", "k")
    assert found.others == {}
    assert found.nodes["node"].tolist() == ["T", "a"]
    assert found.nodes["is_set"].tolist() == [False, True]


def test_suppose__level_with_the_first__shares_its_rank_and_overtakes_it_not(plain, rows):
    bench = Bench(plain, rows, "h", "T")
    found = suppose(bench, of(bench), [Change("a", value=0.4)])
    assert (found.rank, found.overtaken) == ((3, 1), ("k",))


def test_suppose__lower_value__who_passes(plain, rows):
    bench = Bench(plain, rows, "m", "T")
    found = suppose(bench, of(bench), [Change("b", points=0.0)])
    assert (found.rank, found.overtaking) == ((1, 3), ("k", "h"))


def test_suppose__same_value__nothing_moves(plain, rows):
    bench = Bench(plain, rows, "h", "T")
    found = suppose(bench, of(bench), [Change("a", value=0.2)])
    assert (found.rank, found.overtaken, found.share[0]) == ((3, 3), (), found.share[1])


def test_suppose__missing_figure__counts_from_then_on(plain, measured):
    bench = Bench(plain, measured({"h": {"a": 0.2}, "k": {"a": 0.2, "b": 0.2}}), "h", "T")
    assert suppose(bench, of(bench), [Change("b", value=0.5)]).share == pytest.approx((0.12, 0.32))


def test_suppose__inner_node__covers_what_is_below_it(build, measured):
    framework = build("code,parent,rule", "T,,", "P,T,", "a,P,published", "b,T,published")
    bench = Bench(framework, measured({"h": {"a": 0.2, "b": 0.4}}), "h", "T")
    assert suppose(bench, of(bench), [Change("P", value=1.0)]).share == pytest.approx((0.3, 0.7))


def test_suppose__by_a_node__ranks_by_it(plain, rows):
    bench = Bench(plain, rows, "h", "a")
    assert suppose(bench, of(bench), [Change("a", value=0.35)]).rank == (3, 2)


def test_suppose__unranked_agencies__are_not_overtaken(plain, rows):
    bench = Bench(plain, rows, "h", "T")
    found = suppose(bench, of(bench, unranked={"k"}), [Change("a", value=0.35)])
    assert (found.rank, found.overtaken) == ((2, 2), ())
    found = suppose(bench, of(bench, unranked={"h"}), [Change("a", value=0.35)])
    assert found.rank == (0, 0)


def test_suppose__groups__rank_in_the_group(plain, rows):
    bench = Bench(plain, rows, "h", "T")
    groups = {"h": "x", "m": "x", "k": "y"}
    assert suppose(bench, of(bench, groups=groups), [Change("a", value=0.35)]).group_rank == (2, 2)


def test_suppose__relative_rule__moves_the_others_too(build, measured):
    framework = build("code,parent,rule", "T,,", "a,T,minmax")
    bench = Bench(framework, measured({"h": {"a": 1.0}, "k": {"a": 2.0}, "m": {"a": 3.0}}), "h", "T")
    found = suppose(bench, of(bench), [Change("a", value=5.0)])
    assert found.share == (0.0, 1.0)
    assert found.others == {"k": -0.5, "m": pytest.approx(1 / 3 - 1)}
    assert found.rank == (3, 1)


def test_bench__agency_without_measurements__is_refused(plain, rows):
    with pytest.raises(InputError, match="z has no measurements of its own"):
        Bench(plain, rows, "z", "T")


def test_bench__afterwards__is_applied_to_every_scenario(plain, rows):
    from dataclasses import replace

    def halved(tree, cells, result):
        return cells, replace(result, shares=result.shares / 2)

    bench = Bench(plain, rows, "h", "T", afterwards=halved, follow="k")
    found = bench.run([[Change("a", value=1.0)], []])
    assert found.shares[:, 0] == pytest.approx([0.4, 0.19, 0.22])
    assert bench.agencies[bench.followed] == "k"
    assert found.own[1] == pytest.approx([0.5, 0.1])


def test_run__carry_forward__nothing_is_carried_from_one_scenario_to_the_next(build, measured):
    framework = build("code,parent,rule", "T,,", "a,T,minmax", "b,T,published", missing="carry_forward")
    bench = Bench(framework, measured({"h": {"a": 0.0}, "k": {"a": 1.0, "b": 0.5}}), "h", "T")
    found = bench.run([[Change("b", value=1.0)], []])
    assert found.shares[0].tolist() == [0.5, 0.0]


@pytest.mark.parametrize(
    ("rows", "alone"),
    [
        (("T,,,,", "a,T,linear,target=2,"), True),
        (("T,,,,", "a,T,minmax,minimum=0; maximum=1,"), True),
        (("T,,,,", "a,T,minmax,minimum=0,"), False),
        (("T,,,,", "a,T,zscore,,"), False),
        (("T,,,,", "a,T,published,,impute"), False),
        (("T,,minmax,,", "a,T,published,,"), False),
    ],
)
def test_depends_on_nobody__rules_that_compare(build, rows, alone):
    assert depends_on_nobody(build("code,parent,rule,parameters,missing", *rows)) is alone


def test_depends_on_nobody__dti__each_province_stands_for_itself():
    assert depends_on_nobody(load_framework("province_2020"))


@given(data=st.data())
@settings(max_examples=80)
def test_run__any_tree__is_what_the_engine_makes_of_each_scenario(build, data):
    framework = data.draw(frameworks(build))
    rows = data.draw(figures(framework))
    codes = [leaf.code for leaf in framework.leaves]
    supposed = data.draw(
        st.lists(st.tuples(st.sampled_from(codes), st.sampled_from((0.0, 1.0))), min_size=1, max_size=3)
    )
    bench = Bench(framework, rows, "A", "T")
    found = bench.run([[Change(code, value=value)] for code, value in supposed])
    for scenario, (code, value) in enumerate(supposed):
        kept = rows[(rows["agency"] != "A") | (rows["node"] != code)]
        again = pd.concat([kept, pd.DataFrame([("A", code, value)], columns=rows.columns)], ignore_index=True)
        shares = score(framework, again).pivot(index="agency", columns="node", values="share")
        np.testing.assert_array_equal(found.shares[:, scenario], shares["T"].reindex(list(bench.agencies)))
