import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.scoring.revision import changes


def vintage(cells):
    rows = [(agency, node, value) for (agency, node), value in cells.items()]
    return pd.DataFrame(rows, columns=["agency", "node", "value"])


def said(earlier, later):
    found = changes(vintage(earlier), vintage(later))
    return [tuple(None if pd.isna(cell) else cell for cell in row) for row in found.astype(object).to_numpy()]


def test_changes__equal__none():
    cells = {("a", "C"): 1.0, ("b", "C"): 2.0}
    assert said(cells, cells) == []


def test_changes__changed_new_and_gone__each_with_both_values():
    earlier = {("a", "C"): 1.0, ("b", "C"): 2.0, ("c", "C"): 3.0}
    later = {("a", "C"): 1.5, ("b", "C"): 2.0, ("d", "C"): 4.0}
    assert said(earlier, later) == [
        ("a", "C", 1.0, 1.5, "changed"),
        ("c", "C", 3.0, None, "gone"),
        ("d", "C", None, 4.0, "new"),
    ]


def test_changes__blank_values__are_no_values():
    assert said({("a", "C"): None}, {("a", "C"): 1.0}) == [("a", "C", None, 1.0, "new")]
    assert said({("a", "C"): None}, {("a", "C"): float("nan")}) == []


def test_changes__last_digit__is_a_change():
    assert len(said({("a", "C"): 0.1 + 0.2}, {("a", "C"): 0.3})) == 1


def test_changes__doubled_cell__is_refused():
    twice = pd.concat([vintage({("a", "C"): 1.0})] * 2)
    with pytest.raises(ValueError, match="not a one-to-one merge"):
        changes(twice, vintage({("a", "C"): 1.0}))


CELLS = st.dictionaries(st.tuples(st.sampled_from("abc"), st.sampled_from("CD")), st.floats(-10, 10))


@given(CELLS, CELLS)
def test_changes__applied_to_the_earlier_vintage__give_the_later_one(earlier, later):
    cells = dict(earlier)
    for agency, node, _, value, change in said(earlier, later):
        if change == "gone":
            del cells[agency, node]
        else:
            cells[agency, node] = value
    assert cells == later


@given(CELLS, CELLS)
def test_changes__the_other_way_round__mirror_each_other(earlier, later):
    mirror = {"new": "gone", "gone": "new", "changed": "changed"}
    there, back = said(earlier, later), said(later, earlier)
    assert [(a, n, after, before, mirror[change]) for a, n, before, after, change in there] == back
