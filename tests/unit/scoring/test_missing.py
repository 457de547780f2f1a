"""What happens to a missing value, at leaves and at inner nodes, and where values enter above the leaves."""

import math
import warnings

import pandas as pd
import pytest

from tasks.scoring.engine import score

HEADER = "code,parent,rule,parameters,missing,max_points"


def years(measured, **by_year):
    return pd.concat([measured(cells, year.lstrip("y")) for year, cells in by_year.items()], ignore_index=True)


def test_zero__no_evidence_no_points(build, measured, column):
    framework = build(HEADER, "T,,,,,4", "a,T,published,,,1", "b,T,zscore,,,3")
    scores = score(framework, measured({"X": {"a": 1.0}, "Y": {"a": 1.0, "b": 7.0}, "Z": {"b": 5.0}}))
    assert column(scores, "b", "status") == {"X": "missing_zero", "Y": "measured", "Z": "measured"}
    assert column(scores, "b", "points")["X"] == 0.0
    assert math.isnan(column(scores, "b", "value")["X"])
    assert column(scores, "T", "points")["X"] == 1.0


def test_exclude__shows_the_cell_without_figures(build, measured, column):
    framework = build(HEADER, "T,,,,,4", "a,T,published,,,1", "b,T,published,,exclude_and_reweight,3")
    scores = score(framework, measured({"X": {"a": 0.5}}))
    row = scores[scores["node"] == "b"].iloc[0]
    assert row["status"] == "excluded"
    assert row[["value", "points", "share"]].isna().all()
    assert row["rank"] is pd.NA
    assert row["max_points"] == 3.0
    assert column(scores, "T", "points") == {"X": 2.0}


@pytest.mark.parametrize(
    ("policy", "status", "share"), [("zero", "missing_zero", 0.25), ("exclude_and_reweight", "excluded", 0.5)]
)
def test_exclude__nothing_left_makes_the_parent_missing_by_its_own_policy(
    build, measured, column, policy, status, share
):
    framework = build(
        *(
            HEADER,
            "T,,,,,4",
            f"P,T,,,{policy},2",
            "a,P,published,,exclude_and_reweight,2",
            "Q,T,,,,2",
            "b,Q,published,,,2",
        )
    )
    scores = score(framework, measured({"X": {"b": 0.5}}))
    assert column(scores, "P", "status") == {"X": status}
    assert column(scores, "T", "share") == {"X": share}


def test_exclude__siblings_that_weigh_nothing_do_not_stand_in(build, measured, column):
    framework = build(HEADER, "T,,,,,1", "a,T,published,,exclude_and_reweight,1", "b,T,published,,,0")
    scores = score(framework, measured({"X": {"b": 0.9}}))
    assert column(scores, "T", "status") == {"X": "missing_zero"}


def test_carry_forward__last_value_of_an_earlier_period(build, measured, column):
    framework = build(HEADER, "T,,,,,2", "a,T,published,,carry_forward,1", "b,T,published,,,1")
    cells = years(
        measured,
        y2018={"X": {"a": 0.1, "b": 0.0}},
        y2019={"X": {"a": 0.2, "b": 0.0}, "Y": {"b": 0.0}},
        y2020={"X": {"b": 0.0}, "Y": {"b": 0.0}},
        y2021={"X": {"a": 0.9, "b": 0.0}},
    )
    scores = score(framework, cells)
    assert column(scores, "a", "share") == {"X": 0.2, "Y": 0.0}
    assert column(scores, "a", "status") == {"X": "carried_forward", "Y": "missing_zero"}


def test_carry_forward__periods_follow_each_other_in_time(build, measured, column):
    framework = build(HEADER, "T,,,,,2", "a,T,published,,carry_forward,1", "b,T,published,,,1")
    frames = [measured({"X": {"a": value, "b": 0.0}}, period) for value, period in ((0.3, "2019"), (0.1, "2019-11"))]
    scores = score(framework, pd.concat([*frames, measured({"X": {"b": 0.0}}, "2020-01")], ignore_index=True))
    assert column(scores, "a", "share", "2020-01") == {"X": 0.3}
    assert list(dict.fromkeys(scores["period"])) == ["2019-11", "2019", "2020-01"]


def test_carry_forward__a_carried_value_is_compared_like_a_measured_one(build, measured, column):
    framework = build(HEADER, "T,,,,,2", "a,T,minmax,,carry_forward,1", "b,T,published,,,1")
    cells = years(measured, y2019={"X": {"a": 4.0}}, y2020={"X": {"b": 1.0}, "Y": {"a": 0.0}, "Z": {"a": 1.0}})
    assert column(score(framework, cells), "a", "share") == {"X": 1.0, "Y": 0.0, "Z": 0.25}


def test_carry_forward__of_a_value_entered_at_an_inner_node(build, measured, column):
    framework = build(HEADER, "T,,,,,2", "P,T,,,carry_forward,1", "a,P,published,,,1", "Q,T,,,,1", "b,Q,published,,,1")
    cells = years(measured, y2019={"X": {"P": 0.6, "Q": 0.5}}, y2020={"X": {"Q": 0.4}})
    scores = score(framework, cells)
    assert column(scores, "P", "status") == {"X": "carried_forward"}
    assert column(scores, "T", "share") == {"X": 0.5}
    assert column(scores, "a", "status") == {}


def test_carry_forward__not_where_something_below_was_measured(build, measured, column):
    framework = build(HEADER, "T,,,,,1", "P,T,,,carry_forward,1", "a,P,published,,,1")
    scores = score(framework, years(measured, y2019={"X": {"P": 0.6}}, y2020={"X": {"a": 0.4}}))
    assert column(scores, "P", "share") == {"X": 0.4}


@pytest.mark.parametrize(("parameters", "value"), [("", 2.0), ("impute=median", 2.0), ("impute=mean", 4.0)])
def test_impute__from_the_measured_values_of_the_period(build, measured, column, parameters, value):
    framework = build(
        HEADER,
        "T,,,,,2",
        f"a,T,linear,{parameters + '; ' if parameters else ''}target=10,impute,1",
        "b,T,published,,,1",
    )
    cells = {"W": {"b": 1.0}, "X": {"a": 1.0}, "Y": {"a": 2.0}, "Z": {"a": 9.0}}
    scores = score(framework, measured(cells))
    assert column(scores, "a", "value")["W"] == value
    assert column(scores, "a", "share")["W"] == value / 10
    assert column(scores, "a", "status")["W"] == "imputed"


def test_impute__median_of_an_even_number(build, measured, column):
    framework = build(HEADER, "T,,,,,2", "a,T,linear,target=10,impute,1", "b,T,published,,,1")
    scores = score(framework, measured({"W": {"b": 1.0}, "X": {"a": 1.0}, "Y": {"a": 4.0}}))
    assert column(scores, "a", "value")["W"] == 2.5


def test_impute__does_not_look_at_other_periods(build, measured, column):
    framework = build(HEADER, "T,,,,,2", "a,T,linear,target=10,impute,1", "b,T,published,,,1")
    scores = score(framework, years(measured, y2019={"X": {"a": 8.0}}, y2020={"X": {"b": 1.0}}))
    assert column(scores, "a", "status") == {"X": "missing_zero"}


def test_impute__does_not_shift_the_comparison(build, measured, column):
    framework = build(HEADER, "T,,,,,2", "a,T,zscore,,impute,1", "b,T,published,,,1")
    cells = {"X": {"a": 1.0}, "Y": {"a": 3.0}}
    alone = column(score(framework, measured(cells)), "a", "share")
    beside = column(score(framework, measured(cells | {"W": {"b": 1.0}})), "a", "share")
    assert beside == alone | {"W": 0.0}


def test_impute__at_an_inner_node_from_the_shares(build, measured, column):
    framework = build(
        *(HEADER, "T,,,,,2", "P,T,,,impute,1", "a,P,published,,exclude_and_reweight,1", "b,T,published,,,1")
    )
    scores = score(framework, measured({"W": {"b": 1.0}, "X": {"a": 0.2}, "Y": {"a": 0.3}, "Z": {"a": 0.7}}))
    assert column(scores, "P", "share")["W"] == pytest.approx(0.3)
    assert column(scores, "P", "status")["W"] == "imputed"


def test_unit_without_a_value__is_not_in_the_result(build, measured):
    framework = build(HEADER, "T,,,,carry_forward,1", "a,T,published,,carry_forward,1")
    scores = score(framework, years(measured, y2019={"X": {"a": 1.0}, "Y": {"a": 1.0}}, y2020={"X": {"a": 1.0}}))
    assert set(scores.loc[scores["period"] == "2020", "agency"]) == {"X"}


PILLARS = (
    HEADER,
    "T,,,,,10",
    "P,T,,,,6",
    "C,P,,,,6",
    "a,C,published,,,2",
    "b,C,published,,,4",
    "Q,T,,,,4",
    "c,Q,published,,,4",
)


def test_entry__at_an_inner_node_covers_what_is_below(build, measured, column):
    scores = score(build(*PILLARS), measured({"X": {"P": 0.5, "Q": 0.25}}))
    assert list(scores["node"]) == ["T", "P", "Q"]
    assert list(scores["status"]) == ["aggregated", "published", "published"]
    assert column(scores, "T", "points") == {"X": 4.0}


def test_entry__at_the_root(build, measured):
    scores = score(build(*PILLARS), measured({"X": {"T": 0.7}}))
    assert list(scores[["node", "share", "points", "status"]].itertuples(index=False, name=None)) == [
        ("T", 0.7, 7.0, "published")
    ]


def test_entry__one_unit_covered_another_measured(build, measured, column):
    scores = score(build(*PILLARS), measured({"X": {"P": 0.5, "c": 1.0}, "Y": {"a": 1.0, "b": 0.5, "c": 0.0}}))
    assert column(scores, "T", "points") == {"X": 7.0, "Y": 4.0}
    assert column(scores, "C", "status") == {"Y": "aggregated"}


def test_entry__node_keeps_its_own_and_descendants_are_scored_for_themselves(build, measured, column):
    scores = score(build(*PILLARS), measured({"X": {"P": 0.5, "a": 1.0, "b": 0.25, "c": 0.0}}))
    assert column(scores, "P", "share") == {"X": 0.5}
    assert column(scores, "C", "share") == {"X": 0.5}
    assert column(scores, "a", "share") == {"X": 1.0}
    assert column(scores, "T", "points") == {"X": 3.0}


def test_entry__a_covered_child_covers_its_parent(build, measured):
    scores = score(build(*PILLARS), measured({"X": {"P": 0.5, "a": 1.0, "c": 0.0}}))
    assert list(scores["node"]) == ["T", "P", "a", "Q", "c"]


@pytest.mark.parametrize(("entry", "value", "share"), [("share", 0.5, 0.5), ("points", 3.0, 0.5), ("value", 15.0, 0.5)])
def test_entry__read_as_share_points_or_value(build, measured, column, entry, value, share):
    framework = build(
        *("code,parent,rule,parameters,max_points", "T,,,,6", f"P,T,linear,floor=10; target=20; entry={entry},6"),
        "a,P,published,,6",
    )
    scores = score(framework, measured({"X": {"P": value}}))
    assert column(scores, "P", "share") == {"X": share}
    assert column(scores, "P", "value") == {"X": value}
    assert column(scores, "P", "points") == {"X": 3.0}


def test_entry__value_takes_part_in_the_comparison_and_share_does_not(build, measured, column):
    rows = ("code,parent,rule,parameters,aggregation", "T,,,,mean", "P,T,minmax,entry={},mean", "a,P,published,,")
    cells = measured({"W": {"P": 9.0}, "X": {"a": 1.0}, "Y": {"a": 3.0}})
    by_value = score(build(*(row.format("value") for row in rows)), cells)
    assert column(by_value, "P", "share") == {"W": 1.0, "X": 0.0, "Y": 0.25}
    by_share = score(build(*(row.format("share") for row in rows)), cells)
    assert column(by_share, "P", "share") == {"W": 9.0, "X": 0.0, "Y": 1.0}


def test_entry__of_the_framework_holds_where_a_node_names_none(build, measured, column):
    scores = score(build(*PILLARS, entry="points"), measured({"X": {"P": 3.0, "Q": 4.0}}))
    assert column(scores, "T", "share") == {"X": 0.7}


def test_status__published_evidence_or_rule_is_published(build, measured, column):
    framework = build(
        "code,parent,rule,evidence", "T,,,", "a,T,published,report", "b,T,ratio,published", "c,T,ratio,report"
    )
    scores = score(framework, measured({"X": {"a": 1.0, "b": 1.0, "c": 1.0}}))
    assert [column(scores, node, "status")["X"] for node in "abc"] == ["published", "published", "measured"]


def test_nobody_measured__comparisons_have_nothing_to_say(build, measured, column):
    rows = ("T,,,,,", "a,T,zscore,,impute,", "b,T,minmax,,impute,", "c,T,published,,,")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scores = score(build(HEADER, *rows), measured({"X": {"c": 1.0}}))
    assert column(scores, "a", "status") == {"X": "missing_zero"}
    assert column(scores, "b", "status") == {"X": "missing_zero"}
