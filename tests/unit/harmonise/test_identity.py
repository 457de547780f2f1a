"""Content addresses and the other halves of ratios."""

import math
import re

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.harmonise.identity import CONTENT, counterparts, observation_ids
from warehouse.frames import CANDIDATE, NUMBER


def candidates(*rows):
    return CANDIDATE.conform(pd.DataFrame(list(rows)))


BASE = {"framework": "f", "round": "r", "period": "2020", "agency": "a", "item": "1", "part": "value", "value": 1.5}
WORDS = st.text(st.characters(exclude_categories=("Cc", "Cs")))


def identity(**changes):
    return observation_ids(candidates({**BASE, **changes})).iloc[0]


def test_observation_ids__thirty_two_hex_digits():
    assert re.fullmatch(r"[0-9a-f]{32}", identity())


def test_observation_ids__is_the_same_in_every_version_of_this_project():
    assert identity() == "0922b6d063d0ca55ed318d0137beec36"


@pytest.mark.parametrize("column", CONTENT)
def test_observation_ids__every_column_of_the_content_counts(column):
    changed = 2.5 if CANDIDATE.columns[column] == NUMBER else "other"
    assert identity(**{column: changed}) != identity()


@pytest.mark.parametrize("column", ["superseded_by", "observation_id", "agency_text", "valid_max"])
def test_observation_ids__nothing_else_counts(column):
    changed = 2.5 if CANDIDATE.columns[column] == NUMBER else "other"
    assert identity(**{column: changed}) == identity()


def test_observation_ids__text_never_slips_into_the_next_column():
    assert identity(agency="ab", item="c") != identity(agency="a", item="bc")


@pytest.mark.parametrize(("one", "other"), [(0.0, -0.0), (math.nan, float("-nan"))])
def test_observation_ids__one_number_has_one_id(one, other):
    assert identity(value=one) == identity(value=other)


def test_observation_ids__neighbouring_numbers_differ():
    assert identity(value=0.1 + 0.2) != identity(value=0.3)


def test_observation_ids__no_rows():
    assert observation_ids(CANDIDATE.empty()).tolist() == []


@settings(max_examples=30)
@given(st.lists(st.tuples(WORDS, st.floats()), min_size=1, max_size=5))
def test_observation_ids__do_not_depend_on_the_other_rows(figures):
    rows = [{**BASE, "locator": locator, "value": value} for locator, value in figures]
    together = observation_ids(candidates(*rows)).tolist()
    assert together == [observation_ids(candidates(row)).iloc[0] for row in rows]


def part(letter, value, **changes):
    return {**BASE, "part": letter, "value": value, "snapshot_sha256": "s", **changes}


def test_counterparts__numerator_and_denominator_find_each_other():
    rows = candidates(part("a", 3), part("b", 4), part("value", 9, item="2"))
    found = counterparts(rows).tolist()
    assert found[:2] == [4, 3]
    assert math.isnan(found[2])


def test_counterparts__missing_other_part():
    assert math.isnan(counterparts(candidates(part("a", 3))).iloc[0])


@pytest.mark.parametrize("column", ["agency", "item", "stage", "snapshot_sha256"])
def test_counterparts__stay_within(column):
    found = counterparts(candidates(part("a", 3), part("b", 4, **{column: "other"})))
    assert found.isna().all()


def test_counterparts__a_figure_that_stands_twice():
    rows = candidates(part("a", 1), part("b", 10), part("a", 2), part("b", 20))
    assert counterparts(rows).tolist() == [10, 1, 20, 2]


def test_counterparts__unknown_agencies_are_told_apart_by_their_text():
    rows = candidates(
        part("a", 1, agency="", agency_text="X"),
        part("b", 10, agency="", agency_text="Y"),
        part("b", 20, agency="", agency_text="X"),
    )
    assert counterparts(rows).iloc[0] == 20
