"""Many draws through the engine: ranks and scores of the nodes in each of them."""

import os
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from tasks.scoring.arrays import BoolArray, FloatArray, IntArray
from tasks.scoring.rank import competition_ranks
from tasks.scoring.scratch import Scratch
from tasks.scoring.uncertainty.sampler import FIRST, Sampler
from warehouse.errors import FrameworkError, InputError

Ranks = NDArray[np.signedinteger[Any]]
Result = TypeVar("Result")
_THREADS = 8  # more do not pay: the arrays of a block share the memory of the machine


@dataclass(frozen=True)
class Ranking:
    """Who is ranked with whom by a node.

    Attributes:
        place: Place of the node among those that are drawn.
        name: Ranking group; empty: all.
        members: The units that are ranked, shape (m,).
    """

    place: int
    name: str
    members: IntArray


@dataclass(frozen=True)
class Drawn:
    """What came of the draws.

    Attributes:
        ranks: For each ranking the ranks of its members, shape (m, draws).
        shares: Shares of each node, shape (nodes, units, draws kept): of the first draws.
        measured: The same, where only the errors of what was measured are drawn; no draw mirrors another.
    """

    ranks: tuple[Ranks, ...]
    shares: FloatArray
    measured: FloatArray


def simulate(
    sampler: Sampler,
    nodes: Sequence[int],
    draws: int,
    rankings: Sequence[Ranking],
    *,
    drawn: Collection[str],
    kept: int = 0,
    measured: int = 0,
    copies: Mapping[str, int] = FIRST,
    mirrored: bool = True,
) -> Drawn:
    """Draw, score and rank; the same numbers on any number of processors.

    Memory grows with what is returned; what is computed of a block of draws is forgotten with it.

    Args:
        sampler: What is drawn.
        nodes: Indices of the nodes.
        draws: Number of draws.
        rankings: Who is ranked with whom; all members have a published share.
        drawn: What is drawn; the rest is as published.
        kept: Draws whose shares are kept.
        measured: Draws of which the errors of what was measured are also drawn alone; they take `sampler.drawn`.
        copies: Which copy of the random numbers a perturbation takes.
        mirrored: Whether errors come in pairs of opposite sign.

    Raises:
        FrameworkError: Under an alternative somebody has no share who has one.
        InputError: No draws, or a draw outside the domain of a transform.
    """
    if draws < 1:
        raise InputError(f"{draws} draws say nothing of a rank.", "Give the number of draws, such as 10000.")
    units = len(sampler.ranked.unit_agency)
    ranks = tuple(np.zeros((len(ranking.members), draws), dtype=_whole(units)) for ranking in rankings)
    shares = np.empty((len(nodes), units, min(kept, draws)))
    missing = np.isnan(sampler.shares[list(nodes)])

    blocks = -(-draws // sampler.size)
    alone = np.empty((len(nodes), units, min(measured, blocks * sampler.independent)))
    memory = threading.local()

    def work(block: int) -> None:
        if not hasattr(memory, "scratch"):
            memory.scratch = Scratch()
        begin = block * sampler.size
        end = min(begin + sampler.size, draws)
        at = block * sampler.independent
        if at < alone.shape[2]:
            found, errors = sampler.draw_twice(block, nodes, memory.scratch)
            alone[:, :, at : at + sampler.independent] = errors[:, :, : alone.shape[2] - at]
        else:
            found = sampler.draw(block, nodes, drawn, copies, memory.scratch, mirrored=mirrored)
        found = found[:, :, : end - begin]
        found[missing] = np.nan  # who has no published share takes no place in the draws
        _refuse_lost(sampler, nodes, found, missing)
        for ranking, places in zip(rankings, ranks, strict=True):
            together = np.zeros(len(ranking.members), dtype=np.intp)
            places[:, begin:end] = competition_ranks(found[ranking.place, ranking.members][None], together)[0]
        if begin < shares.shape[2]:
            shares[:, :, begin:end] = found[:, :, : shares.shape[2] - begin]

    together(work, range(blocks))
    return Drawn(ranks, shares, alone)


def together(work: Callable[..., Result], *inputs: Iterable[Any]) -> list[Result]:
    """Do the same with many inputs on all processors; the results in the order of the inputs."""
    with ThreadPoolExecutor(min(_processors(), _THREADS)) as pool:
        return list(pool.map(work, *inputs))


def _whole(units: int) -> type[np.int16] | type[np.int32]:
    """Type of ranks: millions of them are kept."""
    return np.int16 if units <= np.iinfo(np.int16).max else np.int32


def _refuse_lost(sampler: Sampler, nodes: Sequence[int], found: FloatArray, missing: BoolArray) -> None:
    lost = np.argwhere(np.isnan(found) & ~missing[:, :, None])
    if lost.size:
        node, unit = sampler.tree.codes[nodes[lost[0][0]]], sampler.ranked.unit(int(lost[0][1]))
        raise FrameworkError(
            f"{node} of {unit} has a share, but none under one of the alternatives, so its rank has no interval.",
            "Leave that alternative out, or limit it by `of` or `level` to nodes that were measured everywhere.",
        )


def _processors() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
