"""Whether the intervals hold what they promise: made-up agencies whose true tone is known, measured like real ones."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import kendalltau

from tasks.evidence.tone.counting import table
from tasks.evidence.tone.pooling import Pooled, over_channels, pool
from tasks.evidence.tone.prevalence import NET, Confusion, Shares, prediction_powered

_Z = 1.959964
FloatArray = npt.NDArray[np.float64]

# A classifier as good as linear ones are on posts of citizens; rows are the true label.
USUAL = np.array([[0.84, 0.10, 0.06], [0.14, 0.74, 0.12], [0.08, 0.11, 0.81]])
POOR = np.array([[0.72, 0.16, 0.12], [0.22, 0.56, 0.22], [0.16, 0.18, 0.66]])


@dataclass(frozen=True)
class Setting:
    """One kind of world.

    Attributes:
        name: What is special about it.
        rates: How often the classifier takes one label for another, shape (3, 3); rows are the true label.
        agencies: Number of agencies.
        fewest: Posts of the agency with fewest; between it and `most` their logarithm is evenly spread.
        most: Posts of the agency with most.
        mean: Mean shares of negative, neutral and positive.
        strength: How alike agencies are: sum of the parameters of the Dirichlet distribution of their shares.
        labelled: Posts with a known label behind the confusion matrix.
        audited: Audited posts of each agency; 0: corrected by the matrix.
        channels: Channels, each with as many posts and its own matrix; their mean counts.
        alike: How alike the channels of an agency are, as `strength` says it of agencies.
        repeats: How many times as often it is made up as others: few agencies give few measurements.
        matrix: Labelled posts by true and predicted label; None: drawn anew in each round from `rates`.
    """

    name: str
    rates: FloatArray
    agencies: int = 63
    fewest: int = 40
    most: int = 1_500
    mean: tuple[float, float, float] = (0.40, 0.28, 0.32)
    strength: float = 12.0
    labelled: int = 744
    audited: int = 0
    channels: int = 1
    alike: float = 90.0
    repeats: int = 1
    matrix: FloatArray | None = None


SETTINGS = (
    Setting("usual", USUAL),
    Setting("34 agencies much alike", USUAL, agencies=34, strength=60.0),
    Setting("few posts", USUAL, fewest=30, most=120),
    Setting("a poor model", POOR, fewest=60),
    Setting("a small matrix", USUAL, labelled=200),
    Setting("mostly praise", USUAL, mean=(0.15, 0.25, 0.60)),
    Setting("audited, 60 posts an agency", USUAL, fewest=200, audited=60),
    Setting("12 agencies, few posts", USUAL, agencies=12, fewest=30, most=120),
    Setting("6 agencies, few posts", USUAL, agencies=6, fewest=30, most=120, repeats=3),
    Setting("three channels, few posts", USUAL, fewest=20, most=80, channels=3),
    Setting("three channels, 12 agencies, few posts", USUAL, agencies=12, fewest=20, most=80, channels=3),
    Setting("three channels, 6 agencies, few posts", USUAL, agencies=6, fewest=20, most=80, channels=3, repeats=3),
)


def simulate(setting: Setting, rounds: int, seed: int) -> pd.DataFrame:
    """Measure made-up agencies.

    Args:
        setting: The world.
        rounds: How often it is made up anew, with a new confusion matrix; see `Setting.repeats`.
        seed: Seed.

    Returns:
        Grain round x agency: round, truth, posts, tone and standard_error as this project measures them, counted and
        counted_error as classify-and-count gives them.
    """
    random = np.random.default_rng(seed)
    return pd.concat(
        [_round(setting, random).assign(round=number) for number in range(rounds * setting.repeats)], ignore_index=True
    )


def _round(setting: Setting, random: np.random.Generator) -> pd.DataFrame:
    shares = random.dirichlet(np.array(setting.mean) * setting.strength, size=setting.agencies)
    sizes = np.exp(random.uniform(np.log(setting.fewest), np.log(setting.most), setting.agencies)).astype(int)
    channels = [_channel(setting, shares, sizes, random) for _ in range(setting.channels)]
    weights = np.full(setting.channels, 1 / setting.channels)
    parts = [np.array([getattr(one.pooled, name) for one in channels]) for name in ("variance", "pulled", "common")]
    errors = [over_channels(weights, *(part[:, at] for part in parts)) ** 0.5 for at in range(setting.agencies)]
    return pd.DataFrame(
        {
            "truth": np.mean([one.truth for one in channels], axis=0),
            "posts": sizes * setting.channels,
            "tone": np.mean([one.pooled.tone for one in channels], axis=0),
            "standard_error": errors,
            "counted": np.mean([one.counted for one in channels], axis=0),
            "counted_error": np.sqrt(np.sum([one.counted_variance for one in channels], axis=0)) / setting.channels,
        }
    )


@dataclass(frozen=True)
class _Channel:
    """One channel of a round, by agency: the truth, what is measured, and what classify-and-count gives."""

    truth: FloatArray
    pooled: Pooled
    counted: FloatArray
    counted_variance: FloatArray


def _channel(
    setting: Setting, shares: FloatArray, sizes: npt.NDArray[np.int64], random: np.random.Generator
) -> _Channel:
    if setting.channels > 1:
        shares = np.array([random.dirichlet(np.maximum(own, 0.01) * setting.alike) for own in shares])
    counts = _labelled(setting, random) if setting.matrix is None else setting.matrix
    matrix = Confusion(counts, seed=int(random.integers(2**31)))
    found, counted, counted_variance = [], [], []
    for own, size in zip(shares, sizes, strict=True):
        predicted = _predicted(random.choice(3, size=size, p=own), setting.rates, random)
        seen = np.bincount(predicted, minlength=3).astype(float)
        naive = seen / size
        counted.append(naive @ NET)
        counted_variance.append((naive[0] + naive[2] - (naive @ NET) ** 2) / size)
        found.append(_corrected(setting, matrix, own, predicted, seen, random))
    return _Channel(shares @ NET, pool(found), np.array(counted), np.array(counted_variance))


def _labelled(setting: Setting, random: np.random.Generator) -> FloatArray:
    truth = random.choice(3, size=setting.labelled, p=[0.4, 0.28, 0.32])
    return table(truth, _predicted(truth, setting.rates, random))


def _predicted(truth: npt.NDArray[np.int64], rates: FloatArray, random: np.random.Generator) -> npt.NDArray[np.int64]:
    above = rates.cumsum(axis=1)[truth] < random.random((len(truth), 1))
    return np.asarray(np.minimum(above.sum(axis=1), 2), dtype=np.int64)


def _corrected(
    setting: Setting,
    matrix: Confusion,
    own: FloatArray,
    predicted: npt.NDArray[np.int64],
    seen: FloatArray,
    random: np.random.Generator,
) -> Shares:
    if not setting.audited:
        return matrix.adjusted(seen, float(len(predicted)))
    one_hot = np.eye(3)
    truth = random.choice(3, size=setting.audited, p=own)
    return prediction_powered(one_hot[predicted], one_hot[_predicted(truth, setting.rates, random)], one_hot[truth])


def coverage(found: pd.DataFrame, tone: str = "tone", error: str = "standard_error") -> tuple[float, float]:
    """Return how often 95 % intervals hold the truth, and the standard error of that over rounds.

    Args:
        found: What `simulate` gave.
        tone: Column of the estimate.
        error: Column of its standard error.
    """
    held = (found[tone] - found["truth"]).abs() <= _Z * found[error]
    by_round = held.groupby(found["round"]).mean()
    return float(by_round.mean()), float(by_round.std(ddof=1) / np.sqrt(len(by_round)))


def ranking(found: pd.DataFrame, tone: str = "tone") -> float:
    """Return how well agencies are ranked: Kendall's tau with the truth, mean over rounds."""
    return float(np.mean([kendalltau(own["truth"], own[tone]).statistic for _, own in found.groupby("round")]))


def simulated(settings: Sequence[Setting] = SETTINGS, rounds: int = 60, seed: int = 2020) -> pd.DataFrame:
    """Simulate several worlds.

    Returns:
        Grain setting: setting, agencies, coverage, error (of it), counted (coverage of classify-and-count), width (mean
        half width), tau (ranking by this project), tau_counted.
    """
    rows = []
    for at, setting in enumerate(settings):
        found = simulate(setting, rounds, seed + at)
        held, error = coverage(found)
        rows.append(
            {
                "setting": setting.name,
                "agencies": len(found),
                "coverage": held,
                "error": error,
                "counted": coverage(found, "counted", "counted_error")[0],
                "width": float(_Z * found["standard_error"].mean()),
                "tau": ranking(found),
                "tau_counted": ranking(found, "counted"),
            }
        )
    return pd.DataFrame(rows)
