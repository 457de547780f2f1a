"""Exports of surveys as files: CSV, XLSX or SPSS .sav, one row a submission, questions as columns."""

import io
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

import pandas as pd

from tasks.sources.archive import is_archive, refuse_foreign
from tasks.sources.base import Page, Receipt
from tasks.sources.delimited import decode, delimiter_of, lines
from tasks.sources.http import gather_entry
from tasks.sources.rounds import Entry
from tasks.sources.submissions import STANDARD, submissions
from tasks.sources.workbook import plain_text, read_workbook
from warehouse.errors import BatchRefused
from warehouse.frames import records

# How the tools call the standard columns in their exports.
_NAMES = {
    "submission_id": ("submission_id", "_id", "_uuid", "instanceID", "meta/instanceID", "KEY", "id"),
    "form": ("form", "_xform_id_string", "form_id", "survey"),
    "form_version": ("form_version", "__version__", "_version_", "FormVersion", "version"),
    "submitted_at": ("submitted_at", "_submission_time", "SubmissionDate", "submitdate", "endtime"),
    "review_state": ("review_state", "ReviewState", "_validation_status"),
}
_SAV = (b"$FL2", b"$FL3")
_EXPORT_AGAIN = "Export the answers again, with a header row and one row a submission."


class SurveyExport:
    """Answers that were exported to a file."""

    name = "survey_export"
    title_vi = "Tệp xuất dữ liệu khảo sát"
    title_en = "Exported survey answers"
    evidence = "survey"

    def gather(
        self,
        entry: Entry,
        folder: Path,
        earlier: Sequence[Page] = (),  # noqa: ARG002 - files are always read whole
    ) -> Iterator[Receipt]:
        """Yield the files; see `tasks.sources.base.MicroSource.gather`."""
        return gather_entry(entry, folder)

    def read_answers(self, pages: Sequence[Page]) -> pd.DataFrame:
        """Read the files; see `tasks.sources.base.MicroSource.read_answers`.

        Where a file names no form, its own name without the ending is the form; without a version it is version 1.

        Raises:
            BatchRefused: A file is no table, or has no column with the id of a submission.
        """
        return submissions((row, standard) for page in pages for row, standard in _rows(page))


SOURCE = SurveyExport()


def _rows(page: Page) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    table = _table(page.content)
    columns = {role: next((name for name in names if name in table.columns), "") for role, names in _NAMES.items()}
    if not columns["submission_id"]:
        known = ", ".join(_NAMES["submission_id"])
        raise BatchRefused("The export has no column with the id of a submission.", f"It may be called: {known}.")
    defaults = {"form": PurePosixPath(page.origin).stem, "form_version": "1"}
    questions = [str(name) for name in table if name not in columns.values()]
    for row in records(table):
        standard = {role: str(row[columns[role]]) if columns[role] else defaults.get(role, "") for role in STANDARD}
        yield {name: str(row[name]) for name in questions}, standard


def _table(content: bytes) -> pd.DataFrame:
    """The one table of a file, everything as text."""
    if content[:4] in _SAV:
        return _sav(content)
    refuse_foreign(content)
    if is_archive(content):
        sheet = next((sheet for sheet in read_workbook(content) if sheet.rows and not sheet.is_hidden), None)
        rows = [[plain_text(cell) for cell in row] for row in sheet.rows] if sheet else []
    else:
        text = decode(content)
        rows = [line.cells for line in lines(text, delimiter_of(text, len))]
    if len(rows) < 2:
        raise BatchRefused("The export has no answers in it.", _EXPORT_AGAIN)
    header = [name.strip() for name in rows[0]]
    if len(set(header)) < len(header):
        raise BatchRefused("The export has two columns of one name.", _EXPORT_AGAIN)
    width = len(header)
    if slipped := next((number for number, row in enumerate(rows[1:], start=2) if any(row[width:])), 0):
        raise BatchRefused(
            f"Row {slipped} of the export has more cells than the header: its answers stand in wrong columns.",
            _EXPORT_AGAIN,
        )
    return pd.DataFrame([[*row, *[""] * width][:width] for row in rows[1:]], columns=header, dtype="str")


def _sav(content: bytes) -> pd.DataFrame:
    """An SPSS file; whole numbers without `.0`, as the codebook writes the codes."""
    import svy_io

    try:
        table, _ = svy_io.read_sav(io.BytesIO(content), coerce_temporals=False, normalize_names=False)
    except Exception as error:
        raise BatchRefused("The SPSS file is damaged.", _EXPORT_AGAIN) from error
    columns = {
        name: ["" if value is None else _plain(value) for value in table[name].to_list()] for name in table.columns
    }
    return pd.DataFrame(columns, dtype="str")


def _plain(value: object) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value).strip()
