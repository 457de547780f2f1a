"""Ranking without some agencies: their scores stay, they have no rank, and the others close the gap."""

from collections.abc import Collection

import numpy as np
import pandas as pd

from tasks.scoring.rank import competition_ranks


def without(scores: pd.DataFrame, excluded: Collection[str]) -> pd.DataFrame:
    """Rank the scores of a vintage again without some agencies; nothing else is computed anew.

    Args:
        scores: SCORE rows of one framework, round and period, grain agency x node.
        excluded: Ids of the agencies that are not ranked.

    Returns:
        The same rows in the same order with new `rank` and `group_rank`; both are missing for excluded agencies.
    """
    agencies, units = np.unique(scores["agency"], return_inverse=True)
    nodes, at = np.unique(scores["node"], return_inverse=True)
    shares = np.full((len(nodes), len(agencies)), np.nan)
    # Whoever had no rank before, whatever the reason, gets none now.
    shares[at, units] = scores["share"].where(scores["rank"].notna())
    ranked = ~np.isin(agencies, list(excluded))
    overall = np.where(ranked, 0, -1)
    groups = scores.drop_duplicates("agency").set_index("agency")["group"].reindex(agencies).to_numpy()
    labels = np.unique(groups, return_inverse=True)[1]
    together = np.where(ranked & (groups != ""), labels, -1)
    labels_of = {"rank": overall, "group_rank": together}
    ranks = {name: competition_ranks(shares, label.astype(np.intp))[at, units] for name, label in labels_of.items()}
    return scores.assign(
        **{name: pd.arrays.IntegerArray(found.astype(np.int64), found == 0) for name, found in ranks.items()}
    )
