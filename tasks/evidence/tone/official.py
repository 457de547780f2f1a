"""The model `underthesea`: the sentiment model that the underthesea project publishes. Used only if its file is there.

It knows no neutral posts; what it says is corrected by the confusion matrix like every other model's labels.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tasks.evidence.tone.model import POLARITIES, ModelCard, Probabilities, ToneModelError, file_digest

NAME = "underthesea"
FILE = "sen-sentiment-general-1.0.0-20260207.bin"
_URL = f"https://github.com/undertheseanlp/underthesea/releases/download/resources/{FILE}"
_SHORT = {"negative": "negative", "neg": "negative", "positive": "positive", "pos": "positive", "neutral": "neutral"}


class OfficialModel:
    """The published model.

    Args:
        file: Its file.
        sha256: The digest that it must have; empty: any.

    Raises:
        ToneModelError: The file is not there, is another one, or is no model.
    """

    def __init__(self, file: Path, sha256: str = "") -> None:
        if not file.is_file():
            raise ToneModelError(
                f"The model of underthesea is not at {file}.",
                f"Download {_URL}, and set DTI_UNDERTHESEA_MODEL to where it lies; nothing is downloaded by itself.",
            )
        self.card = ModelCard(NAME, file.stem, file_digest(file))
        if sha256 and self.card.sha256 != sha256:
            raise ToneModelError(
                f"{file} is not the model that was recorded: its sha256 differs.", f"Get it at {_URL}."
            )
        self._file = file
        self._classifier = _loaded(file)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._file, self.card.sha256)

    def polarity(self, texts: Sequence[str], words: Sequence[Sequence[str]]) -> Probabilities:  # noqa: ARG002
        """Judge texts; see `tasks.evidence.tone.model.ToneModel.polarity`.

        The model tells its label and how sure it is; the rest is shared among the other labels that it knows.
        """
        known = sorted({_SHORT[name] for name in self._classifier.classes})
        found = np.zeros((len(texts), len(POLARITIES)), dtype=np.float32)
        for row, (label, score) in enumerate(self._classifier.predict_with_scores(list(texts)) if texts else ()):
            sure = float(np.clip(score, 1 / len(known), 1))
            for name in known:
                own = _SHORT[label] == name
                found[row, POLARITIES.index(name)] = sure if own else (1 - sure) / max(1, len(known) - 1)
        return found


def _check_head(file: Path) -> None:
    """Refuse what cannot be a model: its first letters taken for a length kill the process."""
    with file.open("rb") as opened:
        head = opened.read(16)
    words, first_word = (int.from_bytes(part, "little") for part in (head[:8], head[8:]))
    if len(head) < 16 or not words or max(words, first_word) > file.stat().st_size:
        raise ValueError("no table of words at its head")


def _loaded(file: Path) -> Any:
    from underthesea_core import TextClassifier

    try:
        _check_head(file)
        classifier = TextClassifier.load(str(file))
    except Exception as error:
        raise ToneModelError(f"{file} is no model of underthesea.", f"Get it at {_URL}.") from error
    if unknown := set(classifier.classes) - set(_SHORT):
        raise ToneModelError(
            f"{file} knows labels that are no polarity: {', '.join(sorted(unknown))}.", f"Get the model at {_URL}."
        )
    return classifier
