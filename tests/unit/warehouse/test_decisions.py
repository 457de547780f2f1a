"""Decisions on a vintage: carried out once, on exactly what was shown, and noted."""

import pytest
import sqlalchemy as sa

from tasks.scoring.exclude import without
from warehouse.decisions import Decision, decide, decisions, exclusions, rejection, undecided
from warehouse.engine import reading
from warehouse.errors import DecisionRefused
from warehouse.frames import SCORE
from warehouse.read import read
from warehouse.schema import SCORES
from warehouse.vintages import find_vintage

SHOWN = {"province-a": 0.5, "province-b": 0.25, "province-c": 0.75}
YES = Decision("approved", "Nguyễn Văn An")
NO = Decision("rejected", "Trần Thị Bình", "Báo cáo của hai tỉnh chưa đủ.")
WITHOUT_C = Decision("approved_with_exclusions", "Nguyễn Văn An", "số liệu đang được xác minh", ("province-c",))


def newest(engine, vintage):
    with reading(engine) as connection:
        return find_vintage(connection, vintage.round_scope)


def ranks(engine, vintage):
    query = sa.select(SCORES.c.agency, SCORES.c.rank).where(SCORES.c.vintage == vintage.vintage, SCORES.c.node == "DTI")
    with reading(engine) as connection:
        return dict(connection.execute(query).all())


def scores_without(engine, vintage, agencies):
    return without(SCORE.conform(read(engine, sa.select(SCORES))), agencies)


def test_decide__approved__is_published_and_says_who_and_when(engine, write):
    shown = write(SHOWN)
    published = decide(engine, shown, YES, run_id="run-1")
    assert (published.state, published.digest) == ("published", shown.digest)
    noted = decisions(engine, published).iloc[0]
    assert (noted["decided_by"], noted["outcome"], noted["shown_digest"], noted["run_id"]) == (
        "Nguyễn Văn An",
        "approved",
        shown.digest,
        "run-1",
    )
    assert shown.created_at <= noted["decided_at"]


def test_decide__the_same_again__does_nothing(engine, write):
    shown = write(SHOWN)
    first = decide(engine, shown, YES)
    assert decide(engine, shown, YES) == first
    assert len(decisions(engine, first)) == 1


def test_decide__rejected__stays_provisional_with_the_reason(engine, write):
    shown = write(SHOWN)
    assert decide(engine, shown, NO).state == "provisional"
    assert decisions(engine, shown)["reason"].to_list() == [NO.reason]


def test_decide__approved_after_a_rejection__is_published_and_both_are_noted(engine, write):
    shown = write(SHOWN)
    decide(engine, shown, NO)
    assert decide(engine, shown, YES).state == "published"
    assert decisions(engine, shown)["outcome"].to_list() == ["approved", "rejected"]


def test_decide__without_an_agency__it_keeps_its_score_and_has_no_rank(engine, write):
    shown = write(SHOWN)
    published = decide(engine, shown, WITHOUT_C, scores=scores_without(engine, shown, {"province-c"}))
    assert published.state == "published"
    assert ranks(engine, published) == {"province-a": 1, "province-b": 2, "province-c": None}
    assert exclusions(engine, published)[["agency", "reason"]].to_numpy().tolist() == [
        ["province-c", "số liệu đang được xác minh"]
    ]
    assert decide(engine, shown, WITHOUT_C, scores=scores_without(engine, shown, {"province-c"})) == published


def test_decide__another_run_replaced_what_was_shown__refused_and_nothing_published(engine, write):
    shown = write(SHOWN)
    write({**SHOWN, "province-a": 0.1})
    with pytest.raises(DecisionRefused, match="have changed since"):
        decide(engine, shown, YES)
    assert newest(engine, shown).state == "provisional"
    assert decisions(engine, shown).empty


def test_decide__published_and_a_newer_vintage__refused(engine, write):
    shown = write(SHOWN, final=True)
    newer = write({**SHOWN, "province-a": 0.1})
    with pytest.raises(DecisionRefused, match="have changed since"):
        decide(engine, shown, YES)
    assert newest(engine, newer).state == "provisional"


def test_decide__another_decision_after_publication__refused(engine, write):
    shown = write(SHOWN)
    decide(engine, shown, YES)
    with pytest.raises(DecisionRefused, match="decided before"):
        decide(engine, shown, NO)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"outcome": "approved", "decided_by": " "}, "Nobody is named"),
        ({"outcome": "rejected", "decided_by": "An"}, "reason is missing"),
        ({"outcome": "approved_with_exclusions", "decided_by": "An", "reason": "x"}, "Agencies are left out"),
        ({"outcome": "approved", "decided_by": "An", "excluded": ("province-a",)}, "Agencies are left out"),
    ],
)
def test_decision__incomplete__refused(fields, said):
    with pytest.raises(DecisionRefused, match=said):
        Decision(**fields)


def test_undecided__provisional_ones__the_newest_of_each_round(engine, write):
    shown = write(SHOWN)
    assert [one.digest for one in undecided(engine)] == [shown.digest]
    decide(engine, shown, YES)
    assert undecided(engine) == []


def test_write_vintage__what_was_approved_without_an_agency__is_recognised(engine, write):
    shown = write(SHOWN)
    published = decide(engine, shown, WITHOUT_C, scores=scores_without(engine, shown, {"province-c"}))
    again = write(SHOWN)
    assert (again.vintage, again.change, again.digest) == (published.vintage, "unchanged", published.digest)


def test_decide__the_same_rejection_again__is_noted_once(engine, write):
    shown = write(SHOWN)
    decide(engine, shown, NO)
    decide(engine, shown, NO)
    assert len(decisions(engine, shown)) == 1


def test_rejection__of_this_content__is_said_until_it_is_another(engine, write):
    shown = write(SHOWN)
    decide(engine, shown, NO)
    assert NO.reason in rejection(engine, shown)
    assert rejection(engine, write({**SHOWN, "province-a": 0.1})) == ""


def test_decision__control_characters__are_taken_out():
    decision = Decision("rejected", "An\x1b[2J", "không\nđủ\x00")
    assert (decision.decided_by, decision.reason) == ("An [2J", "không đủ")


def test_unranked__declared__stands_beside_the_vintage_with_its_reason(engine, write):
    shown = write(SHOWN, unranked={"province-x": "not among the bodies that were ranked"})
    assert exclusions(engine, shown)[["agency", "reason"]].to_numpy().tolist() == [
        ["province-x", "not among the bodies that were ranked"]
    ]


def test_unranked__declared_otherwise_before_publication__is_a_vintage_of_its_own(engine, write):
    first = write(SHOWN, unranked={"province-x": "one", "province-y": "one"})
    shown = write({**SHOWN, "province-a": 0.6}, unranked={"province-x": "two"})
    assert (first.vintage, shown.vintage) == (1, 2)
    assert exclusions(engine, shown)[["agency", "reason"]].to_numpy().tolist() == [["province-x", "two"]]


def test_unranked__declared_alike__the_provisional_vintage_is_replaced(engine, write):
    write(SHOWN, unranked={"province-x": "one"})
    shown = write({**SHOWN, "province-a": 0.6}, unranked={"province-x": "one"})
    assert (shown.vintage, shown.change) == (1, "replaced")
    assert len(exclusions(engine, shown)) == 1


def test_decide__with_exclusions_beside_declared_ones__keeps_both_and_is_carried_out_once(engine, write):
    shown = write(SHOWN, unranked={"province-c": "declared", "province-x": "declared"})
    left = scores_without(engine, shown, WITHOUT_C.excluded)
    first = decide(engine, shown, WITHOUT_C, scores=left)
    assert decide(engine, shown, WITHOUT_C, scores=left) == first
    assert exclusions(engine, first)[["agency", "reason"]].to_numpy().tolist() == [
        ["province-c", "declared"],
        ["province-x", "declared"],
    ]


def test_decide__approved_beside_declared_ones__the_same_again_does_nothing(engine, write):
    shown = write(SHOWN, unranked={"province-x": "declared"})
    first = decide(engine, shown, YES)
    assert decide(engine, shown, YES) == first
