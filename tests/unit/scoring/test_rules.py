"""Each rule of docs/frameworks.md: from a value to a share."""

import math

import pandas as pd
import pytest

from tasks.scoring.engine import score
from tasks.scoring.rules import RULES
from warehouse.frameworks.rules import RULES as DOCUMENTED

HEADER = "code,parent,rule,parameters,unit,direction,max_points,items_vi"


@pytest.fixture
def share_of(build, measured, column):
    """Share of one leaf with a rule, for one value or for the values of several agencies."""

    def compute(values, rule, parameters="", unit="", direction="", points="", items=""):
        framework = build(HEADER, f"T,,,,,,{points},", f"a,T,{rule},{parameters},{unit},{direction},{points},{items}")
        several = values if isinstance(values, list) else [values]
        scores = score(framework, measured({f"U{place:02}": {"a": value} for place, value in enumerate(several)}))
        shares = list(column(scores, "a", "share").values())
        return shares if isinstance(values, list) else shares[0]

    return compute


def test_rules__the_engine_has_every_documented_rule():
    assert RULES.keys() == DOCUMENTED.keys()


@pytest.mark.parametrize(
    ("rule", "parameters", "unit", "value", "share"),
    [
        ("ratio", "", "", 0.25, 0.25),
        ("ratio", "", "%", 25.0, 0.25),
        ("ratio", "target=80", "%", 40.0, 0.5),
        ("ratio", "target=80", "%", 90.0, 1.0),
        ("ratio", "target=80; clip=no", "%", 100.0, 1.25),
        ("proportion", "", "%", 62.5, 0.625),
        ("proportion", "target=0.5", "", 0.25, 0.5),
        ("checklist", "items=4", "", 3.0, 0.75),
        ("binary", "", "", 1.0, 1.0),
        ("binary", "", "", 0.0, 0.0),
        ("linear", "target=20", "", 5.0, 0.25),
        ("linear", "floor=10; target=20", "", 15.0, 0.5),
        ("linear", "floor=10; target=20", "", 5.0, 0.0),
        ("linear", "floor=20; target=10", "", 12.5, 0.75),
        ("minmax", "minimum=-2; maximum=2", "", 1.0, 0.75),
        ("minmax", "minimum=0; maximum=2; clip=no", "", -1.0, -0.5),
        ("likert", "", "1-5", 4.0, 0.75),
        ("likert", "low=1; high=10", "1-10", 5.5, 0.5),
        ("tone", "", "", -0.5, 0.25),
        ("tone", "low=0; high=100", "", 80.0, 0.8),
        ("published", "", "", 0.4874, 0.4874),
        ("published", "scale=100", "", 48.74, 0.4874),
        ("published", "", "", 1.5, 1.5),
        ("published", "clip=yes", "", 1.5, 1.0),
    ],
)
def test_rule__share_of_a_value(share_of, rule, parameters, unit, value, share):
    assert share_of(value, rule, parameters, unit) == pytest.approx(share, abs=1e-15)


def test_points__are_divided_by_the_maximum(share_of):
    assert share_of(3.0, "points", points="4") == 0.75


def test_checklist__items_are_counted_from_their_list(share_of):
    assert share_of(1.0, "checklist", items="kế hoạch|ngân sách") == 0.5


@pytest.mark.parametrize(
    ("value", "share"), [(-1.0, 0.0), (0.0, 0.0), (49.9, 0.0), (50.0, 0.5), (80.0, 1.0), (99.0, 1.0)]
)
def test_tier__highest_tier_reached(share_of, value, share):
    assert share_of(value, "tier", "tiers=0:0|50:0.5|80:1") == share


@pytest.mark.parametrize(("value", "share"), [(0.0, 1.0), (3.0, 1.0), (3.1, 0.5), (7.0, 0.5), (7.1, 0.0)])
def test_tier__negative_is_reached_at_or_below_its_limit(share_of, value, share):
    assert share_of(value, "tier", "tiers=3:1|7:0.5", direction="negative") == share


def test_tier__nodes_with_different_numbers_of_tiers(build, measured, column):
    framework = build(
        "code,parent,rule,parameters,direction",
        *("T,,,,", "a,T,tier,tiers=1:0.2|2:0.4|3:1,", "b,T,tier,tiers=2:1,", "c,T,tier,tiers=2:0.7,negative"),
    )
    scores = score(framework, measured({"X": {"a": 2.0, "b": 2.0, "c": 2.0}, "Y": {"a": 3.0, "b": 1.0, "c": 3.0}}))
    assert [column(scores, node, "share") for node in "abc"] == [
        {"X": 0.4, "Y": 1.0},
        {"X": 1.0, "Y": 0.0},
        {"X": 0.7, "Y": 0.0},
    ]


@pytest.mark.parametrize(
    ("rule", "parameters", "value", "share"),
    [
        ("ratio", "target=4", 1.0, 0.75),
        ("binary", "", 1.0, 0.0),
        ("linear", "target=10", 20.0, 0.0),
        ("minmax", "minimum=0; maximum=4", 1.0, 0.75),
        ("likert", "", 5.0, 0.0),
        ("published", "", 0.2, 0.8),
    ],
)
def test_direction__negative_turns_the_share_round(share_of, rule, parameters, value, share):
    assert share_of(value, rule, parameters, direction="negative") == share


def test_minmax__goalposts_from_the_values_of_the_period(share_of):
    assert share_of([2.0, 4.0, 3.0], "minmax") == [0.0, 1.0, 0.5]


def test_minmax__all_values_equal(share_of):
    assert share_of([7.0, 7.0], "minmax") == [0.5, 0.5]


def test_minmax__values_equal_but_for_rounding(share_of):
    assert share_of([0.1 + 0.2, 0.3], "minmax") == [0.5, 0.5]


@pytest.mark.parametrize(
    ("parameters", "values", "shares"),
    [
        ("minimum=0", [1.0, 4.0], [0.25, 1.0]),
        ("maximum=10", [0.0, 5.0], [0.0, 0.5]),
        ("minimum=5", [1.0, 4.0], [0.0, 0.0]),
        ("minimum=5", [1.0, 5.0], [0.0, 0.5]),
        ("maximum=1", [2.0, 4.0], [1.0, 1.0]),
    ],
)
def test_minmax__one_fixed_goalpost_is_never_passed_by_the_other(share_of, parameters, values, shares):
    assert share_of(values, "minmax", parameters) == shares


def test_zscore__population_deviation(share_of):
    assert share_of([1.0, 3.0], "zscore") == [-1.0, 1.0]


def test_zscore__sample_deviation(share_of):
    assert share_of([1.0, 3.0], "zscore", "deviation=sample") == pytest.approx([-math.sqrt(0.5), math.sqrt(0.5)])


def test_zscore__negative_direction(share_of):
    assert share_of([1.0, 3.0], "zscore", direction="negative") == [1.0, -1.0]


@pytest.mark.parametrize("values", [[5.0], [5.0, 5.0], [0.1 + 0.2, 0.3]])
@pytest.mark.parametrize("deviation", ["population", "sample"])
def test_zscore__no_variation(share_of, values, deviation):
    assert share_of(values, "zscore", f"deviation={deviation}") == [0.0] * len(values)


def test_zscore__is_cut_only_on_request(share_of):
    assert share_of([1.0, 3.0], "zscore", "clip=yes") == [0.0, 1.0]


@pytest.mark.parametrize(
    ("rule", "parameters", "value", "share"),
    [
        ("minmax", "minimum=1; maximum=100; transform=log10", 10.0, 0.5),
        ("minmax", "minimum=1; maximum=16; transform=log", 4.0, 0.5),
        ("linear", "target=16; transform=sqrt", 4.0, 0.5),
        ("ratio", "target=100; transform=log10", 10.0, 0.5),
        ("likert", "low=1; high=100; transform=log10", 10.0, 0.5),
        ("published", "scale=100; transform=sqrt", 25.0, 0.5),
        ("tier", "tiers=10:0.5|100:1; transform=log", 10.0, 0.5),
    ],
)
def test_transform__applies_to_the_value_and_its_goalposts(share_of, rule, parameters, value, share):
    assert share_of(value, rule, parameters) == pytest.approx(share, abs=1e-15)


def test_transform__before_goalposts_from_the_data(share_of):
    assert share_of([1.0, 10.0, 100.0], "minmax", "transform=log10") == pytest.approx([0.0, 0.5, 1.0])


@pytest.mark.parametrize(("over", "shares"), [("period", [0.0, 1.0]), ("panel", [0.5, 0.75])])
def test_normalise_over__period_or_panel(build, measured, column, over, shares):
    framework = build("code,parent,rule", "T,,", "a,T,minmax", normalise_over=over)
    years = [measured({"X": {"a": 0.0}, "Y": {"a": 4.0}}, "2019"), measured({"X": {"a": 2.0}, "Y": {"a": 3.0}}, "2020")]
    assert list(column(score(framework, pd.concat(years, ignore_index=True)), "a", "share").values()) == shares


def test_normalise_over__panel_of_standard_scores(build, measured, column):
    framework = build("code,parent,rule", "T,,", "a,T,zscore", normalise_over="panel")
    years = [measured({"X": {"a": 1.0}}, "2019"), measured({"X": {"a": 3.0}}, "2020")]
    assert column(score(framework, pd.concat(years, ignore_index=True)), "a", "share") == {"X": 1.0}
