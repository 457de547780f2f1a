"""Which criteria would lift an agency most, and by how many places."""

import numpy as np
import pytest

from tasks.scoring.whatif.best import Unmoved, lift
from tasks.scoring.whatif.outcome import Places
from tasks.scoring.whatif.scenarios import Bench
from warehouse.errors import InputError


@pytest.fixture(scope="module")
def framework(build):
    header = "code,parent,rule,max_points"
    return build(header, "T,,,10", "P,T,,6", "a,P,published,4", "b,P,published,2", "Q,T,,4", "c,Q,published,4")


@pytest.fixture
def rows(measured):
    return measured(
        {
            "h": {"a": 0.5, "b": 0.0, "c": 0.5},
            "k": {"a": 0.5, "b": 0.75, "c": 0.5},
            "m": {"a": 0.875, "b": 0.5, "c": 0.5},
        }
    )


def lifted(framework, rows, number, to="100%", agency="h", node="T"):
    bench = Bench(framework, rows, agency, node)
    return lift(bench, Places.of(bench.agencies, (), {}), number, to)


def test_lift__each_alone__by_places_then_points_then_the_order_of_the_tree(framework, rows):
    found = lifted(framework, rows, 3)
    assert found.criteria["node"].tolist() == ["a", "b", "c"]
    assert found.criteria["change_points"].tolist() == pytest.approx([2, 2, 2])
    assert found.criteria["places"].tolist() == [1, 1, 1]
    assert found.criteria["rank"].tolist() == [2, 2, 2]


def test_lift__together__places_and_whom_it_overtakes(framework, rows):
    found = lifted(framework, rows, 2)
    assert found.together.rank == (3, 1)
    assert found.together.overtaken == ("m", "k")
    assert found.together.share == pytest.approx((0.4, 0.8))


def test_lift__best_observed__no_more_than_somebody_has(framework, rows):
    found = lifted(framework, rows, 5, "best")
    assert found.criteria.set_index("node")["share"].to_dict() == {"a": 0.875, "b": 0.75}
    assert found.criteria["change_points"].tolist() == pytest.approx([1.5, 1.5])


def test_lift__median__those_above_it_are_no_criteria(framework, rows):
    found = lifted(framework, rows, 5, "median")
    assert found.criteria["node"].tolist() == ["b"]
    assert found.criteria["share"].tolist() == [0.5]


def test_lift__share__of_the_points(framework, rows):
    found = lifted(framework, rows, 5, "60%")
    assert found.criteria.set_index("node")["gain"].to_dict() == pytest.approx({"b": 1.2, "a": 0.4, "c": 0.4})


def test_lift__by_a_node__only_criteria_below_it(framework, rows):
    assert lifted(framework, rows, 5, node="Q").criteria["node"].tolist() == ["c"]


def test_lift__at_its_best_already__nothing(framework, measured):
    found = lifted(framework, measured({"h": {"a": 1.0, "b": 1.0, "c": 1.0}}), 3)
    assert found.criteria.empty
    assert found.together == Unmoved(reached=3, reached_by_value=0, idle=0)


def test_lift__rules_that_compare__at_the_best_value_not_at_a_share(build, measured):
    mixed = build("code,parent,rule,direction", "T,,,", "a,T,zscore,negative", "b,T,rank,positive", "c,T,published,")
    rows = measured({"h": {"a": 1.0, "b": 5.0, "c": 1.0}, "k": {"a": 3.0, "b": 4.0, "c": 0.5}})
    assert lifted(mixed, rows, 3).together == Unmoved(reached=3, reached_by_value=2, idle=0)


def test_lift__rules_that_compare__nobody_was_measured__is_no_criterion(build, measured):
    mixed = build("code,parent,rule", "T,,", "a,T,zscore", "b,T,published")
    assert lifted(mixed, measured({"h": {"b": 1.0}}), 3).together == Unmoved(reached=1, reached_by_value=0, idle=0)


def test_lift__median_of_the_children__raised_alone_one_moves_nothing(build, measured):
    framework = build("code,parent,rule,aggregation", "T,,,median", *(f"{leaf},T,published," for leaf in "abcde"))
    found = lifted(framework, measured({"h": {"a": 1.0} | dict.fromkeys("bcde", 0.5)}), 3)
    assert found.criteria.empty
    assert found.together == Unmoved(reached=1, reached_by_value=0, idle=4)


def test_lift__figure_entered_above__that_node_is_the_criterion(framework, measured):
    found = lifted(framework, measured({"h": {"P": 0.5, "c": 0.25}, "k": {"P": 0.5, "c": 0.5}}), 5)
    assert sorted(found.criteria["node"]) == ["P", "c"]


def test_lift__no_evidence__is_lifted_from_nothing(framework, measured):
    found = lifted(framework, measured({"h": {"a": 0.5, "b": 1.0}}), 1)
    assert found.criteria["node"].tolist() == ["c"]
    assert found.criteria["share_before"].tolist() == [0.0]


def test_lift__excluded_figure__siblings_give_their_weight_back(build, measured):
    framework = build("code,parent,rule", "T,,", "a,T,published", "b,T,published", missing="exclude_and_reweight")
    found = lifted(framework, measured({"h": {"a": 0.5}}), 1)
    assert found.criteria["node"].tolist() == ["a"]
    row = lifted(framework, measured({"h": {"a": 0.5}}), 2).criteria.set_index("node").loc["b"]
    assert np.isnan(row["share_before"])
    assert row["change"] == pytest.approx(0.25)


def test_lift__rule_that_compares__best_value_in_the_right_direction(build, measured):
    framework = build("code,parent,rule,direction", "T,,,", "a,T,minmax,negative", "b,T,zscore,positive")
    rows = measured({"h": {"a": 3.0, "b": 1.0}, "k": {"a": 1.0, "b": 2.0}, "m": {"a": 2.0, "b": 3.0}})
    found = lifted(framework, rows, 2).criteria.set_index("node")
    assert found.loc["a", "share"] == 1.0  # the value 1, the smallest
    assert found.loc["b", "share"] == pytest.approx(0.5**0.5)  # 3, where the others have 2 and 3


def test_lift__rule_that_compares__a_share_can_be_had_where_nobody_was_measured(build, measured):
    framework = build("code,parent,rule,missing,max_points", "T,,,,10", "a,T,minmax,zero,6", "b,T,published,zero,4")
    found = lifted(framework, measured({"h": {"b": 0.5}, "k": {"b": 0.75}}), 2, "60%").criteria
    assert found.set_index("node")["gain"].to_dict() == pytest.approx({"a": 3.6, "b": 0.4})


@pytest.mark.parametrize("to", ["worst", "120%", "80", "-5%", ""])
def test_lift__unknown_aim__is_refused(framework, rows, to):
    with pytest.raises(InputError):
        lifted(framework, rows, 1, to)


def test_lift__names_the_criteria_of_which_a_value_is_supposed(build, measured):
    mixed = build("code,parent,rule", "T,,", "a,T,zscore", "b,T,published")
    rows = measured({"h": {"a": 1.0, "b": 0.5}, "k": {"a": 5.0, "b": 0.75}, "m": {"a": 3.0, "b": 0.5}})
    found = lifted(mixed, rows, 2)
    assert set(found.criteria["node"]) == {"a", "b"}
    assert found.by_value == ("a",)
