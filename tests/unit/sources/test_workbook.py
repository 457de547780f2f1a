import io
import zipfile
from datetime import date, datetime, time

import pytest

from tasks.sources.limits import WorkbookLimits
from tasks.sources.workbook import Percent, figure_text, plain_text, read_workbook
from warehouse.errors import BatchRefused

SHEET = "xl/worksheets/sheet1.xml"


def test_read_workbook__gives_every_sheet_from_its_first_cell(workbook):
    content = workbook({"Một": [[], [None, "x", 1.5]], "Hai": [[True, date(2021, 1, 15)]]})
    first, second = read_workbook(content)
    assert (first.name, first.rows, first.line_numbers) == ("Một", [["", "", ""], ["", "x", 1.5]], [1, 2])
    assert second.rows[0][0] is True
    assert plain_text(second.rows[0][1]) == "2021-01-15"


def test_read_workbook__a_formula_without_a_stored_value_is_its_text(workbook):
    (sheet,) = read_workbook(workbook({"S": [["x"], [1, "=SUM(A1:A9)"]]}))
    assert sheet.rows[1][1] == "=SUM(A1:A9)"


def test_read_workbook__a_formula_beyond_all_values_is_not_lost(workbook):
    (sheet,) = read_workbook(workbook({"S": [["x"], [], [None, None, "=A1"]]}))
    assert sheet.rows[2] == ["", "", "=A1"]


def test_read_workbook__a_formula_with_a_stored_value_is_the_value(workbook, rezipped):
    content = rezipped(workbook({"S": [["=1+1"]]}), SHEET, lambda xml: xml.replace(b"<v></v>", b"<v>2</v>"))
    (sheet,) = read_workbook(content)
    assert sheet.rows == [[2.0]]


def test_read_workbook__an_error_is_its_text(workbook, rezipped):
    broken = rezipped(workbook({"S": [[1]]}), SHEET, lambda xml: xml.replace(b't="n"><v>1<', b't="e"><v>#REF!<'))
    assert read_workbook(broken)[0].rows == [["#REF!"]]


def test_read_workbook__a_percentage_is_what_people_see(workbook):
    (sheet,) = read_workbook(workbook({"S": [[0.985, 0.985]]}, formats={"S": {"A1": "0.0%"}}))
    assert [figure_text(cell) for cell in sheet.rows[0]] == ["98,5%", "=0.985"]


def test_read_workbook__tells_hidden_sheets_and_merged_ranges(workbook):
    content = workbook({"S": [["x"], [], ["y"]], "T": [["z"]]}, merged={"S": ["A1:C2"]}, hidden=["T"])
    seen, hidden = read_workbook(content)
    assert (seen.is_hidden, seen.merged) == (False, [((0, 0), (1, 2))])
    assert (hidden.is_hidden, hidden.merged) == (True, [])


def test_read_workbook__a_sheet_that_reaches_too_far_is_refused_before_it_fills_the_memory(workbook):
    content = workbook({"S": [["x"], *[[]] * 98, [None] * 99 + ["y"]]})
    for limits in (WorkbookLimits(rows=99), WorkbookLimits(columns=99), WorkbookLimits(area=9999)):
        with pytest.raises(BatchRefused, match="'S' reaches to row 100 and column 100"):
            read_workbook(content, limits)
    assert read_workbook(content, WorkbookLimits(rows=100, columns=100, area=10_000))


def test_read_workbook__a_million_empty_rows_are_refused_by_their_size(workbook, rezipped):
    empty = b"".join(b'<row r="%d"/>' % number for number in range(2, 1_000_002))
    content = rezipped(
        workbook({"S": [["x"]]}), SHEET, lambda xml: xml.replace(b"</sheetData>", empty + b"</sheetData>")
    )
    with pytest.raises(BatchRefused, match="unpacks to more than 16 MiB"):
        read_workbook(content)


def test_read_workbook__ten_thousand_empty_rows_do_no_harm(workbook, rezipped):
    empty = b"".join(b'<row r="%d"><c r="A%d" s="0"/></row>' % (number, number) for number in range(2, 10_002))
    content = rezipped(
        workbook({"S": [["x"]]}), SHEET, lambda xml: xml.replace(b"</sheetData>", empty + b"</sheetData>")
    )
    assert read_workbook(content)[0].rows == [["x"]]


def test_read_workbook__what_lies_about_its_cells_is_refused(workbook, rezipped):
    content = rezipped(workbook({"S": [[1]]}), SHEET, lambda xml: xml.replace(b't="n"', b't="s"'))
    with pytest.raises(BatchRefused, match=r"^The XLSX is damaged \(.*\)\. Open it"):
        read_workbook(content)


def test_read_workbook__without_a_worksheet_is_refused(workbook, rezipped):
    content = rezipped(workbook({"S": [[1]]}), "xl/workbook.xml", lambda xml: xml.replace(b"<sheet ", b"<no "))
    with pytest.raises(BatchRefused, match="has no worksheet"):
        read_workbook(content)


def test_read_workbook__reads_only_the_parts_that_were_measured(workbook, rezipped):
    content = workbook({"S": [["x"]]})
    outside = io.BytesIO(content)
    with zipfile.ZipFile(outside, "a") as archive:
        archive.writestr("xl/media/picture.bin", b"\0" * 200_000_000, zipfile.ZIP_DEFLATED)
    assert read_workbook(outside.getvalue())[0].rows == [["x"]]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("  a\n", "a"),
        ("", ""),
        (2020.0, "2020"),
        (1.5, "1.5"),
        (1.1, "1.1"),
        (True, "TRUE"),
        (date(2021, 1, 5), "2021-01-05"),
        (datetime(2021, 1, 5), "2021-01-05"),  # noqa: DTZ001 - a cell knows no time zone
        (datetime(2021, 1, 5, 8, 30), "2021-01-05 08:30:00"),  # noqa: DTZ001
        (time(8, 30), "08:30:00"),
    ],
)
def test_plain_text__reads_as_people_see_it(cell, text):
    assert plain_text(cell) == text


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (12.0, "=12"),
        (0.1, "=0.1"),
        (1.234, "=1.234"),
        (-3.0, "=-3"),
        ("1.234,5", "1.234,5"),
        ("", ""),
        (False, "FALSE"),
        (Percent(0.3), "30%"),
        (Percent(0.12345), "12,345%"),
        (Percent(10.0), "1000%"),
        (date(2020, 2, 1), "2020-02-01"),
    ],
)
def test_figure_text__keeps_numbers_exact(cell, text):
    assert figure_text(cell) == text


@pytest.mark.parametrize("limits", [WorkbookLimits(merged=1), WorkbookLimits(merged_area=7)])
def test_read_workbook__too_many_or_too_large_merged_ranges_are_refused(workbook, limits):
    content = workbook({"S": [["x"] * 4] * 3}, merged={"S": ["A1:D1", "A2:ZZ2"]})
    with pytest.raises(BatchRefused, match="'S' has 2 merged ranges"):
        read_workbook(content, limits)
    assert read_workbook(content, WorkbookLimits(merged=2, merged_area=8))
