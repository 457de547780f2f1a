"""Places by cause: in a fixed order, and summing to the places that were gained."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.scoring.engine import score
from tasks.scoring.movement.comparable import Told
from tasks.scoring.movement.compare import compare
from tasks.scoring.movement.tables import agency_rows
from tasks.scoring.tree import Tree
from tests.unit.scoring.movement.test_contributions import figures, frameworks
from warehouse.errors import ComparisonRefused, FrameworkError

AGENCIES = "abcdef"
SHARES = st.floats(0, 1).map(lambda value: round(value, 2))


@pytest.fixture(scope="module")
def one_leaf(build):
    return build("code,parent,rule", "T,,", "x,T,published")


@pytest.fixture(scope="module")
def in_regions(build):
    """Whoever is in a group is ranked among all, and within the region where that is asked for."""
    groups = [{"group": "world"}, *({"group": name, "within": "world"} for name in ("in", "out", "mine", "empty"))]
    return build("code,parent,rule", "T,,", "x,T,published", groups=groups)


def told(framework, shares, period="2020", kind="official", groups=None):
    rows = pd.DataFrame([(agency, "x", value) for agency, value in shares.items()], columns=["agency", "node", "value"])
    return Told(Tree.of(framework), period, "r", kind, 1, score(framework, rows, groups=groups))


def moved(framework, before, after, successors=None):
    found = compare(
        told(framework, before), told(framework, after, "2021"), node=None, successors=dict(successors or {})
    )
    return agency_rows(found).set_index("agency_before")


def test_places__own_rise_alone__is_its_own(one_leaf):
    rows = moved(one_leaf, {"a": 0.1, "b": 0.2, "c": 0.3}, {"a": 0.4, "b": 0.2, "c": 0.3})
    assert rows.loc["a", ["rank_before", "rank", "places", "places_own", "places_others"]].tolist() == [3, 1, 2, 2, 0]
    assert rows.loc["b", ["rank_before", "rank", "places", "places_own", "places_others"]].tolist() == [2, 3, -1, 0, -1]


def test_places__standing_still_while_others_fall__is_the_others_doing(one_leaf):
    rows = moved(one_leaf, {"a": 0.1, "b": 0.2}, {"a": 0.1, "b": 0.05})
    assert rows.loc["a", ["places", "places_own", "places_others"]].tolist() == [1, 0, 1]


def test_places__fell_below_its_own_old_share__is_not_counted_against_itself(one_leaf):
    rows = moved(one_leaf, {"a": 0.5, "b": 0.2}, {"a": 0.4, "b": 0.2})
    assert rows.loc["a", ["places", "places_own", "places_others"]].tolist() == [0, 0, 0]


def test_places__tie__shares_the_rank(one_leaf):
    rows = moved(one_leaf, {"a": 0.5, "b": 0.2, "c": 0.1}, {"a": 0.2, "b": 0.2, "c": 0.1})
    assert rows.loc["b", ["rank_before", "rank", "places_own", "places_others"]].tolist() == [2, 1, 0, 1]


def test_places__merger__fewer_are_ranked_and_the_mean_counts(one_leaf):
    before = {"a": 0.9, "b": 0.1, "c": 0.6, "d": 0.4}
    rows = moved(one_leaf, before, {"ab": 0.5, "c": 0.6, "d": 0.4}, {"a": ["ab"], "b": ["ab"]})
    # Ranked among the three with the mean 0.5: a falls from 1st to 2nd, b rises from 4th, c is 1st, d 3rd as before.
    assert rows["places_merger"].to_dict() == {"c": 1, "a": -1, "b": 2, "d": 0}
    assert rows["change_merger"].to_dict() == pytest.approx({"c": 0.0, "a": -0.4, "b": 0.4, "d": 0.0})
    assert rows["change_own"].abs().max() == pytest.approx(0, abs=1e-15)
    assert not rows[["places_own", "places_others"]].to_numpy().any()


def test_places__agency_that_vanished_ahead__frees_a_place_by_who_is_ranked(one_leaf):
    rows = moved(one_leaf, {"a": 0.9, "b": 0.5}, {"b": 0.5})
    assert rows.loc["b", ["places", "places_merger", "places_own"]].tolist() == [1, 1, 0]


def test_places__new_agency_ahead__is_the_others_doing(one_leaf):
    rows = moved(one_leaf, {"b": 0.5}, {"a": 0.9, "b": 0.5})
    assert rows.loc["b", ["places", "places_others"]].tolist() == [-1, -1]


def test_places__agency_without_a_rank__has_no_places_and_stands_in_nobodys_way(one_leaf):
    before, after = told(one_leaf, {"a": 0.9, "b": 0.5}), told(one_leaf, {"a": 0.9, "b": 0.5}, "2021")
    after.scores.loc[after.scores["agency"] == "a", "rank"] = pd.NA
    after.scores.loc[(after.scores["agency"] == "b"), "rank"] = 1
    rows = agency_rows(compare(before, after, node=None, successors={})).set_index("agency")
    assert pd.isna(rows.loc["a", "places"])
    assert rows.loc["b", ["places", "places_merger"]].tolist() == [1, 1]


@given(
    before=st.dictionaries(st.sampled_from(AGENCIES), SHARES, min_size=2),
    after=st.dictionaries(st.sampled_from(AGENCIES), SHARES, min_size=2),
    heirs=st.dictionaries(st.sampled_from("abc"), st.sampled_from("def"), max_size=2),
)
@settings(max_examples=80)
def test_places__any_movement__sum_to_the_places_gained(one_leaf, before, after, heirs):
    after = {agency: share for agency, share in after.items() if agency not in heirs}
    if not {heirs.get(agency, agency) for agency in before} & after.keys():
        return
    rows = moved(one_leaf, before, after, {old: [new] for old, new in heirs.items()})
    causes = ("own", "others", "framework", "merger")
    gained = rows["rank_before"] - rows["rank"]
    assert (rows[[f"places_{cause}" for cause in causes]].sum(axis=1) == gained).all()
    changed = rows[[f"change_{cause}" for cause in causes]].sum(axis=1)
    np.testing.assert_allclose(changed, rows["share"] - rows["share_before"], atol=1e-12)


@given(
    before=st.fixed_dictionaries(dict.fromkeys(AGENCIES, SHARES)),
    after=st.fixed_dictionaries(dict.fromkeys(AGENCIES, SHARES)),
    members=st.sets(st.sampled_from(AGENCIES), min_size=1),
)
@settings(max_examples=60)
def test_places__within_a_group__are_those_of_its_members_compared_alone(in_regions, before, after, members):
    groups = {agency: "in" if agency in members else "out" for agency in AGENCIES}
    sides = told(in_regions, before, groups=groups), told(in_regions, after, "2021", groups=groups)
    within = agency_rows(compare(*sides, node=None, successors={}, group="in"))
    alone = [{agency: shares[agency] for agency in sorted(members)} for shares in (before, after)]
    pd.testing.assert_frame_equal(
        within, moved(in_regions, *alone).reset_index()[within.columns].assign(ranked_in="in")
    )


def test_places__of_a_framework_that_ranks_in_groups__are_those_in_the_group_of_each(build):
    framework = build("code,parent,rule", "T,,", "x,T,published", groups=[{"group": "m"}, {"group": "p"}])
    groups = {"a": "p", "b": "m", "c": "m", "d": "p", "e": "p"}
    before = {"a": 0.9, "b": 0.8, "c": 0.7, "d": 0.6, "e": 0.5}
    sides = (
        told(framework, before, groups=groups),
        told(framework, before | {"a": 0.55, "e": 0.58}, "2021", groups=groups | {"e": "m"}),
    )
    rows = agency_rows(compare(*sides, node=None, successors={})).set_index("agency")
    assert rows["ranked_in"].to_dict() == {"a": "p", "b": "m", "c": "m", "d": "p", "e": "m"}
    assert rows["rank"].to_dict() == {"b": 1, "c": 2, "e": 3, "d": 1, "a": 2}
    assert rows.loc[["b", "c"], "places"].tolist() == [0, 0]
    assert rows.loc["a", ["rank_before", "places", "places_own"]].tolist() == [1, -1, -1]
    assert rows.loc["d", ["rank_before", "places", "places_others"]].tolist() == [2, 1, 1]
    assert pd.isna(rows.loc["e", "places"])  # it went from one ranking to another


def test_places__into_a_group__has_a_rank_on_one_side_only(in_regions):
    sides = (
        told(in_regions, {"a": 0.9, "b": 0.5}, groups={"a": "out", "b": "mine"}),
        told(in_regions, {"a": 0.9, "b": 0.5}, "2021", groups={"a": "mine", "b": "mine"}),
    )
    rows = agency_rows(compare(*sides, node=None, successors={}, group="mine")).set_index("agency")
    assert pd.isna(rows.loc["a", "rank_before"])
    assert rows.loc["b", ["rank_before", "rank", "places", "places_others"]].tolist() == [1, 2, -1, -1]


@pytest.mark.parametrize(
    ("group", "error", "said", "hint"),
    [
        ("empty", ComparisonRefused, "Nobody in the group 'empty' has a rank", "Scored there are agencies of mine."),
        ("mime", FrameworkError, "no group 'mime'", "Did you mean mine? It has world, in, out, mine, empty."),
    ],
)
def test_places__within_a_group_of_nobody__is_refused(in_regions, group, error, said, hint):
    sides = [told(in_regions, {"a": 0.9}, period, groups={"a": "mine"}) for period in ("2020", "2021")]
    with pytest.raises(error, match=said) as refusal:
        compare(*sides, node=None, successors={}, group=group)
    assert refusal.value.hint == hint


@given(data=st.data())
@settings(max_examples=60)
def test_places__same_agencies_and_framework__are_moved_by_figures_only(build, data):
    framework = data.draw(frameworks(build))
    sides = [
        Told(Tree.of(framework), year, "r", "official", 1, score(framework, data.draw(figures(framework))))
        for year in ("2020", "2021")
    ]
    ranked = [set(told.scores.query("node == 'T' and rank.notna()")["agency"]) for told in sides]
    if not ranked[0] or ranked[0] != ranked[1]:
        return
    rows = agency_rows(compare(*sides, node="T", successors={}))
    assert (rows["places_merger"].dropna() == 0).all()
    assert (rows["places_framework"].dropna() == 0).all()


@given(data=st.data())
@settings(max_examples=60)
def test_changes__merged_agencies_of_any_tree__sum_for_each_predecessor(build, data):
    framework = data.draw(frameworks(build))
    scores = [score(framework, data.draw(figures(framework))) for _ in range(2)]
    scores[1] = scores[1][scores[1]["agency"].isin(["C", "D"])]
    heirs = {"A": "C", "B": "C"}
    if not {heirs.get(agency, agency) for agency in scores[0]["agency"]} & set(scores[1]["agency"]):
        return
    sides = [
        Told(Tree.of(framework), year, "r", "official", 1, side)
        for year, side in zip(("2020", "2021"), scores, strict=True)
    ]
    rows = agency_rows(compare(*sides, node=None, successors={old: [heir] for old, heir in heirs.items()}))
    total = rows[[f"change_{cause}" for cause in ("own", "others", "framework", "merger")]].sum(axis=1)
    np.testing.assert_allclose(total, rows["share"] - rows["share_before"], rtol=1e-9, atol=1e-12)
