"""Quality of submissions: flags by rule. A flag alone leaves nobody out; the declaration says which ones do."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from warehouse.frameworks.survey import Rules, Survey

FLAGS = ("duplicate", "impossible", "interviewer", "speeder", "straight_lining")
_FEWEST_INTERVIEWS = 5  # of an interviewer, and of the others of the agency, before their means are compared


def flag_answers(rows: pd.DataFrame, survey: Survey) -> pd.DataFrame:
    """Flag submissions.

    Args:
        rows: Coded answers, grain submission.
        survey: The survey with its rules.

    Returns:
        One boolean column a flag, index as in `rows`.
    """
    rules = survey.quality
    makers: dict[str, Callable[[pd.DataFrame, Survey], pd.Series]] = {
        "duplicate": _duplicates,
        "impossible": _impossible,
        "interviewer": _interviewers,
        "speeder": _speeders,
        "straight_lining": _straight_liners,
    }
    never = pd.Series(False, index=rows.index)
    return pd.DataFrame({name: makers[name](rows, survey) if getattr(rules, name) else never for name in FLAGS})


def excluded(flags: pd.DataFrame, rules: Rules) -> pd.Series:
    """Whether a declared rule leaves a submission out."""
    return flags[sorted(rules.exclude)].any(axis=1) if rules.exclude else pd.Series(False, index=flags.index)


def _straight_liners(rows: pd.DataFrame, survey: Survey) -> pd.Series:
    return (rows["marks"] >= survey.quality.straight_lining) & (rows["mark_low"] == rows["mark_high"])


def _speeders(rows: pd.DataFrame, survey: Survey) -> pd.Series:
    usual = rows.groupby("form_version")["seconds"].transform("median")
    return rows["seconds"] < survey.quality.speeder * usual


def _impossible(rows: pd.DataFrame, survey: Survey) -> pd.Series:
    return rows["impossible"] >= survey.quality.impossible


def _duplicates(rows: pd.DataFrame, _: Survey) -> pd.Series:
    """The first submission of an identity counts, in the order of time.

    At equal or unknown times what was answered decides, so that neither the order of arrival nor the pseudonyms do.
    """
    twice = rows[rows.duplicated("identity", keep=False) & (rows["identity"] != "")]
    time = pd.to_datetime(twice["submitted_at"], errors="coerce", utc=True, format="ISO8601")
    said = twice.drop(columns=["submission_id", "identity", "interviewer", "cluster", "submitted_at"])
    texts = ["|".join(map(str, row)) for row in said.itertuples(index=False, name=None)]
    ordered = twice[["identity"]].assign(time=time, said=texts)
    ordered = ordered.sort_values(["time", "said"], kind="stable", na_position="last")
    return ordered.duplicated("identity").reindex(rows.index, fill_value=False)


def _interviewers(rows: pd.DataFrame, survey: Survey) -> pd.Series:
    """Interviewers whose respondents answer unlike those of the other interviewers of the same agency.

    Compared is the mean share of the scale over the Likert questions of a respondent (Welch's statistic of one
    interviewer against all others). Interviewers work in few clusters, so that real differences between clusters show
    too: the limit should be well above the 2 or 3 of a plain test.
    """
    codes = [code for code in survey.criteria if code in rows and _is_likert(survey, code)]
    asked = rows["interviewer"] != ""
    if not codes or not asked.any():
        return pd.Series(False, index=rows.index)
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
    far = (distance.abs() > survey.quality.interviewer) & enough
    keys = pd.MultiIndex.from_frame(rows[["agency", "interviewer"]])
    return pd.Series(far.reindex(keys, fill_value=False).to_numpy(), index=rows.index)


def _is_likert(survey: Survey, code: str) -> bool:
    item = next(form.criteria[code] for form in survey.forms if code in form.criteria)
    return survey.scales[item.scale].kind == "likert"


def _mean(table: pd.DataFrame) -> pd.Series:
    return table["sum"] / table["n"]


def _variance(table: pd.DataFrame) -> pd.Series:
    return (table["square"] - table["sum"] ** 2 / table["n"]) / (table["n"] - 1)
