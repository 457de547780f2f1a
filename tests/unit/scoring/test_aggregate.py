"""Each aggregation: from the shares of children to the share of their parent."""

import pytest

from tasks.scoring.engine import score
from warehouse.errors import InputError

HEADER = "code,parent,rule,parameters,aggregation,weight,max_points,missing"


@pytest.fixture
def total(build, measured, column):
    """Share of the root over leaves a, b, ... with weights or points."""

    def compute(aggregation, values, weights=("", "", ""), points=("", "", ""), root_points="", missing="zero"):
        leaves = [
            f"{code},T,published,,,{weight},{point},{missing}"
            for code, weight, point in zip("abc", weights, points, strict=True)
        ]
        framework = build(HEADER, f"T,,,,{aggregation},,{root_points},", *leaves)
        return column(score(framework, measured({"X": values})), "T", "share")["X"]

    return compute


VALUES = {"a": 0.2, "b": 0.4, "c": 0.9}


def test_sum__of_points_over_the_maximum(total):
    assert total("sum", VALUES, points=("5", "3", "2")) == pytest.approx((1.0 + 1.2 + 1.8) / 10)


def test_mean__whatever_the_points(total):
    assert total("mean", VALUES, points=("5", "3", "2"), root_points="7") == pytest.approx(0.5)


def test_weighted_mean__by_weight(total):
    assert total("weighted_mean", VALUES, weights=("1", "2", "1")) == pytest.approx((0.2 + 0.8 + 0.9) / 4)


def test_weighted_mean__blank_weights_are_equal(total):
    assert total("weighted_mean", VALUES) == pytest.approx(0.5)


def test_geometric_mean__blank_weights_are_equal(total):
    assert total("geometric_mean", VALUES) == pytest.approx((0.2 * 0.4 * 0.9) ** (1 / 3))


def test_geometric_mean__by_weight(total):
    assert total("geometric_mean", VALUES, weights=("1", "2", "1")) == pytest.approx((0.2 * 0.4**2 * 0.9) ** 0.25)


def test_geometric_mean__a_zero_makes_it_zero(total):
    assert total("geometric_mean", VALUES | {"b": 0.0}) == 0.0


def test_geometric_mean__a_zero_that_weighs_nothing_does_not(total):
    assert total("geometric_mean", VALUES | {"b": 0.0}, weights=("1", "0", "1")) == pytest.approx((0.2 * 0.9) ** 0.5)


def test_geometric_mean__of_a_negative_share_is_an_error(total):
    with pytest.raises(InputError, match=r"b of X in 2020 has the negative share -0\.1, of which T takes"):
        total("geometric_mean", VALUES | {"b": -0.1})


@pytest.mark.parametrize(
    ("aggregation", "weights", "points", "share"),
    [
        ("sum", ("", "", ""), ("5", "3", "2"), (1.0 + 1.8) / 7),
        ("mean", ("", "", ""), ("", "", ""), 0.55),
        ("weighted_mean", ("1", "2", "3"), ("", "", ""), (0.2 + 2.7) / 4),
        ("geometric_mean", ("1", "2", "3"), ("", "", ""), (0.2 * 0.9**3) ** 0.25),
    ],
)
def test_excluded_child__its_siblings_carry_its_weight(total, aggregation, weights, points, share):
    values = {"a": 0.2, "c": 0.9}
    assert total(aggregation, values, weights, points, missing="exclude_and_reweight") == pytest.approx(share)


def test_sum__of_no_points_is_the_mean_of_the_shares(build, measured, column):
    framework = build(
        "code,parent,rule,max_points",
        *("T,,,10", "P,T,,10", "a,P,published,10", "Z,T,,0", "b,Z,published,0", "c,Z,published,0"),
    )
    scores = score(framework, measured({"X": {"a": 0.5, "b": 0.2, "c": 0.6}}))
    assert column(scores, "Z", "share")["X"] == pytest.approx(0.4)
    assert column(scores, "Z", "points")["X"] == 0.0
    assert column(scores, "T", "share")["X"] == 0.5


def test_inner_rule__rescales_the_aggregate_over_all_units(build, measured, column):
    framework = build(
        "code,parent,rule,aggregation",
        *("T,,,mean", "P,T,minmax,mean", "a,P,published,", "b,P,published,", "Q,T,,mean", "c,Q,published,"),
    )
    cells = {name: {"a": value, "b": value, "c": 0.5} for name, value in (("X", 2.0), ("Y", 3.0), ("Z", 4.0))}
    scores = score(framework, measured(cells))
    assert column(scores, "P", "value") == {"X": 2.0, "Y": 3.0, "Z": 4.0}
    assert column(scores, "P", "share") == {"X": 0.0, "Y": 0.5, "Z": 1.0}
    assert column(scores, "T", "share") == {"X": 0.25, "Y": 0.5, "Z": 0.75}


def test_inner_rule__an_aggregate_without_a_logarithm_is_an_error(build, measured):
    framework = build(
        "code,parent,rule,parameters,aggregation",
        "T,,minmax,minimum=1; maximum=2; transform=log,mean",
        "a,T,published,,",
    )
    with pytest.raises(InputError, match="T of X in 2020 has the value -1, which has no log"):
        score(framework, measured({"X": {"a": -1.0}}))


def test_inner_rule__a_share_entered_there_needs_no_logarithm(build, measured, column):
    rescaled = "P,T,minmax,minimum=1; maximum=4; transform=log,mean"
    framework = build("code,parent,rule,parameters,aggregation", "T,,,,mean", rescaled, "a,P,published,,")
    scores = score(framework, measured({"X": {"P": 0.0}, "Y": {"a": 2.0}}))
    assert column(scores, "P", "share") == {"X": 0.0, "Y": pytest.approx(0.5)}


def test_sum__is_on_the_right_side_of_a_printed_digit(build, measured, column):
    rows = ("T,,,1000", "a,T,published,400", "b,T,published,300", "c,T,published,300")
    framework = build("code,parent,rule,max_points", *rows)
    scores = score(framework, measured({"Thừa Thiên Huế": {"a": 0.522, "b": 0.304, "c": 0.3655}}))
    assert column(scores, "T", "share") == {"Thừa Thiên Huế": 0.40965}


def test_sum__rounding_is_handed_on_from_level_to_level(build, measured, column):
    rows = ("T,,,10", "P,T,,6", "a,P,published,2", "b,P,published,4", "Q,T,,4", "c,Q,published,4")
    scores = score(build("code,parent,rule,max_points", *rows), measured({"X": {"a": 1.0, "b": 0.5, "c": 0.0}}))
    assert column(scores, "P", "share") == {"X": 2 / 3}
    assert column(scores, "T", "share") == {"X": 0.4}


def test_tree__leaves_at_different_depths(build, measured, column):
    framework = build("code,parent,rule,max_points", "T,,,4", "a,T,published,1", "P,T,,3", "b,P,published,3")
    assert column(score(framework, measured({"X": {"a": 1.0, "b": 0.0}})), "T", "points") == {"X": 1.0}


def test_tree__one_node_is_a_tree(build, measured, column):
    framework = build("code,parent,rule", "T,,published")
    assert column(score(framework, measured({"X": {"T": 0.3}})), "T", "share") == {"X": 0.3}
