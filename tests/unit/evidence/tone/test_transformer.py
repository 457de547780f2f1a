import importlib.util
import json

import numpy as np
import pytest

from tasks.evidence.tone.model import ToneModelError, file_digest
from tasks.evidence.tone.transformer import TransformerModel

INSTALLED = all(importlib.util.find_spec(name) for name in ("transformers", "torch"))


def test_transformer__no_folder__says_what_to_do(tmp_path):
    with pytest.raises(ToneModelError) as refused:
        TransformerModel(tmp_path / "none")
    assert "no transformer model" in refused.value.message
    assert "DTI_TRANSFORMER_MODEL" in refused.value.hint


def test_transformer__another_digest__is_refused_before_anything_is_loaded(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ToneModelError, match="its sha256 differs"):
        TransformerModel(tmp_path, sha256="0" * 64)


@pytest.mark.skipif(INSTALLED, reason="the extra is installed")
def test_transformer__without_the_extra__says_how_to_install_it(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ToneModelError) as refused:
        TransformerModel(tmp_path)
    assert "packages that are not installed" in refused.value.message
    assert "dti-warehouse[transformer]" in refused.value.hint


def test_file_digest__of_a_folder__names_and_bytes(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.json").write_text("1")
    first = file_digest(tmp_path)
    assert file_digest(tmp_path) == first
    (tmp_path / "a" / "x.json").rename(tmp_path / "a" / "y.json")
    assert file_digest(tmp_path) != first


@pytest.mark.skipif(not INSTALLED, reason="needs the extra `transformer`")
def test_polarity__a_tiny_model_made_here(tmp_path):
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    (tmp_path / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "tốt", "tệ"]))
    BertTokenizerFast(str(tmp_path / "vocab.txt")).save_pretrained(tmp_path)
    config = BertConfig(
        vocab_size=7, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8,
        id2label={0: "POS", 1: "NEU", 2: "NEG"}, label2id={"POS": 0, "NEU": 1, "NEG": 2},
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(tmp_path, safe_serialization=True)
    model = TransformerModel(tmp_path)
    found = model.polarity(["tốt", "tệ"], [[], []])
    assert found.sum(axis=1) == pytest.approx([1, 1], abs=1e-5)
    assert model.card.sha256 == file_digest(tmp_path)
    assert np.array_equal(model.polarity([], []), np.zeros((0, 3)))
    said = json.loads((tmp_path / "config.json").read_text())
    said["id2label"] = {"0": "POS", "1": "NEU", "2": "SPORT"}
    (tmp_path / "config.json").write_text(json.dumps(said))
    with pytest.raises(ToneModelError, match="which is no polarity"):
        TransformerModel(tmp_path)
