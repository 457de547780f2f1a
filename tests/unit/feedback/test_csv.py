"""A return that came as CSV is handed back as a workbook of its lines."""

import io

import openpyxl
import pytest

from tasks.feedback.marks import TO_MEND


def painted(content):
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = (cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row)
    return [cell.coordinate for cell in cells if cell.fill.fgColor.rgb == TO_MEND]


@pytest.mark.parametrize(("locator", "marked"), [("line 10 column 5", ["E10"]), ("line 9", list("ABCDEH"))])
def test_csv__line_and_column__are_row_and_column(as_csv, refused, handed_back, locator, marked):
    found = painted(handed_back(as_csv(), refused({"locator": locator})))
    assert found == [cell if cell[1:] else f"{cell}9" for cell in marked]


def test_csv__the_reader_reads_the_workbook_as_it_read_the_lines(as_csv, refused, handed_back, figures):
    content = as_csv()
    assert figures(handed_back(content, refused({"locator": "line 10 column 5"}))).equals(figures(content))


def test_csv__name_that_its_commas_cut__is_whole_again(refused, handed_back, figures):
    content = (
        "Cơ quan báo cáo,Bộ Văn hóa, Thể thao và Du lịch\n"
        "Kỳ báo cáo,2020\n"
        "Mã tiêu chí,Tiêu chí,Giá trị,Tài liệu minh chứng\n"
        "A.3,Số người,=1+1,QĐ 5\n"
    ).encode()
    back = handed_back(content, refused({"locator": "line 4 column 3"}))
    assert figures(back).equals(figures(content))
    assert figures(back)["agency_text"].tolist() == ["Bộ Văn hóa, Thể thao và Du lịch"]
    assert painted(back) == ["C4"]


def test_csv__table_behind_endless_empty_lines__is_brought_into_reach(as_csv, refused, handed_back, figures):
    content = as_csv().replace(b"STT;", b"\n" * 50_000 + b"STT;")
    back = handed_back(content, refused({"locator": "line 50010 column 5"}))
    assert figures(back).equals(figures(content))
    assert painted(back) == ["E9"]


def test_csv__what_a_spreadsheet_would_compute__stays_text(as_csv, refused, handed_back):
    rows = [["Cơ quan báo cáo:", "Bắc Ninh"], ["Mã tiêu chí", "Tiêu chí", "Giá trị", "Tài liệu minh chứng"]]
    back = handed_back(as_csv(*rows, ["A.3", "Số", "=cmd|'/C calc'!A0", "x\x07y"]), refused({"locator": "line 3"}))
    cell = openpyxl.load_workbook(io.BytesIO(back))["Số liệu"]["C3"]
    assert cell.data_type == "s"
    assert cell.quotePrefix


def test_csv__lines_wider_than_any_return__are_cut_to_what_the_reader_takes(as_csv, refused, handed_back, figures):
    content = as_csv() + b";".join([b"x"] * 30_000)
    back = handed_back(content, refused({"locator": "line 11 column 20000"}))
    assert figures(back).equals(figures(as_csv()))
    assert painted(back) == []
