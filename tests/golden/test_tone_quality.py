"""What the default model does on the project's own test posts; `make evaluate` shows it with intervals.

Floors lie a little under what was measured, so that a change that costs quality is seen. What the project promises is
tested as it was promised.
"""

import pytest

from tasks.evidence.tone.corpus import corpus
from tasks.evidence.tone.evaluate.quality import aspect_quality, quality
from tasks.evidence.tone.local import train, words_in


@pytest.fixture(scope="module")
def model():
    return train(corpus("train"))


@pytest.fixture(scope="module")
def found(model):
    return quality(model, corpus("test")).set_index(["measure", "part"])["value"]


def test_polarity__macro_f1(found):
    assert found["macro_f1", ""] >= 0.80


@pytest.mark.parametrize("label", ["negative", "neutral", "positive"])
def test_polarity__each_label(found, label):
    assert found["f1_label", label] >= 0.78


@pytest.mark.parametrize("register", ["form", "app_review", "forum", "facebook", "headline"])
def test_polarity__each_register(found, register):
    assert found["macro_f1", f"register {register}"] >= 0.75


def test_polarity__is_calibrated(found):
    assert found["calibration_error", ""] <= 0.08


def test_polarity__says_something_of_nearly_all_posts(found):
    assert found["coverage", ""] >= 0.95
    assert found["accuracy_when_sure", ""] >= found["accuracy", ""]


def test_polarity__without_diacritics(found):
    assert found["macro_f1_unaccented", ""] >= 0.76


def test_polarity__without_diacritics__at_most_two_points_are_lost(found):
    assert found["unaccented_loss", ""] <= 0.02


def test_aspects(model):
    posts = corpus("test")
    aspects = aspect_quality(model.aspect([words_in(text) for text in posts["text"]]).argmax(axis=1), posts["aspect"])
    assert aspects["aspect_accuracy"].value >= 0.70
    assert aspects["relevance_accuracy"].value >= 0.93
