import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score

from tasks.evidence.tone.evaluate.quality import (
    aspect_quality,
    bootstrap,
    calibration_error,
    difference,
    macro_f1,
    parts,
    quality,
    share,
    unaccented,
)
from tasks.evidence.tone.model import ModelCard

RANDOM = np.random.default_rng(1)
TRUTH = RANDOM.integers(0, 3, 400)
GOOD = np.where(RANDOM.random(400) < 0.8, TRUTH, RANDOM.integers(0, 3, 400))
POOR = np.where(RANDOM.random(400) < 0.4, TRUTH, RANDOM.integers(0, 3, 400))


class Fixed:
    """A model that says what it is told: the first word of a text is its label, without marks it is always neutral."""

    card = ModelCard("fixed", "1", "")

    def polarity(self, texts, words):
        labels = [{"xấu": 0, "tốt": 2}.get(text.split()[0], 1) for text in texts]
        return (0.7 * np.eye(3)[labels] + 0.1).astype(np.float32)


def test_macro_f1__is_what_scikit_learn_gives():
    found = macro_f1(TRUTH, GOOD)
    assert found.value == pytest.approx(f1_score(TRUTH, GOOD, average="macro"))
    assert found.low < found.value < found.high
    assert found.posts == 400


def test_macro_f1__a_label_that_nobody_has__is_left_out():
    assert macro_f1(np.array([0, 0, 2]), np.array([0, 0, 2])).value == 1


def test_macro_f1__no_posts():
    assert np.isnan(macro_f1(np.array([], dtype=int), np.array([], dtype=int)).value)


def test_bootstrap__the_interval_of_a_mean__is_the_usual_one():
    values = RANDOM.normal(size=500)
    found = bootstrap(np.stack([values, np.ones(500)], axis=1), lambda sums: sums[:, 0] / sums[:, 1])
    half = 1.96 * values.std() / np.sqrt(500)
    assert found.low == pytest.approx(values.mean() - half, abs=0.02)
    assert found.high == pytest.approx(values.mean() + half, abs=0.02)


def test_bootstrap__the_same_seed__the_same_interval():
    assert macro_f1(TRUTH, GOOD) == macro_f1(TRUTH, GOOD)


def test_difference__of_two_models_on_the_same_posts():
    found = difference(TRUTH, GOOD, POOR)
    assert found.value == pytest.approx(macro_f1(TRUTH, GOOD).value - macro_f1(TRUTH, POOR).value)
    assert found.low > 0
    assert difference(TRUTH, GOOD, GOOD)[:3] == (0, 0, 0)


def test_share__of_all_and_of_some():
    held, among = np.array([True, False, True, True]), np.array([True, True, False, False])
    assert share(held).value == 0.75
    assert share(held, among)[::3] == (0.5, 2)
    assert np.isnan(share(held, np.zeros(4, dtype=bool)).value)


def test_calibration_error__of_a_model_that_is_right_as_often_as_it_says():
    sure = np.full((1_000, 3), 0.1, dtype=np.float32)
    sure[:, 0] = 0.8
    truth = np.array([0] * 800 + [1] * 200)
    assert calibration_error(sure, truth).value == pytest.approx(0, abs=1e-6)
    assert calibration_error(sure, np.zeros(1_000, dtype=int)).value == pytest.approx(0.2, abs=1e-6)


def test_quality__all_measures():
    posts = pd.DataFrame(
        {
            "text": ["xấu quá", "tốt quá", "sao vậy"] * 20,
            "polarity": ["negative", "positive", "neutral"] * 20,
            "register": ["form", "forum", "forum"] * 20,
            "phenomena": ["", "praise|emoji", "question"] * 20,
        }
    )
    found = quality(Fixed(), posts).set_index(["measure", "part"])["value"]
    assert found["macro_f1", ""] == 1
    assert found["accuracy", "phenomenon emoji"] == 1
    assert found["calibration_error", ""] == pytest.approx(0.2)
    assert found["coverage", ""] == 1
    assert found["unaccented_loss", ""] == pytest.approx(1 - (0 + 0 + 0.5) / 3)
    assert ("macro_f1", "register form") in found.index


def test_quality__text_and_label_alone_are_enough():
    posts = pd.DataFrame({"text": ["xấu", "tốt", "gì"] * 5, "polarity": ["negative", "positive", "neutral"] * 5})
    assert set(quality(Fixed(), posts)["part"]) == {"", "negative", "neutral", "positive"}


def test_aspect_quality__posts_without_an_aspect_do_not_count():
    found = aspect_quality(np.array([0, 1, 10, 10]), pd.Series(["online_service", "", "irrelevant", "delay"]))
    assert found["aspect_accuracy"][::3] == (pytest.approx(2 / 3), 3)
    assert found["relevance_accuracy"].value == pytest.approx(2 / 3)


def test_parts__a_name_within_another_is_not_that_part():
    found = parts(pd.DataFrame({"phenomena": ["praise", "no_praise", ""]}))
    assert found["phenomenon praise"].tolist() == [True, False, False]


def test_unaccented__of_decomposed_text_too():
    assert unaccented(["Đa\u0300 Nẵng"]) == ["da nang"]
