import numpy as np
import pytest

from tasks.scoring.movement.succession import better, successions
from warehouse.reference.agencies import load_successors


def named(found, before, after):
    return [(before[old], after[new]) for old, new in zip(found.before, found.after, strict=True)]


def test_successions__merger__every_predecessor_goes_on_as_the_new_one():
    before, after = ("a", "b", "c"), ("ab", "c")
    found = successions(before, after, {"a": ("ab",), "b": ("ab",)})
    assert named(found, before, after) == [("a", "ab"), ("b", "ab"), ("c", "c")]
    assert found.is_merged.tolist() == [True, True, False]
    assert (found.vanished, found.new) == ((), ())


def test_successions__several_mergers_in_a_row__are_followed():
    before, after = ("a", "b"), ("abc", "b")
    assert named(successions(before, after, {"a": ("ab",), "ab": ("abc",)}), before, after) == [
        ("a", "abc"),
        ("b", "b"),
    ]


def test_successions__split__goes_on_as_both():
    before, after = ("a",), ("x", "y")
    assert named(successions(before, after, {"a": ("x", "y")}), before, after) == [("a", "x"), ("a", "y")]


def test_successions__neither_old_nor_new__are_listed():
    found = successions(("a", "b"), ("b", "c"), {})
    assert (found.vanished, found.new) == (("a",), ("c",))


def test_successions__merged_agency_that_keeps_its_scores_unranked__goes_on_as_its_successor():
    before, after = ("a", "b"), ("a", "ab", "b")
    found = successions(before, after, {"a": ("ab",), "b": ("ab",)}, frozenset({"a", "b"}))
    assert named(found, before, after) == [("a", "ab"), ("b", "ab")]
    assert found.new == ()


def test_successions__excluded_from_the_ranking__stays_itself():
    found = successions(("a",), ("a",), {}, frozenset({"a"}))
    assert named(found, ("a",), ("a",)) == [("a", "a")]


def test_successions__loop_in_the_registry__ends():
    assert successions(("a",), ("z",), {"a": ("b",), "b": ("a",)}).vanished == ("a",)


def test_successions__provinces_of_2025__63_go_on_as_34():
    from tasks.harmonise.agencies import Registry
    from warehouse.periods import period_days

    sides = [
        [agency.agency_id for agency in Registry.bundled().valid_at(period_days(year)[1], ("province",))]
        for year in ("2024", "2025")
    ]
    found = successions(*sides, load_successors())
    assert len(found.before) == 63
    assert len(set(found.after)) == 34
    assert (found.vanished, found.new) == ((), ())


def test_mean_of_family__merged__mean_of_those_that_have_a_figure():
    found = successions(("a", "b", "c"), ("ab", "c"), {"a": ("ab",), "b": ("ab",)})
    assert found.mean_of_family(np.array([0.25, 0.75, 0.1])) == pytest.approx([0.5, 0.5, 0.1])
    assert found.mean_of_family(np.array([0.25, np.nan, 0.1])) == pytest.approx([0.25, 0.25, 0.1])


def test_better__rounding_of_sums__is_a_tie():
    assert better(np.array([0.3]), np.array([0.1 + 0.2, 0.3 - 1e-9])).tolist() == [0, 1]
