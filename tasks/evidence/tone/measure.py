"""From counts of mentions to measurements: corrected, pooled over agencies, with the whole standard error."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from tasks.evidence.surveys.values import STAGE, Round
from tasks.evidence.tone.confusion import FEWEST_AUDITED
from tasks.evidence.tone.joint import Part, shared_errors
from tasks.evidence.tone.model import POLARITIES, ModelCard
from tasks.evidence.tone.pooling import over_channels, pool
from tasks.evidence.tone.prevalence import Confusion, Shares, prediction_powered
from tasks.evidence.tone.weigh import ALL, KEPT, RELEVANT
from warehouse.frames import MEASUREMENT, records
from warehouse.frameworks.model import Framework
from warehouse.frameworks.tone import ToneDeclaration

ADJUSTED, POWERED = "adjusted count", "prediction-powered"
_Z = 1.959964


@dataclass(frozen=True)
class Corrections:
    """What corrects the labels of a model.

    Attributes:
        card: The model.
        confusions: Channel to confusion matrix and where it comes from.
        audited: Agency, channel and criterion to what its audited posts say; see `audit.Audits.by_stratum`.
        audits_sha256: Digest of all audited posts of the model; empty where there are none.
    """

    card: ModelCard
    confusions: Mapping[str, tuple[Confusion, str]]
    audited: Mapping[tuple[str, str, str], tuple[Any, Any, Any]] = field(default_factory=dict)
    audits_sha256: str = ""


def measure(
    counts: pd.DataFrame,
    framework: Framework,
    declaration: ToneDeclaration,
    corrections: Corrections,
    where: Round,
) -> tuple[pd.DataFrame, pd.DataFrame, list[dict[str, Any]]]:
    """Measure the tone of each agency and criterion.

    Args:
        counts: Rows of `weigh.COUNTS`.
        framework: The framework.
        declaration: Its tone.yaml.
        corrections: What corrects the labels.
        where: The round.

    Returns:
        MEASUREMENT rows, grain agency x criterion, value in [-1, 1]: the corrected share of positive posts minus that
        of negative ones; ERROR_FACTOR rows of what their errors share; and what was too few, one mapping an agency and
        criterion: agency, criterion, effective_n.
    """
    rows: list[dict[str, Any]] = []
    parts: list[dict[str, Part]] = []
    few: list[dict[str, Any]] = []
    whole = counts[counts["month"] == ""]
    for code in declaration.criteria:
        of_it = whole[whole["criterion"] == code]
        kept = _agencies(of_it[of_it["variant"] == KEPT], declaration, corrections)
        everything = _agencies(of_it[of_it["variant"] == ALL], declaration, corrections)
        for agency, found in sorted(kept.items()):
            if not _enough(found, declaration):
                few.append({"agency": agency, "criterion": code, "effective_n": _short(found["effective_n"])})
                continue
            detail = _detail(found, everything.get(agency), corrections)
            parts.append(found["parts"])
            rows.append(
                {
                    "framework": framework.name,
                    "round": where.round,
                    "period": where.period,
                    "agency": agency,
                    "node": code,
                    "stage": STAGE,
                    "value": found["tone"],
                    "standard_error": found["standard_error"],
                    "n": found["posts"],
                    "method": f"tone:{corrections.card.name}",
                    "source": where.source,
                    "observation_ids": "[]",
                    "snapshots": json.dumps(found["snapshots"]),
                    "detail": json.dumps(detail, ensure_ascii=False),
                }
            )
    measured = MEASUREMENT.conform(pd.DataFrame(rows)) if rows else MEASUREMENT.empty()
    return measured, shared_errors(measured, parts), few


def series(counts: pd.DataFrame, declaration: ToneDeclaration, corrections: Corrections) -> pd.DataFrame:
    """Measure the tone of each agency by month, over everything that is about public services.

    Args:
        counts: Rows of `weigh.COUNTS`.
        declaration: The tone.yaml.
        corrections: What corrects the labels.

    Returns:
        Grain agency x month: tone, standard_error, posts, effective_n; only where there are enough posts.
    """
    rows = []
    monthly = counts[(counts["criterion"] == RELEVANT) & (counts["variant"] == KEPT) & (counts["month"] != "")]
    for month, of_month in monthly.groupby("month"):
        for agency, found in sorted(_agencies(of_month, declaration, corrections).items()):
            if _enough(found, declaration):
                names = ("tone", "standard_error", "posts", "effective_n")
                rows.append({"agency": agency, "month": month, **{name: found[name] for name in names}})
    return pd.DataFrame(rows, columns=["agency", "month", "tone", "standard_error", "posts", "effective_n"])


def _agencies(
    counts: pd.DataFrame, declaration: ToneDeclaration, corrections: Corrections
) -> dict[str, dict[str, Any]]:
    """Tone by agency: each channel corrected and pooled, then all channels together.

    A channel in which an agency has too few posts counts with the middle of the others and the error of not knowing:
    left out, it would let an agency gain by being talked of only where people are kind.
    """
    channels: dict[str, dict[str, dict[str, Any]]] = {}
    absent: dict[str, tuple[Shares, float]] = {}
    for channel in declaration.channels:
        own = counts[(counts["channel"] == channel) & (counts["effective_n"] >= declaration.minimum_channel_n)]
        rows = records(own.sort_values("agency"))
        found = [_correct(row, corrections) for row in rows]
        pooled = pool([share for share, _ in found])
        if pooled.absent is not None:
            absent[channel] = pooled.absent, pooled.absent_reached
        for at, (row, (one, method)) in enumerate(zip(rows, found, strict=True)):
            corrected = {"corrected": pooled.shares[at]}
            corrected |= {name: getattr(pooled, name)[at] for name in ("variance", "pulled", "common")}
            corrected |= {name: getattr(pooled, name)[at] for name in ("sampled", "reached", "ways")}
            about = {"unpooled": one.tone, "strength": pooled.strength, "method": method}
            channels.setdefault(row["agency"], {})[channel] = {**row, **corrected, **about}
    return {
        str(agency): _together(channels[agency], absent, declaration) if agency in channels else _none()
        for agency in counts["agency"].unique()
    }


def _enough(found: Mapping[str, Any], declaration: ToneDeclaration) -> bool:
    """Whether the channels that count hold enough posts: those of channels left out say nothing of the tone."""
    return float(found["effective_n"]) >= declaration.minimum_n


def _all_pages(lists: Iterable[str]) -> list[str]:
    return sorted({sha256 for text in lists for sha256 in json.loads(text)})


def _none() -> dict[str, Any]:
    nothing = {"effective_n": 0.0, "posts": 0, "removed": 0, "snapshots": [], "parts": {}}
    return {"tone": np.nan, "standard_error": np.nan, "shares": [np.nan] * 3, "channels": {}, "taken": [], **nothing}


def _correct(row: Mapping[str, Any], corrections: Corrections) -> tuple[Shares, str]:
    predicted = np.array([row[name] for name in POLARITIES])
    audited = corrections.audited.get((row["agency"], row["channel"], row["criterion"]))
    # The audited posts are of the whole period: a single month is another stratum.
    if audited is not None and len(audited[0]) >= FEWEST_AUDITED and not row["month"]:
        size = max(1, round(row["effective_n"]))
        labels = np.repeat(np.eye(3), np.maximum(0, np.round(predicted / predicted.sum() * size)).astype(int), axis=0)
        return prediction_powered(labels, *audited), POWERED
    return corrections.confusions[row["channel"]][0].adjusted(predicted, row["effective_n"]), ADJUSTED


def _together(
    channels: Mapping[str, Mapping[str, Any]], absent: Mapping[str, tuple[Shares, float]], declaration: ToneDeclaration
) -> dict[str, Any]:
    counted = [name for name in declaration.channels if name in channels or name in absent]
    weights = np.array([declaration.channels[name] for name in counted])
    weights = weights / weights.sum()
    taken = {name: absent[name][0] for name in counted if name not in channels}
    # A channel that is taken from others is pulled to the middle altogether.
    parts = [
        (own["corrected"], own["variance"], own["pulled"], own["common"])
        if (own := channels.get(name))
        else (taken[name].shares, taken[name].variance, taken[name].variance, taken[name].common)
        for name in counted
    ]
    each, variance, pulled, common = (np.array(column) for column in zip(*parts, strict=True))
    shares = weights @ each
    found = list(channels.values())
    return {
        "tone": float(shares[2] - shares[0]),
        "standard_error": float(np.sqrt(over_channels(weights, variance, pulled, common))),
        "shares": shares,
        "channels": dict(channels),
        "taken": sorted(taken),
        "parts": {
            name: _part(float(weight), channels[name]) if name in channels else _part_of_others(weight, *absent[name])
            for name, weight in zip(counted, weights, strict=True)
        },
        **{name: sum(one[name] for one in found) for name in ("effective_n", "posts", "removed")},
        "snapshots": _all_pages(one["snapshots"] for one in found),
    }


def _part(weight: float, own: Mapping[str, Any]) -> Part:
    voices = np.array(json.loads(own["voices"]), dtype=float)
    return Part(weight, own["sampled"], own["reached"], own["ways"], voices)


def _part_of_others(weight: float, middle: Shares, reached: float) -> Part:
    return Part(weight, 0.0, reached, middle.common_way, np.empty(0))


def _detail(found: Mapping[str, Any], everything: Mapping[str, Any] | None, corrections: Corrections) -> dict[str, Any]:
    """What a measurement says about itself."""
    low, high = (float(np.clip(found["tone"] + sign * _Z * found["standard_error"], -1, 1)) for sign in (-1, 1))
    names = {f"{name}_share": _short(share) for name, share in zip(POLARITIES, found["shares"], strict=True)}
    return {
        "model": corrections.card.as_dict(),
        "audits_sha256": corrections.audits_sha256,
        "effective_n": _short(found["effective_n"]),
        **names,
        "interval": [_short(low), _short(high)],
        "channels": {channel: _channel(one, channel, corrections) for channel, one in found["channels"].items()},
        "channels_taken_from_others": found["taken"],
        "removed_as_spam": int(found["removed"]),
        "with_spam": _short(everything["tone"]) if everything else None,
    }


def _channel(one: Mapping[str, Any], channel: str, corrections: Corrections) -> dict[str, Any]:
    matrix, origin = corrections.confusions[channel]
    return {
        "posts": int(one["posts"]),
        "stories": int(one["stories"]),
        "authors": int(one["authors"]),
        "effective_n": _short(one["effective_n"]),
        "labelled": {name: _short(one[name]) for name in POLARITIES},
        "corrected": {name: _short(share) for name, share in zip(POLARITIES, one["corrected"], strict=True)},
        "correction": one["method"],
        "corrected_by": f"{matrix.n:.0f} posts of {origin}",
        "tone_before_pooling": _short(one["unpooled"]),
        "pooled_with": _short(one["strength"]),
    }


def _short(value: float) -> float | None:
    return None if not np.isfinite(value) else float(f"{value:.4g}")
