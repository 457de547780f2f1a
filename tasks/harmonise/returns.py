"""Two returns of one agency: the later one counts, the earlier one is kept and shown."""

import re
from collections.abc import Mapping

import pandas as pd

RETURN = ["framework", "round", "period", "agency", "source", "stage"]
_DECIDING = ["submitted_on", "form_version", "snapshot_sha256"]
_NUMBER = re.compile(r"\d+")


def supersede(candidates: pd.DataFrame, origins: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Mark the rows of every return that a later return of the same agency replaces.

    Of the returns of one framework, round, period, agency, source and stage the one with the latest `submitted_on`
    counts; on the same day the higher form version, then the later name of its origin. An unknown date comes before
    every known one. Rows whose agency is not known belong to no return. The same bytes received twice are one return.

    Args:
        candidates: CANDIDATE rows of all returns of a round; sources whose files add to each other are not returns.
        origins: Snapshot sha256 to the name of its origin.

    Returns:
        The same rows, without those received twice; `superseded_by` is the sha256 of the return that counts, or empty.
    """
    rows = candidates.drop_duplicates("observation_id", ignore_index=True)
    known = rows.loc[rows["agency"] != "", [*RETURN, *_DECIDING]]
    returns = known.groupby([*RETURN, "snapshot_sha256"], as_index=False, sort=False).max()
    what_decides = zip(*(returns[column].tolist() for column in _DECIDING), strict=True)
    ranks = [_rank(day, version, sha256, origins or {}) for day, version, sha256 in what_decides]
    latest = returns.iloc[sorted(range(len(ranks)), key=ranks.__getitem__)].drop_duplicates(RETURN, keep="last")
    latest = latest[[*RETURN, "snapshot_sha256"]].rename(columns={"snapshot_sha256": "latest"})
    winner = rows[RETURN].merge(latest, how="left", on=RETURN)["latest"].fillna("")
    replaced = (winner != "") & (winner != rows["snapshot_sha256"])
    return rows.assign(superseded_by=winner.where(replaced, "").astype(rows["superseded_by"].dtype))


def _rank(submitted_on: str, form_version: str, sha256: str, origins: Mapping[str, str]) -> tuple[object, ...]:
    """What decides between returns; the sha256 comes last, so that the order of arrival never does."""
    return submitted_on, _natural(form_version), origins.get(sha256, ""), sha256


def _natural(text: str) -> tuple[tuple[int, str], ...]:
    """Key that sorts version 1.10 after 1.9."""
    return tuple((int(word), "") if _NUMBER.fullmatch(word) else (-1, word) for word in re.findall(r"\d+|\D+", text))
