import numpy as np
import pandas as pd
import pytest

from tasks.evidence.tone.confusion import AUDIT, AUDITED, FEWEST_AUDITED, VALIDATION, confusions
from tasks.evidence.tone.corpus import corpus
from tasks.evidence.tone.counting import design_effect, table
from tasks.evidence.tone.model import POLARITIES

NOBODY = pd.DataFrame(columns=list(AUDITED))


def audited(count, *, channel="comment", weight=1.0, true="negative", predicted="negative"):
    rows = [(f"p{at}", "province-a", channel, "2020-08", "X.1", "m", predicted, true, weight) for at in range(count)]
    return pd.DataFrame(rows, columns=list(AUDITED))


def test_confusions__without_audits__each_channel_by_its_validation_posts(model):
    validation = corpus("validation")
    found = confusions(model, validation, NOBODY, ["news", "comment"])
    for channel in ("news", "comment"):
        matrix, origin = found[channel]
        own = validation[validation["channel"] == channel]
        assert origin == VALIDATION
        assert matrix.counts.sum(axis=1).tolist() == [float((own["polarity"] == name).sum()) for name in POLARITIES]


def test_confusions__a_channel_with_few_labelled_posts__takes_all(model):
    validation = corpus("validation")
    few = pd.concat([validation[validation["channel"] != "news"], validation[validation["channel"] == "news"][:20]])
    assert confusions(model, few, NOBODY, ["news"])["news"][0].n == len(few)


@pytest.mark.parametrize(("count", "origin"), [(FEWEST_AUDITED - 1, VALIDATION), (FEWEST_AUDITED, AUDIT)])
def test_confusions__enough_audited_posts__speak_for_themselves(model, count, origin):
    matrix, found = confusions(model, corpus("validation"), audited(count), ["comment"])["comment"]
    assert found == origin
    assert origin == VALIDATION or matrix.counts.tolist() == [[count, 0, 0], [0, 0, 0], [0, 0, 0]]


def test_confusions__posts_that_two_people_read__are_one_post_each(model):
    rows = audited(FEWEST_AUDITED // 2)
    twice = pd.concat([rows.assign(weight=0.5), rows.assign(weight=0.5, true="neutral")])
    assert confusions(model, corpus("validation"), twice, ["comment"])["comment"][1] == VALIDATION


def test_confusions__unequal_weights__are_worth_fewer_posts(model):
    rows = pd.concat(
        [audited(60), audited(60, weight=9.0, true="positive").assign(post_id=[f"q{at}" for at in range(60)])]
    )
    matrix, _ = confusions(model, corpus("validation"), rows, ["comment"])["comment"]
    assert matrix.n == pytest.approx(120 / design_effect(rows["weight"].to_numpy()))
    assert matrix.counts[2].sum() == pytest.approx(0.9 * matrix.n)


def test_table__true_in_rows_predicted_in_columns():
    assert table(np.array([0, 0, 2]), np.array([0, 1, 2])).tolist() == [[1, 1, 0], [0, 0, 0], [0, 0, 1]]
    assert table(np.array([0]), np.array([2]), np.array([0.5])).tolist() == [[0, 0, 0.5], [0, 0, 0], [0, 0, 0]]


def test_design_effect__of_equal_weights_is_one():
    assert design_effect(np.full(7, 3.0)) == pytest.approx(1)
    assert design_effect(np.array([1.0, 3.0])) == pytest.approx(20 / 16)
