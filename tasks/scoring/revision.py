"""What a revision changed: two vintages of one round and period, value by value."""

import pandas as pd

from warehouse.frames import NUMBER, TEXT

COLUMNS = ("agency", "node", "earlier", "later", "change")
NEW, GONE, CHANGED = "new", "gone", "changed"


def changes(earlier: pd.DataFrame, later: pd.DataFrame) -> pd.DataFrame:
    """List what differs between two vintages.

    Args:
        earlier: Columns agency, node and value of the earlier vintage, in the nodes' units, grain agency x node; a
            missing value is no value.
        later: The same of the later one.

    Returns:
        Columns COLUMNS, one row an agency and node that differs, by agency and node: `new` has no earlier value, `gone`
        no later one, `changed` has two that are not equal to the last digit.

    Raises:
        ValueError: A vintage has two values of one agency and node.
    """
    sides = [rows.dropna(subset="value")[["agency", "node", "value"]] for rows in (earlier, later)]
    both = sides[0].merge(
        sides[1], on=["agency", "node"], how="outer", suffixes=("_earlier", "_later"), validate="one_to_one"
    )
    both = both.rename(columns={"value_earlier": "earlier", "value_later": "later"})
    change = pd.Series(CHANGED, index=both.index, dtype=TEXT)
    change = change.mask(both["earlier"].isna(), NEW).mask(both["later"].isna(), GONE)
    differs = both.assign(change=change)[both["earlier"] != both["later"]]
    types = {"agency": TEXT, "node": TEXT, "earlier": NUMBER, "later": NUMBER, "change": TEXT}
    return differs[list(COLUMNS)].astype(types).sort_values(["agency", "node"], ignore_index=True)
