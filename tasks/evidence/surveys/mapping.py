"""Which columns of the answers are which declared questions, per form version."""

import re
from collections.abc import Iterable

import pandas as pd

from warehouse.frameworks.survey import Survey, SurveyDeclaration
from warehouse.frameworks.survey_tables import ColumnReport, compare_columns, short_name

_NAME = re.compile(r"[A-Za-z0-9._:-]{0,64}")
_PHONE = re.compile(r"(84|0)[\d.-]{8,12}")


def question_columns(columns: Iterable[object]) -> dict[str, str]:
    """Name of a question, in full and without its groups, to its column; the full name wins."""
    names = [str(name) for name in columns]
    return {short_name(name): name for name in reversed(names)} | {name: name for name in names}


def report_mapping(answers: pd.DataFrame, declaration: SurveyDeclaration) -> dict[str, ColumnReport]:
    """Say what the declaration does not know and what it asks for in vain, per form version that it maps.

    Made from the answers as they came: pseudonymised ones no longer have the columns that nobody mapped.

    Args:
        answers: One row a submission: form, form_version and every question as text.
        declaration: The surveys.

    Returns:
        Form version (`form vVERSION`) to the report; only versions about which there is something to say. A column that
        is empty throughout a form version does not count as there: it belongs to another one of the same frame.
    """
    found = {}
    for survey in declaration.surveys:
        own = answers[answers["form"].isin([name for form in survey.forms for name in form.forms])]
        for name, version in own[["form", "form_version"]].drop_duplicates().itertuples(index=False):
            rows = own[(own["form"] == name) & (own["form_version"] == version)]
            report = compare_answers(rows, survey, str(name), str(version))
            if report.unmapped or report.unused:
                found[version_label(name, version)] = report
    return found


def compare_answers(rows: pd.DataFrame, survey: Survey, name: str, version: str) -> ColumnReport:
    """Compare the answers of one form version with its declaration; nothing to say where nobody mapped it."""
    form = survey.form_of(name, version)
    if form is None:
        return ColumnReport((), ())
    return compare_columns(form, [str(one) for one in rows if bool((rows[one].fillna("") != "").any())])


def version_label(name: object, version: object) -> str:
    """Form version as reports name it."""
    return f"{shown_name(name)} v{shown_name(version)}"


def shown_name(name: object) -> str:
    """Name of a form or version if it looks like one; in a table whose columns slipped it may be anybody's words.

    >>> shown_name("vQx7-2"), shown_name("0912345678"), shown_name("Nguyễn Văn A")
    ('vQx7-2', '(not shown)', '(not shown)')
    """
    text = str(name)
    return text if _NAME.fullmatch(text) and not _PHONE.fullmatch(text) else "(not shown)"
