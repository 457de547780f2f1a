"""The audit of a model: which posts people read, how far they agree, and how the model did by their labels."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from tasks.evidence.tone.confusion import AUDITED, FEWEST_AUDITED
from tasks.evidence.tone.model import POLARITIES, ModelCard
from tasks.evidence.tone.weigh import RELEVANT, counting

_Z = 1.959964
_FLAT = 1e-12
FloatArray = npt.NDArray[np.float64]
Stratum = tuple[str, str, str]  # agency, channel, criterion
# What is remembered of a sample until its workbooks come back.
SAMPLED = ("key", "post_id", "agency", "channel", "month", "criteria", "model", "predicted", "weight")


@dataclass(frozen=True)
class Audits:
    """Audited posts of one model.

    Attributes:
        rows: Rows of `AUDITED`, one a post and annotator; weights of one post sum to what it stands for.
    """

    rows: pd.DataFrame

    @property
    def sha256(self) -> str:
        """Digest of the rows, in whatever order they came; empty where there are none."""
        written = self.rows.sort_values(list(AUDITED)).to_csv(index=False)
        return hashlib.sha256(written.encode()).hexdigest() if len(self.rows) else ""

    def by_stratum(self, first: str, last: str) -> dict[Stratum, tuple[FloatArray, FloatArray, FloatArray]]:
        """Return what is known of the strata with enough audited posts: agency, channel and criterion (or `RELEVANT`).

        Only posts of the measured kind say what the model makes of them: those of another criterion have another tone,
        and so have those of another year.

        Args:
            first: First month of the period, such as 2020-01.
            last: Its last month.

        Returns:
            Stratum to predicted labels, true labels, shape (posts, 3) each, and weights, shape (posts,).
        """
        rows = self.rows[self.rows["month"].between(first, last)]
        rows = rows.assign(criterion=(RELEVANT + "|" + rows["criteria"]).str.strip("|").str.split("|"))
        found = {}
        for (agency, channel, criterion), own in rows.explode("criterion").groupby(["agency", "channel", "criterion"]):
            posts = own.groupby("post_id")
            if len(posts) < FEWEST_AUDITED:
                continue
            predicted = _one_hot(posts["predicted"].first())
            truth = np.stack([_one_hot(labels).mean(axis=0) for _, labels in posts["true"]])
            weights = posts["weight"].sum().to_numpy(dtype=float)
            found[(str(agency), str(channel), str(criterion))] = (predicted, truth, weights)
        return found


def draw(mentions: pa.Table, card: ModelCard, size: int, seed: int, criteria: Sequence[str]) -> pd.DataFrame:
    """Draw posts to be read: evenly over channels and labels, within those at random.

    Only mentions that count are drawn: not spam, nor what tells of no criterion. What a model makes of those would be
    held against it where they are not measured.

    Args:
        mentions: Rows of `classify.MENTIONS`, all of the agencies in it.
        card: The model that gave the labels.
        size: Number of posts wanted.
        seed: Seed of the draw.
        criteria: Codes of the criteria in the order of their bits.

    Returns:
        Rows of `SAMPLED`; the weight is what the mentions count, together, that a drawn one stands for.
    """
    frame = mentions.select(["post_id", "agency", "channel", "day", "label", "criteria"]).to_pandas()
    frame = frame.assign(counts=counting(mentions)).sort_values(["post_id", "agency"], kind="stable")
    frame = frame[frame["counts"] > 0].reset_index(drop=True)
    strata = frame.groupby(["channel", "label"], sort=True)
    quota = _quota(strata.size().to_list(), size)
    random = np.random.default_rng(seed)
    picked = []
    for (_, rows), count in zip(strata, quota, strict=True):
        chosen = rows.iloc[np.sort(random.choice(len(rows), size=count, replace=False))]
        # Copies count less than other posts, so they stand for less.
        picked.append(
            chosen.assign(weight=chosen["counts"] * rows["counts"].sum() / max(chosen["counts"].sum(), _FLAT))
        )
    drawn = pd.concat(picked).sample(frac=1, random_state=seed, ignore_index=True)
    sample: pd.DataFrame = drawn.assign(
        key=[secrets.token_hex(6) for _ in range(len(drawn))],
        month=pd.to_datetime(drawn["day"]).dt.strftime("%Y-%m"),
        criteria=["|".join(code for at, code in enumerate(criteria) if bits >> at & 1) for bits in drawn["criteria"]],
        model=card.sha256,
        predicted=[POLARITIES[label] for label in drawn["label"]],
    )
    return sample.loc[:, list(SAMPLED)]


def _quota(sizes: Sequence[int], size: int) -> list[int]:
    """How many of each stratum: as even as the strata allow."""
    quota = [0] * len(sizes)
    left = min(size, sum(sizes))
    while left:
        open_ones = [at for at, count in enumerate(quota) if count < sizes[at]]
        for at in open_ones[:left]:
            quota[at] += 1
        left = min(size, sum(sizes)) - sum(quota)
    return quota


def join(sample: pd.DataFrame, labels: Mapping[str, Mapping[str, str]]) -> pd.DataFrame:
    """Put the labels of annotators to the posts that they read.

    Where two disagree, each label counts half: leaving such posts out would make the model look better than it is.

    Args:
        sample: Rows of `SAMPLED`.
        labels: Annotator to label by key.

    Returns:
        Rows of `AUDITED`.
    """
    rows = []
    for post in sample.to_dict("records"):
        given = [said[post["key"]] for said in labels.values() if said.get(post["key"])]
        rows += [{**post, "true": label, "weight": post["weight"] / len(given)} for label in given]
    return pd.DataFrame(rows, columns=list(AUDITED))


def kappa(one: Sequence[str], other: Sequence[str]) -> float:
    """Return Cohen's kappa of two annotators on the same posts; NaN where both used a single label.

    >>> round(kappa(list("aabb"), list("aaba")), 2)
    0.5
    """
    names = sorted({*one, *other})
    table = np.zeros((len(names), len(names)))
    for left, right in zip(one, other, strict=True):
        table[names.index(left), names.index(right)] += 1
    table /= max(1, len(one))
    chance = float(table.sum(axis=0) @ table.sum(axis=1))
    return float("nan") if chance == 1 else float((np.trace(table) - chance) / (1 - chance))


def drift(audited: pd.DataFrame) -> pd.DataFrame:
    """Compare the model month by month.

    Args:
        audited: Rows of `AUDITED`.

    Returns:
        Grain month: posts, accuracy (weighted), low and high (95 %), change against the month before and whether it is
        more than chance.
    """
    rows: list[dict[str, Any]] = []
    good = (audited["predicted"] == audited["true"]) * audited["weight"]
    # One row a post: what two annotators say of it is not two observations.
    each = audited.assign(good=good).groupby(["month", "post_id"], sort=True)[["good", "weight"]].sum().reset_index()
    for month, own in each.groupby("month", sort=True):
        weights = own["weight"].to_numpy(dtype=float)
        right = own["good"].to_numpy(dtype=float) / weights
        accuracy = float(np.average(right, weights=weights))
        error = float(np.sqrt((weights**2 * (right - accuracy) ** 2).sum()) / weights.sum())
        before = rows[-1] if rows else None
        change = accuracy - before["accuracy"] if before else float("nan")
        spread = _Z * float(np.hypot(error, before["error"])) if before else float("nan")
        rows.append(
            {
                "month": month,
                "posts": len(own),
                "accuracy": accuracy,
                "error": error,
                "low": max(0.0, accuracy - _Z * error),
                "high": min(1.0, accuracy + _Z * error),
                "change": change,
                "drifted": bool(before) and abs(change) > spread,
            }
        )
    return pd.DataFrame(rows)


def read_audits(folder: Path, card: ModelCard) -> Audits:
    """Return what was audited of a model; labels of another model say nothing of this one.

    Args:
        folder: Folder of audits.
        card: The model.
    """
    files = sorted(folder.glob("audited-*.parquet"))
    frames = [pd.read_parquet(file) for file in files]
    rows = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(AUDITED), dtype="str")
    rows = rows.reindex(columns=list(AUDITED)).fillna({"criteria": ""})  # undated posts have no month
    return Audits(rows[rows["model"] == card.sha256].reset_index(drop=True))


def _one_hot(labels: pd.Series) -> npt.NDArray[np.float64]:
    rows: npt.NDArray[np.float64] = np.eye(len(POLARITIES))[labels.map(POLARITIES.index).to_numpy(dtype=np.int64)]
    return rows
