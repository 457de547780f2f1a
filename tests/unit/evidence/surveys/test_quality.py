import numpy as np
import pandas as pd

from tasks.evidence.surveys.coding import code_answers
from tasks.evidence.surveys.quality import excluded, flag_answers


def flagged(survey, answers, flag):
    return flag_answers(code_answers(answers, survey, str).rows, survey)[flag].to_list()


def test_flag_answers__finds_speeders_against_the_median_of_their_form_version(make_survey, make_answers):
    answers = make_answers({}, {}, {"ketthuc": "2020-12-01T07:02:00+07:00"}, {"ketthuc": ""})
    assert flagged(make_survey(), answers, "speeder") == [False, False, True, False]


def test_flag_answers__finds_who_answered_twice_and_keeps_the_first(make_survey, make_answers):
    answers = make_answers(
        {"dienthoai": "p1", "submitted_at": "2020-12-02"},
        {"dienthoai": "p1", "submitted_at": "2020-12-01"},
        {"dienthoai": ""},
        {"dienthoai": ""},
    )
    assert flagged(make_survey(), answers, "duplicate") == [True, False, False, False]


def test_flag_answers__finds_impossible_answers(make_survey, make_answers):
    assert flagged(make_survey(), make_answers({}, {"q1": "77"}), "impossible") == [False, True]


def test_flag_answers__finds_straight_lines_before_reversing(make_survey, make_answers):
    scales = ["rating", "best_first", "rating"]
    items = {f"X.{n}": {"question": f"q{n}", "scale": scale} for n, scale in enumerate(scales, start=1)}
    form = make_survey().forms[0].model_dump() | {"criteria": items}
    survey = make_survey(forms=[form], quality={"straight_lining": 3})
    answers = make_answers({"q1": "2", "q2": "2", "q3": "2"}, {"q1": "2", "q2": "4", "q3": "2"}, {"q1": "2", "q2": ""})
    assert flagged(survey, answers, "straight_lining") == [True, False, False]


def test_flag_answers__finds_an_interviewer_who_gets_other_answers(make_survey, make_answers):
    marks = np.random.default_rng(1).choice(["2", "3", "4"], 60)
    rows = [{"dtv": f"DTV {place % 3}", "q1": "5" if place % 3 == 2 else mark} for place, mark in enumerate(marks)]
    found = flagged(make_survey(quality={"interviewer": 5.0}), make_answers(*rows), "interviewer")
    assert found == [place % 3 == 2 for place in range(60)]


def test_excluded__leaves_out_by_a_declared_rule_only(make_survey):
    flags = pd.DataFrame({"speeder": [True, False], "duplicate": [False, True]})
    assert not excluded(flags, make_survey().quality).any()
    assert excluded(flags, make_survey(quality={"exclude": ["duplicate"]}).quality).to_list() == [False, True]


def test_flag_answers__of_two_at_one_time__what_was_answered_decides(make_survey, make_answers):
    """Neither the pseudonym of the submission nor the order of arrival, so that a new key changes no estimate."""
    survey = make_survey()
    pair = [{"dienthoai": "p", "q1": "2"}, {"dienthoai": "p", "q1": "5"}]
    kept = set()
    for rows in (pair, pair[::-1]):
        for ids in (("a", "b"), ("b", "a")):
            answers = make_answers(*({**row, "submission_id": name} for row, name in zip(rows, ids, strict=True)))
            coded = code_answers(answers, survey, str).rows
            kept.add(coded.loc[~flag_answers(coded, survey)["duplicate"], "X.1"].item())
    assert len(kept) == 1
