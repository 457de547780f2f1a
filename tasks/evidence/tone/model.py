"""What every model of polarity is, and how a measurement names the one behind it. None ever stands in for another."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol, get_args

import numpy as np
import numpy.typing as npt

from warehouse.errors import DtiError
from warehouse.frameworks.tone import Aspect

POLARITIES = ("negative", "neutral", "positive")
IRRELEVANT = "irrelevant"
ASPECTS: tuple[str, ...] = (*get_args(Aspect), IRRELEVANT)
Probabilities = npt.NDArray[np.float32]


class ToneModelError(DtiError):
    """A model is not there, is not the one that was recorded, or cannot be used."""


@dataclass(frozen=True)
class ModelCard:
    """What names a model; it stands on every measurement.

    Attributes:
        name: `local`, `underthesea` or `transformer`.
        version: Version of the way it works.
        sha256: Digest of its file, or of the names and bytes of its folder.
        training_sha256: Digest of what it was trained on; empty where that is not known.
    """

    name: str
    version: str
    sha256: str
    training_sha256: str = ""

    def as_dict(self) -> dict[str, str]:
        """Return the card as a mapping."""
        return asdict(self)


class ToneModel(Protocol):
    """A model of polarity."""

    @property
    def card(self) -> ModelCard:
        """What names it."""
        ...

    def polarity(self, texts: Sequence[str], words: Sequence[Sequence[str]]) -> Probabilities:
        """Judge texts.

        Args:
            texts: Cleaned texts (`normalise.clean`).
            words: Their words (`features.words_of`).

        Returns:
            Probabilities, shape (texts, 3), in the order of `POLARITIES`; rows sum to 1.
        """
        ...


def file_digest(file: Path) -> str:
    """sha256 of a file, or over the names and bytes of everything in a folder."""
    if not file.is_dir():
        return hashlib.sha256(file.read_bytes()).hexdigest()
    digest = hashlib.sha256()
    for inner in sorted(path for path in file.rglob("*") if path.is_file()):
        digest.update(inner.relative_to(file).as_posix().encode() + b"\0" + file_digest(inner).encode())
    return digest.hexdigest()
