"""How well posts are linked to agencies, on labelled mentions written for the project (corpus/mentions.csv)."""

import csv
from datetime import date
from importlib.resources import files

import numpy as np
import pandas as pd

from tasks.evidence.tone.evaluate.quality import Estimate, FloatArray, bootstrap
from tasks.evidence.tone.link import THRESHOLD, linked, mentions
from tasks.evidence.tone.names import Names
from tasks.evidence.tone.normalise import compose

RIGHT, TOO_MUCH, MISSED = range(3)


def labelled_mentions() -> pd.DataFrame:
    """Return the labelled mentions: id, date, text, agencies (ids joined by `|`), note; grain one a post."""
    text = (files("tasks.evidence.tone.corpus") / "mentions.csv").read_text(encoding="utf-8")
    return pd.DataFrame(list(csv.DictReader(text.splitlines())), dtype="str")


def link_all(posts: pd.DataFrame, names: Names, threshold: float = THRESHOLD) -> list[set[str]]:
    """Return the agencies that each post is linked to.

    Args:
        posts: Text and date.
        names: The names to look for.
        threshold: Confidence from which a post is linked.
    """
    return [
        set(linked(mentions(compose(text), date.fromisoformat(day), names), threshold))
        for text, day in zip(posts["text"], posts["date"], strict=True)
    ]


def link_quality(posts: pd.DataFrame, found: list[set[str]]) -> dict[str, Estimate]:
    """Return precision, recall and F1 of links.

    Args:
        posts: Labelled mentions.
        found: The agencies that each was linked to.
    """
    wanted = [set(filter(None, text.split("|"))) for text in posts["agencies"]]
    rows = np.array(
        [(len(own & true), len(own - true), len(true - own)) for own, true in zip(found, wanted, strict=True)],
        dtype=float,
    )

    def of(*wrong: int, factor: float = 1.0) -> Estimate:
        def ratio(sums: FloatArray) -> FloatArray:
            right = factor * sums[:, RIGHT]
            return np.asarray(right / np.maximum(right + sums[:, list(wrong)].sum(axis=1), 1e-9))

        return bootstrap(rows, ratio)

    return {
        "link_precision": of(TOO_MUCH),
        "link_recall": of(MISSED),
        "link_f1": of(TOO_MUCH, MISSED, factor=2.0),
    }
