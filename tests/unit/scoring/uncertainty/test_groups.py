"""Groups of units that cannot be told apart."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.scoring.uncertainty.groups import groups
from tasks.scoring.uncertainty.rank_sets import rank_sets


def told(units, *pairs):
    better = np.zeros((units, units), dtype=np.bool_)
    for pair in pairs:
        better[pair] = True
    return better


def labels(found, units):
    return [found.label(unit) for unit in range(units)]


def test_nothing_told__one_group():
    found = groups(np.array([1, 2, 3]), told(3))
    assert labels(found, 3) == ["1", "1", "1"]
    assert (found.best.tolist(), found.worst.tolist()) == ([1], [3])


def test_all_told__a_group_each():
    assert labels(groups(np.array([1, 2, 3]), told(3, (0, 1), (0, 2), (1, 2))), 3) == ["1", "2", "3"]


def test_overlap__a_unit_is_in_both():
    found = groups(np.array([1, 2, 3]), told(3, (0, 2)))
    assert labels(found, 3) == ["1", "1–2", "2"]
    assert found.members(2).tolist() == [1, 2]


def test_units__keep_the_order_in_which_they_were_given():
    found = groups(np.array([3, 1, 2]), told(3, (1, 0)))
    assert labels(found, 3) == ["2", "1", "1–2"]
    assert found.members(1).tolist() == [1, 2]


def test_a_pair_between__ends_the_run():
    # 0 and 3 are too uncertain to be told apart; 1 and 2 between them are told apart.
    found = groups(np.array([1, 2, 3, 4]), told(4, (1, 2)))
    assert labels(found, 4) == ["1", "1", "2", "2"]


def test_run_inside_another__is_no_group():
    found = groups(np.array([1, 2, 3, 4]), told(4, (0, 3)))
    assert labels(found, 4) == ["1", "1–2", "1–2", "2"]


def test_ties__share_the_places_of_their_group():
    found = groups(np.array([1, 2, 2, 4]), told(4, (0, 1), (0, 2), (0, 3), (1, 3), (2, 3)))
    assert labels(found, 4) == ["1", "2", "2", "3"]
    assert (found.best.tolist(), found.worst.tolist()) == ([1, 2, 4], [1, 2, 4])


@pytest.mark.parametrize("units", [0, 1])
def test_hardly_a_unit__hardly_a_group(units):
    found = groups(np.arange(1, units + 1), told(units))
    assert (len(found.best), labels(found, units)) == (units, ["1"] * units)


@given(st.integers(0, 10_000), st.integers(1, 12))
def test_groups__hold_no_told_pair_and_cannot_grow(seed, units):
    random = np.random.default_rng(seed)
    sets = rank_sets(random.normal(0, 2, units), random.standard_normal((units, 99)))
    found = groups(sets.ranks, sets.better)
    apart = sets.better | sets.better.T
    order = np.argsort(sets.ranks)
    for group in range(1, len(found.best) + 1):
        members = found.members(group)
        assert not apart[np.ix_(members, members)].any()
        places = np.flatnonzero(np.isin(order, members))
        for neighbour in (places[0] - 1, places[-1] + 1):
            if 0 <= neighbour < units:
                assert apart[order[neighbour], members].any()
    assert (found.first <= found.last).all()
