"""How far self-report exceeds appraisal: the points that agencies claimed against those that count."""

import pandas as pd

from tasks.scoring.engine import score
from warehouse.frameworks.model import Framework

CLAIMS = ("agency", "node", "claimed", "granted", "excess")


def claims(framework: Framework, measurements: pd.DataFrame) -> pd.DataFrame:
    """Compare what was claimed with what was granted, criterion by criterion.

    Both sides go through the same engine: once with the self-reported figures, once with the final ones. Points that
    depend on the other agencies (minmax, zscore) move with what the others claimed.

    Args:
        framework: The framework.
        measurements: MEASUREMENT rows of all stages of one round and period.

    Returns:
        Grain agency x criterion that was reported and has a final figure; columns agency, node, claimed, granted and
        excess (claimed less granted) in points. No rows where the round has not been appraised.
    """
    reported = measurements[measurements["stage"] == "self_reported"]
    final = measurements[measurements["stage"] == "final"]
    cells = reported[["agency", "node"]].merge(final[["agency", "node"]])
    if cells.empty:
        return pd.DataFrame(columns=list(CLAIMS))
    sides = {"claimed": reported, "granted": final}
    points = [
        score(framework, side.merge(cells))[["agency", "node", "points"]].rename(columns={"points": name})
        for name, side in sides.items()
    ]
    found = cells.merge(points[0]).merge(points[1])
    return found.assign(excess=found["claimed"] - found["granted"])


def total(found: pd.DataFrame, by: str) -> pd.DataFrame:
    """Sum claims over `agency` or `node`, the largest excess first.

    Args:
        found: What `claims` gives.
        by: Column to sum over: `agency` or `node`.

    Returns:
        Columns `by`, figures (appraised figures), lowered and raised (how many of them), claimed, granted and excess.
    """
    moved = found.assign(figures=1, lowered=found["excess"] > 0, raised=found["excess"] < 0)
    columns = ["figures", "lowered", "raised", "claimed", "granted", "excess"]
    summed = moved.groupby(by, as_index=False)[columns].sum()
    return summed.sort_values(["excess", by], ascending=[False, True], ignore_index=True)
