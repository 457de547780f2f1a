from statistics import mean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.demo.latent import draw_figures, seeded
from tasks.returns.layout import branches_of, reported_leaves
from warehouse.frameworks.loader import load_framework
from warehouse.frameworks.rules import COUNT, RULES


def drawn(framework, agency="province-ha-noi", seed=1):
    return draw_figures(framework, agency, branches_of(framework), seed)


def test_draw_figures__covers_every_reported_criterion_and_no_other(framework):
    assert list(drawn(framework)) == [node.code for node in reported_leaves(framework)]
    assert "B.11" not in drawn(framework)


def test_draw_figures__the_same_seed_draws_the_same(framework):
    assert drawn(framework) == drawn(framework)


def test_draw_figures__another_seed_or_agency_draws_otherwise(framework):
    assert drawn(framework) != drawn(framework, seed=2)
    assert drawn(framework) != drawn(framework, "province-hue")


@given(seed=st.integers(0, 2**32))
def test_draw_figures__keep_within_what_is_valid(framework, seed):
    for code, figures in drawn(framework, seed=seed).items():
        low, high = framework.by_code[code].bounds
        assert low <= figures.truth <= high
        assert figures.b is None or (figures.b > 0 and figures.a >= 0)


@given(seed=st.integers(0, 2**32))
def test_draw_figures__give_the_parts_that_the_form_asks_for(framework, seed):
    for code, figures in drawn(framework, seed=seed).items():
        assert tuple(figures.parts) == framework.by_code[code].parts


@given(seed=st.integers(0, 2**32))
def test_changed__is_still_valid_and_the_same_criterion(framework, seed):
    rng = seeded(seed)
    for figures in drawn(framework, seed=seed).values():
        changed = figures.changed(rng)
        low, high = figures.node.bounds
        assert changed.node == figures.node
        assert low <= changed.truth <= high


@pytest.mark.parametrize(
    ("code", "whole"), [("A.4", True), ("A.5", True), ("A.6", True), ("B.3", True), ("B.8", False)]
)
def test_draw_figures__what_is_counted_is_whole(framework, code, whole):
    values = [drawn(framework, seed=seed)[code].value for seed in range(30)]
    assert all(value.is_integer() for value in values) is whole


def test_draw_figures__agencies_spread_around_the_middle(framework):
    shares = [drawn(framework, f"province-{number}")["A.1"].truth for number in range(200)]
    assert 30 < mean(shares) < 75
    assert stdev(shares) > 8


@pytest.mark.parametrize("direction", ["positive", "negative"])
@pytest.mark.parametrize("rule", sorted(RULES.keys() - {COUNT}))
def test_draw_figures__of_every_rule(tmp_path, rule, direction):
    needed = {"tier": "tiers=0:0|50:0.5", "linear": "target=10", "distance": "target=10", "checklist": "items=3"}
    (tmp_path / "framework.yaml").write_text(
        "framework: one\nlevels:\n  - {level: index, aggregation: mean}\n  - {level: leaf}\n", encoding="utf-8"
    )
    (tmp_path / "nodes.csv").write_text(
        "code,parent,level,name_en,evidence,rule,parameters,direction\nT,,index,Total,,,,\n"
        f"a,T,leaf,One,report,{rule},{needed.get(rule, '')},{direction}\n",
        encoding="utf-8",
    )
    figures = drawn(load_framework(tmp_path))["a"]
    low, high = figures.node.bounds
    assert low <= figures.truth <= high


def test_draw_figures__of_a_count__is_a_whole_number_of_it(tmp_path):
    levels = "levels:\n  - {level: index, aggregation: none}\n  - {level: leaf}\n"
    (tmp_path / "framework.yaml").write_text(f"framework: one\n{levels}", encoding="utf-8")
    (tmp_path / "nodes.csv").write_text(
        "code,parent,level,name_en,max_points,evidence,rule,unit\nT,,index,Total,,,,\na,T,leaf,One,,report,count,tờ\n",
        encoding="utf-8",
    )
    figures = drawn(load_framework(tmp_path))["a"]
    assert figures.truth == round(figures.truth) >= 0
