import hashlib
import io
import json
import pickle
import zipfile

import numpy as np
import pytest

from tasks.evidence.tone import models
from tasks.evidence.tone.corpus import corpus
from tasks.evidence.tone.local import VERSION, load, save, train, training_digest, words_in
from tasks.evidence.tone.model import ASPECTS, POLARITIES, ToneModelError
from tasks.evidence.tone.models import OWN, local_model, model_called, train_own
from warehouse.settings import Settings


@pytest.fixture(scope="module")
def few():
    """Posts of every writer that is learned from: enough to learn something in no time."""
    return corpus("train").groupby("writer").head(120).reset_index(drop=True)


def test_train__twice__the_same_bytes(few, tmp_path):
    one, other = (save(train(few), tmp_path / name) for name in ("a.npz", "b.npz"))
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    assert one.card == other.card
    assert one.card.sha256 == hashlib.sha256((tmp_path / "a.npz").read_bytes()).hexdigest()
    assert one.card.training_sha256 == training_digest(few)


def test_train__other_posts__another_digest(few):
    assert training_digest(few) != training_digest(few.iloc[1:])
    changed = few.assign(polarity=["neutral", *few["polarity"][1:]])
    assert training_digest(changed) != training_digest(few) or few["polarity"][0] == "neutral"


def test_train__a_polarity_is_missing__is_refused(few):
    with pytest.raises(ToneModelError, match="No training post is neutral"):
        train(few[few["polarity"] != "neutral"])


def test_train__no_aspects__knows_polarity_all_the_same(few):
    model = train(few.assign(aspect=""))
    assert model.aspect([["chậm"]]).shape == (1, len(ASPECTS))
    assert model.polarity([""], [words_in("quá tệ, chậm trễ")]).argmax() == 0


def test_train__one_writer__is_trained_without_calibration(few):
    assert train(few.assign(writer="one")).polarities.temperature == 1.0


def test_load__what_was_kept__judges_the_same(model, tmp_path):
    save(model, tmp_path / "m.npz")
    words = [words_in(text) for text in corpus("validation")["text"][:200]]
    again = load(tmp_path / "m.npz")
    assert np.array_equal(again.polarity([], words), model.polarity([], words))
    assert np.array_equal(again.aspect(words), model.aspect(words))
    assert again.card == model.card


def test_polarity__are_probabilities_in_the_order_of_polarities(model):
    found = model.polarity(["", ""], [words_in("rất tốt, cảm ơn nhiều"), words_in("quá tệ, lỗi hoài")])
    assert found.sum(axis=1) == pytest.approx([1, 1], abs=1e-5)
    assert [POLARITIES[at] for at in found.argmax(axis=1)] == ["positive", "negative"]
    assert model.polarity([], []).shape == (0, 3)


@pytest.mark.parametrize("words", [[], ["chữlạhoắc"], ["a"] * 20_000])
def test_polarity__odd_posts__are_judged(model, words):
    assert model.polarity([""], [words]).sum() == pytest.approx(1, abs=1e-5)


def test_both__is_polarity_and_aspect(model):
    words = [words_in("nộp phạt qua mã QR nhanh")]
    polarity, aspect = model.both(words)
    assert np.array_equal(polarity, model.polarity([""], words))
    assert np.array_equal(aspect, model.aspect(words))


def test_load__one_byte_changed__is_refused(model, tmp_path):
    file = tmp_path / "m.npz"
    save(model, file)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))
    with pytest.raises(ToneModelError, match="is not the one that was recorded"):
        load(file)


def test_load__another_digest_than_the_one_asked_for__is_refused(model, tmp_path):
    save(model, tmp_path / "m.npz")
    with pytest.raises(ToneModelError, match="sha256"):
        load(tmp_path / "m.npz", sha256="0" * 64)


def _kept_with_card(file, content):
    card = {"name": "local", "version": "1", "sha256": hashlib.sha256(content).hexdigest(), "training_sha256": ""}
    file.write_bytes(content)
    file.with_suffix(".json").write_text(json.dumps(card))


class _Trap:
    """What a pickle from elsewhere could do."""

    def __reduce__(self):
        return (pytest.fail, ("a pickle was run",))


def test_load__a_pickle_in_the_archive__is_refused_and_not_run(model, tmp_path):
    save(model, tmp_path / "m.npz")
    with np.load(tmp_path / "m.npz") as arrays:
        content = dict(arrays.items())
    hostile = io.BytesIO()
    np.savez(hostile, **content | {"idf": np.array([_Trap()], dtype=object)})
    _kept_with_card(tmp_path / "bad.npz", hostile.getvalue())
    with pytest.raises(ToneModelError, match="no model of this version"):
        load(tmp_path / "bad.npz")


def test_load__a_pickle_instead_of_an_archive__is_refused_and_not_run(tmp_path):
    _kept_with_card(tmp_path / "bad.npz", pickle.dumps(_Trap()))
    with pytest.raises(ToneModelError, match="no model"):
        load(tmp_path / "bad.npz")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x93NUMPY\x01\x00", b"words", bytes(100)])
def test_load__what_is_no_archive__is_refused(tmp_path, content):
    _kept_with_card(tmp_path / "bad.npz", content)
    with pytest.raises(ToneModelError, match="no model"):
        load(tmp_path / "bad.npz")


def test_load__an_archive_of_other_things__is_refused(tmp_path):
    content = io.BytesIO()
    np.savez(content, other=np.zeros(3))
    _kept_with_card(tmp_path / "bad.npz", content.getvalue())
    with pytest.raises(ToneModelError, match="no model"):
        load(tmp_path / "bad.npz")


@pytest.mark.parametrize("card", ["", "[]", "{}", '{"name": 1, "other": 2}'])
def test_load__a_card_that_is_none__is_refused(model, tmp_path, card):
    save(model, tmp_path / "m.npz")
    (tmp_path / "m.json").write_text(card)
    with pytest.raises(ToneModelError, match="cannot be read with its card"):
        load(tmp_path / "m.npz")


def test_load__nothing_there__is_refused_with_a_hint(tmp_path):
    with pytest.raises(ToneModelError) as refused:
        load(tmp_path / "m.npz")
    assert refused.value.hint


def test_save__holds_no_pickle(model, tmp_path):
    save(model, tmp_path / "m.npz")
    with zipfile.ZipFile(tmp_path / "m.npz") as archive:
        for name in archive.namelist():
            assert np.lib.format.read_array(archive.open(name), allow_pickle=False).dtype != object


@pytest.fixture
def _fresh():
    local_model.cache_clear()
    yield
    local_model.cache_clear()


@pytest.mark.usefixtures("_fresh")
def test_local_model__is_trained_once_and_kept(tmp_path, monkeypatch, model, few):
    monkeypatch.setattr(models, "corpus", lambda split: few)
    first = local_model(tmp_path)
    local_model.cache_clear()
    monkeypatch.setattr(models, "train", None)
    assert local_model(tmp_path).card == first.card


@pytest.mark.usefixtures("_fresh")
def test_local_model__altered__is_refused_and_not_trained_anew(tmp_path, monkeypatch, few):
    monkeypatch.setattr(models, "corpus", lambda split: few)
    local_model(tmp_path)
    local_model.cache_clear()
    next(tmp_path.glob("*.npz")).write_bytes(b"other")
    with pytest.raises(ToneModelError, match="is not the one that was recorded"):
        local_model(tmp_path)


@pytest.mark.usefixtures("_fresh")
def test_train_own__is_used_from_then_on(tmp_path, few):
    own = train_own(few[["text", "polarity"]], tmp_path, keep_own_corpus=False)
    assert (tmp_path / OWN).is_file()
    assert local_model(tmp_path).card == own.card


def test_model_called__a_name_that_is_none__is_an_error_that_lists_them(model):
    with pytest.raises(ToneModelError, match=r"no model 'gpt'.*local, underthesea, transformer"):
        model_called("gpt", Settings(), model)
    assert model_called("local", Settings(), model) is model


@pytest.mark.parametrize("name", ["underthesea", "transformer"])
def test_model_called__not_there__is_an_error_and_no_other_model(tmp_path, model, name):
    settings = Settings(underthesea_model=tmp_path / "x.bin", transformer_model=tmp_path / "x")
    with pytest.raises(ToneModelError) as refused:
        model_called(name, settings, model)
    assert "DTI_" in refused.value.hint


def _header(shape):
    written = io.BytesIO()
    np.lib.format.write_array_header_1_0(written, {"descr": "<f4", "fortran_order": False, "shape": shape})
    return written.getvalue()


@pytest.mark.parametrize("shape", [(10**12,), (10**30,), (-1,)])
def test_load__an_array_that_says_it_is_huge__is_refused(tmp_path, shape):
    file = tmp_path / "m.npz"
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("words.npy", _header(shape))
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    file.with_suffix(".json").write_text(json.dumps({"name": "local", "version": VERSION, "sha256": digest}))
    with pytest.raises(ToneModelError, match="is no model"):
        load(file)
