"""Labelled posts of the user's own: reading a file of them, and how a model does on it."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tasks.evidence.tone.confusion import predict
from tasks.evidence.tone.model import POLARITIES, ToneModel
from tasks.evidence.tone.normalise import fold
from warehouse.errors import InputError

_NAMES = {
    "negative": ("negative", "neg", "tieu cuc", "-1", "am"),
    "neutral": ("neutral", "neu", "trung tinh", "0", "trung lap"),
    "positive": ("positive", "pos", "tich cuc", "1", "duong"),
}
_MEANS = {name: label for label, names in _NAMES.items() for name in names}
_DRAWS, _SEED = 1_000, 2020


def read_labelled(file: Path, text: str, label: str) -> pd.DataFrame:
    """Read labelled posts.

    Args:
        file: CSV, JSON Lines or Parquet.
        text: Column of the texts.
        label: Column of the labels; what is written after the last `#` or `__` counts (`SERVICE#negative`).

    Returns:
        text and polarity; rows without a text are left out.

    Raises:
        InputError: The file cannot be read, a column is missing, or a label is not understood.
    """
    frame = _table(file)
    if not frame.columns.is_unique:
        raise InputError(f"{file} has two columns of one name.", "Rename one of them.")
    if missing := [name for name in (text, label) if name not in frame.columns]:
        raise InputError(
            f"{file} has no column {missing[0]!r}; it has {', '.join(map(str, frame.columns))}.",
            "Name the columns: --text COL --label COL.",
        )
    written = frame[label].astype(str).str.split("#|__").str[-1].str.strip()
    polarity = written.map(lambda name: _MEANS.get(fold(name).removesuffix(".0"), ""))
    if (polarity == "").any():
        odd = written[polarity == ""].iloc[0]
        raise InputError(f"{file}: {odd!r} is no polarity.", f"Labels are {', '.join(POLARITIES)}.")
    posts = pd.DataFrame({"text": frame[text].astype(object).where(frame[text].notna(), "").astype(str)})
    posts = posts.assign(polarity=polarity)
    posts = posts[posts["text"].str.strip() != ""].reset_index(drop=True)
    if posts.empty:
        raise InputError(f"{file} holds no labelled posts.", "Give at least one row with a text and a label.")
    return posts


def score(model: ToneModel, posts: pd.DataFrame) -> list[dict[str, Any]]:
    """Return how a model does on labelled posts, each figure with its 95 % interval (bootstrap over posts).

    Args:
        model: The model.
        posts: text and polarity.

    Returns:
        what, value, low, high: accuracy, macro-F1 over the polarities that the posts have, F1 of each, and the same
        accuracy where all diacritics are left out.
    """
    truth = posts["polarity"].map(POLARITIES.index).to_numpy(dtype=np.int64)
    predicted = predict(model, posts["text"].tolist())
    plain = predict(model, [fold(text) for text in posts["text"]])
    present = sorted(set(truth.tolist()))
    random = np.random.default_rng(_SEED)
    draws = random.integers(0, len(truth), (_DRAWS, len(truth)))

    def row(what: str, figure: Any) -> dict[str, Any]:
        values = [figure(truth[draw], predicted[draw], plain[draw]) for draw in draws]
        low, high = np.nanpercentile(values, [2.5, 97.5])
        return {"what": what, "value": figure(truth, predicted, plain), "low": float(low), "high": float(high)}

    rows = [
        row("accuracy", lambda true, said, _: float((true == said).mean())),
        row("macro-F1", lambda true, said, _: float(np.mean([f1(true, said, one) for one in present]))),
        row("accuracy without diacritics", lambda true, _, said: float((true == said).mean())),
    ]
    return rows + [row(f"F1 {POLARITIES[one]}", lambda true, said, _, one=one: f1(true, said, one)) for one in present]


def f1(truth: np.ndarray[Any, Any], predicted: np.ndarray[Any, Any], label: int) -> float:
    """Return the F1 of one label; 0 where neither side has it."""
    right = int(((truth == label) & (predicted == label)).sum())
    said = int((truth == label).sum()) + int((predicted == label).sum())
    return 2 * right / said if said else 0.0


def _table(file: Path) -> pd.DataFrame:
    try:
        if file.suffix == ".parquet":
            return pd.read_parquet(file)
        if file.suffix in (".jsonl", ".ndjson"):
            lines = file.read_text(encoding="utf-8").splitlines()
            return pd.DataFrame([json.loads(line) for line in lines if line.strip()])
        return pd.read_csv(file, dtype=str, keep_default_na=False, sep=None, engine="python")
    except (OSError, ValueError, RecursionError, MemoryError, csv.Error) as error:
        raise InputError(f"{file} cannot be read as a table.", "Give a CSV, JSON Lines or Parquet file.") from error
