"""A return that came as JSON is handed back as the workbook that it would be."""

import io
import json

import openpyxl

from tasks.feedback.choice import sender
from tasks.feedback.marks import TO_MEND

RETURN = json.dumps(
    {
        "agency": "UBND tỉnh Bắc Ninh",
        "period": "2020",
        "form_version": "tiny/1",
        "submitted_on": "2021-01-15",
        "revision": 1,
        "items": [
            {"code": "A.2", "value": "Có", "evidence": "3/KH"},
            {"code": "A.3", "value": "đang cập nhật", "evidence": "5/QĐ"},
        ],
    }
).encode()


def test_json__the_refused_figure__is_the_painted_cell(refused, handed_back):
    book = openpyxl.load_workbook(io.BytesIO(handed_back(RETURN, refused({"locator": "/items/1/value"}))))
    painted = [cell.value for row in book["JSON"].iter_rows() for cell in row if cell.fill.fgColor.rgb == TO_MEND]
    assert painted == ["đang cập nhật"]


def test_json__the_reader_reads_the_workbook_as_it_read_the_json(refused, handed_back, figures):
    assert figures(handed_back(RETURN, refused({"locator": "/items/1/value"}))).equals(figures(RETURN))


def test_sender__of_a_refused_json__as_it_says_itself():
    names = {"UBND tỉnh Bắc Ninh": "province-bac-ninh"}
    assert sender(RETURN, "a.json", lambda text: names.get(text, ""), []) == "province-bac-ninh"
