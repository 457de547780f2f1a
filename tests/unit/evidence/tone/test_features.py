from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from tasks.evidence.tone.features import Vectoriser, words_of

WORDS = ["lỗi", "app", "NOT_tốt", "chậm", "nhanh", "emojipositive", "mạng", "một", "cửa"]
POSTS = st.lists(st.lists(st.sampled_from(WORDS), max_size=12), min_size=3, max_size=12)


def pairs_and_words(post):
    return [*post, *(f"{first} {second}" for first, second in pairwise(post))]


@given(POSTS, st.lists(st.lists(st.sampled_from([*WORDS, "lạ"]), max_size=12), min_size=1, max_size=6))
def test_transform__is_what_scikit_learn_gives(training, posts):
    if not any(training):
        return
    oracle = TfidfVectorizer(analyzer=pairs_and_words, sublinear_tf=True)
    oracle.fit(training)
    mine = Vectoriser.learn(training, least=1)
    names = [
        *mine.words,
        *(
            f"{_word(mine, code // len(mine.words))} {_word(mine, code % len(mine.words))}"
            for code in mine.pairs.tolist()
        ),
    ]
    assert sorted(names) == sorted(oracle.vocabulary_)
    expected = oracle.transform(posts).toarray()[:, [oracle.vocabulary_[name] for name in names]]
    assert np.abs(mine.transform(posts).toarray() - expected).max() < 1e-6


def _word(vectoriser, place):
    return list(vectoriser.words)[place]


def test_learn__least__leaves_out_what_fewer_posts_hold():
    found = Vectoriser.learn([["a", "b"], ["a", "b"], ["a", "c"]], least=2)
    assert list(found.words) == ["a", "b"]
    assert found.width == 3  # and the pair of both


def test_transform__pairs_do_not_reach_from_post_to_post():
    found = Vectoriser.learn([["a", "b"], ["b", "a"]], least=1)
    together = found.transform([["a"], ["b"]]).toarray()
    assert together[:, len(found.words) :].sum() == 0


def test_transform__unknown_words_and_no_posts():
    found = Vectoriser.learn([["a", "b"], ["a"]], least=1)
    assert found.transform([["lạ"], []]).nnz == 0
    assert found.transform([]).shape == (0, found.width)


def test_transform__rows_have_length_one():
    found = Vectoriser.learn([["a", "b", "c"], ["a"]], least=1)
    assert np.linalg.norm(found.transform([["a", "b", "a"]]).toarray()) == pytest.approx(1, abs=1e-6)


def test_words_of__leaves_out_stops_that_say_nothing():
    assert not set(".,;:") & set(words_of(["không", "tốt", ",", "chậm", ".", "!"]))
    assert "!" in words_of(["tốt", "!"])
