"""Values per head, values that are capped, and the Human Development Index as published."""

import numpy as np
import pytest

from tasks.scoring.engine import evaluated, score
from tasks.scoring.evaluate import compute
from tasks.scoring.plan import Plan
from warehouse.errors import InputError

HEADER = "code,parent,rule,parameters,aggregation,max_points,missing"
LEAVES = (
    "T,,,,sum,10,",
    "a,T,linear,target=4; per=POP; per_scale=1000,,10,",
    "POP,T,fraction,,,0,exclude_and_reweight",
)


def test_per__the_value_is_divided_and_scaled(build, measured, column):
    scores = score(build(HEADER, *LEAVES), measured({"X": {"a": 20.0, "POP": 10_000.0}, "Y": {"a": 20, "POP": 5_000}}))
    assert column(scores, "a", "value") == {"X": 2.0, "Y": 4.0}
    assert column(scores, "a", "share") == {"X": 0.5, "Y": 1.0}
    assert column(scores, "T", "points") == {"X": 5.0, "Y": 10.0}


@pytest.mark.parametrize("population", [None, 0.0, -5.0])
def test_per__without_a_denominator_the_value_is_missing_and_the_account_says_so(build, measured, column, population):
    cells = {"a": 20.0} | ({} if population is None else {"POP": population})
    scoring = evaluated(build(HEADER, *LEAVES), measured({"X": cells, "Y": {"a": 1.0, "POP": 1.0}}))
    assert column(scoring.scores(), "a", "status")["X"] == "missing_zero"
    entry = scoring.account()["undivided"][0]
    assert (entry["agency"], entry["node"], entry["per"]) == ("X", "a", "POP")
    assert entry["reason"] == (
        "POP has no value" if population is None else f"POP has the value {population:g}, not above 0"
    )


def test_per__a_denominator_whose_error_reaches_zero_is_an_error(build, measured):
    scoring = evaluated(build(HEADER, *LEAVES), measured({"X": {"a": 20.0, "POP": 3.0}}))
    draws = scoring.cells.values[..., None] - np.array([0.0, 5.0])
    with pytest.raises(InputError, match="a of X in 2020 is divided by POP, whose error reaches 0"):
        compute(Plan.of(scoring.tree, scoring.cells), draws)


def test_per__the_median_of_others_is_one_of_quotients(build, measured, column):
    framework = build(HEADER, LEAVES[0], LEAVES[1].rstrip(",") + ",impute", LEAVES[2])
    values = {"X": {"a": 20.0, "POP": 10_000.0}, "Y": {"a": 90.0, "POP": 30_000.0}, "Z": {"POP": 7.0}}
    assert column(score(framework, measured(values)), "a", "value")["Z"] == pytest.approx(2.5)


def test_cap__nothing_counts_above_or_below(build, measured, column):
    framework = build("code,parent,rule,parameters", "T,,,", "a,T,minmax,cap=10; cap_below=2")
    scoring = evaluated(
        framework, measured({name: {"a": value} for name, value in zip("WXYZ", (0.0, 6.0, 10.0, 99.0), strict=True)})
    )
    assert list(column(scoring.scores(), "a", "share").values()) == [0, 0.5, 1, 1]
    assert column(scoring.scores(), "a", "value")["Z"] == 99
    assert [(one["agency"], one["from"], one["to"]) for one in scoring.account()["capped"]] == [
        ("W", 0, 2),
        ("Z", 99, 10),
    ]


def test_cap__below_makes_room_for_a_logarithm(build, measured, column):
    framework = build("code,parent,rule,parameters", "T,,,", "a,T,minmax,cap_below=1; transform=log10")
    scores = score(framework, measured({"X": {"a": 0.0}, "Y": {"a": 10.0}, "Z": {"a": 100.0}}))
    assert column(scores, "a", "share") == {"X": 0, "Y": 0.5, "Z": 1}


def test_transform__without_the_cap_is_refused(build, measured):
    framework = build("code,parent,rule,parameters", "T,,,", "a,T,minmax,transform=log10")
    with pytest.raises(InputError, match="a has the value 0, which has no log10"):
        score(framework, measured({"X": {"a": 0.0}, "Y": {"a": 10.0}}))


# Human Development Report 2020, table 1 (values of 2019) and technical note 1: goalposts 20 to 85 years, 0 to 18 and 0
# to 15 years of schooling, 100 to 75,000 dollars in logarithms; expected years count up to 18.
@pytest.mark.parametrize(
    ("life", "expected", "mean", "income", "published"),
    [(82.4, 18.1, 12.9, 66_494, 0.957), (75.4, 12.7, 8.3, 7_433, 0.704)],
    ids=["Norway", "Viet Nam"],
)
def test_human_development_index__as_published(build, measured, column, life, expected, mean, income, published):
    framework = build(
        "code,parent,rule,aggregation,parameters,weight",
        *("HDI,,,geometric_mean,,", "LE,HDI,minmax,,minimum=20; maximum=85,1", "ED,HDI,,mean,,1"),
        *("EYS,ED,minmax,,minimum=0; maximum=18; cap=18,", "MYS,ED,minmax,,minimum=0; maximum=15,"),
        *("GNI,HDI,minmax,,minimum=100; maximum=75000; transform=log; per=POP,1", "POP,HDI,fraction,,,0"),
    )
    values = {"LE": life, "EYS": expected, "MYS": mean, "GNI": income * 97.0, "POP": 97.0}
    scores = score(framework, measured({"X": values}))
    assert round(column(scores, "HDI", "share")["X"], 3) == published
