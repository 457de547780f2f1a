"""The model `transformer`: a folder with a fine-tuned PhoBERT, ViSoBERT or the like. Needs the extra `transformer`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tasks.evidence.tone.model import POLARITIES, ModelCard, Probabilities, ToneModelError, file_digest

NAME = "transformer"
_BATCH, _LONGEST = 64, 256
_LABELS = {
    "negative": 0, "neg": 0, "label_0": 0, "neutral": 1, "neu": 1, "label_1": 1, "positive": 2, "pos": 2, "label_2": 2,
}  # fmt: skip


class TransformerModel:
    """A local folder as `transformers` saves it: configuration, tokenizer and weights in safetensors.

    Args:
        folder: The folder.
        sha256: The digest that it must have; empty: any.

    Raises:
        ToneModelError: The folder or the extra is not there, the folder is another one, or its labels are unknown.
    """

    def __init__(self, folder: Path, sha256: str = "") -> None:
        if not (folder / "config.json").is_file():
            raise ToneModelError(
                f"There is no transformer model in {folder}.",
                "Put a folder saved by transformers there, and set DTI_TRANSFORMER_MODEL to it.",
            )
        self.card = ModelCard(NAME, folder.name, file_digest(folder))
        if sha256 and self.card.sha256 != sha256:
            raise ToneModelError(f"{folder} is not the model that was recorded: its sha256 differs.", "Restore it.")
        self._folder = folder
        self._tokenizer, self._model, self._places = _loaded(folder)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._folder, self.card.sha256)

    def polarity(self, texts: Sequence[str], words: Sequence[Sequence[str]]) -> Probabilities:  # noqa: ARG002
        """Judge texts; see `tasks.evidence.tone.model.ToneModel.polarity`."""
        import torch

        found = np.zeros((len(texts), len(POLARITIES)), dtype=np.float32)
        for start in range(0, len(texts), _BATCH):
            part = list(texts[start : start + _BATCH])
            encoded = self._tokenizer(part, padding=True, truncation=True, max_length=_LONGEST, return_tensors="pt")
            with torch.inference_mode():
                probabilities = torch.softmax(self._model(**encoded).logits, dim=-1).numpy()
            for column, place in enumerate(self._places):
                found[start : start + len(part), place] += probabilities[:, column]
        return found


def _loaded(folder: Path) -> tuple[Any, Any, list[int]]:
    try:
        from transformers import AutoModelForSequenceClassification, AutoTokenizer
    except ImportError:
        raise ToneModelError(
            "The model transformer needs packages that are not installed.",
            "Install them: .venv/bin/python -m pip install 'dti-warehouse[transformer]'.",
        ) from None
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    model = AutoModelForSequenceClassification.from_pretrained(
        folder, local_files_only=True, trust_remote_code=False, use_safetensors=True
    ).eval()
    labels = [str(model.config.id2label[at]).casefold() for at in range(model.config.num_labels)]
    if unknown := [label for label in labels if label not in _LABELS]:
        raise ToneModelError(
            f"{folder} knows the label {unknown[0]}, which is no polarity.", "Rename it in config.json."
        )
    return tokenizer, model, [_LABELS[label] for label in labels]
