"""Records of a figure that is revised one by one: the latest revision counts, earlier ones are kept and shown."""

import pandas as pd

from tasks.harmonise.returns import natural

FIGURE = ["framework", "round", "period", "source", "stage", "agency", "item", "part", "period_text"]
_SAME_RECORD = ["form_version", "value_text", "unit_text"]


def supersede_revisions(candidates: pd.DataFrame) -> pd.DataFrame:
    """Mark every record that a later revision of the same figure replaces.

    Of the records of one agency, item, part, stage and stated month the one with the highest revision counts, then the
    one with the latest time; both stand in `form_version`. A record that came twice, on two pages that moved against
    each other, is one. Two records of one revision and time with different figures both stay: validation refuses them,
    because nobody knows which is right.

    Args:
        candidates: CANDIDATE rows of one source, in the order in which they came.

    Returns:
        The same rows, without those that came twice; `superseded_by` is the sha256 of the snapshot with the record that
        counts, which may be the same one, or empty.
    """
    keyed = candidates.assign(
        agency=candidates["agency"].where(candidates["agency"] != "", candidates["agency_text"]),
        item=candidates["item"].where(candidates["item"] != "", candidates["item_text"]),
    )
    is_first = ~keyed.duplicated([*FIGURE, *_SAME_RECORD])
    rows, keyed = candidates[is_first].reset_index(drop=True), keyed[is_first].reset_index(drop=True)
    versions = sorted(rows["form_version"].unique(), key=natural)
    order = rows["form_version"].map({version: at for at, version in enumerate(versions)})
    figures = keyed.groupby(FIGURE, sort=False).ngroup()
    counts = order == order.groupby(figures).transform("max")
    latest = rows["snapshot_sha256"][counts].groupby(figures[counts]).first()
    superseded_by = figures.map(latest).where(~counts, "")
    return rows.assign(superseded_by=superseded_by.astype(candidates["superseded_by"].dtype))
