import pytest

from tasks.evidence.experts.coding import code_ratings, share_of_confidence
from warehouse.frameworks.experts import ConfidenceScale

CRITERIA = ("X.1", "X.2")


def known(text):
    return "" if text.startswith("?") else text


@pytest.fixture
def code(tiny, declare, make_ratings):
    def run(*rows, **changes):
        return code_ratings(make_ratings(*rows), tiny, declare(**changes), CRITERIA, known)

    return run


@pytest.mark.parametrize(
    ("text", "mark"), [("7,5", 7.5), ("=7.5", 7.5), ("7.5 điểm", 7.5), ("10", 10.0), (" 1 ", 1.0), ("8 (tám)", 8.0)]
)
def test_code_ratings__numbers_as_people_write_them(code, text, mark):
    assert code({"rating": text}).rows["rating"].tolist() == [mark]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"expert": ""}, "expert missing"),
        ({"rating": ""}, "rating missing"),
        ({"rating": "cao"}, "rating not a number"),
        ({"rating": "7-8"}, "rating not a number"),
        ({"rating": "0"}, "rating off the scale"),
        ({"rating": "75"}, "rating off the scale"),
        ({"rating": "-3"}, "rating off the scale"),
        ({"rating": "7%"}, "rating off the scale"),
        ({"agency": "?"}, "agency not known or ambiguous"),
        ({"criterion": "Z.9"}, "criterion not known"),
        ({"criterion": "X.3"}, "criterion not judged by experts"),
        ({"round": "hai"}, "round not understood"),
        ({"round": "0"}, "round not understood"),
    ],
)
def test_code_ratings__what_cannot_be_used_is_counted(code, row, reason):
    coded = code({}, row)
    assert dict(coded.refused) == {reason: 1}
    assert len(coded.rows) == 1


@pytest.mark.parametrize(
    ("text", "number"), [("", 1), ("2", 2), ("Vòng 2", 2), ("V2", 2), ("Round 3", 3), ("vòng thứ 2", 2), ("2.0", 2)]
)
def test_code_ratings__rounds_as_people_write_them(code, text, number):
    assert code({"round": text}).rows["round"].tolist() == [number]


def test_code_ratings__own_agency_is_left_out_and_counted(code):
    coded = code({"employed": "own"}, {"employed": "other"}, {"employed": "unknown"})
    assert coded.own_agency.to_dict() == {("Hà Giang", "X.1"): 1}
    assert (len(coded.rows), coded.employer_unknown) == (2, 1)


def test_code_ratings__of_duplicates_the_last_counts(code):
    coded = code({"expert": "a", "rating": "3"}, {"expert": "a", "rating": "8"}, {"expert": "a", "round": "2"})
    assert coded.duplicates == 1
    assert coded.rows[["round", "rating"]].to_numpy().tolist() == [[1, 8.0], [2, 7.0]]


def test_code_ratings__the_last_usable_round_of_each_expert_counts(code):
    rows = [{"expert": one, "round": turn, "rating": mark} for one, turn, mark in ("a15", "a26", "b17", "c18")]
    rows.append({"expert": "c", "round": "2", "rating": "88"})
    counted = code(*rows).rows.query("last_round").set_index("expert")
    assert counted["rating"].to_dict() == {"a": 6.0, "b": 7.0, "c": 8.0}
    assert counted["first"].to_dict() == {"a": 5.0, "b": 7.0, "c": 8.0}


def test_code_ratings__only_the_panels_last_round_counts_where_declared(code):
    rows = [{"expert": one, "round": turn} for one, turn in ("a1", "a2", "b1")]
    coded = code(*rows, counted="last_of_panel")
    assert coded.rows.query("last_round")["expert"].tolist() == ["a"]


def test_code_ratings__a_confidence_that_is_not_understood_weighs_like_the_middle_one(code):
    coded = code({"confidence": "5"}, {"confidence": ""}, {"confidence": "rất cao"}, {"confidence": "9"})
    assert coded.confidence_unknown == 3
    assert coded.rows["confidence"].tolist() == [1.0, 0.6, 0.6, 0.6]


def test_code_ratings__no_usable_rating_gives_no_rows(code):
    assert code({"rating": ""}).rows.empty
    assert code().rows.empty
    assert code({"employed": "own"}).rows.empty


@pytest.mark.parametrize(("text", "share"), [("0,8", 0.8), ("80%", 0.8), ("1", 1.0), ("1,2", None), ("5%", None)])
def test_share_of_confidence__on_a_scale_of_shares(text, share):
    assert share_of_confidence(text, ConfidenceScale(low=0.1, high=1.0)) == share
