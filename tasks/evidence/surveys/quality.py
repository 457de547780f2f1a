"""Quality of submissions: signs that the expectations judge. A flag alone leaves nobody out; a declared rule does."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from expectations.answers import Bounds, doubted
from warehouse.frameworks.survey import Rules, Survey

FLAGS = ("duplicate", "impossible", "interviewer", "speeder", "straight_lining")
_FEWEST_INTERVIEWS = 5  # of an interviewer, and of the others of the agency, before their means are compared


def flag_answers(rows: pd.DataFrame, survey: Survey) -> pd.DataFrame:
    """Flag submissions: work out the signs, and let the expectations of the survey judge them.

    Args:
        rows: Coded answers, grain submission.
        survey: The survey with its rules.

    Returns:
        One boolean column a flag, index as in `rows`.

    Raises:
        DtiError: A check crashed.
    """
    bounds = {name: allowed for name, allowed in _bounds(survey.quality).items() if getattr(survey.quality, name)}
    signs = pd.DataFrame({name: _SIGNS[name](rows, survey) for name in bounds}, index=rows.index)
    return doubted(signs, bounds, f"survey {survey.survey}").reindex(columns=list(FLAGS), fill_value=False)


def _bounds(rules: Rules) -> dict[str, Bounds]:
    """Between which values a sign raises no doubt."""
    return {
        "duplicate": Bounds(most=0),
        "impossible": Bounds(most=rules.impossible, below=True),
        "interviewer": Bounds(most=rules.interviewer),
        "speeder": Bounds(least=rules.speeder),
        "straight_lining": Bounds(most=rules.straight_lining, below=True),
    }


def excluded(flags: pd.DataFrame, rules: Rules) -> pd.Series:
    """Whether a declared rule leaves a submission out."""
    return flags[sorted(rules.exclude)].any(axis=1) if rules.exclude else pd.Series(False, index=flags.index)


def _equal_marks(rows: pd.DataFrame, _: Survey) -> pd.Series:
    """Likert questions answered, where all have one mark; else 0."""
    return rows["marks"].where(rows["mark_low"] == rows["mark_high"], 0)


def _pace(rows: pd.DataFrame, _: Survey) -> pd.Series:
    """Duration as a share of the median of the form version."""
    return rows["seconds"] / rows.groupby("form_version")["seconds"].transform("median")


def _impossible(rows: pd.DataFrame, _: Survey) -> pd.Series:
    """Answers off the scale."""
    return rows["impossible"]


def _earlier(rows: pd.DataFrame, _: Survey) -> pd.Series:
    """Submissions of the same identity that came before, in the order of time.

    At equal or unknown times what was answered decides, so that neither the order of arrival nor the pseudonyms do.
    """
    twice = rows[rows.duplicated("identity", keep=False) & (rows["identity"] != "")]
    time = pd.to_datetime(twice["submitted_at"], errors="coerce", utc=True, format="ISO8601")
    said = twice.drop(columns=["submission_id", "identity", "interviewer", "cluster", "submitted_at"])
    texts = ["|".join(map(str, row)) for row in said.itertuples(index=False, name=None)]
    ordered = twice[["identity"]].assign(time=time, said=texts)
    ordered = ordered.sort_values(["time", "said"], kind="stable", na_position="last")
    return ordered.groupby("identity").cumcount().reindex(rows.index, fill_value=0)


def _distance(rows: pd.DataFrame, survey: Survey) -> pd.Series:
    """How far an interviewer's respondents answer unlike those of the other interviewers of the same agency.

    Compared is the mean share of the scale over the Likert questions of a respondent (Welch's statistic of one
    interviewer against all others). Interviewers work in few clusters, so that real differences between clusters show
    too: the limit should be well above the 2 or 3 of a plain test.
    """
    codes = [code for code in survey.criteria if code in rows and _is_likert(survey, code)]
    asked = rows["interviewer"] != ""
    if not codes or not asked.any():
        return pd.Series(np.nan, index=rows.index)
    frame = pd.DataFrame({"agency": rows["agency"], "who": rows["interviewer"], "x": rows[codes].mean(axis=1)})[asked]
    frame["square"] = frame["x"] ** 2
    own = frame.groupby(["agency", "who"])[["x", "square"]].agg(["sum", "count"])
    table = pd.DataFrame({"n": own["x"]["count"], "sum": own["x"]["sum"], "square": own["square"]["sum"]})
    others = table.groupby("agency").transform("sum") - table
    with np.errstate(invalid="ignore", divide="ignore"):
        distance = (_mean(table) - _mean(others)) / np.sqrt(
            _variance(table) / table["n"] + _variance(others) / others["n"]
        )
    enough = (table["n"] >= _FEWEST_INTERVIEWS) & (others["n"] >= _FEWEST_INTERVIEWS)
    distance = distance.abs().where(enough)
    keys = pd.MultiIndex.from_frame(rows[["agency", "interviewer"]])
    return pd.Series(distance.reindex(keys).to_numpy(), index=rows.index)


def _is_likert(survey: Survey, code: str) -> bool:
    item = next(form.criteria[code] for form in survey.forms if code in form.criteria)
    return survey.scales[item.scale].kind == "likert"


def _mean(table: pd.DataFrame) -> pd.Series:
    return table["sum"] / table["n"]


def _variance(table: pd.DataFrame) -> pd.Series:
    return (table["square"] - table["sum"] ** 2 / table["n"]) / (table["n"] - 1)


_SIGNS: dict[str, Callable[[pd.DataFrame, Survey], pd.Series]] = {
    "duplicate": _earlier,
    "impossible": _impossible,
    "interviewer": _distance,
    "speeder": _pace,
    "straight_lining": _equal_marks,
}
