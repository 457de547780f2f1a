"""The ranks that today's agencies would have had before: those of a merger with the mean of their predecessors."""

from collections.abc import Collection, Mapping

import numpy as np

from tasks.scoring.movement.succession import Successors, better, successions


def ranks_before_merged(
    shares: Mapping[str, float], agencies: Collection[str], successors: Successors, unranked: Collection[str] = ()
) -> dict[str, int]:
    """Rank the agencies of today by the shares of an earlier time.

    An agency that was there has its own share, a merged one the arithmetic mean of its predecessors' shares; they are
    ranked among each other, so that a merger alone moves nobody who was behind those that merged.

    Args:
        shares: Agency id to the share of the earlier time, of those that were ranked then.
        agencies: Ids of those that are ranked today.
        successors: Agency id to the ids that took it over.
        unranked: Ids that are scored today without a rank, such as agencies that were merged.

    Returns:
        Agency id of today to its rank before; who was nothing before is left out.
    """
    before, after = sorted(shares), sorted({*agencies, *unranked})
    pairs = successions(before, after, successors, frozenset(unranked))
    figures = pairs.mean_of_family(np.array([shares[before[old]] for old in pairs.before]))
    found = {after[new]: float(share) for new, share in zip(pairs.after, figures, strict=True)}
    found = {agency: share for agency, share in found.items() if agency in agencies}
    ranked = np.array(list(found.values()))
    ahead = better(ranked, ranked)
    return {agency: 1 + int(number) for agency, number in zip(found, ahead, strict=True)}
