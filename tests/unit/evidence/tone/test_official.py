import pickle

import numpy as np
import pytest
from underthesea_core import TextClassifier

from tasks.evidence.tone.model import ToneModelError, file_digest
from tasks.evidence.tone.official import OfficialModel

TEXTS = ["rất tốt nhanh gọn", "tuyệt vời cảm ơn", "quá tệ chậm trễ", "lỗi hoài chán", "tốt lắm", "tệ lắm"] * 5
LABELS = ["positive", "positive", "negative", "negative", "positive", "negative"] * 5


def made(file, labels=LABELS):
    classifier = TextClassifier(max_features=500, ngram_range=(1, 2))
    classifier.fit(TEXTS, labels)
    classifier.save(str(file))
    return file


@pytest.fixture
def file(tmp_path):
    return made(tmp_path / "model.bin")


def test_official__its_file_is_not_there__says_how_to_get_it(tmp_path):
    with pytest.raises(ToneModelError) as refused:
        OfficialModel(tmp_path / "none.bin")
    assert "is not at" in refused.value.message
    assert "https://github.com/undertheseanlp/underthesea/releases/" in refused.value.hint
    assert "DTI_UNDERTHESEA_MODEL" in refused.value.hint


def test_official__its_card_has_the_digest_of_its_file(file):
    card = OfficialModel(file).card
    assert (card.name, card.version, card.sha256) == ("underthesea", "model", file_digest(file))


def test_official__another_digest__is_refused(file):
    with pytest.raises(ToneModelError, match="not the model that was recorded"):
        OfficialModel(file, sha256="0" * 64)


def test_polarity__probabilities_that_know_no_neutral(file):
    found = OfficialModel(file).polarity(["rất tốt", "quá tệ"], [[], []])
    assert found.argmax(axis=1).tolist() == [2, 0]
    assert found.sum(axis=1) == pytest.approx([1, 1], abs=1e-6)
    assert (found[:, 1] == 0).all()
    assert (found.max(axis=1) >= 0.5).all()


def test_polarity__no_texts(file):
    assert OfficialModel(file).polarity([], []).shape == (0, 3)


def test_official__short_labels__are_understood(tmp_path):
    file = made(tmp_path / "short.bin", ["pos" if label == "positive" else "neg" for label in LABELS])
    assert OfficialModel(file).polarity(["quá tệ"], [[]]).argmax() == 0


def test_official__labels_that_are_no_polarity__are_refused(tmp_path):
    file = made(tmp_path / "topics.bin", ["sport" if label == "positive" else "news" for label in LABELS])
    with pytest.raises(ToneModelError, match="no polarity: news, sport"):
        OfficialModel(file)


@pytest.mark.parametrize(
    "content", [b"", b"\x00" * 64, b"{}", b"<html>Not found</html>", b"\x01" + b"\x00" * 7 + b"\xff" * 8]
)
def test_official__what_is_no_model__is_refused(tmp_path, content):
    (tmp_path / "bad.bin").write_bytes(content)
    with pytest.raises(ToneModelError, match="is no model of underthesea"):
        OfficialModel(tmp_path / "bad.bin")


def test_official__in_another_process__is_the_same_file_or_none(file):
    model = OfficialModel(file)
    again = pickle.loads(pickle.dumps(model))
    assert again.card == model.card
    assert np.array_equal(again.polarity(["tốt"], [[]]), model.polarity(["tốt"], [[]]))
    sent = pickle.dumps(model)
    made(file, LABELS[::-1])
    with pytest.raises(ToneModelError, match="not the model that was recorded"):
        pickle.loads(sent)
