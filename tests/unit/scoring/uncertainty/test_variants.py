"""Other ways to compute: each draw is what the framework edited in that way gives by itself."""

from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from tasks.scoring.engine import score
from tasks.scoring.scratch import Scratch
from tasks.scoring.uncertainty.streams import stream
from warehouse.errors import FrameworkError
from warehouse.frameworks.uncertainty import Uncertainty

HEADER = "code,parent,aggregation,rule,missing,max_points,weight,parameters"
ROWS = (
    "T,,{top},,,{whole},,",
    "A,T,sum,,,60,{a},",
    "a1,A,,{rule},{policy},20,,",
    "a2,A,,proportion,{policy},40,,",
    "B,T,geometric_mean,,,40,{b},",
    "b1,B,,{rule},{policy},,2,",
    "b2,B,,proportion,{policy},,1,",
)
OFFICIAL = {"top": "sum", "whole": "100", "rule": "ratio", "policy": "zero", "a": "", "b": ""}
WEIGHED = {"a": "60", "b": "40"}  # points as weights, where they are no longer added up


def to(switch, *names, **where):
    return {"switch": switch, "to": names, **where}


@pytest.fixture(scope="module")
def edit(build):
    """Make the framework with some words changed."""

    def make(**changes):
        words = OFFICIAL | changes
        return build(HEADER, *(row.format(**words) for row in ROWS))

    return make


@pytest.fixture(scope="module")
def rows(measured):
    return measured(
        {
            "X": {"a1": 0.2, "a2": 0.9, "b1": 0.5, "b2": 0.4},
            "Y": {"a1": 0.7, "a2": 0.3, "b1": 0.1},
            "Z": {"a1": 0.4, "b1": 0.8, "b2": 0.6},
        }
    )


def seen(prepared, draws, blocks=12):
    """Distinct totals of all units, and how often each was drawn."""
    return np.unique(draws(prepared, "T", blocks=blocks).round(11), axis=1, return_counts=True)


def totals(framework, rows):
    return score(framework, rows).query("node == 'T'")["share"].round(11).tolist()


ALTERNATIVES = [
    ("normalisation", to("normalisation", "minmax", of="ratio"), {"rule": "minmax"}),
    ("missing", to("missing", "exclude_and_reweight"), {"policy": "exclude_and_reweight"}),
    ("missing", to("missing", "impute"), {"policy": "impute"}),
    ("aggregation", to("aggregation", "geometric_mean", of="sum", level="l0"), {"top": "geometric_mean", **WEIGHED}),
    ("aggregation", to("aggregation", "harmonic_mean", level="l0"), {"top": "harmonic_mean", **WEIGHED}),
    ("aggregation", to("aggregation", "weighted_mean", level="l0"), {"top": "weighted_mean", **WEIGHED}),
    ("aggregation", to("aggregation", "median", level="l0"), {"top": "median", **WEIGHED}),
    ("aggregation", to("aggregation", "copeland", level="l0"), {"top": "copeland", **WEIGHED}),
    ("aggregation", to("aggregation", "penalised_mean", level="l0"), {"top": "penalised_mean", **WEIGHED}),
]


@pytest.mark.parametrize(("switch", "alternative", "changes"), ALTERNATIVES)
def test_alternative__gives_what_the_edited_framework_gives(edit, rows, sampler, draws, switch, alternative, changes):
    prepared = sampler(edit(), rows, perturb=(switch,), alternatives=[alternative])
    found, _ = seen(prepared, draws)
    expected = {tuple(totals(edit(), rows)), tuple(totals(edit(**changes), rows))}
    assert {tuple(column) for column in found.T} == expected


@pytest.mark.parametrize(("switch", "alternative", "changes"), ALTERNATIVES)
def test_alternative__keeps_the_weights__those_that_are_drawn_too(
    edit, rows, sampler, draws, switch, alternative, changes
):
    prepared = sampler(
        edit(), rows, perturb=("weights", switch), alternatives=[alternative], weights={"strength": 1e14}
    )
    expected = np.array([totals(edit(), rows), totals(edit(**changes), rows)]).T
    distance = np.abs(draws(prepared, "T", blocks=4)[:, :, None] - expected[:, None]).max(axis=0)
    assert (distance.min(axis=1) < 1e-5).all()


def test_alternatives__each_is_as_likely_as_the_official_one(edit, rows, sampler, draws):
    alternatives = [to("aggregation", "geometric_mean", "harmonic_mean", "median", level="l0")]
    prepared = sampler(edit(), rows, perturb=("aggregation",), alternatives=alternatives)
    found, counts = seen(prepared, draws, blocks=60)
    assert found.shape[1] == 4
    total = counts.sum()
    assert counts == pytest.approx(total / 4, abs=5 * np.sqrt(total * 0.25 * 0.75))


def test_switches__are_combined_and_drawn_independently(edit, rows, sampler, draws):
    alternatives = [to("missing", "exclude_and_reweight"), to("normalisation", "minmax", of="ratio")]
    prepared = sampler(edit(), rows, perturb=("missing", "normalisation"), alternatives=alternatives)
    found, counts = seen(prepared, draws, blocks=60)
    combined = [
        {"policy": policy, "rule": rule} for policy in ("zero", "exclude_and_reweight") for rule in ("ratio", "minmax")
    ]
    assert {tuple(column) for column in found.T} == {tuple(totals(edit(**changes), rows)) for changes in combined}
    total = counts.sum()
    assert counts == pytest.approx(total / 4, abs=5 * np.sqrt(total * 0.25 * 0.75))


def test_switch__the_official_way__leaves_each_draw_of_the_weights_in_its_place(edit, rows, sampler, draws):
    prepared = sampler(edit(), rows, perturb=("weights", "missing"), alternatives=[to("missing", "impute")])
    is_official = (draws(prepared, "T", blocks=4) == draws(prepared, "T", ("weights",), blocks=4)).all(axis=0)
    assert 0.3 < is_official.mean() < 0.7


def test_switch__not_drawn__is_as_published(edit, rows, sampler, draws):
    alternatives = [to("missing", "exclude_and_reweight"), to("normalisation", "minmax", of="ratio")]
    prepared = sampler(edit(), rows, perturb=("missing", "normalisation"), alternatives=alternatives)
    assert draws(prepared, "T", ("missing",)).shape == (3, prepared.size)
    found = {tuple(column) for column in draws(prepared, "T", ("missing",), blocks=4).round(11).T}
    assert found == {tuple(totals(edit(), rows)), tuple(totals(edit(policy="exclude_and_reweight"), rows))}


def test_switch__left_out_of_what_is_drawn__its_alternatives_are_not_even_planned(edit, rows, sampler):
    prepared = sampler(edit(), rows, perturb=("weights",), alternatives=[to("normalisation", "minmax", of="ratio")])
    assert prepared.drawn == ("weights",)
    assert len(prepared.plans) == 1


@pytest.mark.parametrize("rule", ["minmax", "zscore", "rank", "fraction"])
def test_relative_rule__each_draw_is_compared_within_itself(build, erring, sampler, draws, rule):
    framework = build("code,parent,rule,evidence", "T,,,", f"a,T,{rule},survey", f"b,T,{rule},survey")
    cells = erring({f"U{at}": {"a": (2.0 + at, 0.4), "b": (9.0 - at, 0.0)} for at in range(5)})
    prepared = sampler(framework, cells, perturb=("survey",))
    node = prepared.tree.codes.index("a")
    flat = np.repeat(prepared.cells.values[..., None], prepared.size, axis=2)
    prepared.errors[0].put(flat.reshape(-1, prepared.size), stream(1, "survey", 0), Scratch(), mirrored=True)
    found = draws(prepared, "T")
    for draw in (0, 1, prepared.size - 1):
        value = dict(zip(prepared.cells.agencies, flat[node, :, draw], strict=True))
        alone = cells.assign(value=cells["value"].where(cells["node"] != "a", cells["agency"].map(value)))
        expected = score(framework, alone).query("node == 'T'")["share"]
        np.testing.assert_allclose(found[:, draw], expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("switch", "alternative", "changes"),
    [
        ("aggregation", to("aggregation", "geometric_mean", level="l0"), {"top": "geometric_mean", **WEIGHED}),
        ("missing", to("missing", "exclude_and_reweight"), {"policy": "exclude_and_reweight"}),
    ],
)
def test_alternative__holds_for_merged_units_too(build, measured, sampler, draws, switch, alternative, changes):
    def make(**words):
        filled = [row.format(**OFFICIAL | words) for row in ROWS]
        return build(HEADER, *filled, mergers={"as_of": "2025-07-01", "level": "l1"}, population=["province"])

    rows = measured({"p": {"a1": 0.2, "b1": 0.5, "b2": 0.4}, "q": {"a1": 0.7, "a2": 0.3, "b1": 0.1}, "r": {"a2": 0.4}})
    families = {"N": ("p", "q")}
    prepared = sampler(make(), rows, families=families, perturb=(switch,), alternatives=[alternative])
    found, _ = seen(prepared, draws)
    expected = [
        score(one, rows, families=families).query("node == 'T'").sort_values("agency")["share"].round(11)
        for one in (make(), make(**changes))
    ]
    assert {tuple(column) for column in found.T} == {tuple(one) for one in expected}


@pytest.mark.parametrize(
    ("alternative", "message"),
    [
        (to("normalisation", "minmax", of="likert"), "normalisation minmax touches no node of tiny"),
        (to("normalisation", "minmax", level="l0"), "touches no node of the level l0"),
        (to("missing", "zero", of="impute"), "missing zero touches no node"),
        (to("aggregation", "median", of="copeland"), "aggregation median touches no node"),
        (to("aggregation", "median", level="nowhere"), "touches no node of the level nowhere"),
        (to("missing", "zero"), "missing zero is what every node that it touches has now"),
        (to("normalisation", "tier"), "a1 cannot be normalised by tier: the rule tier needs the parameter tiers"),
        (to("normalisation", "distance"), "a1 cannot be normalised by distance: the rule distance needs the parameter"),
        (to("normalisation", "checklist"), "a1 cannot be normalised by checklist"),
    ],
)
def test_alternative__that_cannot_be_computed__is_refused(edit, rows, sampler, alternative, message):
    with pytest.raises(FrameworkError, match=message):
        sampler(edit(), rows, perturb=(alternative["switch"],), alternatives=[alternative])


def test_alternatives__two_of_one_switch_about_one_node__are_refused(edit, rows, sampler):
    both = [to("aggregation", "geometric_mean", of="sum"), to("aggregation", "median", level="l0")]
    with pytest.raises(FrameworkError, match="Entries 1 and 2 of alternatives are both about the aggregation of T: "):
        sampler(edit(), rows, perturb=("aggregation",), alternatives=both)


def with_median(framework):
    nodes = tuple(replace(node, aggregation="median") if node.code == "B" else node for node in framework.nodes)
    return replace(framework, nodes=nodes)


def test_alternatives__of_one_switch__each_is_about_what_the_official_framework_says(edit, rows, sampler, draws):
    apart = [
        to("aggregation", "geometric_mean", of="sum", level="l0"),
        to("aggregation", "median", of="geometric_mean"),
    ]
    prepared = sampler(edit(), rows, perturb=("aggregation",), alternatives=apart)
    found, _ = seen(prepared, draws)
    tops = (edit(), edit(top="geometric_mean", **WEIGHED))
    expected = {tuple(totals(one, rows)) for top in tops for one in (top, with_median(top))}
    assert {tuple(column) for column in found.T} == expected
    assert len(expected) == 4


def test_alternative__under_which_a_share_is_lost__is_refused(build, measured, certainty):
    framework = build(
        "code,parent,rule,missing", "T,,,", "a,T,published,zero", "b,T,published,", missing="exclude_and_reweight"
    )
    rows = measured({"X": {"a": 0.4, "b": 0.2}, "Y": {"T": 0.4}, "Z": {"b": 0.4}})
    alternatives = [to("missing", "exclude_and_reweight")]
    with pytest.raises(FrameworkError, match="a of Z in 2020 has a share, but none under one of the alternatives"):
        certainty(framework, rows, alternatives=alternatives, nodes=("a",))


def test_alternative__under_which_a_share_appears__its_unit_takes_no_place(build, measured, certainty):
    framework = build(
        "code,parent,rule,missing,evidence", "T,,,,", "a,T,published,exclude_and_reweight,survey", "b,T,published,zero,"
    )
    rows = measured({"X": {"a": -0.0, "b": 0.2}, "Y": {"a": 0.0, "b": 0.2}, "Z": {"b": 0.4}})
    known = rows.assign(standard_error=0.0)
    found = certainty(framework, known, alternatives=[to("missing", "impute")], nodes=("a",), perturb=("missing",))
    assert found.intervals["agency"].tolist() == ["X", "Y"]
    assert found.intervals["simulated_high"].tolist() == [1, 1]


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({"perturb": ["surveys"]}, "the perturbation 'surveys' is not known; write one of survey"),
        ({"perturb": ["survey", "survey"]}, "the perturbation survey is named twice"),
        ({"perturb": ["missing"]}, "the perturbation missing needs an entry under `alternatives`"),
        ({"alternatives": [to("normalisation", "minmaxx")]}, "'minmaxx' is no normalisation; write one of ratio"),
        ({"alternatives": [to("normalisation", "count")]}, "'count' is no normalisation"),
        ({"alternatives": [to("missing", "ignore")]}, "'ignore' is no missing"),
        ({"alternatives": [to("missing", "zero", of="ignore")]}, "'ignore' is no missing"),
        ({"alternatives": [to("aggregation", "none")]}, "'none' is no aggregation"),
        ({"alternatives": [to("aggregation", "sum")]}, "sum is a weighted mean with other weights"),
        ({"alternatives": [to("aggregation", "mean")]}, "mean is a weighted mean with other weights"),
        ({"alternatives": [to("weighting", "equal")]}, "Input should be 'normalisation', 'missing' or 'aggregation'"),
        ({"alternatives": [to("missing")]}, "at least 1 item"),
        ({"alternatives": [to("missing", "impute", "impute")]}, "impute is named twice"),
        ({"nodes": ["T", "T"]}, "the node T is named twice"),
    ],
)
def test_declaration__what_is_not_known__is_never_skipped(declared, message):
    with pytest.raises(ValidationError, match=message):
        Uncertainty.model_validate(declared)
