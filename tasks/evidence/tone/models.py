"""Which model is used. A model that is asked for and not there is an error: none stands in for another."""

from functools import lru_cache
from pathlib import Path

import pandas as pd

from tasks.evidence.tone.corpus import corpus
from tasks.evidence.tone.lists import lists_digest
from tasks.evidence.tone.local import NAME, VERSION, LocalModel, load, save, train, training_digest
from tasks.evidence.tone.model import ToneModel, ToneModelError
from tasks.evidence.tone.official import NAME as OFFICIAL
from tasks.evidence.tone.official import OfficialModel
from tasks.evidence.tone.transformer import NAME as TRANSFORMER
from tasks.evidence.tone.transformer import TransformerModel
from warehouse.settings import Settings

OWN = "own.npz"  # a model that the user trained: `dti tone train`
_OWN_WRITERS = 5  # parts of a user's posts, which are calibrated on each other


@lru_cache(maxsize=2)
def local_model(folder: Path) -> LocalModel:
    """Return the local model: the user's own where one was trained, else that of the project's corpus.

    It is trained at the first need and kept; another corpus, version or word list is another file.

    Args:
        folder: Folder of trained models.

    Raises:
        ToneModelError: The file is there but was altered.
    """
    if (folder / OWN).is_file():
        return load(folder / OWN)
    posts = corpus("train")
    file = folder / f"{NAME}-{VERSION}-{training_digest(posts)[:16]}-{lists_digest()[:8]}.npz"
    return load(file) if file.is_file() else save(train(posts), file)


def train_own(posts: pd.DataFrame, folder: Path, *, keep_own_corpus: bool) -> LocalModel:
    """Train the local model with a user's posts and keep it; from now on `local_model` is this one.

    Args:
        posts: text and polarity.
        folder: Folder of trained models.
        keep_own_corpus: Learn from the project's corpus too.

    Raises:
        ToneModelError: A polarity is missing.
    """
    own = posts.assign(aspect="", writer=[f"own-{number % _OWN_WRITERS}" for number in range(len(posts))])
    columns = ["text", "polarity", "aspect", "writer"]
    whole = pd.concat([corpus("train")[columns], own[columns]], ignore_index=True) if keep_own_corpus else own
    local_model.cache_clear()
    return save(train(whole), folder / OWN)


def model_called(name: str, settings: Settings, local: LocalModel) -> ToneModel:
    """Return the model of a name.

    Args:
        name: `local`, `underthesea` or `transformer`.
        settings: Where models lie.
        local: The local model.

    Raises:
        ToneModelError: There is none of that name, or it is not there.
    """
    if name == NAME:
        return local
    if name == OFFICIAL:
        return OfficialModel(settings.underthesea_model)
    if name == TRANSFORMER:
        return TransformerModel(settings.transformer_model)
    raise ToneModelError(f"There is no model {name!r}.", f"Known are: {NAME}, {OFFICIAL}, {TRANSFORMER}.")
