"""How sure each rank of a scored round is: simulation intervals, confidence sets, and what moves the rank.

Two different statements that are never mixed (docs/methods.md): simulation intervals say where a rank falls when
inputs and method are drawn again; confidence sets cover the true rank with a promised probability, given the errors of
what was measured.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from tasks.scoring.arrays import FloatArray, IntArray
from tasks.scoring.rank import TIE, competition_ranks
from tasks.scoring.uncertainty.groups import groups
from tasks.scoring.uncertainty.rank_sets import rank_sets
from tasks.scoring.uncertainty.sampler import Sampler
from tasks.scoring.uncertainty.simulate import Drawn, Ranking, Ranks, simulate, together
from tasks.scoring.uncertainty.sobol import indices
from tasks.scoring.uncertainty.tally import interval, tally
from warehouse.frameworks.model import Framework
from warehouse.frameworks.uncertainty import Uncertainty

SET_DRAWS = 2_000  # of the errors of what was measured, at the most: a critical value needs no more
EFFECT_DRAWS = 1_024  # of each set that the Sobol indices compare, at the most
SET_UNITS = 1_000  # units of one ranking, above which confidence sets are left out: their work grows with the square
Told = Callable[[str], None]
# What is done, with the share of the time that has passed before it, in percent.
SHARE_DONE = {
    "drawing inputs and method": 0.0,
    "taking confidence sets": 45.0,
    "looking for what moves the ranks": 60.0,
}


@dataclass(frozen=True)
class RankUncertainty:
    """What is known of how sure the ranks of a round are.

    Attributes:
        intervals: RANK_INTERVAL rows without framework, round, period and vintage.
        effects: RANK_EFFECT rows without them.
        about: The SIMULATION row without them and without the version of the code.
    """

    intervals: pd.DataFrame
    effects: pd.DataFrame
    about: Mapping[str, Any]


def rank_uncertainty(
    framework: Framework,
    measurements: pd.DataFrame,
    factors: pd.DataFrame,
    scores: pd.DataFrame,
    uncertainty: Uncertainty,
    *,
    families: Mapping[str, Sequence[str]] = MappingProxyType({}),
    draws: int,
    seed: int,
    told: Told = lambda _: None,
) -> RankUncertainty:
    """Draw inputs and method again and say how sure each rank is.

    Args:
        framework: The framework.
        measurements: MEASUREMENT rows of one round, all stages.
        factors: ERROR_FACTOR rows of it.
        scores: SCORE rows of it; who has no rank there gets no interval and takes no place in the draws.
        uncertainty: What is drawn.
        families: Agency that is ranked in place of others to these, its predecessors.
        draws: Number of draws.
        seed: Seed of the random numbers: the same seed gives the same numbers on every machine.
        told: Called with what is being computed.

    Raises:
        FrameworkError: An alternative or a node of `uncertainty` does not fit the framework.
        InputError: A row cannot be scored, rows of several periods, or no draws.
    """
    of_agency = scores.drop_duplicates("agency")
    groups = {agency: group for agency, group in zip(of_agency["agency"], of_agency["group"], strict=True) if group}
    sampler = Sampler.of(framework, measurements, factors, uncertainty, seed, groups, families)
    codes = uncertainty.nodes or _default_nodes(framework)
    nodes = [sampler.tree.codes.index(framework.node(code).code) for code in codes]
    rankings = [ranking for place, node in enumerate(nodes) for ranking in _rankings(sampler, scores, node, place)]
    told("drawing inputs and method")
    set_draws = min(draws, SET_DRAWS)
    drawn = simulate(sampler, nodes, draws, rankings, drawn=sampler.drawn, kept=_kept(sampler), measured=set_draws)
    told("taking confidence sets")
    rows = together(
        lambda ranking, ranks: _intervals(sampler, nodes[ranking.place], ranking, ranks, drawn, uncertainty.level),
        rankings,
        drawn.ranks,
    )
    intervals = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=["agency"])
    told("looking for what moves the ranks")
    effect_draws = min(draws, EFFECT_DRAWS)
    of_headline = [ranking for ranking in rankings if ranking.place == 0]
    effects = _effects(sampler, nodes[0], of_headline, effect_draws, uncertainty.level)
    about = {
        "draws": draws,
        "set_draws": drawn.measured.shape[2],
        "effect_draws": effect_draws,
        "seed": seed,
        "level": uncertainty.level,
        "drawn": json.dumps(sampler.drawn),
        "measured": json.dumps(sampler.measured),
        "settings": uncertainty.model_dump_json(exclude={"framework", "level"}),
    }
    return RankUncertainty(intervals, effects, about)


def _default_nodes(framework: Framework) -> tuple[str, ...]:
    headline = framework.headline_node
    return (headline.code, *(child.code for child in framework.children[headline.code]))


def _kept(sampler: Sampler) -> int:
    """Draws whose shares are kept for intervals of shares: 10,000 of 63 units, fewer of many."""
    return max(20_000_000 // (len(sampler.ranked.unit_agency) * 32), 100)


def _rankings(sampler: Sampler, scores: pd.DataFrame, node: int, place: int) -> Iterator[Ranking]:
    """Who is ranked by a node in the published scores: all, and each ranking group."""
    of_node = scores[scores["node"] == sampler.tree.codes[node]].set_index("agency")
    agencies = [sampler.ranked.agencies[agency] for agency in sampler.ranked.unit_agency]
    ranked = of_node["rank"].reindex(agencies).notna().to_numpy() & ~np.isnan(sampler.shares[node])
    if not ranked.any():
        return
    yield Ranking(place, "", np.flatnonzero(ranked))
    names = of_node["group"].reindex(agencies).fillna("").to_numpy(dtype=object)
    for name in sorted(set(names[ranked]) - {""}):
        yield Ranking(place, str(name), np.flatnonzero(ranked & (names == name)))


def _intervals(sampler: Sampler, node: int, ranking: Ranking, ranks: Ranks, drawn: Drawn, level: float) -> pd.DataFrame:
    """Rows of one ranking."""
    estimates, members, place = sampler.shares[node], ranking.members, ranking.place
    share_low, share_high = interval(drawn.shares[place, members], level)
    errors = drawn.measured[place, members]
    centred = errors - errors.mean(axis=1, keepdims=True)
    rows = pd.DataFrame(
        {
            "agency": [sampler.ranked.agencies[at] for at in sampler.ranked.unit_agency[members]],
            "node": sampler.tree.codes[node],
            "ranked_in": ranking.name,
            "share": estimates[members],
            "standard_error": np.sqrt((centred**2).mean(axis=1)) if errors.shape[1] > 1 else np.nan,
            "share_low": share_low,
            "share_high": share_high,
        }
    )
    if not sampler.has_known_errors:
        rows = rows.assign(standard_error=np.nan)
        if not (np.ptp(drawn.shares[place, members], axis=1) > TIE).any():
            # Nothing that was drawn reaches the node: an interval of one rank would look like certainty.
            return rows.assign(rank=_published(estimates[members]), share_low=np.nan, share_high=np.nan)
    if not sampler.has_known_errors or len(members) > SET_UNITS or errors.shape[1] < 2:  # one draw has no spread
        published = _published(estimates[members])
        return rows.assign(rank=published, **_tallied(ranks, published, level))
    sets = rank_sets(estimates[members], centred, level)
    alike = groups(sets.ranks, sets.better)
    return rows.assign(
        rank=sets.ranks,
        **_tallied(ranks, sets.ranks, level),
        marginal_low=sets.low,
        marginal_high=sets.high,
        simultaneous_low=sets.all_low,
        simultaneous_high=sets.all_high,
        alike=[alike.label(unit) for unit in range(len(members))],
    )


def _published(estimates: FloatArray) -> IntArray:
    ranks: IntArray = competition_ranks(estimates[None], np.zeros(len(estimates), dtype=np.intp))[0]
    return ranks


def _tallied(ranks: Any, published: IntArray, level: float) -> dict[str, Any]:
    found = tally(ranks, published, level)
    return {
        "simulated_low": found.low,
        "simulated_high": found.high,
        "top10_probability": found.top,
        "above_next_probability": found.above_next,
    }


def _effects(sampler: Sampler, node: int, rankings: list[Ranking], draws: int, level: float) -> pd.DataFrame:
    """Sobol indices of the ranks by the headline, for each source of uncertainty."""
    if draws < 2 or not sampler.drawn:
        return pd.DataFrame(columns=["agency"])

    def ranks(copies: Mapping[str, int]) -> list[FloatArray]:
        found = simulate(sampler, [node], draws, rankings, drawn=sampler.drawn, copies=copies, mirrored=False)
        return [places.astype(np.float64) for places in found.ranks]

    first, second = ranks({}), ranks(dict.fromkeys(sampler.drawn, 1))
    mixed = [ranks({name: 1}) for name in sampler.drawn]
    rows = []
    for number, ranking in enumerate(rankings):
        members = ranking.members
        between = np.array([found[number] for found in mixed])
        found = indices(first[number], second[number], between, level, seed=sampler.seed)
        agencies = [sampler.ranked.agencies[at] for at in sampler.ranked.unit_agency[members]]
        for place, name in enumerate(sampler.drawn):
            rows.append(
                pd.DataFrame(
                    {
                        "agency": agencies,
                        "node": sampler.tree.codes[node],
                        "ranked_in": ranking.name,
                        "perturbation": name,
                        "first_order": found.first[place],
                        "first_order_low": found.first_low[place],
                        "first_order_high": found.first_high[place],
                        "total": found.total[place],
                        "total_low": found.total_low[place],
                        "total_high": found.total_high[place],
                    }
                )
            )
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=["agency"])
