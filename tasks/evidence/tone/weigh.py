"""Mentions to counts: what copies, reprints and campaigns are worth, and how many independent posts are left.

Runs on all mentions of one agency at a time, so memory does not grow with the number of posts in all.
"""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from tasks.evidence.shared import directions
from tasks.evidence.tone.classify import NEWS
from tasks.evidence.tone.duplicates import clusters
from tasks.evidence.tone.model import POLARITIES

ALL, KEPT = "all", "kept"  # with everything, and without spam and campaigns
RELEVANT = "*"  # every mention that is about public services or digital transformation
COUNTS = {
    "agency": "str",
    "criterion": "str",  # code, or `RELEVANT`
    "channel": "str",
    "month": "str",  # 2020-08; empty: the whole period; posts without a date are of no month
    "variant": "str",  # `ALL` or `KEPT`
    "posts": "int64",
    "stories": "int64",  # clusters of near-duplicates
    "authors": "int64",
    "removed": "int64",  # posts that are spam or of a campaign
    "effective_n": "float64",  # independent posts that the weighted ones are worth
    **dict.fromkeys(POLARITIES, "float64"),  # weighted posts by label
    "voices": "str",  # JSON list: `voices` of the criterion among those of the agency and channel; where snapshots are
    "snapshots": "str",  # JSON list of the sha256 of the bytes that the posts came in; of the whole period, `KEPT` only
}

_MANY_A_DAY = 10  # posts of one author on one agency and day that nobody writes by hand
_SOME_A_DAY = 4  # from which on copies make an author a spammer
_CAMPAIGN = 5  # authors with one long text on one day
_DIGITS = 6  # of what says which voices are the same
_LONG = 8  # words; a short text is written alike by people who do not know each other


def weigh(mentions: pa.Table, criteria: list[str]) -> pd.DataFrame:
    """Count the mentions of agencies.

    Args:
        mentions: Rows of `classify.MENTIONS`, all of the agencies in it.
        criteria: Codes of the criteria in the order of their bits.

    Returns:
        Rows of `COUNTS`, grain agency x criterion x channel x variant, and for `RELEVANT` by month too.
    """
    frames = []
    for agency in sorted(set(mentions.column("agency").to_pylist())):
        own = mentions.filter(pa.compute.equal(mentions.column("agency"), agency))
        frame = _weighted(own.to_pandas().sort_values("post_id", kind="stable", ignore_index=True))
        frames.append(_counts(frame, agency, criteria))
    rows = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame({name: [] for name in COUNTS})
    return rows.astype(COUNTS)


def counting(mentions: pa.Table) -> npt.NDArray[np.float64]:
    """Return what each mention counts in a measurement; spam, campaigns and what tells of no criterion count 0.

    Args:
        mentions: Rows of `classify.MENTIONS`, all of the agencies in it.
    """
    columns = ["post_id", "agency", "channel", "author", "day", "criteria", "folded"]
    frame = mentions.select(columns).to_pandas()
    found = np.zeros(len(frame))
    for _, own in frame.assign(place=np.arange(len(frame))).groupby("agency"):
        weighted = _weighted(own.sort_values("post_id", kind="stable", ignore_index=True))
        found[weighted["place"]] = weighted[KEPT].where(weighted["criteria"] > 0, 0.0)
    return found


def _weighted(frame: pd.DataFrame) -> pd.DataFrame:
    """Add to the mentions of one agency: cluster, hand (who wrote it), spam, month, weights of both variants."""
    frame["cluster"] = clusters(frame["folded"].tolist())
    words = frame["folded"].str.count(" ") + 1
    # Nobody known: long texts alike come from one hand, short ones from many.
    unknown = frame["author"] == ""
    hand = "?" + frame["cluster"].astype(str).where(words >= _LONG, frame["post_id"])
    frame["hand"] = frame["author"].where(~unknown, hand)
    frame["spam"] = (frame["channel"] != NEWS) & (_by_author(frame) | _campaigns(frame, words))
    frame[ALL] = _weights(frame)
    # Without spam the copies that are left weigh more: a spammer does not silence those whom he copies.
    frame[KEPT] = _weights(frame[~frame["spam"]]).reindex(frame.index, fill_value=0.0)
    frame["month"] = pd.to_datetime(frame["day"]).dt.strftime("%Y-%m")
    return frame


def _weights(frame: pd.DataFrame) -> pd.Series:
    """What each mention counts: a cluster counts by its distinct authors, news as one story, whoever prints it."""
    group = frame.groupby(["channel", "cluster"])
    voices = group["hand"].transform("nunique").where(frame["channel"] != NEWS, 1)
    return voices / group["hand"].transform("size")


def _by_author(frame: pd.DataFrame) -> pd.Series:
    # Posts without a date are of no group: all of a year would look like one day.
    day = frame.groupby(["hand", "day"])
    many = day["post_id"].transform("size")
    different = day["cluster"].transform("nunique")
    known = ~frame["hand"].str.startswith("?")
    return known & ((many > _MANY_A_DAY) | ((many >= _SOME_A_DAY) & (different <= many / 2)))


def _campaigns(frame: pd.DataFrame, words: pd.Series) -> pd.Series:
    voices = frame.groupby(["cluster", "day"])["hand"].transform("nunique")
    return (voices >= _CAMPAIGN) & (words >= _LONG)


def _counts(frame: pd.DataFrame, agency: str, criteria: list[str]) -> pd.DataFrame:
    columns = _Columns.of(frame)
    wanted = [(code, columns.bits >> np.uint64(at) & np.uint64(1) == 1) for at, code in enumerate(criteria)]
    voices = [columns.voices([of_it for _, of_it in wanted], at) for at in range(len(columns.channels))]
    wanted.append((RELEVANT, columns.bits > 0))
    rows: list[dict[str, Any]] = []
    for number, (code, of_it) in enumerate(wanted):
        for at, channel in enumerate(columns.channels):
            here = of_it & (columns.channel == at)
            where: dict[str, Any] = {"agency": agency, "criterion": code, "channel": channel, "month": ""}
            where["removed"] = int((here & columns.spam).sum())
            kept = here & ~columns.spam
            heard = voices[at][number].tolist() if code != RELEVANT else []
            rows += [
                {
                    **where,
                    "variant": variant,
                    **columns.count(np.flatnonzero(chosen), variant, with_snapshots=variant == KEPT),
                    "voices": json.dumps(heard if variant == KEPT else []),
                }
                for variant, chosen in ((ALL, here), (KEPT, kept))
                if chosen.any()
            ]
            if code == RELEVANT:
                rows += [
                    {**where, "month": month, "variant": KEPT, **columns.count(np.flatnonzero(of_month), KEPT)}
                    for place, month in enumerate(columns.months)
                    if (of_month := kept & (columns.month == place)).any()
                ]
    return pd.DataFrame(rows, columns=list(COUNTS))


@dataclass(frozen=True)
class _Columns:
    """The mentions of one agency as arrays: hundreds of small groups of them are counted."""

    bits: npt.NDArray[np.uint64]
    spam: npt.NDArray[np.bool_]
    weights: dict[str, npt.NDArray[np.float64]]
    label: npt.NDArray[np.int64]
    hand: npt.NDArray[np.int64]
    cluster: npt.NDArray[np.int64]
    channel: npt.NDArray[np.int64]
    channels: list[str]
    month: npt.NDArray[np.int64]
    months: list[str]
    snapshot: npt.NDArray[np.int64]
    snapshots: list[str]

    @classmethod
    def of(cls, frame: pd.DataFrame) -> "_Columns":
        channel, channels = frame["channel"].factorize(sort=True)
        month, months = frame["month"].factorize(sort=True)
        snapshot, snapshots = frame["snapshot"].factorize(sort=True)
        return cls(
            bits=frame["criteria"].to_numpy(dtype=np.uint64),
            spam=frame["spam"].to_numpy(dtype=bool),
            weights={variant: frame[variant].to_numpy(dtype=float) for variant in (ALL, KEPT)},
            label=frame["label"].to_numpy(dtype=np.int64),
            hand=frame["hand"].factorize()[0],
            cluster=frame["cluster"].to_numpy(dtype=np.int64),
            channel=channel,
            channels=list(map(str, channels)),
            month=month,
            months=list(map(str, months)),
            snapshot=snapshot,
            snapshots=list(map(str, snapshots)),
        )

    def count(self, chosen: npt.NDArray[np.int64], variant: str, *, with_snapshots: bool = False) -> dict[str, Any]:
        """Count some of the mentions, at least one and all of one channel, with the weights of a variant."""
        weights, pages = self.weights[variant][chosen], np.unique(self.snapshot[chosen]) if with_snapshots else ()
        labels = np.bincount(self.label[chosen], weights=weights, minlength=len(POLARITIES))
        _, hands = np.unique(self.hand[chosen], return_inverse=True)
        stories, story = np.unique(self.cluster[chosen], return_inverse=True)
        independent = effective_n(weights, hands)
        if self.channels[self.channel[chosen[0]]] == NEWS:  # whoever prints it again adds nothing
            independent = min(independent, effective_n(weights, story))
        return {
            "posts": len(chosen),
            "stories": len(stories),
            "authors": int(hands.max()) + 1,
            "effective_n": independent,
            **{name: float(labels[at]) for at, name in enumerate(POLARITIES)},
            "voices": "[]",
            "snapshots": json.dumps([self.snapshots[page] for page in pages]),
        }

    def voices(self, criteria: list[npt.NDArray[np.bool_]], channel: int) -> npt.NDArray[np.float64]:
        """Return how far the mentions of two criteria in a channel are of the same voices.

        The posts of one hand are one voice, as `effective_n` has it, so with s the sums of weights by hand the samples
        of two criteria are correlated by `s . s' / (|s| |s'|)`.

        Args:
            criteria: Which mentions tell of each criterion.
            channel: The channel.

        Returns:
            Criteria x factors: directions of which the products are those correlations; 0 without a mention.
        """
        chosen = np.flatnonzero((self.channel == channel) & ~self.spam & (self.bits > 0))
        if not len(chosen):
            return np.zeros((len(criteria), 0))
        weights, voice = self.weights[KEPT][chosen], np.unique(self.hand[chosen], return_inverse=True)[1]
        if self.channels[channel] == NEWS:
            story = np.unique(self.cluster[chosen], return_inverse=True)[1]
            voice = min(voice, story, key=lambda one: effective_n(weights, one))
        sums = [np.bincount(voice, weights * of_it[chosen], int(voice.max()) + 1) for of_it in criteria]
        return np.asarray(directions(np.asarray(sums, dtype=np.float64).T).round(_DIGITS))


def effective_n(weights: npt.NDArray[np.float64], hands: npt.NDArray[np.int64]) -> float:
    """Return how many independent posts weighted ones are worth, where the posts of one hand are one voice (Kish).

    >>> effective_n(np.ones(4), np.array([0, 1, 2, 3])), effective_n(np.ones(4), np.array([0, 0, 0, 1]))
    (4.0, 1.6)
    """
    sums = np.bincount(hands, weights=weights)
    return float(sums.sum() ** 2 / (sums**2).sum()) if len(sums) and sums.any() else 0.0
