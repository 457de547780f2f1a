"""Counts that are supposed: the shares that follow from them."""

from collections.abc import Mapping

import pandas as pd

from tasks.evidence.derived import derive
from warehouse.frames import records
from warehouse.frameworks.model import Framework


def rederived(measurements: pd.DataFrame, framework: Framework, supposed: Mapping[str, float]) -> dict[str, float]:
    """Compute the derived leaves again that follow from supposed counts.

    Args:
        measurements: MEASUREMENT rows of one agency, the stage that counts.
        framework: The framework.
        supposed: Code of a leaf to its supposed value.

    Returns:
        Code of a derived leaf to its value; leaves that are supposed themselves, or cannot be derived, are left out.
    """
    affected = {
        leaf.code
        for leaf in framework.leaves
        if supposed.keys() & {*leaf.numerator_codes, *leaf.denominator_codes} and leaf.code not in supposed
    }
    if not affected or measurements.empty:
        return {}
    rows = measurements[~measurements["node"].isin({*affected, *supposed})]
    like = measurements.iloc[[0] * len(supposed)].assign(
        node=list(supposed), value=list(supposed.values()), points=None
    )
    found = derive(pd.concat([rows, like.astype(rows.dtypes)], ignore_index=True), framework).measurements
    return {row["node"]: float(row["value"]) for row in records(found) if row["node"] in affected}
