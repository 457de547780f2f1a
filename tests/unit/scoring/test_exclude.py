"""Ranking again without some agencies."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from tasks.scoring.arrays import IntArray
from tasks.scoring.exclude import without
from tasks.scoring.rank import competition_ranks


def scores(shares, groups=None):
    """Scores of one node with the ranks that the engine gives."""
    agencies = [f"province-{number}" for number in range(len(shares))]
    groups = groups or [""] * len(shares)
    ranks: IntArray = competition_ranks(np.array([shares]), np.zeros(len(shares), dtype=np.intp))[0]
    return pd.DataFrame(
        {
            "agency": agencies,
            "node": "DTI",
            "share": shares,
            "rank": pd.array(np.where(ranks == 0, None, ranks), dtype="Int64"),
            "group": groups,
            "group_rank": pd.array([None] * len(shares), dtype="Int64"),
        }
    )


def ranks(found, name="rank"):
    return [None if pd.isna(rank) else int(rank) for rank in found[name]]


def test_without__the_first__the_others_move_up_and_it_keeps_its_share():
    found = without(scores([0.9, 0.5, 0.7]), {"province-0"})
    assert ranks(found) == [None, 2, 1]
    assert list(found["share"]) == [0.9, 0.5, 0.7]


def test_without__a_tie_above__the_tie_stays_and_the_next_rank_is_skipped():
    assert ranks(without(scores([0.9, 0.8, 0.8, 0.1]), {"province-0"})) == [None, 1, 1, 3]


def test_without__groups__each_closes_its_own_gap():
    found = without(scores([0.9, 0.8, 0.7, 0.6], ["a", "b", "a", "b"]), {"province-0"})
    assert ranks(found, "group_rank") == [None, 1, 1, 2]


def test_without__one_that_had_no_rank_before__still_has_none():
    before = scores([0.9, np.nan, 0.7])
    assert ranks(without(before, {"province-0"})) == [None, None, 1]


@given(st.lists(st.sampled_from([0.1, 0.2, 0.3, 0.4]), min_size=1, max_size=8), st.data())
def test_without__any__ranks_are_those_of_the_rest_alone(shares, data):
    left_out = data.draw(st.sets(st.integers(0, len(shares) - 1)))
    found = without(scores(shares), {f"province-{number}" for number in left_out})
    rest = [number for number in range(len(shares)) if number not in left_out]
    alone = ranks(scores([shares[number] for number in rest])) if rest else []
    assert [ranks(found)[number] for number in rest] == alone
    assert all(ranks(found)[number] is None for number in left_out)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_without__nobody__changes_no_rank(shares):
    before = scores(shares)
    assert ranks(without(before, ())) == ranks(before)
