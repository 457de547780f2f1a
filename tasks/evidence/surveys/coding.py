"""Coding of answers: from text as written, per form version, to one column a criterion."""

import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from tasks.evidence.surveys.linearised import Floats
from tasks.evidence.surveys.mapping import compare_answers, question_columns, version_label
from warehouse.frameworks.survey import FormVersion, Scale, Survey

# As ODK Central, KoboToolbox (id and labels) and people write it.
REJECTED = ("rejected", "validation_status_not_approved", "not approved", "không duyệt", "từ chối")
DENOMINATOR = "/denominator"  # suffix of the column that a ratio divides by


@dataclass
class CodedAnswers:
    """Answers of one survey as numbers.

    Attributes:
        rows: One row a submission that can be used: submission_id, form_version (`form vVERSION`), submitted_at,
            agency, stratum, cluster, weight, population, interviewer, identity, seconds (duration, NaN: unknown),
            `margin:NAME`, marks (answered Likert questions), mark_low and mark_high (smallest and largest mark as
            shares of the scale, before reversing), impossible (answers off the scale), and a column for each
            criterion: share of the scale for Likert, 1 and 0 for a proportion, the number itself otherwise; NaN: no
            answer.
        refused: Reason to number of submissions that cannot be used.
        unmapped: Form version to columns that nobody mapped.
        unused: Form version to declared questions that the answers do not have.
    """

    rows: pd.DataFrame
    refused: Counter[str] = field(default_factory=Counter)
    unmapped: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unused: dict[str, tuple[str, ...]] = field(default_factory=dict)


def code_answers(answers: pd.DataFrame, survey: Survey, agency_of: Callable[[str], str]) -> CodedAnswers:
    """Code the answers of one survey.

    Refused, counted by reason: a form version that nobody mapped, a submission rejected in review, an agency that the
    registry does not know, a missing weight, a weight of zero or below.

    Args:
        answers: One row a submission of the survey's forms: the standard columns and the questions, text as written.
        survey: The declared survey.
        agency_of: Spelling of an agency to its id; empty where it is unknown or ambiguous.
    """
    coded = CodedAnswers(pd.DataFrame())
    parts = []
    for key, rows in answers.groupby(["form", "form_version"], sort=True):
        name, version = (str(part) for part in key) if isinstance(key, tuple) else (str(key), "")
        form, label = survey.form_of(name, version), version_label(name, version)
        if form is None:
            coded.refused[f"form version not mapped: {label}"] += len(rows)
            continue
        columns = question_columns(rows.columns)
        report = compare_answers(rows, survey, name, version)
        if report.unmapped:
            coded.unmapped[label] = report.unmapped
        if report.unused:
            coded.unused[label] = report.unused
        parts.append(_coded(rows, columns, form, survey, label))
    if parts:
        coded.rows = pd.concat(parts, ignore_index=True)
        coded.rows["agency"] = coded.rows["agency"].map({t: agency_of(t) for t in coded.rows["agency"].unique()})
        _refuse(coded, survey)
    return coded


def code_column(texts: pd.Series, scale: Scale) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Code the answers to one question.

    Args:
        texts: Answers as written.
        scale: Their scale.

    Returns:
        Values (NaN: no answer; Likert marks before reversing) and whether the answer is off the scale.
    """
    codes, written = pd.factorize(texts.fillna("").to_numpy(dtype=object))
    values = np.full(len(written), np.nan)
    off = np.zeros(len(written), dtype=bool)
    for place, text in enumerate(written):
        answer = unicodedata.normalize("NFC", str(text)).strip()
        if answer and answer not in scale.dont_know:
            values[place] = _mark(answer, scale)
            off[place] = np.isnan(values[place])
    return values[codes], off[codes]


def _mark(answer: str, scale: Scale) -> float:
    """Number that an answer stands for; NaN where it is off the scale."""
    if scale.kind == "proportion":
        if answer in scale.yes_answers:
            return 1.0
        return 0.0 if not scale.no_answers or answer in scale.no_answers else np.nan
    try:
        mark = scale.codes[answer] if answer in scale.codes else float(answer)
    except ValueError:
        return np.nan
    inside = (scale.low is None or mark >= scale.low) and (scale.high is None or mark <= scale.high)
    # float("nan") and float("inf") are numbers to Python, but no answers.
    whole = scale.kind != "likert" or answer in scale.codes or mark == np.floor(mark)
    return mark if inside and whole and np.isfinite(mark) else np.nan


def _coded(rows: pd.DataFrame, columns: dict[str, str], form: FormVersion, survey: Survey, label: str) -> pd.DataFrame:
    reader = _Reader(rows, columns)
    fields = form.fields
    coded: dict[str, object] = {
        "submission_id": rows["submission_id"].to_numpy(),
        "form_version": label,
        "submitted_at": reader.text("submitted_at"),
        "review_state": reader.text("review_state"),
        "agency": reader.text(fields.agency),
        "stratum": reader.text(fields.stratum),
        "cluster": reader.text(fields.cluster),
        "weight": reader.number(fields.weight) if fields.weight else np.ones(len(rows)),
        "population": reader.number(fields.population),
        "interviewer": reader.text(fields.interviewer),
        "identity": _joined([reader.text(name) for name in form.identity], len(rows)),
        "seconds": _seconds(reader.text(fields.started), reader.text(fields.ended)),
    }
    coded |= {f"margin:{name}": reader.text(question) for name, question in fields.margins.items()}
    return pd.DataFrame(coded | _items(reader, form, survey), index=range(len(rows)))


def _items(reader: "_Reader", form: FormVersion, survey: Survey) -> dict[str, object]:
    found: dict[str, object] = {}
    size = len(reader.rows)
    marks, impossible = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    low, high = np.full(size, np.nan), np.full(size, np.nan)
    for code, item in form.criteria.items():
        scale = survey.scales[item.scale]
        values, off = code_column(reader.text(item.question), scale)
        impossible += off
        if scale.kind == "likert" and scale.low is not None and scale.high is not None:
            values = (values - scale.low) / (scale.high - scale.low)
            marks += ~np.isnan(values)
            low, high = np.fmin(low, values), np.fmax(high, values)
            values = 1 - values if scale.reverse else values
        found[code] = values
        if item.denominator:
            found[code + DENOMINATOR], off = code_column(reader.text(item.denominator), scale)
            impossible += off
    return found | {"marks": marks, "mark_low": low, "mark_high": high, "impossible": impossible}


@dataclass(frozen=True)
class _Reader:
    """Columns of the answers by the name of their question."""

    rows: pd.DataFrame
    columns: dict[str, str]

    def text(self, question: str) -> pd.Series:
        if question not in self.columns:
            return pd.Series([""] * len(self.rows), dtype="str")
        return self.rows[self.columns[question]].fillna("").astype("str").str.strip().reset_index(drop=True)

    def number(self, question: str) -> Floats:
        return np.asarray(pd.to_numeric(self.text(question), errors="coerce"), dtype=float)


def _joined(texts: list[pd.Series], size: int) -> pd.Series:
    """One text of all identity columns; empty where any of them is, because then nothing proves a duplicate."""
    if not texts:
        return pd.Series([""] * size, dtype="str")
    whole = texts[0]
    for text in texts[1:]:
        whole = whole + " " + text
    blank = np.logical_or.reduce([(text == "").to_numpy() for text in texts])
    return whole.mask(blank, "")


def _seconds(started: pd.Series, ended: pd.Series) -> Floats:
    begin = pd.to_datetime(started.replace("", None), errors="coerce", utc=True, format="ISO8601")
    end = pd.to_datetime(ended.replace("", None), errors="coerce", utc=True, format="ISO8601")
    return np.asarray((end - begin).dt.total_seconds(), dtype=float)


def _refuse(coded: CodedAnswers, survey: Survey) -> None:
    """Leave out what cannot be used, counting the first reason of each."""
    rows = coded.rows
    reasons = {
        "rejected in review": rows["review_state"].str.casefold().isin(REJECTED),
        "agency not known": rows["agency"] == "" if any(form.fields.agency for form in survey.forms) else None,
        "weight missing": ~np.isfinite(rows["weight"]),
        "weight zero or negative": rows["weight"] <= 0,
    }
    keep = pd.Series(True, index=rows.index)
    for reason, bad in reasons.items():
        if bad is not None and (count := int((bad & keep).sum())):
            coded.refused[reason] += count
            keep &= ~bad
    coded.rows = rows[keep].reset_index(drop=True)
