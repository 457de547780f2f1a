"""What measurements of tone share: the classifier's errors, the posts, and the middle of the agencies.

The variance of a tone is a sum over channels (`pooling.over_channels`). What is known of its parts:

- not knowing the confusion matrix M of a channel puts all agencies and criteria wrong, each by its own labels: the tone
  is linear in the observed labels p, so its error is p'v with v = NET M^-1 less the mean over the draws of M, and the
  covariance of two cells is p'Cov(v)q. Three factors a channel: `tone:CHANNEL:1` and so on;
- criteria of an agency that count the same posts share the error of sampling them, by how far they are of the same
  voices (`weigh.voices`): factors `tone:AGENCY:CHANNEL:1` and so on;
- the middle towards which the agencies of a criterion are moved is estimated too, and its error moves them all:
  factor `tone:NODE`.

Everything else is taken for the error of the cell alone, `tone:AGENCY:NODE`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tasks.evidence.shared import Block, Floats, directions, factor_rows, remainders

TONE = "tone"


@dataclass(frozen=True)
class Part:
    """What a channel contributes to the error of a tone.

    Attributes:
        weight: Of the channel; those of a cell sum to 1.
        sampled: Variance by the sampling of posts; 0 where the channel is taken from other agencies.
        reached: Variance by the error of the middle.
        way: Error by not knowing the matrix, by its causes.
        voices: Direction of the posts among those of the agency and channel; empty: nothing is known.
    """

    weight: float
    sampled: float
    reached: float
    way: Floats
    voices: Floats


def shared_errors(measurements: pd.DataFrame, parts: Sequence[dict[str, Part]]) -> pd.DataFrame:
    """Write what measurements of tone share as factors.

    Args:
        measurements: MEASUREMENT rows, grain agency x criterion.
        parts: Channel to part, for each row.

    Returns:
        ERROR_FACTOR rows; the squared loadings of a cell sum to the square of its standard error.
    """
    if len(measurements) < 2:
        return factor_rows(measurements, ())
    blocks = [*_matrices(parts), *_posts(measurements["agency"].tolist(), parts), *_middles(measurements, parts)]
    return factor_rows(measurements, [*blocks, *remainders(TONE, measurements, blocks)])


def _matrices(parts: Sequence[dict[str, Part]]) -> list[Block]:
    """The errors of the confusion matrices, by channel."""
    blocks = []
    for channel in dict.fromkeys(name for one in parts for name in one):
        cells = np.array([at for at, one in enumerate(parts) if channel in one])
        loadings = np.array([parts[at][channel].weight * parts[at][channel].way for at in cells])
        blocks.append(Block(f"{TONE}:{channel}", cells, loadings))
    return blocks


def _posts(agencies: list[str], parts: Sequence[dict[str, Part]]) -> list[Block]:
    """The errors of sampling posts that several criteria of an agency count."""
    strata: dict[tuple[str, str], list[int]] = {}
    for at, (agency, one) in enumerate(zip(agencies, parts, strict=True)):
        for channel, part in one.items():
            if part.voices.any():
                strata.setdefault((agency, channel), []).append(at)
    blocks = []
    for (agency, channel), cells in sorted(strata.items()):
        if len(cells) < 2:
            continue
        own = [parts[at][channel] for at in cells]
        error = np.array([part.weight * np.sqrt(part.sampled) for part in own])
        loadings = directions(np.array([part.voices for part in own]).T) * error[:, None]
        blocks.append(Block(f"{TONE}:{agency}:{channel}", np.array(cells), loadings))
    return blocks


def _middles(measurements: pd.DataFrame, parts: Sequence[dict[str, Part]]) -> list[Block]:
    """The errors of the middles, by criterion; over channels they add up, as those of pooling do."""
    reached = np.array([sum(part.weight * np.sqrt(part.reached) for part in one.values()) for one in parts])
    code, nodes = measurements["node"].factorize()
    own = [np.flatnonzero(code == at) for at in range(len(nodes))]
    pairs = zip(nodes, own, strict=True)
    return [Block(f"{TONE}:{node}", cells, reached[cells, None], one=True) for node, cells in pairs]
