"""The workbook that is handed back: marks, reasons, the list; and the reader reads it as it read the original."""

import io
from datetime import date

import openpyxl
import pytest
from openpyxl.styles import PatternFill

from tasks.feedback.marks import TO_MEND, TO_RENEW
from tasks.feedback.words import HEADLINE, LIST_TITLE
from tasks.feedback.workbook import Refusal, Subject, refusal_workbook
from tasks.sources.tables import find_tables, is_guide
from tasks.sources.workbook import read_workbook


def opened(content):
    return openpyxl.load_workbook(io.BytesIO(content))


def painted(book, colour=TO_MEND):
    cells = (cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row)
    return [f"{cell.parent.title}!{cell.coordinate}" for cell in cells if cell.fill.fgColor.rgb == colour]


def listed(book):
    """The rows of the list: location, criterion, value, reason, action."""
    rows = book[LIST_TITLE].iter_rows(min_row=4, values_only=True)
    return [row[1:] for row in rows if isinstance(row[0], int)]


def test_feedback__refused_cell__is_painted_with_its_reason_and_listed_with_a_link(form, refused, handed_back):
    book = opened(handed_back(form(), refused({"locator": "CQS!E10"})))
    assert painted(book) == ["CQS!E10"]
    comment = book["CQS"]["E10"].comment.text
    assert "Lý do: “đang cập nhật” không phải là một số." in comment
    assert "Cách sửa: Ghi một con số" in comment
    where, criterion, value, reason, action = listed(book)[0]
    assert where == "Ô E10, trang “CQS”"
    assert criterion == "A.3 – Số người phụ trách"
    assert (value, reason) == ("“đang cập nhật”", "“đang cập nhật” không phải là một số.")
    assert action.startswith("Ghi một con số")
    links = [cell.hyperlink.location for row in book[LIST_TITLE].iter_rows() for cell in row if cell.hyperlink]
    assert links == ["'CQS'!E10"]


def test_feedback__list__comes_first_and_is_the_one_selected_sheet(form, refused, handed_back):
    book = opened(handed_back(form("CQS", "KTS"), refused({"locator": "CQS!E10"})))
    assert book.sheetnames == [LIST_TITLE, "CQS", "KTS"]
    assert book.active.title == LIST_TITLE
    assert [sheet.title for sheet in book.worksheets if sheet.sheet_view.tabSelected] == [LIST_TITLE]


def test_feedback__two_reasons_for_one_cell__are_one_line_with_both(form, refused, handed_back):
    rows = refused({"locator": "CQS!E10"}, {"locator": "CQS!E10", "rule": "evidence_is_named", "reason_vi": "Thiếu."})
    assert [row[3] for row in listed(opened(handed_back(form(), rows)))] == [
        "“đang cập nhật” không phải là một số.\nThiếu."
    ]


def test_feedback__order__is_that_of_sheets_and_rows(form, refused, handed_back):
    rows = refused(*({"locator": locator} for locator in ("B!E10", "A!F8", "A!E10", "A!E9")))
    found = [row[0] for row in listed(opened(handed_back(form("A", "B"), rows)))]
    wanted = (("A", "F8"), ("A", "E9"), ("A", "E10"), ("B", "E10"))
    assert found == [f"Ô {cell}, trang “{sheet}”" for sheet, cell in wanted]


@pytest.mark.parametrize("name", ["Số liệu, 2020", "A!B", "Tờ 'khai' số 1", "=1+1", "a b!E1", "@x"])
def test_feedback__odd_sheet_names__are_found_and_linked(form, refused, handed_back, figures, name):
    content = form(name)
    back = handed_back(content, refused({"locator": f"{name}!E10"}))
    book = opened(back)
    assert painted(book) == [f"{name}!E10"]
    link = next(cell.hyperlink.location for row in book[LIST_TITLE].iter_rows() for cell in row if cell.hyperlink)
    assert link == "'{}'!E10".format(name.replace("'", "''"))
    assert figures(back).equals(figures(content))


def test_feedback__comments_paint_and_list__change_nothing_for_the_reader(form, refused, handed_back, figures):
    content = form("CQS", "KTS")
    back = handed_back(content, refused({"locator": "CQS!E10"}, {"locator": "KTS!F8"}))
    assert figures(back).equals(figures(content))


def test_feedback__list_sheet__is_no_table_and_no_block_whatever_the_agency_wrote(form, refused, handed_back, figures):
    rows = refused(
        *(
            {"locator": f"Chỉ tiêu!E{10 + at}", "item": text, "value_text": text, "reason_vi": "Thiếu mẫu số."}
            for at, text in enumerate(["Mã tiêu chí", "Tử số (a)", "Cơ quan báo cáo: X", "Lần gửi: 9", "A.1", "A.2"])
        )
    )
    content = form("Chỉ tiêu")
    back = handed_back(content, rows)
    sheet = next(sheet for sheet in read_workbook(back) if sheet.name == LIST_TITLE)
    assert is_guide(sheet)
    assert find_tables(sheet) == []
    assert figures(back).equals(figures(content))


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+84 24", "-2+3", "@SUM(A1)", "=HYPERLINK(1)"])
def test_feedback__text_that_a_spreadsheet_would_compute__is_inert(form, refused, handed_back, text):
    rows = refused({"locator": "CQS!E10", "item": text, "value_text": text, "reason_vi": text})
    book = opened(handed_back(form(), rows, [Refusal(text, text)]))
    cells = [cell for row in book[LIST_TITLE].iter_rows() for cell in row if cell.value is not None]
    assert all(cell.data_type != "f" for cell in cells)
    assert not [cell.value for cell in cells if str(cell.value).startswith(("=", "+", "-", "@"))]


def test_feedback__date_in_place_of_a_number__leaves_no_date_format_behind(form, refused, handed_back, figures):
    rows = [*ROWS_BUT_LAST, [3, "A.3", "Số người phụ trách", "người", date(2020, 5, 3), None, None, "QĐ 5"]]
    content = form(rows=rows)
    back = handed_back(content, refused({"locator": "CQS!E10", "value_text": "2020-05-03"}))
    cell = opened(back)["CQS"]["E10"]
    assert (cell.value, cell.number_format) == ("2020-05-03", "General")
    assert figures(back).equals(figures(content))


ROWS_BUT_LAST = [[1, "A.1", "Tỷ lệ", "%", None, 45, 90, "BC"], [2, "A.2", "Kế hoạch", "", "Có", None, None, "KH"]]


def test_feedback__date_and_number_of_the_return__are_marked_to_be_renewed(form, refused, handed_back):
    book = opened(handed_back(form(), refused({"locator": "CQS!E10"})))
    assert painted(book, TO_RENEW) == ["CQS!B4", "CQS!B5"]
    assert "ngày gửi mới" in book["CQS"]["B4"].comment.text
    assert "tăng số lần gửi" in book["CQS"]["B5"].comment.text


def test_feedback__of_a_feedback__old_marks_and_the_old_list_are_gone(form, refused, handed_back):
    once = handed_back(form(), refused({"locator": "CQS!E10"}, {"locator": "CQS!F8"}))
    book = opened(handed_back(once, refused({"locator": "CQS!F8"})))
    assert book.sheetnames == [LIST_TITLE, "CQS"]
    assert painted(book) == ["CQS!F8"]
    assert book["CQS"]["E10"].comment is None
    assert len(listed(book)) == 1


def test_feedback__own_sheet_that_is_called_like_the_list__stays(form, refused, handed_back):
    book = opened(handed_back(form(LIST_TITLE), refused({"locator": f"{LIST_TITLE}!E10"})))
    assert len(book.sheetnames) == 2
    assert painted(book) == [f"{LIST_TITLE}!E10"]


def test_feedback__formats_of_the_agency__stay(form, refused, handed_back):
    def change(book):
        sheet = book["CQS"]
        sheet.column_dimensions["C"].width = 44
        sheet["B8"].fill = PatternFill("solid", fgColor="FF00FF00")
        sheet["F8"].number_format = "#,##0"
        sheet.merge_cells("A1:A1")
        sheet.freeze_panes = "C8"

    sheet = opened(handed_back(form(change=change), refused({"locator": "CQS!E10"})))["CQS"]
    assert sheet.column_dimensions["C"].width == 44
    assert sheet["B8"].fill.fgColor.rgb == "FF00FF00"
    assert sheet["F8"].number_format == "#,##0"
    assert sheet.freeze_panes == "C8"


def test_feedback__hidden_sheet_and_row__are_shown_where_something_is_to_be_mended(form, refused, handed_back):
    def change(book):
        book["KTS"].sheet_state = "hidden"
        book["KTS"].row_dimensions[10].hidden = True

    sheet = opened(handed_back(form("CQS", "KTS", change=change), refused({"locator": "KTS!E10"})))["KTS"]
    assert sheet.sheet_state == "visible"
    assert not sheet.row_dimensions[10].hidden


@pytest.mark.parametrize("locator", ["Gone!E3", "line 5", "E5", "", "CQS!ZZZZ1"])
def test_feedback__locator_that_is_not_there__is_listed_without_a_link(form, refused, handed_back, locator):
    book = opened(handed_back(form(), refused({"locator": locator})))
    assert painted(book) == []
    assert [row[0] for row in listed(book)] == [f"Vị trí “{locator}”"]


def test_feedback__refused_files__stand_below_the_cells(form, refused, handed_back):
    rows = refused({"locator": "CQS!E10"})
    back = handed_back(form(), rows, [Refusal("cu.pdf", "The file is a PDF, not a spreadsheet. Ask for XLSX.")])
    where, *_, why, _ = listed(opened(back))[-1]
    assert where == "Tệp “cu.pdf”"
    assert why.startswith("Tệp là PDF, không phải bảng tính.")


def test_refusal__is_only_the_list_with_the_message():
    said = "The XLSX is truncated or damaged. Ask the sender for the file again."
    book = opened(refusal_workbook(Subject("Hà Nội", "2020", "thu"), [Refusal("ha-noi.xlsx", said)]))
    assert book.sheetnames == [LIST_TITLE]
    assert book[LIST_TITLE]["A1"].value == HEADLINE
    assert listed(book)[0][3] == f"Tệp bị hỏng hoặc bị cắt cụt. ({said})"
