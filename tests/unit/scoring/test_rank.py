"""Competition ranks on unrounded shares."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tasks.scoring.engine import score
from tasks.scoring.rank import competition_ranks


def ranks(*shares: float) -> list[int]:
    return competition_ranks(np.array([shares]), np.zeros(len(shares), dtype=np.intp))[0].tolist()


def test_ranks__ties_share_a_rank_and_the_next_is_skipped():
    assert ranks(0.3, 0.5, 0.4, 0.4) == [4, 1, 2, 2]


def test_ranks__shares_that_differ_by_rounding_tie():
    assert ranks(0.1 + 0.2, 0.3, 0.2) == [1, 1, 3]


def test_ranks__shares_that_differ_by_more_do_not():
    assert ranks(0.3, 0.3 + 1e-11) == [2, 1]


def test_ranks__shares_equal_at_four_decimals_do_not_tie():
    assert ranks(0.48741, 0.48739) == [1, 2]


def test_ranks__negative_shares_are_below_zero():
    assert ranks(-0.5, 0.0, 0.5) == [3, 2, 1]


def test_ranks__no_share_is_not_ranked():
    assert ranks(np.nan, 0.5, np.nan, 0.7) == [0, 2, 0, 1]


def test_ranks__within_each_label():
    shares = np.array([[0.1, 0.2, 0.3, 0.4, 0.5]])
    assert competition_ranks(shares, np.array([0, 1, 0, 1, -1])).tolist() == [[2, 2, 1, 1, 0]]


def test_ranks__of_draws_are_ranks_of_each_draw():
    shares = np.array([[[0.1, 0.9], [0.2, 0.2], [0.2, 0.2]]])
    assert competition_ranks(shares, np.zeros(3, dtype=np.intp)).tolist() == [[[3, 1], [1, 2], [1, 2]]]


@pytest.fixture
def framework(build):
    return build("code,parent,rule", "T,,", "a,T,published", groups=[{"group": "g"}, {"group": "h"}])


CELLS = {"A": {"a": 0.1}, "B": {"a": 0.4}, "C": {"a": 0.4}, "D": {"a": 0.2}}


def test_score__group_rank_is_within_the_group(framework, measured, column):
    scores = score(framework, measured(CELLS), groups={"A": "g", "B": "g", "D": "h"})
    assert column(scores, "T", "rank") == {"A": 4, "B": 1, "C": 1, "D": 3}
    assert column(scores, "T", "group") == {"A": "g", "B": "g", "C": "", "D": "h"}
    in_group = column(scores, "T", "group_rank")
    assert in_group.pop("C") is pd.NA
    assert in_group == {"A": 2, "B": 1, "D": 1}


def test_score__ranks_are_within_the_period(framework, measured, column):
    scores = score(framework, pd.concat([measured(CELLS), measured({"A": {"a": 0.0}}, "2021")], ignore_index=True))
    assert column(scores, "T", "rank", "2021") == {"A": 1}


def test_score__groups_of_the_framework_where_none_are_given(framework, measured, column):
    scores = score(replace(framework, groups={"A": "h"}), measured(CELLS))
    assert column(scores, "T", "group")["A"] == "h"
