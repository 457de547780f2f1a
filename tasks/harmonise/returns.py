"""Two returns of one agency: the later one counts, the earlier one is kept and shown."""

import re
from collections.abc import Mapping

import pandas as pd

from tasks.harmonise.periods import period_end
from warehouse.periods import PERIOD

RETURN = ["framework", "round", "period", "agency", "source", "stage"]
_DECIDING = ["submitted_on", "form_version", "snapshot_sha256"]
_NUMBER = re.compile(r"\d{1,9}")  # longer ones are no versions, and slow to convert


def supersede(candidates: pd.DataFrame, origins: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Mark the rows of every return that a later return of the same agency replaces.

    Of the returns of one framework, round, period, agency, source and stage the one with the latest `submitted_on`
    counts; on the same day the higher form version, then the later name of its origin. An unknown date comes before
    every known one, and a date more than a year after the period is a slip of the pen and counts as unknown. Rows whose
    agency is not known belong to no return. The same bytes received twice are one return.

    Args:
        candidates: CANDIDATE rows of all returns of a round; sources whose files add to each other are not returns.
        origins: Snapshot sha256 to the name of its origin.

    Returns:
        The same rows, without those received twice; `superseded_by` is the sha256 of the return that counts, or empty.
    """
    rows = candidates.drop_duplicates("observation_id", ignore_index=True)
    known = rows.loc[rows["agency"] != "", [*RETURN, *_DECIDING]].copy()
    known["submitted_on"] = known["submitted_on"].where(known["submitted_on"] <= known["period"].map(_last_day), "")
    returns = known.groupby([*RETURN, "snapshot_sha256"], as_index=False, sort=False).max()
    what_decides = zip(*(returns[column].tolist() for column in _DECIDING), strict=True)
    ranks = [_rank(day, version, sha256, origins or {}) for day, version, sha256 in what_decides]
    latest = returns.iloc[sorted(range(len(ranks)), key=ranks.__getitem__)].drop_duplicates(RETURN, keep="last")
    latest = latest[[*RETURN, "snapshot_sha256"]].rename(columns={"snapshot_sha256": "latest"})
    winner = rows[RETURN].merge(latest, how="left", on=RETURN)["latest"].fillna("")
    replaced = (winner != "") & (winner != rows["snapshot_sha256"])
    return rows.assign(superseded_by=winner.where(replaced, "").astype(rows["superseded_by"].dtype))


def _last_day(period: str) -> str:
    """The day, as ISO text, after which no return for a period is dated: a year after its end."""
    if not PERIOD.fullmatch(period):
        return "9999-12-31"
    end = period_end(period)
    return f"{end.year + 1}-{end:%m-%d}"


def _rank(submitted_on: str, form_version: str, sha256: str, origins: Mapping[str, str]) -> tuple[object, ...]:
    """What decides between returns; the sha256 comes last, so that the order of arrival never does."""
    return submitted_on, natural(form_version), origins.get(sha256, ""), sha256


def natural(text: str) -> tuple[tuple[int, str], ...]:
    """Return the key that sorts version 1.10 after 1.9."""
    return tuple((int(word), "") if _NUMBER.fullmatch(word) else (-1, word) for word in re.findall(r"\d+|\D+", text))
