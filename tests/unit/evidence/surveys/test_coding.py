import numpy as np
import pytest

from tasks.evidence.surveys.coding import code_answers


def only(survey, answers):
    return code_answers(answers, survey, str)


@pytest.mark.parametrize(
    ("row", "share"),
    [
        ({"q1": "4"}, 0.75),
        ({"q1": " 4.0 "}, 0.75),
        ({"q1": "9"}, np.nan),
        ({"q1": ""}, np.nan),
        ({"form_version": "2", "q1": "", "c9": "4"}, 0.25),
    ],
    ids=["mark", "written otherwise", "don't know", "blank", "reversed in the second version"],
)
def test_code_answers__codes_a_mark_as_its_share_of_the_scale(make_survey, make_answers, row, share):
    coded = only(make_survey(), make_answers(row))
    np.testing.assert_equal(coded.rows["X.1"].to_list(), [share])


@pytest.mark.parametrize("answer", ["6", "0", "4.5", "nan", "inf", "rất tốt", "1e400"])
def test_code_answers__counts_an_answer_off_the_scale_and_leaves_it_blank(make_survey, make_answers, answer):
    coded = only(make_survey(), make_answers({"q1": answer}))
    assert np.isnan(coded.rows["X.1"]).all()
    assert coded.rows["impossible"].to_list() == [1]


def test_code_answers__finds_questions_within_groups(make_survey, make_answers):
    answers = make_answers({}).rename(columns={"q1": "dich_vu/q1", "q2": "dich_vu.q2"})
    coded = only(make_survey(), answers)
    assert coded.rows[["X.1", "X.2"]].to_numpy().tolist() == [[0.75, 1.0]]
    assert not coded.unmapped
    assert not coded.unused


def test_code_answers__refuses_a_form_version_that_nobody_mapped_by_name(make_survey, make_answers):
    coded = only(make_survey(), make_answers({}, {"form_version": "7"}, {"form_version": "7"}))
    assert len(coded.rows) == 1
    assert coded.refused == {"form version not mapped: aB12 v7": 2}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"trongso": ""}, "weight missing"),
        ({"trongso": "nhiều"}, "weight missing"),
        ({"trongso": "0"}, "weight zero or negative"),
        ({"trongso": "-3"}, "weight zero or negative"),
        ({"tinh": ""}, "agency not known"),
        ({"review_state": "rejected"}, "rejected in review"),
    ],
)
def test_code_answers__refuses_what_cannot_be_used(make_survey, make_answers, row, reason):
    coded = only(make_survey(), make_answers({}, row))
    assert len(coded.rows) == 1
    assert coded.refused == {reason: 1}


def test_code_answers__reports_unmapped_and_unused_questions(make_survey, make_answers):
    answers = make_answers({"zalo": "0912"}).drop(columns="q2")
    coded = only(make_survey(), answers)
    assert coded.unmapped == {"aB12 v1": ("zalo",)}
    assert coded.unused == {"aB12 v1": ("q2",)}


def test_code_answers__codes_words(make_survey, make_answers):
    form = make_survey().forms[0].model_dump() | {"criteria": {"X.1": {"question": "q1", "scale": "words"}}}
    coded = only(make_survey(forms=[form]), make_answers({"q1": "tốt"}, {"q1": "kém"}))
    assert coded.rows["X.1"].to_list() == [1.0, 0.0]


def test_code_answers__takes_no_answers_at_all(make_survey, make_answers):
    coded = only(make_survey(), make_answers({}).iloc[:0])
    assert coded.rows.empty
