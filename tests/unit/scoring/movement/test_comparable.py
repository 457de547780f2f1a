"""What may be compared, and what a refusal says instead."""

import pandas as pd
import pytest

from tasks.scoring.engine import score
from tasks.scoring.movement.comparable import Told, basis
from tasks.scoring.movement.compare import compare
from tasks.scoring.movement.tables import agency_rows, node_rows
from tasks.scoring.tree import Tree
from warehouse.errors import ComparisonRefused, FrameworkError
from warehouse.frameworks.crosswalks.tables import Crossing

OLD = ("code,parent,rule,max_points", "D,,,10", "P,D,,6", "p1,P,published,4", "p2,P,published,2", "Q,D,published,4")
NEW = ("code,parent,rule,max_points", "X,,,10", "A,X,,5", "a1,A,published,4", "a2,A,published,1", "B,X,published,5")


@pytest.fixture(scope="module")
def old(build):
    return build(*OLD, framework="f_2020", population=["province"])


@pytest.fixture(scope="module")
def new(build):
    return build(*NEW, framework="f_2022", population=["province"])


def told(framework, values, **names):
    rows = pd.DataFrame(
        [(agency, node, value) for agency, of_node in values.items() for node, value in of_node.items()],
        columns=["agency", "node", "value"],
    )
    about = {"period": "2020", "round": "r", "kind": "official", "vintage": 1} | names
    return Told(Tree.of(framework), scores=score(framework, rows), **about)


@pytest.fixture
def before(old):
    return told(old, {"h": {"p1": 0.5, "p2": 0.5, "Q": 0.5}, "k": {"p1": 0.25, "p2": 0.5, "Q": 0.5}})


@pytest.fixture
def after(new):
    values = {"h": {"a1": 0.75, "a2": 0.0, "B": 0.5}, "k": {"a1": 0.5, "a2": 0.5, "B": 1.0}}
    return told(new, values, period="2022")


def crossing(from_node, to_node, kind="same", note=""):
    return Crossing("f_2020", from_node, "f_2022", to_node, kind, note)


def refused(*sides, node=None, crossings=()):
    with pytest.raises(ComparisonRefused) as caught:
        compare(*sides, node=node, crossings=crossings, successors={})
    return caught.value


def test_basis__itself__is_refused(before):
    assert "compared with itself" in refused(before, before).message


def test_basis__synthetic_and_official__are_never_compared(old, before):
    made_up = told(old, {"h": {"Q": 0.5}}, kind="synthetic", round="demo", period="2021")
    error = refused(before, made_up)
    assert "demo is synthetic, and r holds official figures" in error.message
    assert "--with-round" in error.hint


def test_basis__press_and_official__are_both_real(old, before):
    press = told(old, {"h": {"Q": 0.75}}, kind="press", round="p", period="2021")
    assert compare(press, before, node="Q", successors={}).basis.code == "Q"


def test_basis__other_population__is_refused(build, before):
    ministries = build(*OLD, framework="m_2020", population=["ministry"])
    error = refused(before, told(ministries, {"m": {"Q": 0.5}}))
    assert "f_2020 ranks province and m_2020 ranks ministry" in error.message
    assert error.hint == "Compare each with another period of its own: --with-period."


def test_basis__no_crosswalk__different_indices(before, after):
    error = refused(before, after)
    assert "No crosswalk leads from f_2020 to f_2022" in error.message
    assert error.hint == "Compare each with another period of its own: --with-period."


def test_basis__no_crosswalk__names_the_edition_that_both_are_joined_with(before, after):
    between = [Crossing("f_2020", "P", "f_2021", "P", "same"), Crossing("f_2021", "P", "f_2022", "A", "same")]
    elsewhere = [Crossing("f_2022", "A", "f_2025", "A", "same")]
    error = refused(before, after, crossings=[*between, *elsewhere])
    assert error.hint == "Crosswalks join each of them with f_2021: compare each with that."


def test_basis__total_not_carried_over__says_how_much_is_and_what_could_be_compared(before, after):
    error = refused(before, after, crossings=[crossing("P", "A"), crossing("p1", "a1")])
    assert "The totals of f_2020 and f_2022 cannot be compared" in error.message
    said = "60% of the points of f_2020 (60% defined alike) and 50% of the points of f_2022 (50% defined alike)"
    assert said in error.message
    assert error.hint == "Name one of these with --node: A (was P), a1 (was p1)."


def test_basis__node_not_carried_over__is_refused(before, after):
    error = refused(before, after, node="B", crossings=[crossing("P", "A")])
    assert "B of f_2020 and f_2022 cannot be compared" in error.message


def test_basis__unknown_node__names_the_nearest(before, after):
    with pytest.raises(FrameworkError, match="no node 'a3'"):
        basis(before, after, "a3", [crossing("P", "A")])


def test_basis__month_and_year__are_refused(old, before):
    assert "different length" in refused(before, told(old, {"h": {"Q": 0.5}}, period="2020-08")).message


def test_basis__node_that_was_not_there_before__names_common_ones(build, before):
    more = build(*OLD, "R,D,published,0", framework="f_2020", population=["province"])
    error = refused(before, told(more, {"h": {"Q": 0.5, "R": 0.5}}, period="2021"), node="R")
    assert "f_2020 had no R" in error.message
    assert "D, P, p1, p2, Q" in error.hint


def test_basis__count__has_no_share(build):
    nodes = ("D,,,none", "n,D,count,", "x,D,published,")
    counted = build("code,parent,rule,aggregation", *nodes, framework="c_2020", headline="x")
    sides = [told(counted, {"h": {"n": 5, "x": 0.5}}, period=period) for period in ("2020", "2021")]
    for node in ("n", "D"):
        error = refused(*sides, node=node)
        assert f"{node} of c_2020 has no share and no rank" in error.message
        assert error.hint == "Name a node that is scored with --node: x."
    assert compare(*sides, node=None, successors={}).basis.code == "x"


def test_basis__edited_framework__says_what_changed(build, before):
    nodes = ("D,,,8", "P,D,,6", "p1,P,published,3", "p2,P,published,3", "Z,D,published,2")
    edited = build(OLD[0], *nodes, framework="f_2020", population=["province"])
    notes = basis(before, told(edited, {"h": {"p1": 0.5}}, period="2021"), None, ()).notes
    assert notes == (
        "The framework changed in between (3 nodes scored differently, 1 new, 1 gone): what that did is shown as "
        "framework.",
    )


def test_basis__words_of_the_framework_edited__nothing_that_is_scored(build, before):
    renamed = build(*OLD, framework="f_2020", population=["province"], title_en="Another title")
    (note,) = basis(before, told(renamed, {"h": {"p1": 0.5}}, period="2021"), None, ()).notes
    assert "nothing that is scored by its nodes changed" in note


def test_compare__nobody_in_common__says_who_was_there(old, before):
    error = refused(before, told(old, {"z": {"Q": 0.5}}, period="2021"))
    assert "No agency has a score of D both in" in error.message
    assert "after: z" in error.hint


def test_compare__covered_on_one_side__names_nodes_with_scores_on_both(old, before):
    error = refused(before, told(old, {"h": {"P": 0.5, "Q": 0.5}}, period="2021"), node="p1")
    assert "Nobody has a score of p1 in f_2020 2021" in error.message
    assert error.hint == "Both sides have scores of D, P, Q."


def test_compare__crosswalk__children_that_go_on_and_the_rest_is_the_frameworks(before, after):
    found = compare(before, after, node="A", crossings=[crossing("P", "A"), crossing("p1", "a1")], successors={})
    rows = node_rows(found, "h").set_index("node")
    # p1 is 4 of 6 points, a1 4 of 5: on the mean, 0.25 more is 0.25 x (4/6 + 4/5) / 2 of the whole.
    assert rows.loc["a1", "own"] == pytest.approx(0.25 * (4 / 6 + 4 / 5) / 2)
    assert rows.loc["A", "through"] == pytest.approx(0.6 - 0.5)
    assert rows.loc["A", "framework"] == pytest.approx(0.1 - rows.loc["a1", "own"])
    assert set(rows.index) == {"A", "a1"}


def test_compare__sum_of_nodes__points_over_points_and_ranks_of_the_sum(before, after):
    found = compare(before, after, node="B", crossings=[crossing("p2+Q", "B", "comparable", "wider")], successors={})
    rows = agency_rows(found).set_index("agency")
    assert rows.loc["k", ["share_before", "share", "rank_before", "rank"]].tolist() == [0.5, 1.0, 1, 1]
    assert rows.loc["h", ["rank_before", "rank", "places_others"]].tolist() == [1, 2, -1]
    assert found.basis.notes == ("p2+Q of f_2020 goes on as B of f_2022, under another definition: wider.",)


def test_compare__sum_of_nodes_of_the_later_edition__named_as_the_crosswalk_writes_it(before, after):
    found = compare(before, after, node="a2+B", crossings=[crossing("Q", "a2+B")], successors={})
    rows = agency_rows(found).set_index("agency")
    assert rows.loc["h", "share"] == pytest.approx(0.5 * 5 / 6)


def test_compare__total_that_the_crosswalk_carries_over__is_compared(before, after):
    found = compare(before, after, node=None, crossings=[crossing("D", "X"), crossing("P", "A")], successors={})
    rows = agency_rows(found).set_index("agency")
    assert rows.loc["h", "change"] == pytest.approx(0.55 - 0.5)
    total = rows[["change_own", "change_framework"]].sum(axis=1)
    assert total.tolist() == pytest.approx(rows["change"].tolist())


def test_compare__crosswalk_in_the_other_direction__is_read_backwards(before, after):
    found = compare(after, before, node="P", crossings=[crossing("P", "A")], successors={})
    assert agency_rows(found).set_index("agency").loc["h", "change"] == pytest.approx(0.5 - 0.6)


def test_node_rows__agency_of_one_side__says_why_not(old, before):
    later = told(old, {"h": {"Q": 0.5}, "z": {"Q": 0.5}}, period="2021")
    found = compare(before, later, node=None, successors={})
    for agency, hint in (("z", "It is new in"), ("k", "Nothing of it goes on")):
        with pytest.raises(ComparisonRefused) as caught:
            node_rows(found, agency)
        assert hint in caught.value.hint
