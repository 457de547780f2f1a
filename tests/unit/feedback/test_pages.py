"""What a copy keeps of how a workbook is printed, and which formulas in it stay alive."""

import io

import openpyxl
import pytest

from tasks.feedback.formulas import is_of_the_form
from tasks.feedback.words import LIST_TITLE
from tasks.returns.guide import COVER
from tasks.returns.template import Template
from tests.unit.feedback.test_package import BOOK, SHEET, rezipped

COUNTER = "=SUMPRODUCT(--(LEN('A b'!H9:H14)>0))"


def printed(sheet):
    page = sheet.page_setup
    fit = sheet.sheet_properties.pageSetUpPr.fitToPage
    return page.orientation, fit, page.fitToHeight, sheet.print_title_rows, sheet.page_margins.left


def set_up(book):
    sheet = book["CQS"]
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows, sheet.page_margins.left = "7:7", 0.3


@pytest.fixture
def back(refused, handed_back):
    return lambda content: openpyxl.load_workbook(io.BytesIO(handed_back(content, refused({"locator": "CQS!E10"}))))


@pytest.mark.parametrize("names", [("CQS",), ("Bìa", "CQS", "Tờ 'khai'")])
def test_page_setup__of_the_original__is_kept_on_its_sheet(form, back, names):
    book = back(form(*names, change=set_up))
    assert printed(book["CQS"]) == ("landscape", True, 0, "$7:$7", 0.3)
    assert [sheet.title for sheet in book.worksheets if sheet.print_title_rows] == ["CQS"]


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        (SHEET, 'orientation="landscape"', 'orientation="sideways" id="rId9" copies="9999"'),
        (SHEET, 'left="0.3"', 'left="1e999"'),
        (SHEET, 'fitToHeight="0"', 'fitToHeight="99999999999"'),
        (BOOK, "'CQS'!$7:$7", "[1]CQS!$A$1:$Z$9999999"),
        (BOOK, "'CQS'!$7:$7", "WEBSERVICE(A1)"),
        (BOOK, 'localSheetId="0"', 'localSheetId="-1"'),
        (BOOK, 'localSheetId="0"', 'localSheetId="7"'),
    ],
)
def test_page_setup__value_that_is_not_allowed__is_left_out_and_the_formats_stay(form, back, part, old, new):
    def change(book):
        set_up(book)
        book["CQS"].column_dimensions["C"].width = 44

    sheet = back(rezipped(form(change=change), [(part, old, new)]))["CQS"]
    assert sheet.column_dimensions["C"].width == 44
    assert sum(one != two for one, two in zip(printed(sheet), ("landscape", True, 0, "$7:$7", 0.3), strict=True)) == 1
    assert sheet.page_setup.id is None


@pytest.fixture(scope="module")
def blank(framework):
    return Template(framework, "2020").for_agency("Tỉnh Bắc Ninh")


def test_counter__of_the_form__stays_alive_with_and_without_a_stored_result(blank, refused, handed_back):
    saved = io.BytesIO()
    openpyxl.load_workbook(io.BytesIO(blank)).save(saved)
    wanted = openpyxl.load_workbook(io.BytesIO(blank))[COVER]
    for content in (blank, saved.getvalue()):
        book = openpyxl.load_workbook(io.BytesIO(handed_back(content, refused({"locator": "gone!A1"}))))
        cell = book[COVER]["B9"]
        assert (cell.value, cell.data_type) == (wanted["B9"].value, "f")
        assert str(cell.value).startswith("=SUMPRODUCT")


def test_counter__in_what_is_handed_back__changes_nothing_for_the_reader(blank, refused, handed_back, figures):
    book = openpyxl.load_workbook(io.BytesIO(blank))
    sheet = book.worksheets[-1]
    row = next(row for row in range(1, 40) if sheet[f"B{row}"].value == "A.3")
    sheet[f"H{row}"], sheet[f"I{row}"] = 5, "QĐ 5"
    filled = io.BytesIO()
    book.save(filled)
    back = handed_back(filled.getvalue(), refused({"locator": f"{sheet.title}!H{row}"}))
    assert figures(back).equals(figures(filled.getvalue()))
    assert len(figures(back)) == 1


@pytest.mark.parametrize(
    "text",
    [
        COUNTER.replace("A b", "C"),
        COUNTER.replace("A b", "[1]A b"),
        COUNTER.replace("A b", "http://x/A b"),
        COUNTER.replace("H9:H14", "A1:XFD1048576"),
        COUNTER.replace("H9:H14", "H9:I14"),
        COUNTER.replace(">0", ">1"),
        COUNTER + "+WEBSERVICE(A1)",
        COUNTER.removeprefix("="),
    ],
)
def test_counter__of_another_kind__is_none_of_the_form(text):
    assert is_of_the_form(COUNTER, ["A b"])
    assert not is_of_the_form(text, ["A b"])


def test_counter__name_with_an_apostrophe_or_without_quotation_marks__is_known():
    assert is_of_the_form(COUNTER.replace("A b", "A ''b''"), ["A 'b'"])
    assert is_of_the_form(COUNTER.replace("'A b'", "CQS"), ["CQS"])


def test_formula_of_the_form__given_as_one_of_a_range__is_one_of_its_cell(form, back):
    content = form("CQS", "A b", change=lambda book: book["CQS"].__setitem__("E8", COUNTER))
    content = rezipped(content, [(SHEET, "<f>", '<f t="array" ref="A1:XFD1048576">')])
    assert back(content)["CQS"]["E8"].value == COUNTER


def test_list__rows_are_as_high_as_their_texts_and_values_stand_left(form, refused, handed_back):
    rows = refused({"locator": "CQS!E10", "value_text": "=1.5", "reason_vi": "Lý do rất dài. " * 20})
    sheet = openpyxl.load_workbook(io.BytesIO(handed_back(form(), rows)))[LIST_TITLE]
    row = next(row for row in range(1, 40) if sheet[f"A{row}"].value == 1)
    assert sheet.row_dimensions[row].height >= 15 * 5
    cells = sheet[row]
    assert {(cell.alignment.vertical, cell.alignment.horizontal) for cell in cells} == {("top", "left")}
    assert {cell.border.left.style for cell in cells} == {"thin"}
    assert (sheet[f"D{row}"].value, sheet.column_dimensions["D"].width) == (1.5, 18)
