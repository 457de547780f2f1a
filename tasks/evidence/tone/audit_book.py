"""The workbook in which annotators label posts, and reading it back. It does not show what the model said."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, Protection
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from tasks.evidence.tone.model import POLARITIES
from tasks.feedback.cells import set_text
from tasks.sources.workbook import plain_text, read_workbook
from warehouse.errors import InputError

SHEET = "Nhãn"
LABELS = {"tiêu cực": POLARITIES[0], "trung tính": POLARITIES[1], "tích cực": POLARITIES[2]}
_HEADINGS = ("Mã", "Kênh", "Cơ quan", "Bài đăng", "Sắc thái", "Ghi chú")
_WIDTHS = (14, 12, 26, 100, 14, 30)
_KEY, _LABEL = 0, 4
_CHANNELS = {"news": "báo chí", "comment": "bình luận", "app_review": "đánh giá ứng dụng"}
_GUIDE = (
    "Với mỗi bài, chọn sắc thái đối với cơ quan nêu ở cột C: tiêu cực, trung tính hoặc tích cực. "
    "Không biết thì để trống. "
    "Hướng dẫn gán nhãn: docs/tone-labels.md."
)
_FIRST = 4  # row of the first post


def write_book(sample: str, posts: Sequence[Mapping[str, str]]) -> bytes:
    """Return the workbook of a sample.

    Args:
        sample: Name of the sample; it stands in the workbook.
        posts: key, channel, agency (its name) and text of each post.

    Returns:
        An XLSX with a list to choose from in each row.
    """
    book = Workbook()
    sheet = book.active
    assert sheet is not None  # noqa: S101 - a new workbook has a sheet
    sheet.title = SHEET
    sheet["A1"], sheet["B1"] = "Mẫu", sample
    sheet["A2"] = _GUIDE
    for column, (heading, width) in enumerate(zip(_HEADINGS, _WIDTHS, strict=True), start=1):
        cell = sheet.cell(_FIRST - 1, column, heading)
        cell.font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(column)].width = width
    for row, post in enumerate(posts, start=_FIRST):
        shown = (post["key"], _CHANNELS.get(post["channel"], post["channel"]), post["agency"], post["text"])
        for column, text in enumerate(shown, start=1):
            post_cell: Any = sheet.cell(row, column)
            set_text(post_cell, text)  # never a formula, whatever it begins with
            post_cell.alignment = Alignment(wrap_text=column == len(shown), vertical="top")
        for column in (_LABEL + 1, _LABEL + 2):
            sheet.cell(row, column).protection = Protection(locked=False)
    choice = DataValidation(type="list", formula1=f'"{",".join(LABELS)}"', allow_blank=True, showErrorMessage=True)
    choice.error = "Chọn một trong ba sắc thái."
    choice.add(f"E{_FIRST}:E{_FIRST + max(1, len(posts)) - 1}")
    sheet.add_data_validation(choice)
    sheet.freeze_panes = f"A{_FIRST}"
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def read_book(content: bytes, name: str) -> tuple[str, dict[str, str]]:
    """Read a workbook back.

    Args:
        content: Its bytes.
        name: Name of the file, for messages.

    Returns:
        Name of the sample, and label by key; posts without a label are left out.

    Raises:
        InputError: It is no workbook of an audit, or holds a label that is none.
        BatchRefused: It is no workbook.
    """
    sheet = next((sheet for sheet in read_workbook(content) if sheet.name == SHEET), None)
    if sheet is None or len(sheet.rows) < _FIRST or plain_text(sheet.rows[0][0]) != "Mẫu":
        raise InputError(f"{name} is no workbook of an audit.", "Make one: `dti tone audit --sample 400`.")
    labels: dict[str, str] = {}
    for number, row in enumerate(sheet.rows[_FIRST - 1 :], start=_FIRST):
        cells = [plain_text(cell).strip() for cell in row] + [""] * len(_HEADINGS)
        said = cells[_LABEL].casefold()
        if not said:
            continue
        label = LABELS.get(said, said)
        if label not in POLARITIES:
            raise InputError(f"{name}, row {number}: {cells[_LABEL]!r} is no label.", f"Choose {', '.join(LABELS)}.")
        labels[cells[_KEY]] = label
    return plain_text(sheet.rows[0][1]), labels
