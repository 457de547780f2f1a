"""How well near-duplicates are found: copies with known changes, put among posts of which none copies another."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from tasks.evidence.tone.classify import said
from tasks.evidence.tone.duplicates import clusters
from tasks.evidence.tone.evaluate.quality import Estimate, bootstrap
from tasks.evidence.tone.normalise import clean, fold, tokens

_LEAST_WORDS = 12  # a change of a word in a shorter text makes it another text
_KINDS = ("marks left out", "a word changed", "a word left out", "words put before", "a letter mistyped", "other signs")
_BEFORE = ("chia sẻ giúp mình với", "copy bên nhóm kia", "mọi người đọc nhé", "đọc đi mọi người ơi")


def inject(texts: Sequence[str], seed: int, copies: int = 2) -> pd.DataFrame:
    """Make posts with near-duplicates among them.

    Args:
        texts: Texts of which none copies another.
        seed: Seed of the changes and of the order.
        copies: Copies of each text that is long enough, each changed in another way.

    Returns:
        Grain post: text, origin (number of the text it comes from), kind (what was changed; empty: as it was).
    """
    random = np.random.default_rng(seed)
    rows = [(text, at, "") for at, text in enumerate(texts)]
    for at, text in enumerate(texts):
        if len(text.split()) >= _LEAST_WORDS:
            kinds = [_KINDS[kind] for kind in random.choice(len(_KINDS), size=copies, replace=False)]
            rows += [(_changed(text, kind, random), at, kind) for kind in kinds]
    frame = pd.DataFrame(rows, columns=["text", "origin", "kind"])
    return frame.iloc[random.permutation(len(frame))].reset_index(drop=True)


def _changed(text: str, kind: str, random: np.random.Generator) -> str:
    words = text.split()
    at = int(random.integers(len(words)))
    if kind == "marks left out":
        return fold(text)
    if kind == "a word changed":
        words[at] = "này"
    elif kind == "a word left out":
        del words[at]
    elif kind == "words put before":
        words = [*_BEFORE[at % len(_BEFORE)].split()[: max(2, len(words) // 8)], *words]
    elif kind == "a letter mistyped":
        place = int(random.integers(max(1, len(words[at]))))
        words[at] = words[at][:place] + words[at][place + 1 :]
    else:
        return "👉 " + text.replace(",", " ").replace(".", " !") + " https://example.com/p?id=1"
    return " ".join(words)


def duplicate_quality(posts: pd.DataFrame) -> dict[str, Estimate]:
    """Return recall and precision of the pairs that were found.

    Args:
        posts: What `inject` gave.

    Returns:
        `duplicate_recall`: of the copies, those in one cluster with their origin. `duplicate_precision`: of the pairs
        in one cluster, those that come from one text.
    """
    found = clusters(folded(posts["text"]))
    origin = posts["origin"].to_numpy()
    copies = posts[posts["kind"] != ""]
    home = pd.Series(found[(posts["kind"] == "").to_numpy()], index=origin[(posts["kind"] == "").to_numpy()])
    recalled = found[copies.index.to_numpy()] == home.loc[copies["origin"]].to_numpy()
    kin = pd.DataFrame({"cluster": found, "origin": origin})
    pairs = kin.groupby("cluster")["origin"].agg(["size", "nunique"])
    own = kin.groupby(["cluster", "origin"]).size()
    together = (pairs["size"] * (pairs["size"] - 1) / 2).to_numpy()
    right = (own * (own - 1) / 2).groupby("cluster").sum().to_numpy()
    several = together > 0
    return {
        "duplicate_recall": _ratio(recalled, np.ones(len(recalled))),
        "duplicate_precision": _ratio(right[several], together[several]),
    }


def folded(texts: Sequence[str] | pd.Series) -> list[str]:
    """Return texts as near-duplicates are found by them."""
    return [said(tokens(clean(text))) for text in texts]


def distinct(texts: Sequence[str]) -> list[str]:
    """Return one text of each wording: what is found together afterwards was put in, or is a mistake."""
    at = pd.Series(folded(texts)).drop_duplicates().index
    return [texts[place] for place in at]


def _ratio(above: npt.ArrayLike, below: npt.ArrayLike) -> Estimate:
    rows = np.stack([np.asarray(above, dtype=float), np.asarray(below, dtype=float)], axis=1)
    return bootstrap(rows, lambda sums: sums[:, 0] / np.maximum(sums[:, 1], 1e-9))
