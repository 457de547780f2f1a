"""Who was late and who sent nothing: agencies are listed, never dropped."""

from collections.abc import Collection
from datetime import date

import pandas as pd

from warehouse.frames import TEXT

COLUMNS = ("agency", "state", "submitted_on", "due", "days_late")
LATE, MISSING, UNDATED = "late", "missing", "undated"


def punctuality(candidates: pd.DataFrame, agencies: Collection[str], due: date | None) -> pd.DataFrame:
    """List the agencies whose returns came late, did not come, or do not say when they were sent.

    What counts is the first version that could be read: an agency that was in time and corrects itself later is in
    time. A return that could be read and whose figures were all refused has come.

    Args:
        candidates: Rows with `agency` and `submitted_on` (ISO date or empty) of everything that could be read in
            returns, as the CANDIDATE frame has them; the agency is empty where it is not known.
        agencies: Ids of the agencies that had to report.
        due: Last day in time; None: nobody is late, and only missing agencies are listed.

    Returns:
        Columns COLUMNS, one row an agency that is late, missing or undated, by state and agency; dates are ISO texts.
    """
    known = candidates[candidates["agency"] != ""]
    dated = known[known["submitted_on"] != ""]
    first = dated.groupby("agency")["submitted_on"].min().to_dict()
    came = set(known["agency"])
    rows = [(agency, *_state(first.get(agency, ""), agency in came, due)) for agency in sorted(set(agencies))]
    listed = pd.DataFrame([row for row in rows if row[1]], columns=["agency", "state", "submitted_on", "days_late"])
    order = listed["state"].map({LATE: 0, MISSING: 1, UNDATED: 2})
    found = listed.assign(due=due.isoformat() if due else "", order=order).sort_values(["order", "agency"])
    types = {"agency": TEXT, "state": TEXT, "submitted_on": TEXT, "due": TEXT, "days_late": "Int64"}
    return found[list(COLUMNS)].astype(types).reset_index(drop=True)


def _state(submitted: str, came: bool, due: date | None) -> tuple[str, str, int | None]:
    if not came:
        return MISSING, "", None
    if due is None:
        return "", submitted, None
    if not submitted:
        return UNDATED, "", None
    late = (date.fromisoformat(submitted) - due).days
    return (LATE, submitted, late) if late > 0 else ("", submitted, None)
